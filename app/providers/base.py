"""The one way to write a client of an external API.

A client is a subclass of ProviderClient with a table of its operations and one short method for
each. The base sends the request (timeouts, no redirects, a limit on the answer), retries what is
safe to repeat, keeps to the provider's rate and a circuit breaker, turns failures into the errors of
app/providers/errors.py and hands a masked record of every attempt to `record`.
docs/how-to-provider.md shows how; app/providers/msg91.py is the file to copy from.
"""

import json
import logging
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import requests
import urllib3

from app.config.providers import ProviderSettings
from app.core.masking import mask, mask_text
from app.providers.breaker import PROCESS_BREAKERS, Breakers, SharedBreakers
from app.providers.errors import (
    NotCalled,
    ProviderError,
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
    RateLimited,
)
from app.providers.fields import FieldError, Fields
from app.providers.pace import PROCESS_PACES, Paces, Rate, SharedPaces

CONNECT_TIMEOUT_S = 3.05
ATTEMPTS_MAX = 3
BACKOFF_FIRST_S = 0.2
CHUNK_BYTES = 65_536
# A longer answer is a document: it belongs in storage, and the record only says how long it was.
SHOWN_BYTES_MAX = 20_000
# In a provider's JSON this is a person; in our own logs it can be anything, so the mask leaves it alone.
PERSON_NAMES = frozenset({"name"})
MARKED_NUMBER = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
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

T = TypeVar("T")
log = logging.getLogger(__name__)


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
            return json.loads(self.body, parse_float=Decimal, parse_constant=_refuse_constant)
        except ValueError as error:
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


Record = Callable[[CallRecord], None]


@dataclass(frozen=True)
class _Request:
    """A call made concrete: every attempt sends exactly this."""

    operation: Operation
    url: str
    path: str
    params: Mapping[str, str] | None
    body: bytes | None
    headers: Mapping[str, str]
    hide: Collection[str]
    shown: Any
    units: int = 1


