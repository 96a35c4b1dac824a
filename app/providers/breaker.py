"""Circuit breaker: after repeated failures, leave a provider alone for a while.

One breaker per (provider, brand), because credentials and limits are per brand. In-process:
each worker learns on its own, which costs a few calls and needs no shared state.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.providers.errors import CircuitOpen, ProviderError, ProviderUnavailable

FAILURES_MAX = 5
OPEN_FOR_S = 30.0


class Breaker:
    """Closed until FAILURES_MAX failures in a row, then open for OPEN_FOR_S, then one probe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @contextmanager
    def guard(self, provider: str, operation: str) -> Iterator[None]:
        """Let one call through, or raise CircuitOpen; learn from how the call ends."""
        admitted, is_probe = self._admit()
        if not admitted:
            raise CircuitOpen(provider, operation, "too many failures in a row, not called")
        try:
            yield
        except ProviderUnavailable:
            self._failed()
            raise
        except ProviderError:
            self._answered()
            raise
        else:
            self._answered()
        finally:
            if is_probe:
                self._probing = False

    def _admit(self) -> tuple[bool, bool]:
        """Whether the call may go, and whether it is the one probe of a half-open circuit."""
        with self._lock:
            if self._opened_at is None:
                return True, False
            if self._probing or self._clock() - self._opened_at < OPEN_FOR_S:
                return False, False
            self._probing = True
            return True, True

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_MAX:
                self._opened_at = self._clock()

    def _answered(self) -> None:
        with self._lock:
            self._failures = 0
            self._opened_at = None


class Breakers:
    """The breakers of one process, made on first use."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def of(self, provider: str, brand_id: str) -> Breaker:
        with self._lock:
            return self._breakers.setdefault((provider, brand_id), Breaker(self._clock))


PROCESS_BREAKERS = Breakers()
