"""What goes over the wire: a provider's operations, the bodies sent, the answers, and the records of calls."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import urllib3

from app.core import json_text
from app.core.masking import mask, mask_text
from app.providers.fields import FieldError, Fields

# A longer answer is a document: it belongs in storage, and the record only says how long it was.
SHOWN_BYTES_MAX = 20_000
MARKED_NUMBER = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')
OUTCOMES = (
    "ok",
    "rejected",
    "unavailable",
    "circuit_open",
    "rate_limited",
    "malformed",
    "unauthorised",
    "error",
)


@dataclass(frozen=True)
class Operation:
    """One call that a provider offers.

    path may hold {placeholders}; it is empty where each call brings the URL that the provider gave
    (a download link). idempotent means that repeating the call does no harm, so a failed one is
    tried again: reading yes; sending money, a message or an enquiry never.
    timeout_s bounds the whole answer, not only the silence between two packets. answer_is_document: what comes
    back belongs in storage, and the record of the call only says how long it was. idempotency_header: where the
    provider knows one, each call must bring its key. billed_on: the outcomes that the provider charges for.
    """

    name: str
    method: str
    path: str
    idempotent: bool
    timeout_s: float = 15.0
    answer_bytes_max: int = 5_000_000
    answer_is_document: bool = False
    idempotency_header: str = ""
    billed_on: frozenset[str] = frozenset({"ok"})


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers and the body as it was on the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def data(self) -> Any:
        """The body as JSON, fractions as Decimal. Raises FieldError when it is not JSON."""
        if not self.body:
            raise FieldError("body", "empty")
        try:
            return json.loads(self.body, parse_float=json_text.fraction, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise FieldError("body", f"not JSON ({len(self.body)} bytes)") from error

    @property
    def fields(self) -> Fields:
        return Fields(self.data)


@dataclass(frozen=True)
class CallRecord:
    """One attempt at a call, with nothing in it that identifies a person.

    status is None when there was no answer; attempt counts from 1; outcome is one of OUTCOMES. Bodies are
    masked. is_billable says whether the provider charges for it, by what we know of its contract, and units how often
    its price: a request for many messages is paid for each.
    """

    brand_id: str
    provider: str
    operation: str
    path: str
    status: int | None
    duration_ms: int
    attempt: int
    outcome: str
    request_body: Any
    response_body: Any
    is_billable: bool = False
    units: int = 1


@dataclass(frozen=True)
class Content:
    """A body that is no JSON, and what the call record shows of it."""

    body: bytes = field(repr=False)
    content_type: str
    shown: Any


def multipart(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> Content:
    """A form with files: {field: text} and {field: (file name, bytes)}. The record shows names and lengths."""
    body, content_type = urllib3.filepost.encode_multipart_formdata({**fields, **files})
    shown = {name: f"<{len(data)} bytes>" for name, (_, data) in files.items()}
    return Content(body, content_type, shown | dict.fromkeys(fields, "<form>"))


def urlencoded(fields: Mapping[str, str], hide: Collection[str] = ()) -> Content:
    """A form without files; hide as in `call`."""
    return Content(urlencode(fields).encode(), "application/x-www-form-urlencoded", mask(dict(fields), hide))


def operations(*table: Operation) -> dict[str, Operation]:
    """A client's operations by name."""
    return {operation.name: operation for operation in table}


def encode(data: Any) -> bytes:
    """JSON as it goes over the wire: compact UTF-8. A Decimal is a number, digit for digit; a float is a bug."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_marked)
    return MARKED_NUMBER.sub(r"\1", text).encode()


def _marked(value: Any) -> str:
    """A Decimal between marks that no text of ours can hold, as json knows no exact fraction."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{value!r} is not JSON")
    return f"\0{value:f}\0"


def as_shown(answer: Answer | None, hide: Collection[str], is_document: bool) -> Any:
    """What the record of a call shows of its answer."""
    if answer is None or not answer.body:
        return None
    is_document = is_document or len(answer.body) > SHOWN_BYTES_MAX
    # a document belongs in storage, and bytes that are no text cannot be masked
    if is_document or b"\0" in answer.body or answer.body.startswith(b"%PDF-"):
        return f"<{len(answer.body)} bytes>"
    try:
        return mask(answer.data, hide)
    except (FieldError, RecursionError):
        return mask_text(answer.body.decode("utf-8", "replace"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
