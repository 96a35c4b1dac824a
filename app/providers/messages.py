"""What the providers of messages share: what is sent, what they answer, and how they tell later what became of it.

A letter is one message to one person. `send_many` is the same whoever the provider is: what it takes in one request
goes in one, the rest side by side. Each of these modules also has `read_receipts(raw_body)`, which gives Receipts.
"""

import hmac
import json
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Generic, Literal, TypeVar
from urllib.parse import parse_qs

from app.providers.base import ProviderClient
from app.providers.errors import NotCalled, ProviderError, ProviderRejected
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

    message_id is the id of the send's answer, which all letters of one request share, empty where the provider does not
    repeat it; to is ten digits or a mail address; reference is our own, where the provider repeats it; code and reason
    are the provider's, where it failed. Receipts come more than once and in any order.
    """

    message_id: str
    status: Status
    to: str
    at: datetime | None
    code: str = ""
    reason: str = ""
    reference: str = ""


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


@dataclass(frozen=True)
class Sms:
    """A registered (DLT) template for a ten-digit Indian mobile. `text` is the template filled with the variables,
    `sender` the header that it is registered for (the account's, where none is said)."""

    to: str = field(repr=False)
    template_id: str
    variables: Mapping[str, str] = field(repr=False)
    text: str = field(default="", repr=False)
    sender: str = ""

    @property
    def alike(self) -> Hashable:
        """Letters of which this is the same can go in one request; None for one that goes alone."""
        return self.template_id, self.sender


@dataclass(frozen=True)
class WhatsApp:
    """An approved template, filled with its parameters in their order, for a ten-digit Indian mobile."""

    to: str = field(repr=False)
    name: str = field(repr=False)
    template_id: str
    parameters: Sequence[str] = field(repr=False)

    @property
    def alike(self) -> Hashable:
        return self.template_id


Letter = TypeVar("Letter")
T = TypeVar("T")
# a request for each letter goes out side by side with so many others
SIDE_BY_SIDE = 4


class MessageClient(ProviderClient, ABC, Generic[Letter]):
    """`together_max`: how many letters that are alike one request takes."""

    together_max: ClassVar[int] = 1

    @abstractmethod
    def send(self, letters: Sequence[Letter]) -> Accepted:
        """One request with all of these letters: alike, to different people, at most `together_max`. Raises
        ProviderError, which is about each of them."""

    def send_many(self, letters: Sequence[Letter], *, within_s: float) -> list[Accepted | ProviderError]:
        """What came of each letter, by its place. No new request is made after `within_s` seconds: NotCalled."""
        told: dict[int, Accepted | ProviderError] = {}
        post = partial(self._post, letters, time.monotonic() + within_s)
        requests = list(_requests(letters, self.together_max))
        with ThreadPoolExecutor(max(1, min(SIDE_BY_SIDE, len(requests)))) as side_by_side:
            for answers in side_by_side.map(post, requests):
                told |= answers
        return [told[place] for place in range(len(letters))]

    def _post(
        self, letters: Sequence[Letter], until: float, places: Sequence[int]
    ) -> dict[int, Accepted | ProviderError]:
        """One request. Where it is refused, so that surely nothing was sent, its halves are tried, down to who it is
        about."""
        if time.monotonic() > until:
            return dict.fromkeys(places, NotCalled(self.provider, "send", "there was no time left"))
        try:
            return dict.fromkeys(places, self.send([letters[place] for place in places]))
        except ProviderRejected as refusal:
            if len(places) == 1:
                return {places[0]: refusal}
            middle = len(places) // 2
            first, last = (self._post(letters, until, half) for half in (places[:middle], places[middle:]))
            return first | last
        except ProviderError as error:
            return dict.fromkeys(places, error)


def _requests(letters: Sequence[Any], together_max: int) -> Iterator[list[int]]:
    """The places of letters that go in one request: alike, and nobody twice in it, as receipts name the number."""
    seen: dict[Hashable, int] = defaultdict(int)
    together: dict[Hashable, list[int]] = defaultdict(list)
    for place, letter in enumerate(letters):
        seen[letter.alike, letter.to] += 1
        key = place if letter.alike is None else (letter.alike, seen[letter.alike, letter.to])
        together[key].append(place)
    for places in together.values():
        for start in range(0, len(places), together_max):
            yield places[start : start + together_max]


class SmsClient(MessageClient[Sms], ABC):
    def send_sms(self, **letter: Any) -> Accepted:
        """One letter, said as Sms is. Raises ProviderError."""
        return self.send([Sms(**letter)])


class WhatsAppClient(MessageClient[WhatsApp], ABC):
    def send_template(self, **letter: Any) -> Accepted:
        """One letter, said as WhatsApp is. Raises ProviderError."""
        return self.send([WhatsApp(**letter)])


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


def each(items: Any, read: Callable[[Fields], T | None]) -> list[T]:
    """The receipts or wishes in a list of objects; what is none (an opened link, say) gives None and is left out."""
    if not isinstance(items, list):
        raise FieldError("body", f"expected a list, got {type(items).__name__}")
    found = (read(Fields(item, f"[{number}]")) for number, item in enumerate(items))
    return [receipt for receipt in found if receipt]
