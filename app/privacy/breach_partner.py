"""The portal: the register of breaches of personal data."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of
from app.privacy import breaches
from app.privacy.breach_schemas import (
    AffectedArgs,
    AffectedIn,
    AffectedOut,
    DataBreachArgs,
    DataBreachChange,
    DataBreachIn,
    DataBreachMoveIn,
    DataBreachOut,
    IntimationIn,
)
from app.staff.permissions import Permission

blp = Blueprint(
    "partner-breaches", __name__, description="Breaches of personal data, and who was told of them"
)
BREACHES = "/partner/brand/<brand_id>/privacy/breaches"
BREACH = f"{BREACHES}/<uuid:breach_id>"


@blp.route(BREACHES)
class Breaches(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(DataBreachArgs, location="query")
    @blp.response(200, page_of(DataBreachOut))
    def get(self, args):
        """The register, with what is due to whom; `overdue=true`: where somebody should have been told."""
        return breaches.page(args)

    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(DataBreachIn)
    @blp.response(201, DataBreachOut)
    def post(self, body):
        """Record a breach; says who has to be told until when."""
        return breaches.record(body)


@blp.route(BREACH)
class Breach(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.response(200, DataBreachOut)
    def get(self, breach_id):
        """One breach, with what the Board's report has to say."""
        return breaches.get(breach_id)

    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(DataBreachChange)
    @blp.response(200, DataBreachOut)
    def patch(self, body, breach_id):
        """Write down what is known by now."""
        return breaches.change(breach_id, body)


@blp.route(f"{BREACH}/people")
class People(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(AffectedArgs, location="query")
    @blp.response(200, page_of(AffectedOut))
    def get(self, args, breach_id):
        """Whom it affects, and when each was told."""
        return breaches.people(breach_id, args)

    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(AffectedIn)
    @blp.response(200, DataBreachOut)
    def post(self, body, breach_id):
        """Note whom it affects: these, or every customer (which a job does)."""
        return breaches.affect(breach_id, **body)


@blp.route(f"{BREACH}/tell-affected")
class TellAffected(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.response(202, DataBreachOut)
    def post(self, breach_id):
        """Tell everybody whom it affects and who was not told; 409 names the facts that are missing."""
        return breaches.tell(breach_id)


@blp.route(f"{BREACH}/intimations")
class Intimations(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(IntimationIn)
    @blp.response(201, DataBreachOut)
    def post(self, body, breach_id):
        """Note that an authority was told, when, and under which reference."""
        return breaches.intimate(breach_id, **body)


@blp.route(f"{BREACH}/move")
class Move(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(DataBreachMoveIn)
    @blp.response(200, DataBreachOut)
    def post(self, body, breach_id):
        """Contain, reopen or close it; it is closed when everybody was told."""
        return breaches.move(breach_id, **body)
