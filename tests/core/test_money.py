"""Wall: money is exact, in Python, in the database and on the wire."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import charged, rupees
from tests.platform import Platform

amounts = st.decimals(min_value=-(10**11), max_value=10**11, places=2, allow_nan=False)


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        rupees(0.1)


@pytest.mark.parametrize(
    ("exact", "rounded"), [("1234.5", "1235.00"), ("0.5", "1.00"), ("2.5", "3.00"), ("-2.5", "-3.00")]
)
def test_halves_round_up_as_lenders_do(exact: str, rounded: str) -> None:
    assert charged(Decimal(exact)) == Decimal(rounded)


@given(amounts)
def test_rounding_twice_changes_nothing(amount: Decimal) -> None:
    assert rupees(rupees(amount)) == rupees(amount) == amount


def test_the_database_has_no_binary_floats(platform: Platform) -> None:
    floats = platform.sql(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND data_type IN ('real', 'double precision', 'money')"""
    )
    assert floats == []


def test_every_amount_column_is_numeric_14_2(platform: Platform) -> None:
    columns = platform.sql(
        """SELECT table_name, column_name, numeric_precision, numeric_scale FROM information_schema.columns
           WHERE table_schema = 'public' AND data_type = 'numeric' AND column_name NOT LIKE '%percent%'
             AND column_name NOT LIKE '%paise' AND column_name NOT LIKE '%score'
             AND column_name NOT IN ('average', 'delta', 'latitude', 'longitude', 'distance_km')"""
    )
    assert len(columns) > 10
    assert [c for c in columns if c[2:] != (14, 2)] == []


@pytest.mark.parametrize(
    ("sent", "kept"), [("10000.10", "10000.10"), (10000.1, "10000.10"), (10000, "10000.00")]
)
def test_what_is_sent_is_what_is_kept(platform: Platform, sent: object, kept: str) -> None:
    app = platform.customer()
    body = {"amount": sent, "tenureDays": 20, "purpose": "MEDICAL"}
    assert app.post("/web/loans", once=True, expect=201, json=body)["appliedAmount"] == kept
    assert app.get("/web/loans")[0]["appliedAmount"] == kept
