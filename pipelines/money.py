"""Exact money in data frames.

polars adds Decimals exactly, but its mean, median and division round half to even or go through floats.
Whatever must divide does it here, on whole paise, rounding half up and away from zero.
"""

import polars as pl

MONEY = pl.Decimal(14, 2)  # one amount
TOTAL = pl.Decimal(38, 2)  # what sums and ratios of amounts may grow to

_NUMBER = r"^-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?$"


def money_of(column: str) -> pl.Expr:
    """Amounts written as text ("1,234.5", "1.0E7", a float's "28021.879999999997"), rounded half up to paise;
    null where the text is none."""
    text = pl.col(column).str.replace_all(",", "", literal=True)
    number = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Decimal(38, 12), strict=False)
    return number.round(2, mode="half_away_from_zero").cast(MONEY, strict=False)


def paise(amount: pl.Expr) -> pl.Expr:
    """A Decimal with two places as a whole number of paise."""
    return (amount.cast(TOTAL) * pl.lit(100).cast(TOTAL)).cast(pl.Int128)


def quotient(dividend: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """dividend / divisor in whole numbers, rounded half up; null where the divisor is zero or null."""
    divisor = pl.when(divisor > 0).then(divisor.cast(pl.Int128))
    magnitude = (dividend.abs() * 2 + divisor) // (divisor * 2)
    return magnitude * dividend.sign()


def from_hundredths(number: pl.Expr) -> pl.Expr:
    """Whole hundredths (paise, hundredths of a percent) as a Decimal with two places."""
    return number.cast(TOTAL) / pl.lit(100).cast(TOTAL)


def mean_money(total: pl.Expr, count: pl.Expr) -> pl.Expr:
    """total / count as money; null where there is nothing to divide by."""
    return from_hundredths(quotient(paise(total), count))


def percent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part as a percentage of whole, two places; null where the whole is not positive."""
    return from_hundredths(quotient(paise(part) * 10_000, paise(whole)))


def lakhs(amount: pl.Expr) -> pl.Expr:
    """An amount in lakhs of rupees, two places, rounded half up."""
    return from_hundredths(quotient(paise(amount), pl.lit(100_000)))
