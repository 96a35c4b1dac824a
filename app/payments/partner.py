"""Collecting: payment links, what came in, and what the provider tells."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider, staff
from app.core.idempotency import idempotent
from app.inbox import ReceivedOut, from_one_of
from app.loans import service as loans
from app.payments import foreclosure, service
from app.payments.schemas import (
    AskedPaymentOut,
    ForeclosureArgs,
    ForeclosureOut,
    PaymentRequestOut,
    SendLinkIn,
    TransactionOut,
)
from app.providers.hearing import PAYMENTS
from app.staff.permissions import Permission

blp = Blueprint("partner-payments", __name__, description="Payments as staff and provider see them")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payment-link")
class PaymentLink(MethodView):
    @staff(Permission.PAYMENT_LINK_CREATE)
    @idempotent
    @blp.arguments(SendLinkIn)
    @blp.response(201, PaymentRequestOut)
    def post(self, body, loan_id):
        """Make a page to pay on and send its address to the customer."""
        return service.send_link(loans.get(loan_id), **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payment-requests")
class PaymentRequests(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, AskedPaymentOut(many=True))
    def get(self, loan_id):
        """Every page, checkout and debit of a loan, whoever began it, newest first."""
        return service.requests_of(loans.get(loan_id).id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payments")
class Payments(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, TransactionOut(many=True))
    def get(self, loan_id):
        """What came in on a loan, newest first."""
        return service.transactions_of(loans.get(loan_id).id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/foreclosure")
class Foreclosure(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(ForeclosureArgs, location="query")
    @blp.response(200, ForeclosureOut)
    def get(self, args, loan_id):
        """What ends the loan on a day before its due date."""
        return foreclosure.offer(loans.get(loan_id), args["on"])


@blp.route("/partner/brand/<brand_id>/payment/webhook")
class PaymentWebhook(MethodView):
    @provider("payments")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Razorpay or Cashfree: something happened to a payment or a payment link."""
        return from_one_of(PAYMENTS, "payments.process_event")
