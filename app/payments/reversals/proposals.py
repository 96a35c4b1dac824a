"""Who agrees that a payment is taken back: one person proposes it, another one agrees, and `service` does it.

What a gateway took because a dispute was lost is booked by itself (`disputes.py`).
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.core import clock, identity
from app.core.database import db
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.money import ZERO
from app.loans import service as loans
from app.payments import bounces
from app.payments.booking import MISPOSTED
from app.payments.models import PaymentCollectionTransaction, PaymentDispute, PaymentReversal
from app.payments.reversals import service as reversals
from app.payments.states import DONE, PROPOSED, REJECTED, REVERSAL

CHARGEBACK, RETURNED, REFUNDED_ELSEWHERE = "CHARGEBACK", "RETURNED", "REFUNDED_ELSEWHERE"
_CHEQUE = "cheque"
# RETURNED: a bank took it back, as of a transfer, or of a cheque, whose return is charged. MISPOSTED: the money stays,
# in suspense.
KINDS = (CHARGEBACK, RETURNED, REFUNDED_ELSEWHERE, MISPOSTED)
SORTABLE = {"createdAt": PaymentReversal.created_at, "amount": PaymentReversal.amount}


def search(status: str | None, loan_id: UUID | None) -> ModelSelect:
    """What is or was proposed, by state and loan."""
    return PaymentReversal.asked(status=status, loan_id=loan_id)


def propose(
    loan_id: UUID | str, transaction_id: UUID | str, *, kind: str, amount: Decimal | None, reason: str
) -> PaymentReversal:
    """Propose that a payment of a loan is taken back: all that is left of it, if not said.

    Raises Conflict where it was taken back before or that is proposed already, Invalid for more than is left.
    """
    loan = loans.get(loan_id)
    transaction = PaymentCollectionTransaction.find(transaction_id, loan_id=loan.id)
    left = reversals.left_of(transaction)
    if not left:
        raise Conflict("It was taken back already.", code="ALREADY_REVERSED")
    if amount is not None and (amount > left or (kind == MISPOSTED and amount != left)):
        told = f"All of it, {left}, or nothing." if kind == MISPOSTED else f"At most {left} is left of it."
        raise Invalid(told, field="amount", code="MORE_THAN_PAID")
    try:
        with db.atomic():
            return _create(transaction, kind, amount or left, reason)
    except IntegrityError:
        raise Conflict("That is proposed already.", code="REVERSAL_OPEN") from None


def _create(
    transaction: PaymentCollectionTransaction, kind: str, amount: Decimal, reason: str, **more: Any
) -> PaymentReversal:
    reversal = PaymentReversal.create(
        loan_id=transaction.loan_id,
        transaction_id=transaction.id,
        kind=kind,
        status=REVERSAL.initial,
        amount=amount,
        reason=reason,
        proposed_by=identity.actor().id,
        **more,
    )
    REVERSAL.start(reversal)
    return reversal


def approve(reversal_id: UUID | str, remark: str | None) -> PaymentReversal:
    """Another person agrees: it is taken back today.

    Raises Forbidden for who proposed it; Conflict where it was decided, or its money went back to the customer.
    """
    return _carry_out(_to_decide(reversal_id), remark)


def reject(reversal_id: UUID | str, remark: str) -> PaymentReversal:
    """Another person does not agree. Raises as `approve` does."""
    return REVERSAL.move(_to_decide(reversal_id), REJECTED, remark=remark, **_decision(remark))


def _to_decide(reversal_id: UUID | str) -> PaymentReversal:
    reversal = PaymentReversal.find(reversal_id)
    if reversal.proposed_by == identity.actor().id:
        raise Forbidden("Whoever proposed it does not agree to it.", code="MAKER_IS_CHECKER")
    return reversal


def _decision(remark: str | None) -> dict[str, Any]:
    return {"decided_by": identity.actor().id, "decided_at": clock.now(), "decision_remark": remark}


def _carry_out(reversal: PaymentReversal, remark: str | None) -> PaymentReversal:
    transaction = reversals.lock(PaymentCollectionTransaction.find(reversal.transaction_id))
    done = REVERSAL.move(reversal, DONE, remark=remark, blocked_by=None, **_decision(remark))
    if reversal.kind == MISPOSTED:
        reversals.put_in_suspense(transaction, str(reversal.id), reversal.reason)
    else:
        reversals.take_back(transaction, reversal.amount, str(reversal.id), reversal.reason)
    if reversal.kind == RETURNED and transaction.method == _CHEQUE:
        bounces.charge(loans.get(reversal.loan_id), f"{reversal.id}:cheque")
    return done


def of_dispute(
    dispute: PaymentDispute, transaction: PaymentCollectionTransaction, amount: Decimal
) -> Decimal:
    """A dispute was lost, so the gateway has taken `amount` of the money: it is booked by itself, or waits with what
    stands in the way. One that somebody had proposed is this one. Returns how much of it this payment has."""
    waiting = PaymentReversal.transaction_id == transaction.id, PaymentReversal.status == PROPOSED
    reversal = PaymentReversal.get_or_none(*waiting)
    taken = min(amount, reversals.left_of(transaction))
    if taken <= ZERO:
        return ZERO
    # what another one took, and could not be booked, comes to it
    before = reversal.amount if reversal and reversal.dispute_id else ZERO
    told = {
        "kind": CHARGEBACK,
        "amount": min(amount + before, reversals.left_of(transaction)),
        "dispute_id": dispute.id,
    }
    reason = dispute.reason or "The dispute was lost."
    if reversal is None:
        reversal = _create(transaction, reason=reason, **told)
    else:
        reversal.change(**told)
    try:
        with db.atomic():
            _carry_out(reversal, reason)
    except Conflict as error:
        reversal.change(blocked_by=str(error))
    return taken
