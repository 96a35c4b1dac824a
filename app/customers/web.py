"""The customer app: profile."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.customers import papers, references, service
from app.customers.schemas import (
    CurrentAddressIn,
    CustomerOut,
    EmployerIn,
    IdentityPaperOut,
    IdentityPapersIn,
    ProfileIn,
    ReferenceOut,
    ReferencesIn,
)

blp = Blueprint("customers", __name__, description="Customers and their profile")


@blp.route("/web/me")
class Me(MethodView):
    @customer
    @blp.response(200, CustomerOut)
    def get(self, customer_id):
        """The signed-in customer."""
        return service.get(customer_id)


@blp.route("/web/profile")
class Profile(MethodView):
    @customer
    @blp.arguments(ProfileIn)
    @blp.response(200, CustomerOut)
    def patch(self, body, customer_id):
        """E-mail, employment and salary as the customer declares them."""
        return service.update_profile(customer_id, **body)


@blp.route("/web/profile/address")
class CurrentAddress(MethodView):
    @customer
    @blp.arguments(CurrentAddressIn)
    @blp.response(200, CustomerOut)
    def put(self, body, customer_id):
        """Where the customer lives now."""
        return service.update_profile(customer_id, current_address=body)


@blp.route("/web/profile/employer")
class Employer(MethodView):
    @customer
    @blp.arguments(EmployerIn)
    @blp.response(200, CustomerOut)
    def put(self, body, customer_id):
        """For whom the customer works, as they say it."""
        return service.update_profile(customer_id, **body)


@blp.route("/web/profile/references")
class References(MethodView):
    @customer
    @blp.response(200, ReferenceOut(many=True))
    def get(self, customer_id):
        """Whom the customer named."""
        return references.of_customer(customer_id)

    @customer
    @blp.arguments(ReferencesIn)
    @blp.response(200, ReferenceOut(many=True))
    def put(self, body, customer_id):
        """People who know the customer, instead of those named before."""
        return references.replace(customer_id, body["references"])


@blp.route("/web/profile/identity-papers")
class IdentityPapers(MethodView):
    @customer
    @blp.response(200, IdentityPaperOut(many=True))
    def get(self, customer_id):
        """The papers that the customer told, their numbers masked."""
        return papers.of_customer(customer_id)

    @customer
    @blp.arguments(IdentityPapersIn)
    @blp.response(200, IdentityPaperOut(many=True))
    def put(self, body, customer_id):
        """Passport, voter's card, driving licence and the like, instead of those told before; none is asked for."""
        return papers.replace(customer_id, body["papers"])
