"""What Razorpay tells us on its own: is it Razorpay, and what happened.

The signature (header `X-Razorpay-Signature`) is over the raw bytes of the body. The body names no event id:
the header `x-razorpay-event-id` does, the same on each delivery of an event. Order is not guaranteed, and
an event shows the entity as it is when sent: `payment.authorized` may already read captured.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from app.providers.errors import ProviderMalformed
from app.providers.fields import FieldError, Fields
from app.providers.money import (
    DisputeEvent,
    Event,
    MandateEvent,
    MandateRequestEvent,
    OtherEvent,
    Payment,
    PaymentEvent,
    PaymentLinkEvent,
    PayoutEvent,
    PennyDropEvent,
    RefundEvent,
    RefusedEvent,
)
from app.providers.razorpay.entities import (
    read_dispute,
    read_mandate,
    read_mandate_request,
    read_payment,
    read_payment_link,
    read_payout,
    read_penny_drop,
    read_refund,
)
from app.providers.rupees import Unbookable
from app.providers.wire import Answer

SIGNATURE_HEADER = "X-Razorpay-Signature"
EVENT_ID_HEADER = "x-razorpay-event-id"


def webhook_secrets(credentials: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets in force: one, or `new,old` after a rotation, as retries keep their old signature."""
    return tuple(secret.strip() for secret in credentials["webhook_secret"].split(",") if secret.strip())


def verify_signature(raw_body: bytes, signature: str | None, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes. Compares in constant time."""
    given = (signature or "").encode()
    expected = [hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest() for secret in secrets]
    return any(hmac.compare_digest(given, one.encode()) for one in expected)


def verify_return(signature: str | None, key_secret: str, *parts: str) -> bool:
    """Whether Razorpay signed what a browser brings back. The parts, in this order: order and payment (checkout),
    payment and subscription, or link, its reference, its status and payment (payment link)."""
    return verify_signature("|".join(parts).encode(), signature, [key_secret])


def parse_event(raw_body: bytes) -> Event:
    """What happened. Verify the signature first. Raises ProviderMalformed."""
    try:
        event = Answer(200, {}, raw_body).fields
        name = event.identifier("event")
        return READERS.get(name, _other)(name, event)
    except Unbookable as error:
        return RefusedEvent(name, error.code, str(error))
    except FieldError as error:
        raise ProviderMalformed("razorpay", "webhook", error.field, error.reason) from error


def _payment(name: str, event: Fields) -> PaymentEvent:
    return PaymentEvent(name, _occurred_at(event), read_payment(_entity(event, "payment")))


def _payment_link(name: str, event: Fields) -> PaymentLinkEvent:
    # payload.order is left alone: its id comes with and without `order_`.
    link = read_payment_link(_entity(event, "payment_link"))
    return PaymentLinkEvent(name, _occurred_at(event), link, _paid_by(event))


def _payout(name: str, event: Fields) -> PayoutEvent:
    return PayoutEvent(name, _occurred_at(event), read_payout(_entity(event, "payout")))


def _refund(name: str, event: Fields) -> RefundEvent:
    return RefundEvent(name, _occurred_at(event), read_refund(_entity(event, "refund")))


def _dispute(name: str, event: Fields) -> DisputeEvent:
    return DisputeEvent(name, _occurred_at(event), read_dispute(_entity(event, "dispute")))


def _mandate(name: str, event: Fields) -> MandateEvent:
    return MandateEvent(name, _occurred_at(event), read_mandate(_entity(event, "token")))


def _mandate_request(name: str, event: Fields) -> MandateRequestEvent:
    request = read_mandate_request(_entity(event, "invoice"))
    return MandateRequestEvent(name, _occurred_at(event), request, _paid_by(event))


def _penny_drop(name: str, event: Fields) -> PennyDropEvent:
    # the dot is part of the key
    return PennyDropEvent(
        name, _occurred_at(event), read_penny_drop(_entity(event, "fund_account.validation"))
    )


def _other(name: str, event: Fields) -> OtherEvent:
    return OtherEvent(name)


def _entity(event: Fields, name: str) -> Fields:
    return event.child("payload").child(name).child("entity")


def _paid_by(event: Fields) -> Payment | None:
    return read_payment(_entity(event, "payment")) if event.child("payload").has("payment") else None


def _occurred_at(event: Fields) -> datetime:
    """The published sample of refund.speed_changed has the instant inside of its payload."""
    return event.unix_time("created_at", None) or event.child("payload").unix_time("created_at")


READERS: Mapping[str, Callable[[str, Fields], Event]] = {
    **{f"payment.{what}": _payment for what in ("authorized", "captured", "failed")},
    **{f"payment_link.{what}": _payment_link for what in ("paid", "partially_paid", "expired", "cancelled")},
    **{f"refund.{what}": _refund for what in ("created", "processed", "failed", "speed_changed")},
    **{
        f"payment.dispute.{what}": _dispute
        for what in ("created", "action_required", "under_review", "won", "lost", "closed")
    },
    **{f"token.{what}": _mandate for what in ("confirmed", "rejected", "paused", "cancelled")},
    **{f"invoice.{what}": _mandate_request for what in ("paid", "expired")},
    **{f"fund_account.validation.{what}": _penny_drop for what in ("completed", "failed")},
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
