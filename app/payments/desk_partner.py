"""Loan Ops: payments to check, money in suspense, refunds, and what the gateway settled."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.core.idempotency import idempotent
from app.ledger.schemas import OutstandingOut
from app.loans import service as loans
from app.payments import corrections, manual
from app.payments.reconciliation import refused, resolving
from app.payments.reconciliation import service as reconciling
from app.payments.schemas import (
    ApprovalQueueArgs,
    ApproveManualIn,
    BookSettledIn,
    BounceIn,
    ManualPaymentIn,
    ManualPaymentOut,
    PageArgs,
    PaymentApproveIn,
    PaymentRemarkIn,
    ReconcileIn,
    ReconcileOut,
    ReconciliationExceptionArgs,
    ReconciliationExceptionOut,
    ReconciliationOut,
    RefusedEventArgs,
    RefusedEventDetailOut,
    RefusedEventOut,
    TakeBackIn,
)
from app.payments.suspense import proposals as suspense_proposals
from app.payments.suspense import refunds
from app.payments.suspense import service as suspense
from app.payments.suspense.schemas import (
    PlaceIn,
    RefundArgs,
    RefundIn,
    RefundOut,
    SuspenseArgs,
    SuspenseItemOut,
)
from app.staff.permissions import Permission

blp = Blueprint("payment-desk", __name__, description="Payments that somebody has to look at")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/manual-payments")
class ManualPayments(MethodView):
    @staff(Permission.MANUAL_PAYMENT_ADD)
    @idempotent
    @blp.arguments(ManualPaymentIn)
    @blp.response(201, ManualPaymentOut)
    def post(self, body, loan_id):
        """Maker: tell of money that came in outside of the gateway, to be checked by somebody else."""
        return manual.submit(loans.get(loan_id), **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/ledger/take-back")
class TakeBack(MethodView):
    @staff(Permission.LEDGER_TAKE_BACK)
    @idempotent
    @blp.arguments(TakeBackIn)
    @blp.response(200, OutstandingOut)
    def post(self, body, loan_id):
        """Take back a charge or a waiver that was booked in error. What was booked stays, with its reversal."""
        return corrections.take_back(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/payment-approval")
class PaymentApproval(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(ApprovalQueueArgs, location="query")
    @blp.response(200, page_of(ManualPaymentOut))
    def get(self, args):
        """Payments that wait to be checked, or were."""
        return paginate(manual.search(args["status"], args["loan_id"]), args, manual.SORTABLE)


@blp.route("/partner/brand/<brand_id>/payment-approval/<uuid:manual_payment_id>/approve")
class Approve(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @idempotent
    @blp.arguments(ApproveManualIn)
    @blp.response(200, ManualPaymentOut)
    def post(self, body, manual_payment_id):
        """Checker: it is in the bank. It is booked on the day on which it came in, or a cheque was cleared."""
        return manual.approve(manual_payment_id, **body)


@blp.route("/partner/brand/<brand_id>/payment-approval/<uuid:manual_payment_id>/bounce")
class Bounce(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @idempotent
    @blp.arguments(BounceIn)
    @blp.response(200, ManualPaymentOut)
    def post(self, body, manual_payment_id):
        """Checker: the bank did not pay the cheque. Where its drawer is at fault, that is charged."""
        return manual.bounce(manual_payment_id, **body)


@blp.route("/partner/brand/<brand_id>/payment-approval/<uuid:manual_payment_id>/reject")
class Reject(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(PaymentRemarkIn)
    @blp.response(200, ManualPaymentOut)
    def post(self, body, manual_payment_id):
        """Checker: it is not in the bank."""
        return manual.reject(manual_payment_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/suspense")
class Suspense(MethodView):
    @staff(Permission.SUSPENSE_PLACE)
    @blp.arguments(SuspenseArgs, location="query")
    @blp.response(200, page_of(SuspenseItemOut))
    def get(self, args):
        """Money of which nobody said yet what it is for, and what became of it."""
        return paginate(suspense.search(args["status"], args["kind"]), args, suspense.SORTABLE)


@blp.route("/partner/brand/<brand_id>/suspense/<uuid:suspense_id>/place")
class Place(MethodView):
    @staff(Permission.SUSPENSE_PLACE)
    @idempotent
    @blp.arguments(PlaceIn)
    @blp.response(200, SuspenseItemOut)
    def post(self, body, suspense_id):
        """Use it as a payment of a loan, once another person agrees; at once up to the brand's limit."""
        return suspense_proposals.place(suspense_id, **body)


