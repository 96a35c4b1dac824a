"""Bank statements in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.banking import service
from app.banking.schemas import ConsentRequestOut, StatementFiles, StatementForm, StatementOut
from app.banking.statements import service as statements
from app.banking.statements.sending import answer_upload
from app.loans import service as loans

blp = Blueprint("web-banking", __name__, description="Bank statements of a customer's loan")


@blp.route("/web/loans/<uuid:loan_id>/statements")
class Statements(MethodView):
    @customer
    @blp.response(200, StatementOut(many=True))
    def get(self, loan_id, customer_id):
        """The loan's statements, newest first, and how far each is."""
        return statements.of_loan(loans.for_customer(loan_id, customer_id))

    @customer
    @blp.arguments(StatementForm, location="form")
    @blp.arguments(StatementFiles, location="files")
    @blp.response(202, StatementOut)
    @blp.alt_response(200, schema=StatementOut, description="This file was here before: where it stands")
    def post(self, form, files, loan_id, customer_id):
        """Send a bank statement (PDF, CSV, XLSX, XLS, JSON), with its password where it has one."""
        loan = loans.for_customer(loan_id, customer_id)
        return answer_upload(loan, files["file"], form["password"], StatementOut)


@blp.route("/web/loans/<uuid:loan_id>/aa-consent")
class BankConsent(MethodView):
    @customer
    @blp.response(201, ConsentRequestOut)
    def post(self, loan_id, customer_id):
        """Share bank data through the Account Aggregator: the answer says where to agree. What waits is returned."""
        return service.request_consent(customer_id, loan_id)


@blp.route("/web/loans/<uuid:loan_id>/statements/<uuid:statement_id>")
class Statement(MethodView):
    @customer
    @blp.response(200, StatementOut)
    def get(self, loan_id, statement_id, customer_id):
        """How far a statement is, and what came of it."""
        return statements.get(loans.for_customer(loan_id, customer_id), statement_id)
