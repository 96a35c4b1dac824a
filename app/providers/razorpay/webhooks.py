"""What Razorpay tells us on its own: is it Razorpay, and what happened.

The signature (header `X-Razorpay-Signature`) is over the raw bytes of the body. The body names no event id:
the header `x-razorpay-event-id` does, the same on each delivery of an event. Order is not guaranteed, and
an event shows the entity as it is when sent: `payment.authorized` may already read captured.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.providers.base import Answer
from app.providers.errors import ProviderMalformed
from app.providers.fields import FieldError, Fields
from app.providers.razorpay.entities import (
    Payment,
    PaymentLink,
    Payout,
    read_payment,
    read_payment_link,
    read_payout,
)

SIGNATURE_HEADER = "X-Razorpay-Signature"
EVENT_ID_HEADER = "x-razorpay-event-id"


@dataclass(frozen=True)
class PaymentEvent:
    """payment.authorized, payment.captured or payment.failed."""

    name: str
    occurred_at: datetime
    payment: Payment


@dataclass(frozen=True)
class PaymentLinkEvent:
    """payment_link.paid or .partially_paid with the payment that did it; .expired or .cancelled without."""

    name: str
    occurred_at: datetime
    link: PaymentLink
    payment: Payment | None


@dataclass(frozen=True)
class PayoutEvent:
    """payout.processed, .failed, .reversed and what comes before them."""

    name: str
    occurred_at: datetime
    payout: Payout


@dataclass(frozen=True)
class OtherEvent:
    """An event that nothing here reads further: kept, acknowledged, ignored."""

    name: str


Event = PaymentEvent | PaymentLinkEvent | PayoutEvent | OtherEvent


def webhook_secrets(credentials: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets in force: one, or `new,old` after a rotation, as retries keep their old signature."""
    return tuple(secret.strip() for secret in credentials["webhook_secret"].split(",") if secret.strip())


def verify_signature(raw_body: bytes, signature: str | None, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes. Compares in constant time."""
    given = (signature or "").encode()
    expected = [hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest() for secret in secrets]
    return any(hmac.compare_digest(given, one.encode()) for one in expected)


def parse_event(raw_body: bytes) -> Event:
    """What happened. Verify the signature first. Raises ProviderMalformed."""
    try:
        event = Answer(200, {}, raw_body).fields
        name = event.identifier("event")
        return READERS.get(name, _other)(name, event)
    except FieldError as error:
        raise ProviderMalformed("razorpay", "webhook", error.field, error.reason) from error


def _payment(name: str, event: Fields) -> PaymentEvent:
    return PaymentEvent(name, _occurred_at(event), read_payment(_entity(event, "payment")))


def _payment_link(name: str, event: Fields) -> PaymentLinkEvent:
    # payload.order is left alone: its id comes with and without `order_`.
    link = read_payment_link(_entity(event, "payment_link"))
    has_payment = event.child("payload").has("payment")
    payment = read_payment(_entity(event, "payment")) if has_payment else None
    return PaymentLinkEvent(name, _occurred_at(event), link, payment)


def _payout(name: str, event: Fields) -> PayoutEvent:
    return PayoutEvent(name, _occurred_at(event), read_payout(_entity(event, "payout")))


def _other(name: str, event: Fields) -> OtherEvent:
    return OtherEvent(name)


def _entity(event: Fields, name: str) -> Fields:
    return event.child("payload").child(name).child("entity")


def _occurred_at(event: Fields) -> datetime:
    return datetime.fromtimestamp(event.integer("created_at"), UTC)


READERS: Mapping[str, Callable[[str, Fields], Event]] = {
    **{f"payment.{what}": _payment for what in ("authorized", "captured", "failed")},
    **{f"payment_link.{what}": _payment_link for what in ("paid", "partially_paid", "expired", "cancelled")},
    **{
        f"payout.{what}": _payout
        for what in (
            "pending",
            "queued",
            "initiated",
            "processed",
            "updated",
            "reversed",
            "failed",
            "rejected",
        )
    },
}
