"""A customer's application while it is decided on: withdrawing it, and answering an offer."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.loans.schemas import LoanOut
from app.sanction import offers, progress, service
from app.sanction.schemas import OfferAnswerIn, OfferOut, ProgressOut

blp = Blueprint("sanction-web", __name__, description="A customer's application while it is decided on")


@blp.route("/web/loans/<uuid:loan_id>/cancel")
class CancelLoan(MethodView):
    @customer
    @blp.response(200, LoanOut)
    def post(self, loan_id, customer_id):
        """Withdraw an application that is not disbursed yet."""
        return service.withdraw(loan_id, customer_id)


@blp.route("/web/loans/<uuid:loan_id>/status")
class Progress(MethodView):
    @customer
    @blp.etag
    @blp.response(200, ProgressOut)
    def get(self, loan_id, customer_id):
        """How far it is, what is waited for and what to do next; with If-None-Match 304 while nothing changed."""
        return progress.of(loan_id, customer_id)


@blp.route("/web/loans/<uuid:loan_id>/offer")
class Offer(MethodView):
    @customer
    @blp.response(200, OfferOut)
    def get(self, loan_id, customer_id):
        """The newest offer: its terms, schedule and key facts, and until when it stands."""
        return offers.for_customer(loan_id, customer_id)


@blp.route("/web/loans/<uuid:loan_id>/offer/accept")
class AcceptOffer(MethodView):
    @customer
    @blp.arguments(OfferAnswerIn)
    @blp.response(200, OfferOut)
    def post(self, body, loan_id, customer_id):
        """Take the offer that was shown."""
        return offers.accept(loan_id, customer_id, **body)


@blp.route("/web/loans/<uuid:loan_id>/offer/decline")
class DeclineOffer(MethodView):
    @customer
    @blp.arguments(OfferAnswerIn)
    @blp.response(200, OfferOut)
    def post(self, body, loan_id, customer_id):
        """Leave it: the application ends."""
        return offers.decline(loan_id, customer_id, **body)
