"""Loan Ops: the queue, proposing and releasing payouts, and what the bank says of them."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider, staff
from app.core.http import page_of
from app.core.idempotency import idempotent
from app.disbursement import cooling_off, service
from app.disbursement.schemas import (
    CoolingOffFileOut,
    DisbursalOrderOut,
    DisbursalProposeIn,
    DisbursalQueueArgs,
    DisbursalQueueOut,
    DisbursementOut,
    OrderRejectIn,
    PayoutOut,
    StageCountOut,
)
from app.inbox import ReceivedOut, from_one_of
from app.loans import service as loans
from app.loans.schemas import LoanOut
from app.providers.hearing import PAYOUTS
from app.staff.permissions import Permission

blp = Blueprint("disbursement", __name__, description="Paying loans out")


@blp.route("/partner/brand/<brand_id>/disbursements")
class Disbursements(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(DisbursalQueueArgs, location="query")
    @blp.response(200, page_of(DisbursalQueueOut))
    def get(self, args):
        """Loans that wait for Loan Ops or for the bank: at which stage, since when, and what is missing."""
        return service.waiting(args)


@blp.route("/partner/brand/<brand_id>/disbursements/counts")
class DisbursementCounts(MethodView):
    @staff(Permission.DISBURSE)
    @blp.response(200, StageCountOut(many=True))
    def get(self):
        """How many loans wait at each stage, and how much money that is."""
        return service.counts()


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/disbursement")
class Disbursement(MethodView):
    @staff(Permission.DISBURSE)
    @blp.response(200, DisbursementOut)
    def get(self, loan_id):
        """How far the payout of a loan is: checklist, accounts, orders and attempts."""
        return service.describe(loan_id)

    @staff(Permission.DISBURSE)
    @idempotent
    @blp.arguments(DisbursalProposeIn)
    @blp.response(201, DisbursalOrderOut)
    def post(self, body, loan_id):
        """Maker: propose the payout of an approved loan. 409 names each check that does not hold."""
        return service.propose(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/disbursement/sign-anew")
class SignAnew(MethodView):
    @staff(Permission.DISBURSE)
    @blp.response(202, LoanOut)
    def post(self, loan_id):
        """Send the agreement again with the amounts of a credit today, where what was signed holds no longer."""
        return service.ask_to_sign_anew(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/disbursement/<uuid:order_id>/release")
class Release(MethodView):
    @staff(Permission.DISBURSE_RELEASE)
    @idempotent
    @blp.response(202, PayoutOut)
    def post(self, loan_id, order_id):
        """Checker, somebody else than the maker: let the payout go. 409 names each check that does not hold."""
        return service.release(loan_id, order_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/disbursement/<uuid:order_id>/reject")
class Reject(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(OrderRejectIn)
    @blp.response(200, DisbursalOrderOut)
    def post(self, body, loan_id, order_id):
        """Do not let a proposed payout go, for a reason. The maker can take it back so."""
        return service.reject(loan_id, order_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payouts")
class Payouts(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, PayoutOut(many=True))
    def get(self, loan_id):
        """Every attempt to pay the loan out, newest first."""
        return service.of_loan(loans.get(loan_id).id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/cooling-off")
class CoolingOff(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, CoolingOffFileOut)
    def get(self, loan_id):
        """Until when a customer can give the loan back, what that costs today, and every choice that was made."""
        return cooling_off.describe(loan_id)


@blp.route("/partner/brand/<brand_id>/payout/webhook")
class PayoutWebhook(MethodView):
    @provider("payouts")
    @blp.response(200, ReceivedOut)
    def post(self):
        """RazorpayX or Cashfree: something happened to a payout."""
        return from_one_of(PAYOUTS, "disbursement.process_event")
