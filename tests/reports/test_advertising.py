"""What was spent on advertising is that of the leads that it brought, to the paisa."""

from datetime import date
from decimal import Decimal

import polars as pl

from pipelines.money import MONEY
from reports.marketing.advertising import parts

JUNE = "2026-06"


def spent(*rows: tuple[str, str | None, str]) -> pl.LazyFrame:
    told = [(*row[:2], JUNE, date(2026, 6, 1), Decimal(row[2])) for row in rows]
    schema = {
        "utm_source": pl.String,
        "utm_campaign": pl.String,
        "period": pl.String,
        "day": pl.Date,
        "advertising": MONEY,
    }
    return pl.LazyFrame(told, schema, orient="row")


def leads(*rows: tuple[str | None, str | None, str | None]) -> pl.LazyFrame:
    told = [(*row, JUNE) for row in rows]
    names = ("utm_source", "utm_campaign", "state", "period")
    return pl.LazyFrame(told, dict.fromkeys(names, pl.String), orient="row")


def by(key: str, spent: pl.LazyFrame, leads: pl.LazyFrame) -> dict[str, str]:
    rows = parts(spent, leads, key).collect()
    return {row["group_key"]: str(row["advertising"]) for row in rows.iter_rows(named=True)}


def test_each_part_by_the_number_of_its_leads():
    bought = spent(("google", "diwali", "60.00"), ("google", "diwali", "40.00"), ("google", None, "7.00"))
    came = leads(
        ("google", "diwali", "Delhi"),
        ("google", "diwali", "Delhi"),
        ("google", "diwali", None),
        ("google", None, "Goa"),
        ("facebook", "diwali", "Goa"),
    )
    assert by("state", bought, came) == {"": "33.33", "Delhi": "66.67", "Goa": "7.00"}
    assert by("utm_source", bought, came) == {"google": "107.00"}
    assert by("utm_campaign", bought, came) == {"diwali": "100.00", "": "7.00"}


def test_what_brought_nobody_is_told_all_the_same():
    bought, nobody = spent(("google", "holi", "9.99"), ("bing", None, "0.01")), leads()
    assert by("utm_source", bought, nobody) == {"google": "9.99", "bing": "0.01"}
    assert by("utm_campaign", bought, nobody) == {"holi": "9.99", "": "0.01"}
    assert by("state", bought, nobody) == {"": "10.00"}
