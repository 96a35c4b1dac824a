"""Collecting: payment links, what came in, debits of mandates, and what the provider tells."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider, staff
from app.core.clock import today
from app.core.http import page_of, paginate
from app.core.idempotency import idempotent
from app.inbox import ReceivedOut, from_one_of
from app.loans import service as loans
from app.payments import foreclosure, presentation_files, presentations, service
from app.payments.schemas import (
    FILE,
    ForeclosureArgs,
    ForeclosureOut,
    LinkIn,
    PaymentRequestOut,
    PresentationArgs,
    PresentationFileArgs,
    PresentationOut,
    PresentIn,
    TransactionOut,
)
from app.providers.hearing import PAYMENTS
from app.staff.permissions import Permission

blp = Blueprint("partner-payments", __name__, description="Payments as staff and provider see them")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payment-link")
class PaymentLink(MethodView):
    @staff(Permission.PAYMENT_LINK_CREATE)
    @idempotent
    @blp.arguments(LinkIn)
    @blp.response(201, PaymentRequestOut)
    def post(self, body, loan_id):
        """Make a page to pay on and send its address to the customer."""
        return service.send_link(loans.get(loan_id), **body)


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
        return foreclosure.quote(loans.get(loan_id), args["on"] or today())


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/presentations")
class Presentations(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, PresentationOut(many=True))
    def get(self, loan_id):
        """Every debit of the loan's mandate, newest first."""
        return presentations.of_loan(loan_id)

    @staff(Permission.MANDATE_PRESENT)
    @idempotent
    @blp.arguments(PresentIn)
    @blp.response(201, PresentationOut)
    def post(self, body, loan_id):
        """Present the loan's mandate on a day. The customer is told a day before."""
        return presentations.plan(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/presentations")
class AllPresentations(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PresentationArgs, location="query")
    @blp.response(200, page_of(PresentationOut))
    def get(self, args):
        """Debits of mandates by day and status, newest first."""
        found = presentation_files.search(args["present_on"], args["status"])
        return paginate(found, args, presentation_files.SORTABLE)


@blp.route("/partner/brand/<brand_id>/presentations/file")
class PresentationFile(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PresentationFileArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    def get(self, args):
        """The presentation file of a day, as the end of the day planned it and with what came of it."""
        answer = Response(presentation_files.lines(args["present_on"]), mimetype="text/csv")
        name = f"presentations-{args['present_on']}.csv"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


@blp.route("/partner/brand/<brand_id>/payment/webhook")
class PaymentWebhook(MethodView):
    @provider("payments")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Razorpay or Cashfree: something happened to a payment or a payment link."""
        return from_one_of(PAYMENTS, "payments.process_event")
