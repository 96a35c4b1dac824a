"""What is given up of a debt, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections.concessions import service, withdrawing
from app.collections.concessions.schemas import ConcessionArgs, ConcessionIn, ConcessionOut
from app.collections.models import Concession
from app.collections.schemas import WhyIn
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("partner-concessions", __name__, description="Waivers, settlements and write-offs")

SORTABLE = {
    "createdAt": Concession.created_at,
    "totalDue": Concession.total_due,
    "validUntil": Concession.valid_until,
}


@blp.route("/partner/brand/<brand_id>/collections/concessions")
class Concessions(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(ConcessionArgs, location="query")
    @blp.response(200, page_of(ConcessionOut))
    def get(self, args):
        """Waivers, settlements and write-offs, newest first."""
        return paginate(service.search(args), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/concessions")
class ProposeConcession(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(ConcessionIn)
    @blp.response(201, ConcessionOut)
    def post(self, body, loan_id):
        """Propose a waiver, a settlement or a write-off; the answer says whose yes the policy asks for."""
        return service.propose(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/approve")
class ApproveConcession(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.response(200, ConcessionOut)
    def post(self, concession_id):
        """Say yes, at the level that is open; with the last one it happens. A write-off takes a collection head."""
        return service.approve(concession_id)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/reject")
class RejectConcession(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, ConcessionOut)
    def post(self, body, concession_id):
        """Say no, with the reason."""
        return service.reject(concession_id, **body)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/withdraw")
class WithdrawConcession(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(WhyIn)
    @blp.response(200, ConcessionOut)
    def post(self, body, concession_id):
        """Take back what one proposed or offered, with the reason. 409 once a customer has begun to pay for it."""
        return withdrawing.withdraw(concession_id, **body)
