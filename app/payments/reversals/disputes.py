"""Disputes: whoever paid asks their bank for the money back, and the gateway tells how that goes."""

from decimal import Decimal

from peewee import ModelSelect

from app.core import clock, identity
from app.ledger import suspense as books
from app.payments import booking
from app.payments.models import PaymentCollectionTransaction, PaymentDispute, SuspenseItem
from app.payments.reversals import proposals as reversal_proposals
from app.payments.states import (
    CLOSED,
    DISPUTE,
    LOST,
    OPEN,
    PROPOSED,
    REFUNDING,
    REVERSED,
    SUSPENSE,
    UNDER_REVIEW,
    WON,
)
from app.payments.suspense import service as suspense
from app.providers import money

# `app.providers.money.DISPUTE_STATUSES`
_STATE_OF = {"open": OPEN, "under_review": UNDER_REVIEW, "won": WON, "lost": LOST, "closed": CLOSED}
SORTABLE = {
    "createdAt": PaymentDispute.created_at,
    "respondBy": PaymentDispute.respond_by,
    "amount": PaymentDispute.amount,
}


def search(status: str | None) -> ModelSelect:
    """Every dispute that was told of, by state."""
    return PaymentDispute.asked(status=status)


def hear(told: money.Dispute, provider: str) -> None:
    """What a webhook tells. Only one that is lost moves money: what was paid is taken back, from its loan or from
    suspense; of a payment that we do not know it is listed until that comes."""
    booking.one_at_a_time(provider, told.payment_id)
    dispute = _known(told, provider, _paid(provider, told.payment_id))
    target = _STATE_OF[told.status]
    if (dispute.status, target) not in DISPUTE.steps:
        return
    DISPUTE.move(dispute, target, phase=told.phase, amount=told.amount, respond_by=told.respond_by)
    if target == LOST:
        _lose(dispute)


def take_up(provider: str, payment_id: str) -> None:
    """A payment is known now, or waits again, and the caller alone works on it: what was lost of it before is taken
    back."""
    same = PaymentDispute.provider == provider, PaymentDispute.provider_payment_id == payment_id
    lost = PaymentDispute.select().where(
        *same, PaymentDispute.status == LOST, PaymentDispute.booked_at.is_null()
    )
    for dispute in list(lost.order_by(PaymentDispute.id)):
        _lose(dispute)


def _paid(provider: str, payment_id: str) -> PaymentCollectionTransaction | None:
    return PaymentCollectionTransaction.get_or_none(provider=provider, provider_payment_id=payment_id)


def _known(
    told: money.Dispute, provider: str, transaction: PaymentCollectionTransaction | None
) -> PaymentDispute:
    known = PaymentDispute.get_or_none(provider=provider, provider_dispute_id=told.id)
    if known is not None:
        return known.locked()
    dispute = PaymentDispute.create(
        status=DISPUTE.initial,
        provider=provider,
        provider_dispute_id=told.id,
        provider_payment_id=told.payment_id,
        phase=told.phase,
        amount=told.amount,
        reason_code=told.reason_code,
        reason=told.reason,
        respond_by=told.respond_by,
        loan_id=transaction.loan_id if transaction else None,
    )
    DISPUTE.start(dispute)
    return dispute


def _lose(dispute: PaymentDispute) -> None:
    """Take it from what waits for nobody known, then from the loans that it was paid on. While a part is on its way
    back nothing is taken, and of what went nothing can be: reconciliation shows that the gateway took it."""
    payment = dispute.provider, dispute.provider_payment_id
    parts = [item.locked() for item in suspense.of_nobody(*payment)]
    waiting = [item for item in parts if item.status in (OPEN, PROPOSED)]
    paid = [each for each in (_paid(*payment), *map(_placed, parts)) if each]
    if not (waiting or paid) or any(item.status == REFUNDING for item in parts):
        return
    dispute.change(booked_at=clock.now(), loan_id=paid[0].loan_id if paid else None)
    left = dispute.amount
    for item in waiting:
        left -= _lessen(item, min(left, item.amount), dispute)
    for transaction in paid:
        left -= reversal_proposals.of_dispute(dispute, transaction, left)


def _placed(item: SuspenseItem) -> PaymentCollectionTransaction | None:
    """A part that was placed under a name of its own."""
    row = PaymentCollectionTransaction
    return row.get_or_none(row.provider == suspense.MOVED, row.provider_payment_id.startswith(f"{item.id}:"))


def _lessen(item: SuspenseItem, amount: Decimal, dispute: PaymentDispute) -> Decimal:
    """Money that waits for nobody known is gone."""
    if not amount:
        return amount
    books.take_back(amount, clock.today(), f"{dispute.id}:{item.id}")
    if amount < item.amount:
        item.change(amount=item.amount - amount)
    else:
        with identity.acting(identity.SYSTEM):
            SUSPENSE.move(item, REVERSED, remark=dispute.reason)
    return amount
