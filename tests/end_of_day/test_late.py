"""A payment that is told late leaves the same behind as one that was told in time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.clock import today
from app.end_of_day import closing
from app.end_of_day import late as closing_late
from app.ledger import late as told_late
from app.ledger import service as ledger
from app.loans import service as loans
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform

TODAY = today()
# 20,000 at 1 % a day, due five days ago: how long ago something was paid, and how much
PAYMENTS = {
    "all that was due, on the day": [(5, "26000.00")],
    "more than the penal charges leave": [(3, "26500.00")],
    "a part, so that another slab holds": [(3, "15000.00")],
    "two parts": [(4, "3000.00"), (2, "21000.00")],
}


@dataclass
class Twins:
    """The same loan twice: what was paid is told in time of one, late of the other."""

    prompt: Case
    tardy: Case
    paid: list[tuple[int, str]]


def pay(case: Case, days_ago: int, amount: str) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(amount), day(days_ago), f"{loan.loan_no}:{days_ago}")


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


@pytest.fixture(scope="module")
def twins(platform: Platform) -> dict[str, Twins]:
    """Five days are closed, then the tardy ones are told, and what that touches is closed again."""
    found = {
        name: Twins(active(platform, days_ago=35), active(platform, days_ago=35), paid)
        for name, paid in PAYMENTS.items()
    }
    for days_ago in range(5, 0, -1):
        for pair in found.values():
            for when, amount in pair.paid:
                if when == days_ago:
                    pay(pair.prompt, when, amount)
        closing.close(BRAND, day(days_ago))
    with at_work():
        told_late.done(told_late.told())
    for pair in found.values():
        for when, amount in reversed(pair.paid):
            pay(pair.tardy, when, amount)
    closing_late.close_again(BRAND)
    platform.drain()
    return found


def stood(platform: Platform, case: Case) -> list[tuple]:
    query = """SELECT on_date, days_past_due, stage, classified_days, classification, npa_since, principal, interest,
        penal, charges, total, provision FROM loan_day WHERE loan_id = %s AND on_date < %s ORDER BY on_date"""
    return platform.sql(query, str(case.loan_id), TODAY)


def owed(case: Case) -> list[dict[str, Any]]:
    with at_work():
        told = [ledger.outstanding_as_of(case.loan_id, day(n)) for n in range(1, 6)]
        return [vars(one) | {"loan_id": None} for one in told]


@pytest.mark.parametrize("name", PAYMENTS)
def test_late_is_as_good_as_in_time(platform: Platform, twins: dict[str, Twins], name: str):
    pair = twins[name]
    assert stood(platform, pair.tardy) == stood(platform, pair.prompt)
    assert owed(pair.tardy) == owed(pair.prompt)
    with at_work():
        assert ledger.differences(pair.tardy.loan_id) == {}
        assert sum(ledger.trial_balance().values()) == 0


def test_who_owed_penal_charges_alone_has_paid(twins: dict[str, Twins]):
    assert twins["all that was due, on the day"].tardy.states()[-2:] == ["PAID", "COMPLETED"]


def test_nothing_waits_any_more_and_again_changes_nothing(platform: Platform, twins: dict[str, Twins]):
    mine = [pair.tardy for pair in twins.values()]
    with at_work():
        assert not {told.loan_id for told in told_late.told()} & {case.loan_id for case in mine}
    before = [stood(platform, case) for case in mine]
    pay(mine[2], 0, "1.00")
    closing.close(BRAND, day(2))
    assert [stood(platform, case) for case in mine] == before
