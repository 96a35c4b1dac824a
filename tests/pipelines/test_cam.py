from datetime import date
from decimal import Decimal

import pytest

from pipelines import AccountEvidence, AccountProfile, analyse_statement, cam_prefill
from pipelines.bsa import next_pay_date, pay_day, repay_date
from tests.pipelines.statements import AS_OF, THREE_SALARIES, statement

PROFILE = AccountProfile("HDFC0000001/XX1234", "XX1234", "HDFC0000001", "SAVINGS", ())


def test_it_works():
    report = analyse_statement([AccountEvidence(PROFILE, statement(THREE_SALARIES))], as_of=AS_OF).report
    assert cam_prefill(report) == {
        "salary_credit_date1": date(2026, 5, 1),
        "salary_credit_date2": date(2026, 4, 1),
        "salary_credit_date3": date(2026, 3, 1),
        "salary_amount1": Decimal("62000.00"),
        "salary_amount2": Decimal("61000.00"),
        "salary_amount3": Decimal("60000.00"),
        "obligations": Decimal("5000.00"),
        "next_pay_date": date(2026, 6, 1),
    }


def test_what_the_statement_does_not_know_is_none():
    prefill = cam_prefill(analyse_statement([], as_of=AS_OF).report)
    assert set(prefill.values()) == {None}


def test_no_loans_are_no_obligations():
    report = analyse_statement(
        [AccountEvidence(PROFILE, statement("2026-05-01 CR 5 BY CASH"))], as_of=AS_OF
    ).report
    assert cam_prefill(report)["obligations"] == Decimal("0.00")


@pytest.mark.parametrize(
    ("credited_on", "day"),
    [
        (["2026-03-01", "2026-04-01", "2026-05-04"], 1),
        (["2026-03-05", "2026-04-04", "2026-05-06"], 6),
        (["2026-02-28", "2026-03-31", "2026-04-30"], 31),
        (["2026-03-28", "2026-04-28", "2026-05-28"], 31),
        (["2026-05-07"], 7),
    ],
)
def test_the_pay_day(credited_on: list[str], day: int):
    assert pay_day([date.fromisoformat(text) for text in credited_on]) == day


VECTORS = """
    2026-01-20 31 2026-01-31 11
    2026-01-27 31 2026-02-28 32
    2026-02-20 30 2026-02-28  8
    2026-03-03 10 2026-03-10  7
    2026-03-05 10 2026-04-10 36
    2026-04-24 30 2026-05-30 36
    2026-12-28  1 2027-02-01 35
    2026-12-28  7 2027-01-07 10
    2028-02-10 29 2028-02-29 19
"""


@pytest.mark.parametrize("vector", VECTORS.strip().splitlines())
def test_repay_dates(vector: str):
    disbursed, day, expected, days = vector.split()
    disbursed_on = date.fromisoformat(disbursed)
    repay_on = repay_date(int(day), disbursed_on=disbursed_on, tenure_days_min=7, tenure_days_max=40)
    assert repay_on == date.fromisoformat(expected)
    assert (repay_on - disbursed_on).days == int(days)


def test_a_pay_day_outside_the_tenure_is_for_a_person_to_decide():
    assert repay_date(1, disbursed_on=date(2026, 12, 28), tenure_days_min=7, tenure_days_max=30) is None


def test_a_closed_pay_day_moves_to_the_day_before():
    repay_on = repay_date(
        31,
        disbursed_on=date(2026, 1, 20),
        tenure_days_min=7,
        tenure_days_max=40,
        closed_days={date(2026, 1, 31), date(2026, 1, 30)},
    )
    assert repay_on == date(2026, 1, 29)


def test_a_closed_pay_day_at_the_minimum_moves_to_the_day_after():
    repay_on = repay_date(
        10,
        disbursed_on=date(2026, 3, 3),
        tenure_days_min=7,
        tenure_days_max=40,
        closed_days={date(2026, 3, 10)},
    )
    assert repay_on == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("day", "after", "expected"),
    [(1, "2026-05-01", "2026-06-01"), (31, "2026-01-31", "2026-02-28"), (30, "2028-02-01", "2028-02-29")],
)
def test_the_next_pay_date(day: int, after: str, expected: str):
    assert next_pay_date(day, after=date.fromisoformat(after)) == date.fromisoformat(expected)
