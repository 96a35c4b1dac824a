"""Totals that many reports have."""

import polars as pl

from pipelines.money import TOTAL, from_hundredths, mean_money, paise, quotient
from reports.base import Total


def sums(*columns: str) -> tuple[Total, ...]:
    """The sum of each column under its own name."""
    return tuple(Total(column, pl.col(column).sum()) for column in columns)


def count(name: str = "count") -> Total:
    """How many rows."""
    return Total(name, pl.len())


def count_where(name: str, condition: pl.Expr) -> Total:
    """How many rows fulfil a condition."""
    return Total(name, condition.fill_null(False).sum())


def mean(name: str, column: str) -> Total:
    """The mean of an amount, rounded half up to the paisa."""
    return Total(name, mean_money(pl.col(column).sum(), pl.col(column).count()))


def person(column: str) -> pl.Expr:
    """Whom a row is of, by name and e-mail: two may have one name."""
    return pl.format("{} <{}>", pl.col(column), pl.col(f"{column}_email"))


def weighted_rate(name: str, rate: str, amount: str) -> Total:
    """The mean of a rate (4 places) weighted by an amount, rounded half up to two places."""
    weighted = (pl.col(rate).cast(pl.Decimal(38, 4)) * 10_000).cast(pl.Int128) * paise(pl.col(amount))
    hundredths = quotient(weighted.sum(), paise(pl.col(amount)).sum() * 100)
    return Total(name, from_hundredths(hundredths).cast(TOTAL))
