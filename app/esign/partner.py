"""The agreement in the portal, and the provider's callback."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider, staff
from app.esign import key_facts, service
from app.esign.schemas import AgreementOut, KeyFactsOut
from app.inbox import ReceivedOut, from_one_of
from app.loans import service as loans
from app.providers.hearing import ESIGN
from app.staff.permissions import Permission

blp = Blueprint(
    "partner-esign", __name__, description="Signing the loan agreement, as staff and provider see it"
)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/agreement")
class Agreement(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AgreementOut)
    def get(self, loan_id):
        """How far the agreement is."""
        return service.describe(loans.get(loan_id))

    @staff(Permission.DISBURSE)
    @blp.response(202, AgreementOut)
    def post(self, loan_id):
        """Send a new agreement in place of one that waits, was rejected or ran out."""
        return service.describe(service.send_again(loan_id))


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/key-facts")
class KeyFacts(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, KeyFactsOut)
    def get(self, loan_id):
        """The Key Facts Statement that holds, and when the customer accepted it."""
        return key_facts.describe(loans.get(loan_id))


@blp.route("/partner/brand/<brand_id>/esign/webhook")
class EsignWebhook(MethodView):
    @provider("esign")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Signzy or SignDesk: something happened to an agreement."""
        return from_one_of(ESIGN, "esign.process_callback")
