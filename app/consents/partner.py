"""The portal: what a customer consented to."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.consents import service
from app.consents.schemas import ConsentOut
from app.customers import service as customers
from app.staff.permissions import Permission

blp = Blueprint("partner-consents", __name__, description="Customers' consents as staff see them")


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/consents")
class CustomerConsents(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, ConsentOut(many=True))
    def get(self, customer_id):
        """The customer's consents and how each stands, newest first."""
        return service.of_customer(customers.get(customer_id).id)