class ProviderClient:
    """Base of all clients. Subclasses set `provider` and `operations` (and `rate`, where the provider has one
    of its own; `reason_names`, where its answers say why not) and override `headers`, and `reason` or `check` where
    the provider says no in its own way."""

    provider: ClassVar[str]
    operations: ClassVar[Mapping[str, Operation]]
    rate: ClassVar[Rate] = Rate(50)
    reason_names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        settings: ProviderSettings,
        brand_id: str,
        *,
        record: Record = lambda call: None,
        session: requests.Session | None = None,
        breakers: Breakers | SharedBreakers = PROCESS_BREAKERS,
        paces: Paces | SharedPaces = PROCESS_PACES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.brand_id = brand_id
        self._record = record
        self._session = session or _new_session(settings.base_url)
        self._breaker = breakers.of(self.provider, brand_id)
        self._paces = paces
        self._rate = Rate.read(settings.rate) if settings.rate else self.rate
        self._clock = clock
        self._sleep = sleep

    # What a subclass may override.

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        """Credentials and whatever else goes with each call; body is what will be on the wire."""
        return {}

    def base_url(self, operation: Operation) -> str:
        return self.settings.base_url

    def reason(self, answer: Answer) -> str:
        """The provider's own words for a refusal: the first of `reason_names` that holds any."""
        try:
            said = (answer.fields.text(name, "") for name in self.reason_names)
            return next(filter(None, said), f"HTTP {answer.status}")
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        """Raise when the answer is not a success. The default goes by the HTTP status alone."""
        if 200 <= answer.status < 300:
            return
        if answer.status in (401, 403):
            raise ProviderUnauthorised(self.provider, operation.name, mask_text(self.reason(answer)))
        if answer.status == 429:
            raise self.unavailable(operation, self.reason(answer), may_have_happened=False)
        if answer.status >= 500:
            raise self.unavailable(operation, self.reason(answer), was_answered=True)
        if answer.status >= 400:
            raise self.rejected(operation, str(answer.status), self.reason(answer))
        raise ProviderMalformed(
            self.provider, operation.name, "status", f"HTTP {answer.status} is no answer of this API"
        )

    # What a subclass calls.

    def call(
        self,
        name: str,
        parse: Callable[[Answer], T],
        *,
        json: Any = None,
        text: str | None = None,
        params: Mapping[str, str] | None = None,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
        hide: Collection[str] = (),
        content: "Content | None" = None,
        idempotency_key: str | None = None,
        units: int = 1,
    ) -> T:
        """Make one call of the table and return `parse(answer)`.

        json is the body (a Decimal goes out as a number), or text where the API takes plain
        text, or content for any other body; path fills the placeholders, url replaces base URL and path (a download
        link that the provider gave), hide names keys whose values the call record must not show. idempotency_key
        belongs to an operation with an idempotency_header, and stays the same for each try of one intent. units: how
        often its price the call costs. Raises ProviderError.
        """
        headers = dict(headers or {}) | self._idempotency(name, idempotency_key)
        request = self._request(
            name, json if text is None else text, params, path, headers, url, hide, content
        )
        request = replace(request, units=units)
        if text is not None:
            plain = {**request.headers, "Content-Type": "text/plain"}
            request = replace(request, body=text.encode(), headers=plain)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return self._attempt(request, parse, attempt)
            except NotCalled:
                raise
            except ProviderUnavailable:
                if not request.operation.idempotent or attempt == ATTEMPTS_MAX:
                    raise
            self._sleep(backoff_s(attempt))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def rejected(self, operation: Operation, code: str, reason: str) -> ProviderRejected:
        return ProviderRejected(self.provider, operation.name, code, mask_text(reason))

    def unavailable(
        self,
        operation: Operation,
        message: str,
        *,
        may_have_happened: bool = True,
        was_answered: bool = False,
    ) -> ProviderUnavailable:
        return ProviderUnavailable(
            self.provider,
            operation.name,
            mask_text(message),
            may_have_happened=may_have_happened,
            was_answered=was_answered,
        )

    # How it is done.

    def _idempotency(self, name: str, key: str | None) -> dict[str, str]:
        header = self.operations[name].idempotency_header
        if bool(header) != bool(key):
            raise ValueError(f"{self.provider}.{name} {'needs an' if header else 'knows no'} idempotency key")
        return {header: key} if key else {}

    def _request(
        self,
        name: str,
        data: Any,
        params: Mapping[str, str] | None,
        path: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        url: str | None,
        hide: Collection[str],
        content: "Content | None",
    ) -> _Request:
        operation = self.operations[name]
        filled = operation.path.format_map({k: quote(v, safe="") for k, v in (path or {}).items()})
        target = url or self.base_url(operation).rstrip("/") + filled
        body = content.body if content else None if data is None else encode(data)
        sent = {"Accept": "application/json"} | self.headers(operation, body) | dict(headers or {})
        if body is not None:
            sent.setdefault("Content-Type", content.content_type if content else "application/json")
        hide = PERSON_NAMES.union(hide)
        shown = content.shown if content else mask(data if data is not None else dict(params or {}), hide)
        shown_path = mask_text(urlsplit(target).path)
        return _Request(operation, target, shown_path, params, body, sent, hide, shown)

    def _attempt(self, request: _Request, parse: Callable[[Answer], T], attempt: int) -> T:
        operation = request.operation
        answer: Answer | None = None
        outcome = ProviderError.outcome
        started = self._clock()
        try:
            with self._breaker.guard(self.provider, operation.name), self._naming_fields(operation):
                self._keep_pace(operation)
                started = self._clock()
                answer = self._send(request)
                self.check(operation, answer)
                result = parse(answer)
            outcome = "ok"
            return result
        except ProviderError as error:
            outcome = error.outcome
            raise
        finally:
            duration_ms = round((self._clock() - started) * 1000)
            self._tell(request, answer, duration_ms, attempt, outcome)

    def _keep_pace(self, operation: Operation) -> None:
        """Wait for our turn. Raises RateLimited where that would take too long."""
        wait_s = self._paces.take(f"{self.provider}:{self.brand_id}", self._rate)
        if wait_s is None:
            rate = self._rate
            message = f"{rate.calls} calls in {rate.per_s:g} s are allowed, and more than that are waiting"
            raise RateLimited(self.provider, operation.name, message)
        if wait_s:
            self._sleep(wait_s)

    @contextmanager
    def _naming_fields(self, operation: Operation) -> Iterator[None]:
        """Turns the FieldError of a parse into ProviderMalformed, which says who answered."""
        try:
            yield
        except FieldError as error:
            raise ProviderMalformed(self.provider, operation.name, error.field, error.reason) from error

    def _send(self, request: _Request) -> Answer:
        operation = request.operation
        deadline = self._clock() + operation.timeout_s
        try:
            with self._session.request(
                operation.method,
                request.url,
                params=request.params,
                data=request.body,
                headers=request.headers,
                timeout=(min(CONNECT_TIMEOUT_S, operation.timeout_s), operation.timeout_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._read(response, operation, deadline)
                return Answer(response.status_code, response.headers, body)
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            message = f"no answer in {operation.timeout_s:g} s"
            raise self.unavailable(operation, message, may_have_happened=_was_connected(error)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            message = f"connection failed ({type(error).__name__})"
            raise self.unavailable(operation, message, may_have_happened=_was_connected(error)) from error

    def _read(self, response: requests.Response, operation: Operation, deadline: float) -> bytes:
        """The whole body, within the operation's limits of size and time."""
        parts: list[bytes] = []
        left = operation.answer_bytes_max
        # read1 returns what has arrived, so a sender that drips cannot hold us past the deadline.
        while part := response.raw.read1(CHUNK_BYTES, decode_content=True):
            left -= len(part)
            if left < 0:
                raise FieldError("body", f"longer than {operation.answer_bytes_max} bytes")
            if self._clock() > deadline:
                raise self.unavailable(operation, f"answer not complete in {operation.timeout_s:g} s")
            parts.append(part)
        return b"".join(parts)

    def _tell(
        self, request: _Request, answer: Answer | None, duration_ms: int, attempt: int, outcome: str
    ) -> None:
        call = CallRecord(
            brand_id=self.brand_id,
            provider=self.provider,
            operation=request.operation.name,
            path=request.path,
            status=answer.status if answer else None,
            duration_ms=duration_ms,
            attempt=attempt,
            outcome=outcome,
            request_body=request.shown,
            response_body=_shown(answer, request.hide, request.operation.answer_is_document),
            is_billable=answer is not None and outcome in request.operation.billed_on,
            units=request.units,
        )
        try:
            self._record(call)
        except Exception:
            # The call is made and its answer matters more than our note of it.
            log.exception("call of %s.%s not recorded", self.provider, request.operation.name)


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


def backoff_s(attempt: int) -> float:
    """Seconds to wait after the given failed attempt: doubling, with full jitter."""
    return random.uniform(0.5, 1.0) * BACKOFF_FIRST_S * 2 ** (attempt - 1)


def _new_session(base_url: str) -> requests.Session:
    session = requests.Session()
    # A proxy of the environment is for the outside world, never for a sandbox on this machine.
    session.trust_env = urlsplit(base_url).hostname not in LOOPBACK
    return session


def _was_connected(error: Exception) -> bool:
    """False when the failure came before a connection stood, so that nothing can have been sent."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(
        cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
    )


def _shown(answer: Answer | None, hide: Collection[str], is_document: bool) -> Any:
    if answer is None or not answer.body:
        return None
    is_document = is_document or len(answer.body) > SHOWN_BYTES_MAX
    # a document belongs in storage, and bytes that are no text cannot be masked
    if is_document or b"\0" in answer.body or answer.body.startswith(b"%PDF-"):
        return f"<{len(answer.body)} bytes>"
    try:
        return mask(answer.data, hide)
    except FieldError:
        return mask_text(answer.body.decode("utf-8", "replace"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
