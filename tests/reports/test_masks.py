"""Personal data as those see it who may not see it."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import masks
from tests.reports.tiny import ROW, produced


def masked(mask: masks.Mask, value: str | None) -> str | None:
    return pl.Series("value", [value], dtype=pl.String).to_frame().select(mask.apply(pl.col("value"))).item()


@pytest.mark.parametrize(
    ("mask", "value", "expected"),
    [
        (masks.PAN, "ABCDE1234F", "ABCxxxxx4F"),
        (masks.PAN, "ABC", "***"),
        (masks.PHONE, "9876543210", "98xxxxxx10"),
        (masks.PHONE, "+919876543210", "***"),
        (masks.EMAIL, "asha@example.com", "a***@example.com"),
        (masks.EMAIL, "no address", "***"),
        (masks.ACCOUNT, "50100012341234", "XXXX1234"),
        (masks.ACCOUNT, "12345678", "***"),
        (masks.BIRTH, "1990-01-31", "1990-xx-xx"),
        (masks.BIRTH, "31-01-1990", "***"),
        (masks.HIDE, "anything", "***"),
    ],
)
def test_it_works(mask, value, expected):
    assert masked(mask, value) == mask.text(value) == expected


TEXT_MASKS = [mask for mask in masks.MASKS if mask is not masks.BIRTH_DATE]


def test_of_a_date_of_birth_the_year_is_left():
    dates = pl.Series([date(1990, 5, 17), None])
    shown = pl.select(masks.BIRTH_DATE.apply(pl.lit(dates))).to_series()
    assert shown.to_list() == [date(1990, 1, 1), None]


@pytest.mark.parametrize("mask", TEXT_MASKS, ids=lambda mask: mask.name)
@given(value=st.none() | st.text(max_size=15) | st.text(st.sampled_from("0123456789@.-\n"), max_size=15))
def test_a_column_and_a_value_are_masked_alike(mask, value):
    assert masked(mask, value) == mask.text(value)


@pytest.mark.parametrize("mask", TEXT_MASKS, ids=lambda mask: mask.name)
def test_a_mask_is_as_its_example_says(mask):
    assert mask.text(mask.example) in (mask.example, masks.HIDDEN)


@pytest.mark.parametrize("mask", TEXT_MASKS, ids=lambda mask: mask.name)
def test_nothing_stays_nothing(mask):
    assert masked(mask, None) is None


@pytest.mark.parametrize("mask", TEXT_MASKS, ids=lambda mask: mask.name)
@given(value=st.text(st.sampled_from("0123456789@."), min_size=1, max_size=40))
def test_at_most_five_characters_of_a_value_are_shown(mask, value):
    shown = masked(mask, value).partition("@")[0]
    assert len([char for char in shown if char.isdigit()]) <= 5


def test_a_report_is_masked_unless_its_reader_may_see(tmp_path):
    def phone(**options):
        return pl.read_parquet(produced([ROW], tmp_path, **options).rows)["mobile"].item()

    assert phone() == "98xxxxxx10"
    assert phone(unmasked=True) == "9812345610"
