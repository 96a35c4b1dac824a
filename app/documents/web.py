"""Documents of a loan in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.documents import links, loan_file, service
from app.documents.files import FILE, file_response
from app.documents.schemas import DocumentOut, LinkOut
from app.loans import service as loans

blp = Blueprint("documents", __name__, description="Documents of a customer's loan")


@blp.route("/web/loans/<uuid:loan_id>/documents")
class LoanDocuments(MethodView):
    @customer
    @blp.response(200, DocumentOut(many=True))
    def get(self, loan_id, customer_id):
        """What is on file for a loan, the customer's own documents included."""
        return loan_file.listed(loans.for_customer(loan_id, customer_id))


@blp.route("/web/loans/<uuid:loan_id>/documents/<uuid:document_id>/file")
class LoanDocumentFile(MethodView):
    @customer
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, loan_id, document_id, customer_id):
        """The file itself."""
        return file_response(*loan_file.download(loans.for_customer(loan_id, customer_id), document_id))


@blp.route("/web/loans/<uuid:loan_id>/documents/<uuid:document_id>/link")
class LoanDocumentLink(MethodView):
    @customer
    @blp.response(200, LinkOut)
    def post(self, loan_id, document_id, customer_id):
        """A link to the file that needs no token and lasts five minutes."""
        return links.link(loan_file.one(loans.for_customer(loan_id, customer_id), document_id))


@blp.route("/web/kyc/documents/<uuid:document_id>/link")
class DocumentLink(MethodView):
    @customer
    @blp.response(200, LinkOut)
    def post(self, document_id, customer_id):
        """A link to a document of one's own that needs no token and lasts five minutes."""
        return links.link(service.own(customer_id, document_id))
