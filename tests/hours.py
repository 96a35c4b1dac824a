"""Some other time for those who ask it: tests hold at every hour and on every day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType, SimpleNamespace

import pytest

from app.core import clock
from app.messaging.delivery import gates


def set_clock(monkeypatch: pytest.MonkeyPatch, instant: datetime, *modules: ModuleType) -> None:
    """For these modules it is `instant`; for all others, and for tokens and the database, what it is."""
    stopped = SimpleNamespace(
        **vars(clock) | {"now": lambda: instant, "today": lambda: clock.business_day(instant)}
    )
    for module in modules:
        monkeypatch.setattr(module, "clock", stopped)


@contextmanager
def all_reachable() -> Iterator[pytest.MonkeyPatch]:
    """No message waits for the hour, or is kept from anybody."""
    with pytest.MonkeyPatch.context() as patch:
        for gate in ("ask", "reach"):
            patch.setattr(gates, gate, lambda messages: {message.id: gates.GO for message in messages})
        yield patch
