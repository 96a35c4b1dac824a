"""The agreement in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.esign import key_facts, service
from app.esign.schemas import AcceptIn, AgreementOut, KeyFactsOut
from app.loans import service as loans

blp = Blueprint("esign", __name__, description="Signing the loan agreement")


@blp.route("/web/loans/<uuid:loan_id>/agreement")
class Agreement(MethodView):
    @customer
    @blp.response(200, AgreementOut)
    def get(self, loan_id, customer_id):
        """How far the agreement is, and where to sign it."""
        return service.describe(loans.for_customer(loan_id, customer_id))


@blp.route("/web/loans/<uuid:loan_id>/key-facts")
class KeyFacts(MethodView):
    @customer
    @blp.response(200, KeyFactsOut)
    def get(self, loan_id, customer_id):
        """The Key Facts Statement that holds, and whether it is accepted."""
        return key_facts.describe(loans.for_customer(loan_id, customer_id))


@blp.route("/web/loans/<uuid:loan_id>/key-facts/accept")
class KeyFactsAcceptance(MethodView):
    @customer
    @blp.arguments(AcceptIn)
    @blp.response(200, KeyFactsOut)
    def post(self, body, loan_id, customer_id):
        """Accept the key facts; the agreement to sign follows."""
        return key_facts.accept(loans.for_customer(loan_id, customer_id), body["version"])
