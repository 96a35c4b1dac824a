"""Documents of a loan in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.documents import links, loan_file, notices, papers, review, service
from app.documents.files import FILE, file_response, pdf_response
from app.documents.models import Document
from app.documents.schemas import (
    DocumentOut,
    LanguageIn,
    LinkOut,
    PaperIn,
    PaperOut,
    PreviewArgs,
    WaitingDocumentArgs,
    WaitingDocumentOut,
)
from app.loans import service as loans
from app.staff.permissions import Permission

SORTABLE = {"createdAt": Document.created_at, "kind": Document.kind}

blp = Blueprint("partner-documents", __name__, description="Documents of a loan as staff see them")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/documents")
class LoanDocuments(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, DocumentOut(many=True))
    def get(self, loan_id):
        """What is on file for a loan, the customer's own documents included."""
        return loan_file.listed(loans.get(loan_id))


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/documents/<uuid:document_id>/file")
class LoanDocumentFile(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, loan_id, document_id):
        """The file itself."""
        return file_response(*loan_file.download(loans.get(loan_id), document_id))


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/documents/<uuid:document_id>/link")
class LoanDocumentLink(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, LinkOut)
    def post(self, loan_id, document_id):
        """A link to the file that needs no token and lasts five minutes."""
        return links.link(loan_file.one(loans.get(loan_id), document_id))


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/papers")
class Papers(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, PaperOut(many=True))
    def get(self, loan_id):
        """What we can make of a loan, and the newest version of each."""
        return papers.kinds_for(loans.get(loan_id))

    @staff(Permission.DOCUMENTS_MAKE)
    @blp.arguments(PaperIn)
    @blp.response(201, DocumentOut)
    def post(self, body, loan_id):
        """Make a document anew; earlier versions are kept."""
        return papers.make(loans.get(loan_id), body["kind"], body["language"], anew=True)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/papers/preview")
class PaperPreview(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.arguments(PreviewArgs, location="query")
    @blp.response(200, FILE, content_type="application/pdf")
    def get(self, args, loan_id):
        """A document as it would be made now; nothing is kept."""
        return pdf_response(papers.preview(loans.get(loan_id), args["kind"], args["language"]))


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/demand-notice")
class DemandNotice(MethodView):
    @staff(Permission.DEMAND_NOTICE_MAKE)
    @blp.arguments(LanguageIn)
    @blp.response(201, DocumentOut)
    def post(self, body, loan_id):
        """Make a demand notice for a loan that is overdue, and mail it to the customer."""
        return notices.send_demand(loans.get(loan_id), body["language"])


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/documents/<uuid:document_id>/link")
class CustomerDocumentLink(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, LinkOut)
    def post(self, customer_id, document_id):
        """A link to a document of a customer that needs no token and lasts five minutes."""
        return links.link(service.own(customer_id, document_id))


@blp.route("/partner/brand/<brand_id>/documents/waiting")
class Waiting(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(WaitingDocumentArgs, location="query")
    @blp.response(200, page_of(WaitingDocumentOut))
    def get(self, args):
        """Documents of all customers that wait for review, with their age and who is reading them."""
        paging = {name: args.pop(name) for name in ("page", "page_size", "sort")}
        page = paginate(review.waiting(**args), paging, SORTABLE)
        return page | {"items": review.described(page["items"])}


@blp.route("/partner/brand/<brand_id>/documents/<uuid:document_id>/claim")
class Claim(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.response(200, DocumentOut)
    def post(self, document_id):
        """Take a document to read it: for half an hour no colleague judges it."""
        return review.claim(document_id)

    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.response(200, DocumentOut)
    def delete(self, document_id):
        """Give it back unjudged."""
        return review.release(document_id)
