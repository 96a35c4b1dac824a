"""Bank data in the portal: asking for it, and what it says."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.banking import pages, service
from app.banking.models import AAConsentRequest
from app.banking.schemas import (
    AnalysisOut,
    CancelIn,
    ConsentDetailOut,
    ConsentRequestArgs,
    ConsentRequestIn,
    ConsentRequestOut,
    StaffStatementOut,
    StatementFiles,
    StatementForm,
)
from app.banking.statements import service as statements
from app.banking.statements.sending import answer_upload
from app.core.http import page_of, paginate
from app.documents.files import FILE
from app.loans import service as loans
from app.staff.permissions import Permission

blp = Blueprint("banking", __name__, description="Account Aggregator consents and statement analysis")

SORTABLE = {"createdAt": AAConsentRequest.created_at, "status": AAConsentRequest.status}


@blp.route("/partner/brand/<brand_id>/aa/consent-request")
class NewConsentRequest(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(ConsentRequestIn)
    @blp.response(201, ConsentRequestOut)
    def post(self, body):
        """Ask the customer for their bank data. One that waits for an answer is returned again."""
        return service.request_consent(**body)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests")
class ConsentRequests(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(ConsentRequestArgs, location="query")
    @blp.response(200, page_of(ConsentRequestOut))
    def get(self, args):
        """Consent requests by status and loan, paged and sorted."""
        return paginate(service.search_consents(args["status"], args["loan_id"]), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests/<uuid:request_id>")
class ConsentRequest(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.response(200, ConsentDetailOut)
    def get(self, request_id):
        """One request with its sessions and what became of each account."""
        return service.consent_detail(request_id)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests/<uuid:request_id>/refresh")
class ConsentRefresh(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.response(200, ConsentRequestOut)
    def post(self, request_id):
        """Look where the consent stands at the aggregator now."""
        return service.refresh_consent(request_id)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests/<uuid:request_id>/cancel")
class ConsentCancel(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(CancelIn)
    @blp.response(200, ConsentRequestOut)
    def post(self, body, request_id):
        """Withdraw the request, or do without a consent that was given: no more fetches, its data is deleted."""
        return service.cancel_consent(request_id, **body)


@blp.route("/partner/brand/<brand_id>/aa/consent-requests/<uuid:request_id>/fetch")
class ConsentFetch(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.response(202, ConsentRequestOut)
    def post(self, request_id):
        """Have newer data collected, as often as the consent allows."""
        return service.fetch_again(request_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bsa")
class Analysis(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AnalysisOut)
    def get(self, loan_id):
        """Where the bank statement analysis stands, and what it says."""
        return service.describe(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bsa/page")
class AnalysisPage(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, FILE, content_type="text/html")
    def get(self, loan_id):
        """The newest analysis as a page with charts."""
        return Response(pages.html(loan_id), mimetype="text/html")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/bsa/pdf")
class AnalysisPdf(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, FILE, content_type="application/pdf")
    def get(self, loan_id):
        """The newest analysis as a PDF."""
        return Response(pages.pdf(loan_id), mimetype="application/pdf")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/statements")
class Statements(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, StaffStatementOut(many=True))
    def get(self, loan_id):
        """The loan's bank statements, newest first, and how far each is."""
        return statements.of_loan(loans.get(loan_id))

    @staff(Permission.CREDIT_ASSESS)
    @blp.arguments(StatementForm, location="form")
    @blp.arguments(StatementFiles, location="files")
    @blp.response(202, StaffStatementOut)
    @blp.alt_response(200, schema=StaffStatementOut, description="This file was here before: where it stands")
    def post(self, form, files, loan_id):
        """Send a bank statement (PDF, CSV, XLSX, XLS, JSON) for the customer, with its password where it has one."""
        return answer_upload(loans.get(loan_id), files["file"], form["password"], StaffStatementOut)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/statements/<uuid:statement_id>")
class Statement(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, StaffStatementOut)
    def get(self, loan_id, statement_id):
        """How far a statement is, what came of it, and what the brand's analyser says."""
        return statements.get(loans.get(loan_id), statement_id)
