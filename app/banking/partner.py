"""Bank data in the portal: asking for it, and what it says."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.banking import service
from app.banking.models import AAConsentRequest
from app.banking.schemas import AnalysisOut, ConsentRequestArgs, ConsentRequestIn, ConsentRequestOut
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("banking", __name__, description="Account Aggregator consents and statement analysis")

SORTABLE = {"createdAt": AAConsentRequest.created_at, "status": AAConsentRequest.status}


@blp.route("/partner/brand/<brand_id>/aa/consent-request")
class NewConsentRequest(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(ConsentRequestIn)
    @blp.response(201, ConsentRequestOut)
    def post(self, body):
        """Ask the customer for their bank statement. One that waits for an answer is returned again."""
        return service.request_consent(**body)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests")
class ConsentRequests(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(ConsentRequestArgs, location="query")
    @blp.response(200, page_of(ConsentRequestOut))
    def get(self, args):
        """Consent requests by status and loan, paged and sorted."""
        return paginate(service.search_consents(args["status"], args["loan_id"]), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bsa")
class Analysis(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AnalysisOut)
    def get(self, loan_id):
        """Where the bank statement analysis stands, and what it says."""
        return service.describe(loan_id)
