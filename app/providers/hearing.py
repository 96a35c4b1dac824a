"""Who may call one of our webhooks, how each proves that it is they, and how what they say is read.

One address serves every provider of a capability, so that a brand that changes its gateway still hears of what was
begun with the former one. The sender is told by the header that carries its proof.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.providers import cashfree, razorpay, signdesk, signzy
from app.providers.base import PERSON_NAMES
from app.providers.errors import ProviderMalformed
from app.providers.money import Event, RefusedEvent
from app.providers.rupees import MALFORMED
from app.providers.wire import Answer, as_shown

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Sender:
    """A provider, by the header that only it sends; is_genuine(raw body, headers, credentials, now)."""

    provider: str
    header: str
    is_genuine: Callable[[bytes, Texts, Texts, datetime], bool]
    id_header: str = ""

    def event_id(self, raw_body: bytes, headers: Texts) -> str:
        """The provider's own, or else the same bytes are the same event."""
        return headers.get(self.id_header) or hashlib.sha256(raw_body).hexdigest()


def _razorpay(raw_body: bytes, headers: Texts, credentials: Texts, now: datetime) -> bool:
    secrets = razorpay.webhook_secrets(credentials)
    return razorpay.verify_signature(raw_body, headers.get(razorpay.SIGNATURE_HEADER), secrets)


def _cashfree(secret: str) -> Callable[[bytes, Texts, Texts, datetime], bool]:
    """Under the client secret of a product, and within the window."""

    def is_genuine(raw_body: bytes, headers: Texts, credentials: Texts, now: datetime) -> bool:
        timestamp, signature = headers.get(cashfree.TIMESTAMP_HEADER), headers.get(cashfree.SIGNATURE_HEADER)
        return cashfree.is_recent(timestamp, now) and cashfree.verify_signature(
            raw_body, timestamp, signature, credentials[secret]
        )

    return is_genuine


_RAZORPAY = Sender("razorpay", razorpay.SIGNATURE_HEADER, _razorpay, razorpay.EVENT_ID_HEADER)

PAYMENTS = (_RAZORPAY, Sender("cashfree", cashfree.SIGNATURE_HEADER, _cashfree("client_secret")))
PAYOUTS = (
    _RAZORPAY,
    Sender("cashfree", cashfree.SIGNATURE_HEADER, _cashfree("payout_client_secret")),
    # version 1 of Payouts proves itself in a field of its form
    Sender(
        "cashfree",
        "",
        lambda raw_body, headers, credentials, now: cashfree.verify_form(
            raw_body, credentials["payout_client_secret"]
        ),
    ),
)
ESIGN = (
    Sender(
        "signdesk",
        signdesk.SECRET_HEADER,
        lambda raw_body, headers, credentials, now: signdesk.verify_callback(headers, credentials),
    ),
    Sender(
        "signzy",
        "Authorization",
        lambda raw_body, headers, credentials, now: signzy.verify_callback(headers, credentials),
    ),
)

_MONEY = {"razorpay": razorpay.parse_event, "cashfree": cashfree.parse_event}
GATEWAYS = tuple(_MONEY)
# what stands for the name of an event that cannot be read
_UNREAD = "unread"
_MONEY_HIDDEN = {"razorpay": razorpay.HIDDEN, "cashfree": cashfree.HIDDEN}
_ENVELOPES = {"signzy": signzy.parse_callback, "signdesk": signdesk.parse_callback}


def money_event(provider: str, raw_body: bytes) -> Event:
    """What a gateway says happened; a RefusedEvent where it cannot be read, however often it is tried."""
    try:
        return _MONEY[provider](raw_body)
    except ProviderMalformed as error:
        return RefusedEvent(_UNREAD, MALFORMED, f"{error.field}: {error.reason}")


def shown(provider: str, body: str) -> Any:
    """An event of a gateway as staff may see it; None where its body is erased."""
    hidden = PERSON_NAMES.union(_MONEY_HIDDEN[provider])
    return as_shown(Answer(200, {}, body.encode()), hidden, is_document=False)


def envelope_id(provider: str, raw_body: bytes) -> str:
    """The agreement that something happened to. Raises ProviderMalformed."""
    return _ENVELOPES[provider](raw_body)
