"""The kinds of value in a report: how each leaves PostgreSQL, stands in a frame, and is written.

One row of a table a kind. Money and percentages are exact decimals all the way. The letter is the one of the
column dictionary in docs/reports.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

INDIA = "Asia/Kolkata"
_Step = Callable[[pl.Expr], pl.Expr]


def _same(value: pl.Expr) -> pl.Expr:
    return value


def _as_text(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String)


# What COPY's text format escapes, and what it stands for. The backslash first: one pass, left to right.
_ESCAPED = {"\\\\": "\\", "\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\v": "\v"}


def _unescaped(value: pl.Expr) -> pl.Expr:
    return value.str.replace_many(list(_ESCAPED), list(_ESCAPED.values()))


# A spreadsheet takes a cell that starts with one of these for a formula; the last four are full-width = + - @
_FORMULA = "^[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"


def _harmless(value: pl.Expr) -> pl.Expr:
    """Text that no spreadsheet runs: what would start a formula gets an apostrophe in front."""
    return pl.when(value.str.contains(_FORMULA)).then(pl.lit("'") + value).otherwise(value)


@dataclass(frozen=True)
class Kind:
    """`copied`: the SQL around a column in COPY; `wire`: how its text is read; `read` makes `dtype` of it.

    `opened` makes `dtype` of the text that decryption gave.
    """

    letter: str
    name: str
    dtype: pl.DataType
    copied: str
    wire: pl.DataType
    read: _Step = _same
    opened: _Step = _same
    csv: _Step = _as_text
    json: _Step = _same


TEXT = Kind("s", "text", pl.String(), "{}::text", pl.String(), _unescaped, csv=_harmless)
CHOICE = Kind("e", "one of a list", pl.String(), "{}::text", pl.String(), _unescaped, csv=_harmless)
JSON = Kind("j", "JSON", pl.String(), "{}::text", pl.String(), _unescaped, csv=_harmless)
INTEGER = Kind("i", "whole number", pl.Int64(), "{}::bigint", pl.Int64())
# the casts round half away from zero, as lenders do, wherever SQL gave more places
MONEY = Kind("m", "rupees", pl.Decimal(14, 2), "{}::numeric(14,2)", pl.Decimal(14, 2), json=_as_text)
PERCENT = Kind("p", "percent", pl.Decimal(7, 2), "{}::numeric(7,2)", pl.Decimal(7, 2), json=_as_text)
RATE = Kind("p", "percent, 4 places", pl.Decimal(7, 4), "{}::numeric(7,4)", pl.Decimal(7, 4), json=_as_text)
DATE = Kind(
    "d",
    "date",
    pl.Date(),
    "{}::date",
    pl.Date(),
    opened=lambda value: value.str.to_date("%Y-%m-%d"),
    csv=lambda value: value.dt.strftime("%d-%m-%Y"),
    json=lambda value: value.dt.strftime("%Y-%m-%d"),
)
# the same day as bureaus write it in their files
DAY_DIGITS = replace(DATE, name="date, DDMMYYYY in CSV", csv=lambda value: value.dt.strftime("%d%m%Y"))
INSTANT = Kind(
    "t",
    "date and time",
    pl.Datetime("us", "UTC"),
    "(extract(epoch FROM {}) * 1000000)::bigint",
    pl.Int64(),
    read=lambda value: value.cast(pl.Datetime("us", "UTC")),
    csv=lambda value: value.dt.convert_time_zone(INDIA).dt.strftime("%d-%m-%Y %H:%M:%S"),
    json=lambda value: value.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"),
)
FLAG = Kind(
    "b",
    "yes or no",
    pl.Boolean(),
    "{}::int",
    pl.Int8(),
    read=lambda value: value.cast(pl.Boolean),
    csv=lambda value: pl.when(value).then(pl.lit("Y")).when(value.not_()).then(pl.lit("N")),
)
KINDS = (TEXT, INTEGER, MONEY, PERCENT, RATE, DATE, DAY_DIGITS, INSTANT, FLAG, CHOICE, JSON)
