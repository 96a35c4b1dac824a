"""Books of applicants: a strategy for small ones in which anything may stand, and large plausible ones."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from rules.language.dictionary import Feature
from rules.language.ruleset import Ruleset
from tests.rules.generated import constants, value_of

# The types that the column of an input may have, the usual one first and most often; some never fit.
FORMS: dict[str, list[Any]] = {
    "integer": [pl.Int64, pl.Int64, pl.Int64, pl.Int16, pl.UInt64, pl.Float64, pl.String],
    "money": [pl.Float64, pl.Float64, pl.Int64, pl.Decimal(20, 3), pl.Float32, pl.String, pl.Boolean],
    "number": [pl.Float64, pl.Float64, pl.Int64, pl.Decimal(30, 8), pl.Float32, pl.String, pl.Boolean],
    "text": [pl.String, pl.String, pl.String, pl.Categorical, pl.Int64],
    "boolean": [pl.Boolean, pl.Boolean, pl.Boolean, pl.String],
    "date": [pl.Date, pl.Date, pl.Date, pl.String, pl.Datetime],
}
ODD: dict[Any, list[Any]] = {
    pl.Float64: [
        float("nan"),
        float("inf"),
        -1e300,
        -0.0,
        0.005,
        -0.005,
        2.675,
        1.0049999999,
        0.1 + 0.2,
        1e-7,
    ],
    pl.Float32: [0.1, 33.335, float("nan")],
    pl.Int64: [-1, 0, 10**13, -(2**63), 2**63 - 1],
    pl.Int16: [-1, 0, 32767],
    pl.UInt64: [0, 2**64 - 1],
    pl.Decimal: [Decimal("0.005"), Decimal("-0.005"), Decimal("2.675"), Decimal("200000.005"), Decimal(-1)],
    pl.String: [
        "",
        "junk",
        "b",
        "\u00e9",
        "1e5",
        " 1",
        "-0.005",
        "0012.50",
        "\u0661",
        "999999999999999.123456789012",
    ],
    pl.Datetime: [datetime.fromisoformat("2024-05-01")],
}
DATES = ["2024-01-01", "2025-06-30", "2026-02-30", "2026-W05-3", "20260101", "0000-01-01", "9999-12-31"]


@st.composite
def books(draw: st.DrawFn, ruleset: Ruleset, rows: int = 16) -> pl.DataFrame:
    """A frame of inputs: columns of the right and of wrong types or none at all, with values that can and
    cannot be read, mixed at random from a few of each."""
    mix, edges = Random(draw(st.integers(0, 2**32))), constants(ruleset)
    columns = {"row": pl.Series(range(rows))}
    for name, feature in ruleset.dictionary.items():
        dtype = draw(st.sampled_from([*FORMS[feature.type], None]))
        if dtype is not None:
            pool = draw(
                st.lists(st.none() | _held(feature, dtype, edges.get(name, [])), min_size=1, max_size=5)
            )
            columns[name] = pl.Series(mix.choices(pool, k=rows), dtype=dtype)
    return pl.DataFrame(columns)


def _held(feature: Feature, dtype: Any, edges: list[Any]) -> st.SearchStrategy:
    """Values that a column of this type may hold for an input."""
    value = value_of(feature, edges)
    odd = DATES if feature.type == "date" and dtype == pl.String else ODD.get(dtype.base_type(), [])
    fits = _FITS.get(dtype.base_type())
    told = value.map(fits) if fits and feature.type not in _NEVER.get(dtype, ()) else st.nothing()
    return told | told | st.sampled_from(odd) if odd else told


def _whole(low: int, high: int) -> Callable[[Any], int]:
    return lambda value: max(low, min(high, int(value)))


_FITS: dict[Any, Callable[[Any], Any]] = {
    pl.Int64: _whole(-(2**63), 2**63 - 1),
    pl.Int16: _whole(-(2**15), 2**15 - 1),
    pl.UInt64: _whole(0, 2**64 - 1),
    pl.Float64: float,
    pl.Float32: float,
    pl.Decimal: Decimal,
    pl.String: str,
    pl.Categorical: str,
    pl.Boolean: bool,
    pl.Date: lambda value: value,
}
_NEVER = {pl.Int64: ("text",)}


# What is usual for an input; any other number is mostly 0.
USUAL: dict[str, tuple[float, float]] = {
    "age_years": (23, 50),
    "average_monthly_balance": (4_000, 40_000),
    "bureau_score": (640, 860),
    "bureau_vintage_months": (12, 90),
    "days_since_last_rejection": (40, 900),
    "employment_tenure_months": (6, 90),
    "roi_percent_per_day": (0.5, 1.2),
    "salary_credit_count_3m": (3, 3),
    "salary_day_spread_days": (0, 3),
    "salary_variance_percent": (0, 12),
    "statement_age_days": (0, 10),
    "statement_days": (85, 180),
}
USUAL_ENDS = {
    "salary": (30_000, 110_000),
    "match": (85, 100),
    "tenure": (10, 38),
    "loan_applied": (5_000, 60_000),
}
USUAL_ENDS |= {
    "loan_proposed": (5_000, 60_000),
    "requested_amount": (5_000, 60_000),
    "obligations": (0, 20_000),
    "fee": (5, 12),
}


def realistic_book(ruleset: Ruleset, rows: int, *, unknown: float = 0.02, seed: int = 0) -> pl.DataFrame:
    """A large book of plausible applicants: round and odd amounts, one value in fifteen unusual, some unknown."""
    draw, row = Random(seed), pl.int_range(rows)
    columns = {}
    for at, (name, feature) in enumerate(ruleset.dictionary.items()):
        pool = [None if draw.random() < unknown else _plausible(feature, draw) for _ in range(997)]
        values = pl.Series(name, pool, dtype=FORMS[feature.type][0])
        columns[name] = pl.lit(values).gather(row.hash(seed * 1000 + at) % len(pool))
    return pl.select(row.alias("row"), **columns)


def _plausible(feature: Feature, draw: Random) -> Any:
    unusual = draw.random() < 1 / 15
    if feature.type == "boolean":
        return unusual is (feature.name == "blacklisted")
    if feature.type == "text":
        return draw.choice(feature.values) if unusual else feature.values[0]
    if feature.type == "date":
        return date(2026, 1, draw.randint(1, 28))
    ends = next((told for word, told in USUAL_ENDS.items() if word in feature.name), (0, 0))
    low, high = USUAL.get(feature.name, ends)
    number = draw.uniform(low / 2, high * 2 + 6) if unusual else draw.uniform(low, high)
    if feature.type == "integer":
        number = round(number)
    elif draw.random() < 0.6 and number > 1000:
        number = float(round(number / 500) * 500)
    else:
        number = round(number, 2)
    return max(type(number)(feature.minimum), min(type(number)(feature.maximum), number))
