"""Loans in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.core.idempotency import idempotent
from app.loans import quotes, service
from app.loans.schemas import ApplyIn, LoanOut, QuoteIn, QuoteOut

blp = Blueprint("loans", __name__, description="A customer's loans")


@blp.route("/web/loans")
class Loans(MethodView):
    @customer
    @blp.response(200, LoanOut(many=True))
    def get(self, customer_id):
        """All loans of the signed-in customer, newest first."""
        return service.of_customer(customer_id)

    @customer
    @idempotent
    @blp.arguments(ApplyIn)
    @blp.response(201, LoanOut)
    def post(self, body, customer_id):
        """Apply for a loan within the brand's limits."""
        return service.apply(customer_id, **body)


@blp.route("/web/loans/quote")
class QuoteLoan(MethodView):
    @customer
    @blp.arguments(QuoteIn)
    @blp.response(200, QuoteOut)
    def post(self, body, customer_id):
        """What a loan would cost: schedule, charges, net amount, APR and key facts. Nothing is kept."""
        return quotes.quote(**body)


@blp.route("/web/loans/<uuid:loan_id>")
class OneLoan(MethodView):
    @customer
    @blp.response(200, LoanOut)
    def get(self, loan_id, customer_id):
        """One loan of the signed-in customer."""
        return service.for_customer(loan_id, customer_id)
