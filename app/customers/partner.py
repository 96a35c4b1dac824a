"""Customers in the portal: the list, one of them, and what is masked there."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.customers import finding, papers, references, reveal, service
from app.customers.models import Customer
from app.customers.schemas import (
    ConfirmIn,
    CustomerArgs,
    IdentityPaperOut,
    RevealedOut,
    RevealIn,
    StaffCustomerOut,
    StaffReferenceOut,
)
from app.staff.permissions import Permission

blp = Blueprint("partner-customers", __name__, description="Customers as staff see them")

SORTABLE = {"createdAt": Customer.created_at, "customerNo": Customer.customer_no}


@blp.route("/partner/brand/<brand_id>/customers")
class Customers(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.arguments(CustomerArgs, location="query")
    @blp.response(200, page_of(StaffCustomerOut))
    def get(self, args):
        """Search by names or how they begin, or by customer or loan number, phone, PAN, e-mail or account number."""
        return paginate(finding.find(args["search"]), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>")
class OneCustomer(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, StaffCustomerOut)
    def get(self, customer_id):
        """One customer, personal data masked."""
        return service.view(customer_id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/reveal")
class Reveal(MethodView):
    @staff(Permission.CUSTOMERS_REVEAL)
    @blp.arguments(RevealIn)
    @blp.response(200, RevealedOut)
    def post(self, body, customer_id):
        """What is masked elsewhere, in full, for a reason. Audited, and so many times an hour."""
        return reveal.reveal(customer_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/references")
class References(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, StaffReferenceOut(many=True))
    def get(self, customer_id):
        """Whom the customer named as somebody who knows them; nobody may dial them for recovery."""
        return references.of_customer(service.get(customer_id).id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/identity-papers")
class IdentityPapers(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, IdentityPaperOut(many=True))
    def get(self, customer_id):
        """The papers that the customer told besides PAN and Aadhaar, their numbers masked."""
        return papers.of_customer(service.get(customer_id).id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/references/<uuid:reference_id>/confirm")
class ConfirmReference(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(ConfirmIn)
    @blp.response(200, StaffReferenceOut)
    def post(self, body, customer_id, reference_id):
        """Say that this person is who the customer says, and how that was found out."""
        return references.confirm(customer_id, reference_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/alternate-phone/confirm")
class ConfirmOtherPhone(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(ConfirmIn)
    @blp.response(200, StaffCustomerOut)
    def post(self, body, customer_id):
        """Say that the other phone is the customer's, and how that was found out."""
        return references.confirm_other_phone(customer_id, **body)
