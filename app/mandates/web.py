"""The mandate in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.loans import service as loans
from app.mandates import service
from app.mandates.schemas import MandateIn, MandateStateOut

blp = Blueprint("mandates", __name__, description="Leave to debit the repayment from one's account")


@blp.route("/web/loans/<uuid:loan_id>/mandate")
class Mandate(MethodView):
    @customer
    @blp.response(200, MandateStateOut)
    def get(self, loan_id, customer_id):
        """How far the mandate of a loan is, and where to give it."""
        return service.state_for(loans.for_customer(loan_id, customer_id).id)

    @customer
    @blp.arguments(MandateIn)
    @blp.response(201, MandateStateOut)
    def post(self, body, loan_id, customer_id):
        """Begin a mandate, or another one after it was rejected or ran out."""
        return service.begin(loans.for_customer(loan_id, customer_id).id, body["method"])
