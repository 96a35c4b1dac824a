"""Giving a loan back, in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.core.idempotency import idempotent
from app.disbursement import cooling_off
from app.disbursement.schemas import CoolingOffOut, ExitChosenOut
from app.loans import service as loans

blp = Blueprint("cooling-off", __name__, description="Giving a loan back in the days of cooling-off")


@blp.route("/web/loans/<uuid:loan_id>/cooling-off")
class CoolingOff(MethodView):
    @customer
    @blp.response(200, CoolingOffOut)
    def get(self, loan_id, customer_id):
        """Until when the loan can be given back, and what that costs today. 409 names the last day once it is over."""
        return cooling_off.quote(loans.for_customer(loan_id, customer_id))

    @customer
    @idempotent
    @blp.response(201, ExitChosenOut)
    def post(self, loan_id, customer_id):
        """Give the loan back: the answer says where to pay exactly what that costs today."""
        return cooling_off.choose(loans.for_customer(loan_id, customer_id))
