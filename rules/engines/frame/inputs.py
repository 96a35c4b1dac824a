"""The columns of a book as inputs: what the dictionary makes of a single value, for a whole column.

A column of the wrong type is unreadable wherever it says anything. Doubles are read as the shortest
decimal that they stand for; where two readings are possible, the row is in doubt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from rules.engines.frame.columns import NO, Column, any_of
from rules.engines.frame.numbers import Number
from rules.engines.frame.reckoning import rounded
from rules.language.dictionary import NUMERIC, Feature
from rules.language.ruleset import Ruleset

UNREADABLE = "unreadable:{}"  # a column beside an input: true where what was supplied cannot be read
TEXT = pl.UInt16
DTYPES = {"number": pl.Int64, "text": TEXT, "boolean": pl.Boolean, "date": pl.Date}
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_NUMBER_TEXT = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
_TEXT_PLACES = 12
_DATE_TEXT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

Schema = Mapping[str, pl.DataType]


class CodeBook(dict[str, int]):
    """The number that stands for each text."""

    def __missing__(self, text: str) -> int:
        return self.setdefault(text, len(self))

    def words(self, codes: pl.Expr) -> pl.Expr:
        """The texts again."""
        words = pl.lit(None, dtype=pl.Categorical)
        for text, code in self.items():
            words = pl.when(codes == code).then(pl.lit(text, dtype=pl.Categorical)).otherwise(words)
        return words


def unreadable(ruleset: Ruleset, schema: Schema) -> dict[str, pl.Expr]:
    """For each input that is a column: where it holds something that the input cannot be."""
    features = [feature for name, feature in ruleset.dictionary.items() if name in schema]
    return {feature.name: read(feature, schema, CodeBook()).bad for feature in features}


def unknown(kind: str) -> Column:
    """Unknown in every row."""
    nothing = pl.lit(None, dtype=DTYPES.get(kind, pl.Null))
    return Number(nothing, bound=0) if kind == "number" else Column(nothing)


def read(feature: Feature, schema: Schema, codes: CodeBook) -> Column:
    """An input as the rules see it."""
    if feature.name not in schema:
        return unknown(feature.kind)
    raw, marker = pl.col(feature.name), UNREADABLE.format(feature.name)
    spoilt = pl.col(marker).fill_null(False) if marker in schema else NO
    usable = raw if spoilt is NO else pl.when(~spoilt).then(raw)
    found = _READERS[feature.kind](feature, usable, schema[feature.name], codes) or unknown(feature.kind)
    if feature.kind == "boolean" and schema[feature.name] == pl.Boolean:
        return replace(found, bad=spoilt)  # true and false can always be read
    return replace(found, bad=any_of([raw.is_not_null() & found.null, spoilt]))


def _number(feature: Feature, raw: pl.Expr, dtype: pl.DataType, codes: CodeBook) -> Column | None:
    if dtype.is_integer():
        return _ranged(feature, raw if dtype == pl.Int64 else raw.cast(pl.Int64, strict=False), 0)
    if feature.type == "integer":
        return None
    if dtype.is_float():
        return _doubles(feature, raw if dtype == pl.Float64 else raw.cast(pl.Float64))
    if dtype == pl.String:
        text = pl.when(raw.str.contains(_NUMBER_TEXT)).then(raw)
        return _decimals(feature, text.cast(pl.Decimal(38, _TEXT_PLACES), strict=False), _TEXT_PLACES)
    return _decimals(feature, raw, dtype.scale) if isinstance(dtype, pl.Decimal) else None


def _ranged(feature: Feature, value: pl.Expr, places: int) -> Number:
    """Whole units of so many places, where they are in the range of the input."""
    low, high = math.ceil(feature.minimum.scaleb(places)), math.floor(feature.maximum.scaleb(places))
    dtype, bound = pl.Int128 if places else pl.Int64, max(abs(low), abs(high))
    inside = pl.when(value.is_between(pl.lit(low, dtype=dtype), pl.lit(high, dtype=dtype))).then(value)
    return Number(inside, places=places, bound=bound)


def _decimals(feature: Feature, raw: pl.Expr, places: int) -> Number:
    number = _ranged(feature, raw.to_physical().cast(pl.Int128), places)
    if number.bound < 2**63:
        number = replace(number, value=number.value.cast(pl.Int64))
    return rounded(number, NUMERIC[feature.type])


def _doubles(feature: Feature, raw: pl.Expr) -> Number:
    low, high, places = float(feature.minimum), float(feature.maximum), NUMERIC[feature.type]
    inside = pl.when(raw.is_between(low, high)).then(raw)
    units = inside * 10.0**places
    whole = units.round()
    # Near a half, the decimal that a double stands for may round to the other side.
    odd = (units - whole).abs() + units.abs() * 1e-15 >= 0.5
    return Number(
        whole.cast(pl.Int64, strict=False),
        doubt=odd.fill_null(False),
        places=places,
        bound=int(max(abs(low), abs(high)) * 10**places) + 1,
        floats=inside,
    )


def _text(feature: Feature, raw: pl.Expr, dtype: pl.DataType, codes: CodeBook) -> Column | None:
    if dtype not in _TEXTS:
        return None
    text = raw.cast(pl.String)
    value = pl.lit(None, dtype=TEXT)
    for word in reversed(feature.values):
        value = pl.when(text == word).then(pl.lit(codes[word], dtype=TEXT)).otherwise(value)
    return Column(value)


def _boolean(feature: Feature, raw: pl.Expr, dtype: pl.DataType, codes: CodeBook) -> Column | None:
    return Column(raw) if dtype == pl.Boolean else None


def _date(feature: Feature, raw: pl.Expr, dtype: pl.DataType, codes: CodeBook) -> Column | None:
    if dtype == pl.Date:
        return Column(pl.when(raw.is_between(date.min, date.max)).then(raw))
    if dtype != pl.String:
        return None
    plain = raw.str.contains(_DATE_TEXT)
    day = pl.when(plain).then(raw).str.to_date("%Y-%m-%d", strict=False)
    other = (raw.str.len_chars() == 10) & ~plain  # such as a day of a week of a year
    return Column(pl.when(day >= date.min).then(day), doubt=other.fill_null(False))


_READERS: dict[str, Callable[[Feature, pl.Expr, pl.DataType, CodeBook], Column | None]] = {
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
}


def singles(ruleset: Ruleset, schema: Schema) -> list[pl.Expr]:
    """The inputs so that a row of them is what `decide` takes."""
    markers = [UNREADABLE.format(name) for name in ruleset.dictionary]
    return [_single(name, schema[name]) for name in (*ruleset.dictionary, *markers) if name in schema]


def _single(name: str, dtype: pl.DataType) -> pl.Expr:
    raw = pl.col(name)
    if dtype == pl.Date:
        return raw.cast(pl.String)  # not every date is one in Python
    if dtype.is_numeric() or dtype in (*_TEXTS, pl.Boolean, pl.Null):
        return raw
    return pl.when(raw.is_not_null()).then(pl.lit("")).alias(name)  # no input is ever like this


def supplied(row: Mapping[str, object]) -> dict[str, object]:
    """The inputs of a row as `decide` takes them."""
    spoilt = {name for name in row if row.get(UNREADABLE.format(name))}
    return {**row, **{name: {"unreadable": f"{name} cannot be read"} for name in spoilt}}
