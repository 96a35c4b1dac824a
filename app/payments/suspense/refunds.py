"""Money goes back to whoever paid it: through the gateway that it came by, or by hand with the bank's reference."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import providers
from app.core import identity, webhooks
from app.core.errors import Invalid
from app.core.outbox import enqueue
from app.payments.models import PaymentRefund, SuspenseItem
from app.payments.reversals import disputes
from app.payments.states import (
    FAILED,
    OPEN,
    PENDING,
    PROCESSED,
    PROCESSING,
    REFUND,
    REFUND_STATE_OF,
    REFUNDED,
    REFUNDING,
    SUSPENSE,
)
from app.payments.suspense import service as suspense
from app.providers import ProviderRejected, money
from app.providers.rupees import MALFORMED

SORTABLE = {"createdAt": PaymentRefund.created_at, "amount": PaymentRefund.amount}
_GATEWAYS = ("razorpay", "cashfree")


def search(status: str | None, suspense_id: UUID | None) -> ModelSelect:
    """Refunds by state and by what they were in suspense."""
    return PaymentRefund.asked(status=status, suspense_id=suspense_id)


def ask(
    item_id: UUID | str, remark: str, bank_reference: str | None = None, amount: Decimal | None = None
) -> PaymentRefund:
    """Give back what waits in suspense, or `amount` of it; the rest waits on. The gateway that it came by does it;
    money that came by hand goes by hand, and the reference of that transfer is told.

    Raises Conflict where it waits no more or is less, Invalid without a reference where one is needed, or with one
    where not.
    """
    item = suspense.locked(item_id)
    by_gateway = check_reference(item, bank_reference)
    suspense.refuse_decided(item)
    suspense.only(item, amount)
    SUSPENSE.move(item, REFUNDING, remark=remark, **suspense.decision(remark))
    refund = PaymentRefund.create(
        suspense_id=item.id,
        status=REFUND.initial,
        amount=item.amount,
        provider=item.provider,
        requested_by=identity.actor().id,
    )
    REFUND.start(refund)
    if by_gateway:
        enqueue("payments.send_refund", refund_id=refund.id)
    else:
        with identity.acting(identity.SYSTEM):
            _end(refund, PROCESSED, reference=bank_reference)
    return PaymentRefund.find(refund.id)


def check_reference(item: SuspenseItem, bank_reference: str | None) -> bool:
    """Whether the gateway gives it back. Raises Invalid without a reference where one is needed, or with one where
    not."""
    by_gateway = item.provider in _GATEWAYS
    if by_gateway and bank_reference:
        raise Invalid("The gateway tells the reference.", field="bank_reference", code="NOT_BY_HAND")
    if not by_gateway and not bank_reference:
        raise Invalid(
            "It did not come by the gateway: tell the reference of the transfer.",
            field="bank_reference",
            code="REFERENCE_NEEDED",
        )
    return by_gateway


def send(refund_id: UUID | str) -> None:
    """Hand a refund to its gateway, unless the gateway has it. Doing it again is the same refund there. Raises
    ProviderError while it is not known whether the gateway has it."""
    refund = PaymentRefund.find(refund_id)
    if refund.status != PENDING:
        return
    try:
        told = _create(refund)
    except ProviderRejected as error:
        _end(_locked(refund), FAILED, remark=str(error)[:500])
        return
    _take_over(_locked(refund), told)


def _create(refund: PaymentRefund) -> money.Refund:
    """What the gateway has under our reference, else a new one: its answer may have been lost longer ago than it keeps
    keys, and to ask for another one gives the money back twice, or fails what was given back."""
    gateway, about = providers.payments(refund.provider), _payment(SuspenseItem.find(refund.suspense_id))
    found = gateway.find_refund(about, str(refund.id))
    return found or gateway.create_refund(about, amount=refund.amount, reference_id=str(refund.id))


def refresh(refund_id: UUID | str) -> None:
    """Ask about a refund that is on its way, in case its webhook stayed away. Raises ProviderError."""
    refund = PaymentRefund.find(refund_id)
    if refund.status == PROCESSING:
        item = SuspenseItem.find(refund.suspense_id)
        gateway = providers.payments(refund.provider)
        told = gateway.fetch_refund(_payment(item), refund.provider_refund_id)
        _take_over(_locked(refund), told)


def unread(refund_id: UUID | str, reason: str) -> None:
    """What the gateway said of a refund could not be read: people see it."""
    refund = PaymentRefund.find(refund_id)
    told = json.dumps({"refund": refund.provider_refund_id, "suspense": str(refund.suspense_id)})
    webhooks.refuse_unread(refund.provider, f"refund:{refund.id}", told, MALFORMED, reason)


def hear(told: money.Refund, provider: str) -> None:
    """What a webhook tells. A refund that was made elsewhere is none of ours: reconciliation shows it."""
    refund = PaymentRefund.get_or_none(
        PaymentRefund.provider == provider, PaymentRefund.provider_refund_id == told.id
    )
    if refund is not None:
        _take_over(_locked(refund), told)


def _locked(refund: PaymentRefund) -> PaymentRefund:
    """The refund under its lock, and before it its loan and its item."""
    suspense.locked(refund.suspense_id)
    return refund.locked()


def unsettled() -> list[PaymentRefund]:
    """Those whose end is not known, oldest first."""
    return list(
        PaymentRefund.select()
        .where(PaymentRefund.status.in_([PENDING, PROCESSING]))
        .order_by(PaymentRefund.id)
    )


def _payment(item: SuspenseItem) -> money.Payment:
    return money.Payment(
        id=item.provider_payment_id,
        order_id=item.provider_order_id,
        amount=item.payment_amount,
        status="captured",
        method=item.method or "",
        fee=None,
        tax=None,
        bank_reference=item.reference,
        error_reason=None,
        error_description=None,
        notes={},
        created_at=item.received_at,
    )


def _take_over(refund: PaymentRefund, told: money.Refund) -> None:
    target = REFUND_STATE_OF[told.status]
    changes: dict[str, Any] = {"provider_refund_id": told.id}
    if told.bank_reference:
        changes["reference"] = told.bank_reference
    if target == PROCESSING:
        if refund.status == PENDING:
            REFUND.move(refund, PROCESSING, **changes)
        return
    _end(refund, target, **changes)


def _end(refund: PaymentRefund, target: str, **changes: Any) -> None:
    """It came through, and is booked; or it did not, and the money waits again."""
    if (refund.status, target) not in REFUND.steps:
        return
    REFUND.move(refund, target, **changes)
    item = SuspenseItem.find(refund.suspense_id).locked()
    if target == PROCESSED:
        suspense.given_back(item, refund.amount, str(refund.id))
    SUSPENSE.move(item, REFUNDED if target == PROCESSED else OPEN)
    # what a lost dispute waited for, of this part or of the others
    disputes.take_up(item.provider, item.provider_payment_id)
