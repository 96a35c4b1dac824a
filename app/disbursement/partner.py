"""Loan Ops: releasing payouts, and what the bank says of them."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider, staff
from app.core.idempotency import idempotent
from app.disbursement import service
from app.disbursement.schemas import PayoutOut
from app.inbox import ReceivedOut, from_one_of
from app.loans import service as loans
from app.providers.hearing import PAYOUTS
from app.staff.permissions import Permission

blp = Blueprint("disbursement", __name__, description="Paying loans out")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/disbursement")
class Disbursement(MethodView):
    @staff(Permission.DISBURSE)
    @idempotent
    @blp.response(202, PayoutOut)
    def post(self, loan_id):
        """Release the payout of an approved loan. 409 names each check that does not hold."""
        return service.start(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payouts")
class Payouts(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, PayoutOut(many=True))
    def get(self, loan_id):
        """Every attempt to pay the loan out, newest first."""
        return service.of_loan(loans.get(loan_id).id)


@blp.route("/partner/brand/<brand_id>/payout/webhook")
class PayoutWebhook(MethodView):
    @provider("payouts")
    @blp.response(200, ReceivedOut)
    def post(self):
        """RazorpayX or Cashfree: something happened to a payout."""
        return from_one_of(PAYOUTS, "disbursement.process_event")
