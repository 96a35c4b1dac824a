"""The one way to write a client of an external API.

A client is a subclass of ProviderClient with a table of its operations and one short method for
each. The base sends the request (timeouts, no redirects, a limit on the answer), retries what is
safe to repeat, keeps to the provider's rate and a circuit breaker, turns failures into the errors of
app/providers/errors.py and hands a masked record of every attempt to `record`.
docs/how-to-provider.md shows how; app/providers/msg91.py is the file to copy from.
"""

import logging
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, urlsplit

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
from app.providers.fields import FieldError
from app.providers.pace import PROCESS_PACES, Paces, Rate, SharedPaces
from app.providers.wire import Answer, CallRecord, Content, Operation, as_shown, encode

CONNECT_TIMEOUT_S = 3.05
ATTEMPTS_MAX = 3
BACKOFF_FIRST_S = 0.2
CHUNK_BYTES = 65_536
# In a provider's JSON this is a person; in our own logs it can be anything, so the mask leaves it alone.
PERSON_NAMES = frozenset({"name"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

T = TypeVar("T")
log = logging.getLogger(__name__)
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
        content: Content | None = None,
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
        content: Content | None,
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
            response_body=as_shown(answer, request.hide, request.operation.answer_is_document),
            is_billable=answer is not None and outcome in request.operation.billed_on,
            units=request.units,
        )
        try:
            self._record(call)
        except Exception:
            # The call is made and its answer matters more than our note of it.
            log.exception("call of %s.%s not recorded", self.provider, request.operation.name)


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
