"""The customer app: profile."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.customers import service
from app.customers.schemas import CustomerOut, ProfileIn

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
