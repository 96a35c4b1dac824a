"""Loans in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.loans import costs, queues, service
from app.loans.models import Loan
from app.loans.reasons import CATALOGUE
from app.loans.schemas import (
    CostsOut,
    LoanArgs,
    LoanFileOut,
    LoanOut,
    LoanRemarkOut,
    LoanStepOut,
    QueueArgs,
    QueueCountOut,
    QueuedLoanOut,
    ReasonOut,
    RemarkTextIn,
)
from app.staff.permissions import Permission

blp = Blueprint("partner-loans", __name__, description="Loans as staff see them")

SORTABLE = {"createdAt": Loan.created_at, "appliedAmount": Loan.applied_amount, "dueDate": Loan.due_date}


@blp.route("/partner/brand/<brand_id>/loans")
class Loans(MethodView):
    @staff(Permission.LOANS_VIEW)
    @blp.arguments(LoanArgs, location="query")
    @blp.response(200, page_of(LoanOut))
    def get(self, args):
        """Loans by status and loan number, paged and sorted."""
        total = None if args["search"] else service.count(args["status"])
        return paginate(service.search(args["status"], args["search"]), args, SORTABLE, total=total)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>")
class OneLoan(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LoanFileOut)
    def get(self, loan_id):
        """One loan, and who works on it."""
        return service.file(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/costs")
class LoanCosts(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, CostsOut)
    def get(self, loan_id):
        """What a loan may cost beside its interest, and the order in which payments settle it."""
        return costs.describe(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/trail")
class LoanTrail(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LoanStepOut(many=True))
    def get(self, loan_id):
        """Every step the loan took: when, by whom, why."""
        return service.trail(service.get(loan_id).id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/remarks")
class Remarks(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LoanRemarkOut(many=True))
    def get(self, loan_id):
        """What was written on the file, newest first."""
        return service.remarks(loan_id)

    @staff(Permission.LOAN_REMARK)
    @blp.arguments(RemarkTextIn)
    @blp.response(201, LoanRemarkOut)
    def post(self, body, loan_id):
        """Write on the file, for whoever reads it next."""
        return service.add_remark(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/reasons")
class Reasons(MethodView):
    @staff(Permission.LOANS_VIEW)
    @blp.response(200, ReasonOut(many=True))
    def get(self):
        """Why applications end: the codes, in words for staff and for the customer."""
        return list(CATALOGUE.values())


@blp.route("/partner/brand/<brand_id>/sanction/queue")
class SanctionQueue(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.arguments(QueueArgs, location="query")
    @blp.response(200, page_of(QueuedLoanOut))
    def get(self, args):
        """What waits at one step, longest first: since when, until when it should be done, whether that is past."""
        return queues.page(args)


@blp.route("/partner/brand/<brand_id>/sanction/queue/counts")
class SanctionQueueCounts(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.response(200, QueueCountOut(many=True))
    def get(self):
        """How many wait at each step, how many of them too long, and since when the oldest does."""
        return queues.counts()
