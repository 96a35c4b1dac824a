"""Complaints in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections.complaints import service as complaints
from app.collections.complaints.schemas import (
    ComplaintAnswerIn,
    ComplaintArgs,
    ComplaintAssignIn,
    ComplaintIn,
    ComplaintOut,
)
from app.collections.models import Complaint
from app.collections.schemas import WhyIn
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint(
    "partner-complaints",
    __name__,
    description="What customers complain of, answered in time by somebody else",
)
_ONE = "/partner/brand/<brand_id>/complaints/<uuid:complaint_id>"
_SORTABLE = {
    "answerDueOn": Complaint.answer_due_on,
    "createdAt": Complaint.created_at,
    "resolvedAt": Complaint.resolved_at,
}


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/complaints")
class TakeComplaint(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(ComplaintIn)
    @blp.response(201, ComplaintOut)
    def post(self, body, loan_id):
        """Write down what a customer complains of, who is told until when it is answered."""
        return complaints.take(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/collections/complaints")
class Complaints(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(ComplaintArgs, location="query")
    @blp.response(200, page_of(ComplaintOut))
    def get(self, args):
        """Complaints, those to be answered first on top, with the days that each took."""
        return paginate(complaints.search(args), {**args, "sort": args["sort"] or "answerDueOn"}, _SORTABLE)


@blp.route(f"{_ONE}/assign")
class AssignComplaint(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(ComplaintAssignIn)
    @blp.response(200, ComplaintOut)
    def post(self, body, complaint_id):
        """Have somebody answer it who leads, and whom it is not about."""
        return complaints.assign(complaint_id, **body)


@blp.route(f"{_ONE}/escalate")
class EscalateComplaint(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, ComplaintOut)
    def post(self, body, complaint_id):
        """Have a head answer it, before its days are over."""
        return complaints.escalate(complaint_id, **body)


@blp.route(f"{_ONE}/resolve")
class ResolveComplaint(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(ComplaintAnswerIn)
    @blp.response(200, ComplaintOut)
    def post(self, body, complaint_id):
        """Answer a complaint; not by the one whom it is about, and an escalated one by a head."""
        return complaints.resolve(complaint_id, **body)
