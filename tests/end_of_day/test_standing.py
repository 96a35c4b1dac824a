"""Where loans stand at the end of a day, from frames alone."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import rules
from app.end_of_day.standing import penal_charges, stand
from pipelines.money import MONEY

DELINQUENCY, CHARGES = rules.load("qualoan", "delinquency"), rules.load("qualoan", "charges")
ON = date(2026, 3, 31)


def book(*loans: dict[str, Any]) -> pl.LazyFrame:
    usual = {
        "principal": 20_000,
        "interest": 6_000,
        "penal": 0,
        "charges": 0,
        "npa_before": None,
        "customer_id": "C",
    }
    rows = [{"loan_id": f"L{n}"} | usual | loan for n, loan in enumerate(loans)]
    money = ("principal", "interest", "penal", "charges")
    schema = dict.fromkeys(money, MONEY) | {"npa_before": pl.Date}
    return pl.LazyFrame(rows, schema_overrides=dict.fromkeys(money, pl.Int64) | {"npa_before": pl.Date}).cast(
        schema
    )


def stands(*loans: dict[str, Any], on: date = ON) -> list[dict[str, Any]]:
    return stand(book(*loans), DELINQUENCY, on).sort("loan_id").collect().to_dicts()


@pytest.mark.parametrize(
    ("due", "sma_0", "sma_1", "sma_2", "npa"),
    [
        (date(2021, 3, 31), date(2021, 3, 31), date(2021, 4, 30), date(2021, 5, 30), date(2021, 6, 29)),
        (date(2021, 12, 1), date(2021, 12, 1), date(2021, 12, 31), date(2022, 1, 30), date(2022, 3, 1)),
    ],
)
def test_the_regulators_examples(due: date, sma_0: date, sma_1: date, sma_2: date, npa: date):
    """RBI clarification on IRAC norms of 12 November 2021, and its first day of each class."""
    firsts = {"SMA_0": sma_0, "SMA_1": sma_1, "SMA_2": sma_2, "NPA_SUB_STANDARD": npa}
    for name, first in firsts.items():
        for day, is_in in ((first - timedelta(days=1), False), (first, True)):
            (loan,) = stands({"days_past_due": (day - due).days}, on=day)
            assert (loan["classification"] == name) is is_in


def test_provisions():
    said = stands(
        {"days_past_due": 10, "customer_id": "A"},
        {"days_past_due": 95, "customer_id": "B"},
        {"days_past_due": 500, "customer_id": "C"},
    )
    assert [loan["provision"] for loan in said] == [Decimal("50.00"), Decimal("2000.00"), Decimal("20000.00")]
    assert [loan["interest_suspended"] for loan in said] == [0, 6_000, 6_000]
    assert said[1]["npa_since"] == ON - timedelta(days=5)


def test_a_class_is_the_borrowers():
    bad, good = stands({"days_past_due": 95}, {"days_past_due": -5})
    assert (good["classification"], good["bucket"], good["stage"]) == (
        "NPA_SUB_STANDARD",
        "CURRENT",
        "PRE_COLLECTION",
    )
    assert bad["bucket"] == "DPD_91_180"


def test_bad_until_nothing_is_in_arrears():
    since = ON - timedelta(days=30)
    (late,) = stands({"days_past_due": 3, "npa_before": since})
    assert (late["classification"], late["classified_days"], late["npa_since"]) == (
        "NPA_SUB_STANDARD",
        120,
        since,
    )
    (regular,) = stands({"days_past_due": -1, "npa_before": since})
    assert (regular["classification"], regular["npa_since"]) == ("STANDARD", None)


def test_what_is_unpaid_on_its_due_date_is_in_arrears():
    """It is SMA-0 at the end of that day, so a borrower who was bad is not upgraded on it (RBI, 12 November 2021)."""
    since = ON - timedelta(days=30)
    (due,) = stands({"days_past_due": 0, "npa_before": since})
    assert (due["classification"], due["npa_since"]) == ("NPA_SUB_STANDARD", since)


def penal(days_past_due: int, levied: int = 0, overdue: int = 26_000) -> Decimal:
    frame = book({"days_past_due": days_past_due, "principal": overdue, "interest": 0}).with_columns(
        loan_no=pl.lit("L-1"),
        sanctioned_amount=pl.lit(20_000).cast(MONEY),
        penal_levied=pl.lit(levied).cast(MONEY),
    )
    return penal_charges(frame, CHARGES).collect()["amount"].sum()


@pytest.mark.parametrize(
    ("days_past_due", "amount"), [(0, 0), (1, 0), (2, 50), (31, 50), (32, 0), (200, 0)]
)  # fmt: skip
def test_penal_charges_of_a_day(days_past_due: int, amount: int):
    """After a day of grace, by the slab of what is overdue, for thirty days."""
    assert penal(days_past_due) == amount


def test_penal_charges_stay_below_their_cap():
    assert penal(10, levied=1_980) == 20
    assert penal(10, levied=2_000) == 0
