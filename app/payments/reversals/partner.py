"""Loan Ops: payments that came back, and disputes."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.core.idempotency import idempotent
from app.payments.reversals import disputes
from app.payments.reversals import proposals as reversal_proposals
from app.payments.reversals.schemas import DisputeArgs, DisputeOut, ReversalArgs, ReversalIn, ReversalOut
from app.payments.schemas import PaymentApproveIn, PaymentRemarkIn
from app.staff.permissions import Permission

blp = Blueprint("payment-reversals", __name__, description="Payments that are taken back")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/payments/<uuid:transaction_id>/reversals")
class ReversePayment(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @idempotent
    @blp.arguments(ReversalIn)
    @blp.response(201, ReversalOut)
    def post(self, body, loan_id, transaction_id):
        """Maker: a payment came back, or was not meant for this loan. Somebody else has to agree."""
        return reversal_proposals.propose(loan_id, transaction_id, **body)


@blp.route("/partner/brand/<brand_id>/payment-reversals")
class Reversals(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(ReversalArgs, location="query")
    @blp.response(200, page_of(ReversalOut))
    def get(self, args):
        """What is proposed to be taken back, or was."""
        return paginate(
            reversal_proposals.search(args["status"], args["loan_id"]), args, reversal_proposals.SORTABLE
        )


@blp.route("/partner/brand/<brand_id>/payment-reversals/<uuid:reversal_id>/approve")
class ApproveReversal(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @idempotent
    @blp.arguments(PaymentApproveIn)
    @blp.response(200, ReversalOut)
    def post(self, body, reversal_id):
        """Checker: it is taken back today, and the loan stands where it would without it."""
        return reversal_proposals.approve(reversal_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/payment-reversals/<uuid:reversal_id>/reject")
class RejectReversal(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(PaymentRemarkIn)
    @blp.response(200, ReversalOut)
    def post(self, body, reversal_id):
        """Checker: it stays."""
        return reversal_proposals.reject(reversal_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/payment-disputes")
class Disputes(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(DisputeArgs, location="query")
    @blp.response(200, page_of(DisputeOut))
    def get(self, args):
        """Disputes that the gateways told of, and until when each may be answered."""
        return paginate(disputes.search(args["status"]), args, disputes.SORTABLE)
