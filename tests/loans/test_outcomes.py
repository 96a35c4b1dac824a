"""How a loan turned out, which the scorecards are tried on."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.core.clock import INDIA, today
from app.loans.service import BAD_DAYS_PAST_DUE, _went_bad

DUE = date(2026, 1, 31)


def loan(status: str, due_date: date, **more: Any) -> Any:
    return SimpleNamespace(status=status, due_date=due_date, **{"closed_at": None, "repaid_on": None} | more)


def after_due(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("repaid", "closed", "bad"),
    [
        # paid in time, and told and closed late
        (0, BAD_DAYS_PAST_DUE + 5, False),
        (BAD_DAYS_PAST_DUE, BAD_DAYS_PAST_DUE, True),
        # closed before the day of the payment was kept
        (None, BAD_DAYS_PAST_DUE - 1, False),
        (None, BAD_DAYS_PAST_DUE, True),
    ],
)
def test_a_loan_went_bad_by_the_day_of_its_last_payment(repaid: int | None, closed: int, bad: bool) -> None:
    at = datetime.combine(after_due(closed), datetime.min.time(), INDIA)
    repaid_on = None if repaid is None else after_due(repaid)
    assert _went_bad(loan("COMPLETED", DUE, repaid_on=repaid_on, closed_at=at)) is bad


def test_of_a_loan_that_runs_it_is_known_once_it_is_late() -> None:
    def running(days: int) -> Any:
        return loan("OVERDUE", today() - timedelta(days=days))

    assert _went_bad(running(BAD_DAYS_PAST_DUE - 1)) is None
    assert _went_bad(running(BAD_DAYS_PAST_DUE)) is True
    assert _went_bad(loan("SETTLED", DUE)) is True
