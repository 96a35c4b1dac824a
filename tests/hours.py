"""Some other time for those who ask it: tests hold at every hour and on every day."""

from datetime import datetime
from types import ModuleType, SimpleNamespace

import pytest

from app.core import clock


def set_clock(monkeypatch: pytest.MonkeyPatch, instant: datetime, *modules: ModuleType) -> None:
    """For these modules it is `instant`; for all others, and for tokens and the database, what it is."""
    stopped = SimpleNamespace(
        **vars(clock) | {"now": lambda: instant, "today": lambda: clock.business_day(instant)}
    )
    for module in modules:
        monkeypatch.setattr(module, "clock", stopped)
