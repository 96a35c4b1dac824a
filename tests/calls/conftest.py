"""A collection executive with a phone, and a call that went through."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

import pytest

from app.contacts import service as contacts
from app.core.clock import INDIA, today
from tests.calls.dialling import REAL, Desk, customer
from tests.platform import Platform


@pytest.fixture(autouse=True, scope="module")
def noon() -> Iterator[None]:
    """Whenever these run, customers may be called, but for what a test says."""
    at_noon = datetime.combine(today(), time(12), INDIA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts, "refusal", lambda how, _at, *known: REAL(how, at_noon, *known))
        yield


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture(scope="module")
def answered(platform: Platform, desk: Desk) -> dict[str, Any]:
    return desk.ended(customer(platform))
