from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.money import lakhs, mean_money, money_of, percent


def test_a_mean_rounds_half_up():
    frame = pl.DataFrame({"total": [Decimal("0.05")], "count": [2]})
    assert frame.select(mean_money(pl.col("total"), pl.col("count"))).item() == Decimal("0.03")


def test_a_mean_of_an_overdraft_rounds_away_from_zero():
    frame = pl.DataFrame({"total": [Decimal("-0.05")], "count": [2]})
    assert frame.select(mean_money(pl.col("total"), pl.col("count"))).item() == Decimal("-0.03")


def test_a_mean_of_nothing_is_unknown():
    frame = pl.DataFrame({"total": [Decimal("0.00")], "count": [0]})
    assert frame.select(mean_money(pl.col("total"), pl.col("count"))).item() is None


def test_a_share_of_nothing_is_unknown():
    frame = pl.DataFrame({"part": [Decimal("0.00")], "whole": [Decimal("0.00")]})
    assert frame.select(percent(pl.col("part"), pl.col("whole"))).item() is None


@settings(max_examples=50, deadline=None)
@given(st.integers(-(10**13), 10**13), st.integers(1, 400))
def test_means_are_exact_to_the_paisa(paise: int, count: int):
    total = Decimal(paise) / 100
    frame = pl.DataFrame({"total": [total], "count": [count]}, schema_overrides={"total": pl.Decimal(38, 2)})
    expected = (total / count).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert frame.select(mean_money(pl.col("total"), pl.col("count"))).item() == expected


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("450.0", "450.00"),
        ("1,23,456.5", "123456.50"),
        ("28021.879999999997", "28021.88"),
        ("1.005", "1.01"),
        ("1.0E7", "10000000.00"),
        ("-79109", "-79109.00"),
        ("", None),
        ("12abc", None),
        ("NaN", None),
        ("99999999999999", None),
    ],
)
def test_written_amounts(text: str, amount: str | None):
    read = pl.DataFrame({"text": [text]}).select(money_of("text")).item()
    assert read == (Decimal(amount) if amount else None)


def test_lakhs_are_rounded_half_up() -> None:
    told = pl.select(lakhs(pl.Series(["24500.00", "24499.99", "0"]).cast(pl.Decimal(14, 2)))).to_series()
    assert [str(amount) for amount in told] == ["0.25", "0.24", "0.00"]
