"""Paying, in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.core.idempotency import idempotent
from app.loans import service as loans
from app.payments import foreclosure, service
from app.payments.schemas import ChannelIn, ForeclosureArgs, ForeclosureOut, PayIn, PaymentRequestOut

blp = Blueprint("payments", __name__, description="A customer's payments")


@blp.route("/web/loans/<uuid:loan_id>/payments")
class Payments(MethodView):
    @customer
    @blp.response(200, PaymentRequestOut(many=True))
    def get(self, loan_id, customer_id):
        """Every payment that was begun, newest first."""
        return service.requests_of(loans.for_customer(loan_id, customer_id).id)

    @customer
    @idempotent
    @blp.arguments(PayIn)
    @blp.response(201, PaymentRequestOut)
    def post(self, body, loan_id, customer_id):
        """Begin a payment: the answer says where to pay."""
        return service.request_payment(loans.for_customer(loan_id, customer_id), **body)


@blp.route("/web/loans/<uuid:loan_id>/foreclosure")
class Foreclosure(MethodView):
    @customer
    @blp.arguments(ForeclosureArgs, location="query")
    @blp.response(200, ForeclosureOut)
    def get(self, args, loan_id, customer_id):
        """What ends the loan on a day before its due date."""
        return foreclosure.offer(loans.for_customer(loan_id, customer_id), args["on"])

    @customer
    @idempotent
    @blp.arguments(ChannelIn)
    @blp.response(201, PaymentRequestOut)
    def post(self, body, loan_id, customer_id):
        """Begin to pay what ends the loan today."""
        return service.request_foreclosure(loans.for_customer(loan_id, customer_id), **body)
