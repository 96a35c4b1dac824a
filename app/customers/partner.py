"""The portal's customer list."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.customers import service
from app.customers.models import Customer
from app.customers.schemas import CustomerArgs, CustomerOut
from app.staff.permissions import Permission

blp = Blueprint("partner-customers", __name__, description="Customers as staff see them")

SORTABLE = {"createdAt": Customer.created_at, "name": Customer.name, "customerNo": Customer.customer_no}


@blp.route("/partner/brand/<brand_id>/customers")
class Customers(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.arguments(CustomerArgs, location="query")
    @blp.response(200, page_of(CustomerOut))
    def get(self, args):
        """Search by name, customer number, phone or PAN."""
        return paginate(service.search(args["search"]), args, SORTABLE)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>")
class OneCustomer(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, CustomerOut)
    def get(self, customer_id):
        """One customer, personal data masked."""
        return service.view(customer_id)
