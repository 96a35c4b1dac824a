"""What Cashfree tells us on its own: is it Cashfree, just now, and what happened.

The signature (header `x-webhook-signature`) is base64 of HMAC-SHA256 under the client secret of the product, over
the header `x-webhook-timestamp` and the raw bytes of the body, one after the other. Payouts version 1 signs a form
instead, in a field of its own. The body names no event id, so the same bytes are the same event.

A link's payment is told by PAYMENT_LINK_EVENT, which calls it by another id than the payment has, and again by
PAYMENT_SUCCESS_WEBHOOK: the first becomes a hint to look, the second is let be.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from app.providers.cashfree.entities import (
    instant,
    read_debit,
    read_dispute,
    read_mandate,
    read_payment,
    read_payment_link,
    read_payout,
    read_penny_drop,
    read_refund,
)
from app.providers.errors import ProviderMalformed
from app.providers.fields import FieldError, Fields
from app.providers.money import (
    DisputeEvent,
    Event,
    MandateEvent,
    OtherEvent,
    PaymentEvent,
    PaymentLinkEvent,
    PaymentLinkHint,
    PayoutEvent,
    PayoutHint,
    PennyDropEvent,
    RefundEvent,
    RefusedEvent,
)
from app.providers.rupees import Unbookable
from app.providers.wire import Answer

SIGNATURE_HEADER = "x-webhook-signature"
TIMESTAMP_HEADER = "x-webhook-timestamp"
# Retries go on for 42 minutes, and may keep the timestamp of the first try.
REPLAY_WINDOW = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
# The order of a payment link, which Cashfree makes itself.
LINK_ORDER = "CFPay_"


def verify_signature(raw_body: bytes, timestamp: str | None, signature: str | None, secret: str) -> bool:
    """Whether the secret signed exactly this timestamp and these bytes. Compares in constant time."""
    if not secret:
        return False
    signed = (timestamp or "").encode() + raw_body
    return _is_signed(signed, signature, secret)


def verify_form(raw_body: bytes, secret: str) -> bool:
    """Payouts version 1: the fields of a form but `signature`, sorted by name, their values one after another."""
    form = dict(parse_qsl(raw_body.decode("utf-8", "replace"), keep_blank_values=True))
    signature = form.pop("signature", None)
    signed = "".join(form[name] for name in sorted(form)).encode()
    return bool(secret and form) and _is_signed(signed, signature, secret)


def is_recent(timestamp: str | None, now: datetime) -> bool:
    """Whether a timestamp (Unix milliseconds) lies in the window in which a delivery can still be honest."""
    if not timestamp or not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 13:
        return False
    sent_at = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
    return -CLOCK_SKEW <= now - sent_at <= REPLAY_WINDOW


def parse_event(raw_body: bytes) -> Event:
    """What happened. Verify the signature first. Raises ProviderMalformed."""
    try:
        if raw_body[:1] != b"{":
            return _form(dict(parse_qsl(raw_body.decode("utf-8", "replace"))))
        event = Answer(200, {}, raw_body).fields
        name = event.identifier("type", None) or event.identifier("event_type")
        return READERS.get(name, _other)(name, event)
    except Unbookable as error:
        return RefusedEvent(name, error.code, str(error))
    except FieldError as error:
        raise ProviderMalformed("cashfree", "webhook", error.field, error.reason) from error


def _is_signed(signed: bytes, signature: str | None, secret: str) -> bool:
    expected = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256))
    return hmac.compare_digest((signature or "").encode(), expected)


def _payment(name: str, event: Fields) -> Event:
    data = event.child("data")
    order = data.child("order")
    order_id = order.identifier("order_id")
    tags = order.child("order_tags", Fields({})).data
    if order_id.startswith(LINK_ORDER) or "cf_link_id" in tags:
        return OtherEvent(name)
    notes = {"order": order_id, **{key: str(value) for key, value in tags.items()}}
    return PaymentEvent(name, _occurred_at(event), read_payment(data.child("payment"), order_id, notes))


def _payment_link(name: str, event: Fields) -> Event:
    data = event.child("data")
    link = read_payment_link(data)
    order = data.child("order", None)
    if order is None:
        return PaymentLinkEvent(name, _occurred_at(event), link, None)
    return PaymentLinkHint(name, link.id, order.identifier("order_id"))


def _refund(name: str, event: Fields) -> RefundEvent:
    # what Cashfree gives back by itself, as of a payment on an order that was paid, has a name of its own
    data = event.child("data")
    refund = data.child("auto_refund", None) or data.child("refund")
    return RefundEvent(name, _occurred_at(event), read_refund(refund))


def _dispute(name: str, event: Fields) -> DisputeEvent:
    return DisputeEvent(name, _occurred_at(event), read_dispute(event.child("data")))


def _payout(name: str, event: Fields) -> PayoutEvent:
    at = _occurred_at(event)
    return PayoutEvent(name, at, read_payout(event.child("data"), at))


def _mandate(name: str, event: Fields) -> MandateEvent:
    return MandateEvent(name, _occurred_at(event), read_mandate(event.child("data")))


def _debit(name: str, event: Fields) -> PaymentEvent:
    return PaymentEvent(name, _occurred_at(event), read_debit(event.child("data")))


def _penny_drop(name: str, event: Fields) -> PennyDropEvent:
    return PennyDropEvent(name, _occurred_at(event), read_penny_drop(event.child("data")))


def _other(name: str, event: Fields) -> OtherEvent:
    return OtherEvent(name)


def _form(form: Mapping[str, str]) -> Event:
    """Payouts version 1 tells too little (no amount) to act on."""
    fields = Fields(form)
    name = fields.identifier("event")
    if "transferId" not in form:
        return OtherEvent(name)
    return PayoutHint(name, fields.identifier("transferId").replace("_", "-"))


def _occurred_at(event: Fields) -> datetime:
    try:
        return instant(event.text("event_time"))
    except ValueError:
        raise event.error("event_time", "expected an ISO date-time") from None


READERS: Mapping[str, Callable[[str, Fields], Event]] = {
    **{f"PAYMENT_{what}_WEBHOOK": _payment for what in ("SUCCESS", "FAILED", "USER_DROPPED")},
    "PAYMENT_LINK_EVENT": _payment_link,
    **dict.fromkeys(("REFUND_STATUS_WEBHOOK", "AUTO_REFUND_STATUS_WEBHOOK"), _refund),
    **{f"DISPUTE_{what}": _dispute for what in ("CREATED", "UPDATED", "CLOSED")},
    **{f"TRANSFER_{what}": _payout for what in ("ACKNOWLEDGED", "SUCCESS", "FAILED", "REVERSED", "REJECTED")},
    # the page of version 2023-08-01 spells it without its last letter
    **{f"SUBSCRIPTION_STATUS_{what}": _mandate for what in ("CHANGED", "CHANGE")},
    **{f"SUBSCRIPTION_PAYMENT_{what}": _debit for what in ("SUCCESS", "FAILED", "CANCELLED")},
    **{f"BANK_ACCOUNT_VERIFICATION_{what}": _penny_drop for what in ("SUCCESS", "FAILED", "REJECTED")},
}
