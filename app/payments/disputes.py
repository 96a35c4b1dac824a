"""Disputes: whoever paid asks their bank for the money back, and the gateway tells how that goes."""

from peewee import ModelSelect

from app.core import clock, identity
from app.ledger import suspense as books
from app.payments import booking, reversals
from app.payments.models import PaymentCollectionTransaction, PaymentDispute, SuspenseItem
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
    query = PaymentDispute.select()
    return query.where(PaymentDispute.status == status) if status else query


def hear(told: money.Dispute, provider: str) -> None:
    """What a webhook tells. Only one that is lost moves money: what was paid is taken back, from its loan or from
    suspense; of a payment that we do not know it is listed."""
    booking.one_at_a_time(provider, told.payment_id)
    same = {"provider": provider, "provider_payment_id": told.payment_id}
    transaction = PaymentCollectionTransaction.get_or_none(**same)
    dispute = _known(told, provider, transaction)
    target = _STATE_OF[told.status]
    if (dispute.status, target) not in DISPUTE.steps:
        return
    DISPUTE.move(dispute, target, phase=told.phase, amount=told.amount, respond_by=told.respond_by)
    if target == LOST:
        _lose(dispute, transaction, SuspenseItem.get_or_none(SuspenseItem.loan_id.is_null(), **same))


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


def _lose(
    dispute: PaymentDispute, transaction: PaymentCollectionTransaction | None, item: SuspenseItem | None
) -> None:
    if transaction is not None:
        reversals.of_dispute(dispute, transaction)
    elif item is not None and item.locked().status in (OPEN, PROPOSED):
        amount = min(dispute.amount, item.amount)
        books.take_back(amount, clock.today(), str(dispute.id))
        if amount < item.amount:
            item.change(amount=item.amount - amount)
        else:
            with identity.acting(identity.SYSTEM):
                SUSPENSE.move(item, REVERSED, remark=dispute.reason)
