"""Bureau reports in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.bureau import service
from app.bureau.schemas import BureauDetailsOut, BureauReportOut, PullIn
from app.staff.permissions import Permission

blp = Blueprint("bureau", __name__, description="Credit bureau reports")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bureau-pull")
class Pull(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(PullIn)
    @blp.response(201, BureauReportOut)
    def post(self, body, loan_id):
        """Pull the customer's report, unless there is one that is recent enough."""
        return service.pull(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bureau")
class Report(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, BureauReportOut)
    def get(self, loan_id):
        """The newest report on the loan's customer."""
        return service.of_loan(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bureau/details")
class Details(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.response(200, BureauDetailsOut)
    def get(self, loan_id):
        """Its accounts with their payment history, enquiries and identities."""
        return service.details_of_loan(loan_id)
