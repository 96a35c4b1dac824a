"""The sandbox's way of calling back: from a thread of its own, trying again as providers do.

What was sent is kept, so that a test can read it and have it sent again, byte for byte.
"""

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from app.sandbox.faults import WEBHOOK_FAULTS, Faults, magic_webhook_fault

RETRY_AFTER_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
TIMEOUT_S = 10.0
LATE_S = 2.0
HELD_S_MAX = 5.0
KEPT_MAX = 10_000
CLOSE_S_MAX = 2.0


@dataclass(eq=False)
class Delivery:
    """One webhook and what became of it.

    state: queued, held (waiting to be overtaken), withheld (a fault kept it back), delivered,
    failed (all tries used up).
    """

    provider: str
    operation: str
    event_id: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    state: str = "queued"
    tries: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "operation": self.operation,
            "eventId": self.event_id,
            "url": self.url,
            "state": self.state,
            "tries": list(self.tries),
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8", "replace"),
        }


class Webhooks:
    """Sends webhooks in order of their due time; every public method may be called from any thread."""

    def __init__(self, faults: Faults, delay_s: float) -> None:
        self._faults = faults
        self._delay_s = delay_s
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, int, Delivery]] = []
        self._numbers = itertools.count()
        self._kept: deque[Delivery] = deque(maxlen=KEPT_MAX)
        self._thread: threading.Thread | None = None
        self._closed = False

    def send(
        self,
        url: str,
        raw_body: bytes,
        headers: Mapping[str, str],
        *,
        provider: str,
        event_id: str,
        operation: str,
    ) -> None:
        """Deliver in the background, as the faults of this provider will have it."""
        delivery = Delivery(provider, operation, event_id, url, raw_body, dict(headers))
        text = raw_body.decode("utf-8", "replace")
        fault = self._faults.take(WEBHOOK_FAULTS, provider, operation, text) or magic_webhook_fault(text)
        with self._changed:
            self._kept.append(delivery)
            if fault == "no_webhook":
                delivery.state = "withheld"
                return
            if fault == "out_of_order":
                delivery.state = "held"
                self._schedule(delivery, HELD_S_MAX)
                return
            self._schedule(delivery, self._delay_s + (LATE_S if fault == "late" else 0))
            if fault == "duplicate":
                self._schedule(delivery, 2 * self._delay_s)
            self._release_overtaken(provider)

    def resend(
        self,
        provider: str | None,
        event_id: str | None,
        *,
        last: int = 1,
        times: int = 1,
        after_s: float = 0.0,
        newest_first: bool = False,
    ) -> list[Delivery]:
        """Send the last webhooks that fit once more (or `times` more), unchanged, in the order in which they were
        first sent or the other way round, not before after_s. Gives those that it will send; none when none fits."""
        with self._changed:
            fitting = [
                d for d in self._kept if provider in (None, d.provider) and event_id in (None, d.event_id)
            ]
            chosen = fitting[-last:][:: -1 if newest_first else 1]
            for delivery in [delivery for delivery in chosen for _ in range(times)]:
                self._schedule(delivery, after_s)
        return chosen

    def sent(self, provider: str | None = None) -> list[dict[str, Any]]:
        """Newest first."""
        with self._changed:
            return [d.shown() for d in reversed(self._kept) if provider in (None, d.provider)]

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(CLOSE_S_MAX)

    def _schedule(self, delivery: Delivery, after_s: float, tries_before: int = 0) -> None:
        due = time.monotonic() + after_s
        heapq.heappush(self._queue, (due, next(self._numbers), tries_before, delivery))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _release_overtaken(self, provider: str) -> None:
        """Bring what was held back for this provider forward, to just after the newer webhook."""
        held = [d for d in self._kept if d.state == "held" and d.provider == provider]
        if not held:
            return
        self._queue = [entry for entry in self._queue if entry[3] not in held]
        heapq.heapify(self._queue)
        for delivery in held:
            delivery.state = "queued"
            self._schedule(delivery, 2 * self._delay_s)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while entry := self._next():
                self._deliver(session, *entry)

    def _next(self) -> tuple[Delivery, int] | None:
        """The next delivery that is due, waiting for it; None when the sandbox closes."""
        with self._changed:
            while not self._closed:
                wait_s = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait_s is not None and wait_s <= 0:
                    _, _, tries, delivery = heapq.heappop(self._queue)
                    return delivery, tries
                self._changed.wait(wait_s)
        return None

    def _deliver(self, session: requests.Session, delivery: Delivery, tries_before: int) -> None:
        started, status = datetime.now(UTC), None
        try:
            answer = session.post(
                delivery.url,
                data=delivery.body,
                headers=dict(delivery.headers),
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
            status = answer.status_code
        except requests.RequestException as error:
            outcome = type(error).__name__
        else:
            # 409: it was there before, so there is nothing left to deliver
            outcome = "ok" if answer.ok or answer.status_code == 409 else "refused"
        with self._changed:
            delivery.tries.append({"at": started.isoformat(), "status": status, "outcome": outcome})
            self._settle(delivery, outcome == "ok", tries_before)

    def _settle(self, delivery: Delivery, delivered: bool, tries_before: int) -> None:
        if delivered:
            delivery.state = "delivered"
        elif tries_before < len(RETRY_AFTER_S):
            self._schedule(delivery, RETRY_AFTER_S[tries_before], tries_before + 1)
        elif delivery.state != "delivered":
            delivery.state = "failed"
