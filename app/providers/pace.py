"""How often a provider may be called: so many calls in so many seconds, for each brand.

A call that comes too early takes its place in the queue and is told how long to wait; one that would wait longer
than it is patient takes no place. That is the generic cell rate algorithm, which needs one number a queue: the time
from which the next call is free. `Paces` keeps it in this process, `SharedPaces` in Redis for all of them.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rate:
    """`calls` in `per_s` seconds, all of them at once if need be. A call waits `wait_s_max` at most."""

    calls: int
    per_s: float = 1.0
    wait_s_max: float = 5.0

    @classmethod
    def read(cls, text: str) -> "Rate":
        """From a setting: `20/second`. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]*)/(second|minute|hour|day)", text)
        if not found:
            raise ValueError("expected a rate such as 60/minute")
        return cls(int(found[1]), SECONDS[found[2]])

    @property
    def interval_s(self) -> float:
        return self.per_s / self.calls

    @property
    def burst_s(self) -> float:
        """How far ahead of its time a call may go, so that `calls` of them fit at once."""
        return self.per_s - self.interval_s


class Paces:
    """The queues of one process; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    def take(self, queue: str, rate: Rate) -> float | None:
        """Seconds to wait before the call; None when that would be too long, and no place was taken."""
        with self._lock:
            now = self._clock()
            free_at = max(self._free_at.get(queue, now), now)
            wait_s = max(0.0, free_at - rate.burst_s - now)
            if wait_s > rate.wait_s_max:
                return None
            self._free_at[queue] = free_at + rate.interval_s
            return wait_s


PROCESS_PACES = Paces()

_TAKE = """
local t = redis.call('TIME'); local now = t[1] * 1000 + t[2] / 1000
local interval, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = math.max(0, free - burst - now)
if wait > patience then return -1 end
local after = free + interval
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - now) + 1)
return math.ceil(wait)
"""


class SharedPaces:
    """The queues of all processes, kept by Redis's clock; each process its own while Redis does not answer."""

    def __init__(self, connection: redis.Redis, own: Paces = PROCESS_PACES) -> None:
        self._connection = connection
        self._own = own

    def take(self, queue: str, rate: Rate) -> float | None:
        """As Paces.take."""
        times_ms = [seconds * 1000 for seconds in (rate.interval_s, rate.burst_s, rate.wait_s_max)]
        try:
            wait_ms = self._connection.eval(_TAKE, 1, f"pace:{queue}", *times_ms)
        except redis.RedisError:
            return self._own.take(queue, rate)
        return None if wait_ms < 0 else wait_ms / 1000
