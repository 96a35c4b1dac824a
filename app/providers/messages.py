"""What the providers of messages share: what is sent, what they answer, and how they tell later what became of it.

`send_sms`, `send_template` and `send_mail` are the same whoever the provider is, so whoever sends needs to know only
the channel. Each of these modules also has `read_receipts(raw_body)`, which gives Receipts.
"""

import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qs

from app.providers.base import ProviderClient
from app.providers.fields import FieldError, Fields

INDIA = "91"
Status = Literal["SENT", "DELIVERED", "READ", "FAILED", "BOUNCED"]


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; whether it arrives is told later under this id. Empty where it gave none."""

    message_id: str


@dataclass(frozen=True)
class Receipt:
    """What became of one message to one person.

    message_id is the id of the send's answer, empty where the provider does not repeat it; to is ten digits or a
    mail address; code and reason are the provider's, where it failed. Receipts come more than once and in any order.
    """

    message_id: str
    status: Status
    to: str
    at: datetime | None
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Wish:
    """A customer told a provider that they want no more on a channel (`is_stop`), or do again. `of`: ten digits or a
    mail address."""

    channel: Literal["SMS", "WHATSAPP", "EMAIL"]
    of: str
    is_stop: bool = True


@dataclass(frozen=True)
class Written:
    """What somebody wrote to us. `sender`: ten digits."""

    channel: Literal["SMS", "WHATSAPP"]
    sender: str
    text: str


# what people write, in capitals
WORDS: Mapping[str, bool] = {
    "STOP": True,
    "STOP ALL": True,
    "UNSUBSCRIBE": True,
    "START": False,
    "UNSTOP": False,
}


def stops(written: Written) -> bool | None:
    """Whether it says STOP (True) or START (False); None if it says neither.

    A number that many rent tells them apart by the first word of an SMS.
    """
    said = " ".join(written.text.upper().split()).strip(".!")
    if said not in WORDS and written.channel == "SMS":
        said = said.partition(" ")[2]
    return WORDS.get(said)


class SmsClient(ProviderClient, ABC):
    @abstractmethod
    def send_sms(
        self, *, to: str, template_id: str, variables: Mapping[str, str], text: str, sender: str = ""
    ) -> Accepted:
        """Send a registered (DLT) template to a ten-digit Indian mobile; text is the template filled with the
        variables, sender the header that it is registered for (the account's, where none is said). Raises
        ProviderError."""


class WhatsAppClient(ProviderClient, ABC):
    @abstractmethod
    def send_template(self, *, to: str, name: str, template_id: str, parameters: Sequence[str]) -> Accepted:
        """Send an approved template, filled with its parameters in their order, to a ten-digit Indian mobile.
        Raises ProviderError."""


def ten_digits(number: str) -> str:
    """A mobile as we keep it, whatever comes before it."""
    return "".join(character for character in number if character.isdigit())[-10:]


def instant(seconds: object) -> datetime | None:
    """Unix seconds, as a number or as text."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_secret(given: str | None, credentials: Mapping[str, str]) -> bool:
    """Whether a webhook that nobody signs shows the secret that was put into its URL or header."""
    return hmac.compare_digest((given or "").encode(), credentials["webhook_secret"].encode())


def read_json(text: str | bytes) -> Any:
    """Raises FieldError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FieldError("body", "not JSON") from None


def form_field(raw_body: bytes, name: str) -> str | None:
    """One field of an urlencoded form."""
    return parse_qs(raw_body.decode("utf-8", "replace")).get(name, [None])[0]


def each(items: Any, read: Callable[[Fields], Receipt | None]) -> list[Receipt]:
    """The receipts in a list of objects; what is none (an opened link, say) gives None and is left out."""
    if not isinstance(items, list):
        raise FieldError("body", f"expected a list, got {type(items).__name__}")
    found = (read(Fields(item, f"[{number}]")) for number, item in enumerate(items))
    return [receipt for receipt in found if receipt]
