"""Disputes: whoever paid asks their bank for the money back, and the gateway tells how that goes."""

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
    REVERSED,
    SUSPENSE,
    UNDER_REVIEW,
    WON,
)
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
    transaction = _paid(dispute.provider, dispute.provider_payment_id)
    if transaction is not None:
        dispute.change(loan_id=transaction.loan_id, booked_at=clock.now())
        reversal_proposals.of_dispute(dispute, transaction)
        return
    item = SuspenseItem.get_or_none(
        SuspenseItem.loan_id.is_null(),
        provider=dispute.provider,
        provider_payment_id=dispute.provider_payment_id,
    )
    item = item and item.locked()
    # of what is on its way back, or went, nothing can be taken: reconciliation shows that the gateway took it
    if item is not None and item.status in (OPEN, PROPOSED):
        dispute.change(booked_at=clock.now())
        _lessen(item, dispute)


def _lessen(item: SuspenseItem, dispute: PaymentDispute) -> None:
    """Money that waits for nobody known is gone."""
    amount = min(dispute.amount, item.amount)
    books.take_back(amount, clock.today(), str(dispute.id))
    if amount < item.amount:
        item.change(amount=item.amount - amount)
    else:
        with identity.acting(identity.SYSTEM):
            SUSPENSE.move(item, REVERSED, remark=dispute.reason)
