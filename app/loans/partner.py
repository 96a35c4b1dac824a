"""Loans in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.loans import service
from app.loans.models import Loan
from app.loans.schemas import LoanArgs, LoanFileOut, LoanOut, LoanStepOut
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
        return paginate(service.search(args["status"], args["search"]), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>")
class OneLoan(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LoanFileOut)
    def get(self, loan_id):
        """One loan, and who works on it."""
        return service.file(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/trail")
class LoanTrail(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LoanStepOut(many=True))
    def get(self, loan_id):
        """Every step the loan took: when, by whom, why."""
        return service.trail(service.get(loan_id).id)
