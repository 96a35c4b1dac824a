"""Mandates in the portal. What gateways tell of them comes to the webhook of payments."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.mandates import service
from app.mandates.schemas import MandateIn, MandateReasonIn, MandateStateOut
from app.staff.permissions import Permission

blp = Blueprint("partner-mandates", __name__, description="Leave to debit the repayment, as staff see it")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/mandate")
class Mandate(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, MandateStateOut)
    def get(self, loan_id):
        """How far the mandate of a loan is."""
        return service.state_for(loan_id)

    @staff(Permission.DISBURSE)
    @blp.arguments(MandateIn)
    @blp.response(201, MandateStateOut)
    def post(self, body, loan_id):
        """Send the customer a link to give a mandate, or another one after it was rejected or ran out."""
        return service.begin(loan_id, body["method"])


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/mandate/cancel")
class MandateCancel(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(MandateReasonIn)
    @blp.response(200, MandateStateOut)
    def post(self, body, loan_id):
        """Give up the mandate of a loan, with the reason."""
        return service.cancel(loan_id, body["reason"])


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/mandate/waive")
class MandateWaive(MethodView):
    @staff(Permission.MANDATE_WAIVE)
    @blp.arguments(MandateReasonIn)
    @blp.response(200, MandateStateOut)
    def post(self, body, loan_id):
        """Let a loan be paid out without the mandate that the brand asks for, with the reason."""
        return service.waive(loan_id, body["reason"])
