"""Suits in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections.legal import suits
from app.collections.legal.suit_schemas import SuitArgs, SuitEndIn, SuitIn, SuitOut
from app.collections.models import Suit
from app.collections.schemas import WhyIn
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("partner-suits", __name__, description="Suits that were filed for what is owed")
_ONE = "/partner/brand/<brand_id>/suits/<uuid:suit_id>"


@blp.route("/partner/brand/<brand_id>/collections/suits")
class Suits(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(SuitArgs, location="query")
    @blp.response(200, page_of(SuitOut))
    def get(self, args):
        """Suits that were filed, newest first."""
        sortable = {"createdAt": Suit.created_at, "filedOn": Suit.filed_on}
        return paginate(suits.search(args), args, sortable)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/suits")
class File(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(SuitIn)
    @blp.response(201, SuitOut)
    def post(self, body, loan_id):
        """Write down that a suit was filed: the bureaus are told of it until it ends."""
        return suits.file(loan_id, **body)


@blp.route(f"{_ONE}/end")
class End(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(SuitEndIn)
    @blp.response(200, SuitOut)
    def post(self, body, suit_id):
        """It was decided, or taken back."""
        return suits.end(suit_id, **body)


@blp.route(f"{_ONE}/void")
class Void(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, SuitOut)
    def post(self, body, suit_id):
        """It was written down by mistake, with the reason."""
        return suits.void(suit_id, **body)
