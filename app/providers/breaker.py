"""Circuit breaker: after repeated failures, leave a provider alone for a while.

One breaker per (provider, brand), because credentials and limits are per brand. `Breakers` keeps them in this
process; `SharedBreakers` in Redis, so that what one process learns spares the others, and falls back on its own
process while Redis does not answer.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import redis

from app.providers.errors import CircuitOpen, NotCalled, ProviderError, ProviderUnavailable

FAILURES_MAX = 5
OPEN_FOR_S = 30.0
# A process that dies with the probe in its hands must not keep the circuit open for ever.
PROBE_S_MAX = 120.0
FORGOTTEN_AFTER_S = 3600.0

Admission = Literal["closed", "open", "probe"]
State = Literal["CLOSED", "OPEN", "HALF_OPEN"]


@dataclass(frozen=True)
class BreakerState:
    """OPEN: calls are refused for open_for_s more seconds. HALF_OPEN: the next call is the probe."""

    state: State
    failures: int
    open_for_s: float


class Breaker(ABC):
    """Closed until FAILURES_MAX failures in a row, then open for OPEN_FOR_S, then one probe."""

    @contextmanager
    def guard(self, provider: str, operation: str) -> Iterator[None]:
        """Let one call through, or raise CircuitOpen; learn from how the call ends."""
        admission = self.admit()
        if admission == "open":
            raise CircuitOpen(provider, operation, "too many failures in a row, not called")
        is_settled = False
        try:
            yield
        except NotCalled:
            raise
        except ProviderUnavailable:
            self.failed()
            is_settled = True
            raise
        except ProviderError:
            self.answered()
            is_settled = True
            raise
        else:
            self.answered()
            is_settled = True
        finally:
            if admission == "probe" and not is_settled:
                self.release_probe()

    @abstractmethod
    def admit(self) -> Admission:
        """Whether a call may go, and whether it is the one probe of a half-open circuit."""

    @abstractmethod
    def failed(self) -> None:
        """A call ended without an answer."""

    @abstractmethod
    def answered(self) -> None:
        """A call was answered, be it with a refusal."""

    @abstractmethod
    def release_probe(self) -> None:
        """The probe ended without telling anything."""

    @abstractmethod
    def state(self) -> BreakerState:
        """How it stands now."""


class LocalBreaker(Breaker):
    """In the memory of this process; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def admit(self) -> Admission:
        with self._lock:
            if self._opened_at is None:
                return "closed"
            if self._probing or self._clock() - self._opened_at < OPEN_FOR_S:
                return "open"
            self._probing = True
            return "probe"

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._probing = False
            if self._failures >= FAILURES_MAX:
                self._opened_at = self._clock()

    def answered(self) -> None:
        with self._lock:
            self._failures = 0
            self._opened_at = None
            self._probing = False

    def release_probe(self) -> None:
        with self._lock:
            self._probing = False

    def state(self) -> BreakerState:
        with self._lock:
            since_s = None if self._opened_at is None else self._clock() - self._opened_at
            return _state(self._failures, since_s)


class Breakers:
    """The breakers of one process, made on first use."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, str], LocalBreaker] = {}

    def of(self, provider: str, brand_id: str) -> Breaker:
        with self._lock:
            return self._breakers.setdefault((provider, brand_id), LocalBreaker(self._clock))


PROCESS_BREAKERS = Breakers()

# A hash: failures in a row, and the milliseconds of Redis's clock when it opened and when its probe went out.
_NOW = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_ADMIT = (
    _NOW
    + """
local opened = tonumber(redis.call('HGET', KEYS[1], 'opened'))
if not opened then return 'closed' end
if now - opened < tonumber(ARGV[1]) then return 'open' end
local probe = tonumber(redis.call('HGET', KEYS[1], 'probe'))
if probe and now - probe < tonumber(ARGV[2]) then return 'open' end
redis.call('HSET', KEYS[1], 'probe', string.format('%.0f', now))
return 'probe'
"""
)
_FAILED = (
    _NOW
    + """
redis.call('HDEL', KEYS[1], 'probe')
if redis.call('HINCRBY', KEYS[1], 'failures', 1) >= tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'opened', string.format('%.0f', now))
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
)
_STATE = (
    _NOW
    + """
local opened = tonumber(redis.call('HGET', KEYS[1], 'opened'))
local failures = tonumber(redis.call('HGET', KEYS[1], 'failures') or '0')
return {failures, opened and math.floor(now - opened) or -1}
"""
)


class SharedBreaker(Breaker):
    """In Redis, and in this process while Redis does not answer."""

    def __init__(self, connection: redis.Redis, key: str, own: Breaker) -> None:
        self._connection = connection
        self._key = key
        self._own = own

    def admit(self) -> Admission:
        try:
            return self._run(_ADMIT, OPEN_FOR_S * 1000, PROBE_S_MAX * 1000)
        except redis.RedisError:
            return self._own.admit()

    def failed(self) -> None:
        try:
            self._run(_FAILED, FAILURES_MAX, int(FORGOTTEN_AFTER_S * 1000))
        except redis.RedisError:
            self._own.failed()

    def answered(self) -> None:
        try:
            self._connection.delete(self._key)
        except redis.RedisError:
            self._own.answered()

    def release_probe(self) -> None:
        try:
            self._connection.hdel(self._key, "probe")
        except redis.RedisError:
            self._own.release_probe()

    def state(self) -> BreakerState:
        try:
            failures, since_ms = self._run(_STATE)
        except redis.RedisError:
            return self._own.state()
        return _state(failures, None if since_ms < 0 else since_ms / 1000)

    def _run(self, script: str, *values: float) -> object:
        return self._connection.eval(script, 1, self._key, *values)


class SharedBreakers:
    """The breakers of all processes."""

    def __init__(self, connection: redis.Redis, own: Breakers = PROCESS_BREAKERS) -> None:
        self._connection = connection
        self._own = own

    def of(self, provider: str, brand_id: str) -> Breaker:
        own = self._own.of(provider, brand_id)
        return SharedBreaker(self._connection, f"breaker:{provider}:{brand_id}", own)


def _state(failures: int, open_since_s: float | None) -> BreakerState:
    if open_since_s is None:
        return BreakerState("CLOSED", failures, 0.0)
    left_s = max(0.0, OPEN_FOR_S - open_since_s)
    return BreakerState("OPEN" if left_s else "HALF_OPEN", failures, left_s)
