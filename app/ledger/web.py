"""What a customer owes."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.core.clock import today
from app.ledger import service
from app.ledger.schemas import OutstandingOut
from app.loans import service as loans

blp = Blueprint("ledger", __name__, description="What a customer's loan owes")


@blp.route("/web/loans/<uuid:loan_id>/outstanding")
class OutstandingToday(MethodView):
    @customer
    @blp.response(200, OutstandingOut)
    def get(self, loan_id, customer_id):
        """What closes the loan today, and what it is made of."""
        return service.outstanding_as_of(loans.for_customer(loan_id, customer_id).id, today())