@blp.route("/partner/brand/<brand_id>/suspense/<uuid:suspense_id>/refund")
class Refund(MethodView):
    @staff(Permission.REFUND_MAKE)
    @idempotent
    @blp.arguments(RefundIn)
    @blp.response(200, SuspenseItemOut)
    def post(self, body, suspense_id):
        """Give it back, with the same yes: by the gateway that it came by, or by hand with the reference of it."""
        return suspense_proposals.refund(suspense_id, **body)


@blp.route("/partner/brand/<brand_id>/suspense/<uuid:suspense_id>/approve")
class ApproveSuspense(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @idempotent
    @blp.arguments(PaymentApproveIn)
    @blp.response(200, SuspenseItemOut)
    def post(self, body, suspense_id):
        """Another person: what was proposed for it happens."""
        return suspense_proposals.approve(suspense_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/suspense/<uuid:suspense_id>/reject")
class RejectSuspense(MethodView):
    @staff(Permission.PAYMENT_APPROVE)
    @blp.arguments(PaymentRemarkIn)
    @blp.response(200, SuspenseItemOut)
    def post(self, body, suspense_id):
        """Another person: it waits on."""
        return suspense_proposals.reject(suspense_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/refunds")
class Refunds(MethodView):
    @staff(Permission.REFUND_MAKE)
    @blp.arguments(RefundArgs, location="query")
    @blp.response(200, page_of(RefundOut))
    def get(self, args):
        """What goes back to customers, and how far it is."""
        return paginate(refunds.search(args["status"], args["suspense_id"]), args, refunds.SORTABLE)


@blp.route("/partner/brand/<brand_id>/reconciliations")
class Reconciliations(MethodView):
    @staff(Permission.RECONCILIATION_VIEW)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(ReconciliationOut))
    def get(self, args):
        """Every day that was reconciled with a gateway."""
        return paginate(reconciling.runs(), args, reconciling.RUNS_SORTABLE)

    @staff(Permission.RECONCILIATION_VIEW)
    @blp.arguments(ReconcileIn)
    @blp.response(202, ReconcileOut)
    def post(self, body):
        """Reconcile a day, again or for the first time."""
        return {"day": body["day"], "providers": reconciling.ask(body["day"])}


@blp.route("/partner/brand/<brand_id>/reconciliation-exceptions")
class ReconciliationExceptions(MethodView):
    @staff(Permission.RECONCILIATION_VIEW)
    @blp.arguments(ReconciliationExceptionArgs, location="query")
    @blp.response(200, page_of(ReconciliationExceptionOut))
    def get(self, args):
        """Where a gateway's settlements and our books differ."""
        query = reconciling.exceptions(args["status"], args["kind"], args["day"])
        return paginate(query, args, reconciling.SORTABLE)


@blp.route("/partner/brand/<brand_id>/refused-events")
class RefusedEvents(MethodView):
    @staff(Permission.RECONCILIATION_VIEW)
    @blp.arguments(RefusedEventArgs, location="query")
    @blp.response(200, page_of(RefusedEventOut))
    def get(self, args):
        """What a gateway told of money that cannot be booked, as in another currency, newest first."""
        wanted = {name: args[name] for name in ("day", "provider", "kind", "reason_code")}
        return paginate(refused.search(**wanted), args, refused.SORTABLE)


@blp.route("/partner/brand/<brand_id>/refused-events/<uuid:refused_id>")
class RefusedEvent(MethodView):
    @staff(Permission.RECONCILIATION_VIEW)
    @blp.response(200, RefusedEventDetailOut)
    def get(self, refused_id):
        """One of them, with what was told, masked."""
        return refused.one(refused_id)


@blp.route("/partner/brand/<brand_id>/reconciliation-exceptions/<uuid:exception_id>/resolve")
class ResolveException(MethodView):
    @staff(Permission.RECONCILIATION_VIEW)
    @blp.arguments(PaymentRemarkIn)
    @blp.response(200, ReconciliationExceptionOut)
    def post(self, body, exception_id):
        """Somebody looked into it."""
        return reconciling.resolve(exception_id, body["remark"])


@blp.route("/partner/brand/<brand_id>/reconciliation-exceptions/<uuid:exception_id>/book")
class BookSettled(MethodView):
    @staff(Permission.SUSPENSE_PLACE)
    @idempotent
    @blp.arguments(BookSettledIn)
    @blp.response(200, ReconciliationExceptionOut)
    def post(self, body, exception_id):
        """Book what was settled and not known, on the loan that it was paid for, or in suspense."""
        return resolving.book(exception_id, **body)
