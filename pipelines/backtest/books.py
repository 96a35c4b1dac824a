"""Books of past decisions: one row an application, its columns the inputs of a rule set.

Beside the inputs a book may have the columns of ABOUT. Files say the same thing in many types (a CSV knows only
text, a Parquet file from elsewhere has 782.0 for a score): `readable` brings each into the type that the rules
read. What does not fit was supplied and cannot be read: it is never taken for something that was not supplied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from rules import Ruleset
from rules.engines.frame import UNREADABLE, unreadable
from rules.language.dictionary import NUMERIC, Feature
from rules.language.errors import did_you_mean
from rules.language.ruleset import expressions
from rules.language.tree import names

# What a book may tell beside inputs.
ABOUT = {
    "application_id": "which application it is",
    "decided_on": "the day of the decision",
    "segment": "what the figures are split by",
    "bad": "whether the loan went bad; empty where that is not known",
    "outcome": "what was decided then",
}
DECISION_DATE = "decision_date"
_FLAGS = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}
_WHOLE = r"^-?\d{1,15}(\.0{1,6})?$"
_NUMBER = r"^-?\d{1,15}(\.\d+)?([eE][-+]?\d{1,2})?$"


# What polars raises at bytes that are not what they say; it panics at some damaged Parquet files.
DAMAGE = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
COLUMNS_MAX = 2_000
HEADER_BYTES_MAX = 200_000
_COLUMNS_TOLD = 20


class BookError(ValueError):
    """A book cannot be used. The message names the file or column and says what to do."""


def scan_book(path: Path, ruleset: Ruleset) -> pl.LazyFrame:
    """The book in a Parquet or CSV file, in the types that the rule set reads; nothing is loaded yet.

    Raises BookError when the file is neither, or is not readable as what its name says.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            frame = pl.scan_parquet(path)
        elif kind in (".csv", ".tsv"):
            frame = pl.scan_csv(path, separator="," if kind == ".csv" else "\t", infer_schema=False)
        else:
            raise BookError(f"{path.name}: a book is a .parquet, .csv or .tsv file")
        if _header_bytes(path) > HEADER_BYTES_MAX or len(frame.collect_schema()) > COLUMNS_MAX:
            raise BookError(f"{path.name}: a book has at most {COLUMNS_MAX} columns")
        return readable(frame, ruleset)
    except (*DAMAGE, OSError) as error:
        raise BookError(f"{path.name} cannot be read as {kind[1:]}: {first_line(error)}") from error


def _header_bytes(path: Path) -> int:
    """Of the line that names the columns of a text; as many names as a file can hold take polars a gigabyte."""
    if path.suffix.lower() == ".parquet":
        return 0
    with path.open("rb") as file:
        return len(file.readline(HEADER_BYTES_MAX + 1))


def recognised(book: pl.LazyFrame, *rulesets: Ruleset) -> pl.LazyFrame:
    """The book, of which at least one column is an input of the rules. Raises BookError naming its columns."""
    columns = book.collect_schema().names()
    if not set().union(*map(reads, rulesets)) & set(columns):
        strange = unknown_columns(columns[:_COLUMNS_TOLD], *rulesets)
        told = [f"{name} ({meant})" if meant else name for name, meant in strange.items()]
        raise BookError(f"no column of the book is an input of {rulesets[0].name}; it has {', '.join(told)}")
    return book


def between(book: pl.LazyFrame, first: date | None, last: date | None) -> pl.LazyFrame:
    """The rows decided on the days from `first` to `last`, both included; None leaves that end open.

    Raises BookError when days are asked for and the book does not tell them.
    """
    if first is None and last is None:
        return book
    if "decided_on" not in book.collect_schema():
        raise BookError("the book has no column decided_on to tell the days by")
    day = pl.col("decided_on").cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return book.filter(day.is_between(first or date.min, last or date.max))


def readable(frame: pl.LazyFrame, ruleset: Ruleset) -> pl.LazyFrame:
    """The frame with its inputs in the types of the rule set's dictionary, and what cannot be read marked."""
    schema = frame.collect_schema()
    columns: dict[str, pl.Expr] = {}
    for name, feature in ruleset.dictionary.items():
        value = _converted(feature, schema[name]) if name in schema else None
        if value is not None:
            columns[name] = value
            columns[UNREADABLE.format(name)] = pl.col(name).is_not_null() & value.is_null()
    return frame.with_columns(**columns)


def described(frame: pl.LazyFrame, ruleset: Ruleset) -> pl.LazyFrame:
    """The frame with the columns of ABOUT in their types, those that it lacks being null.

    Without a column of decision dates the day of the decision stands for it. Raises BookError for a column whose
    type cannot mean what its name says.
    """
    schema = frame.collect_schema()
    made = frame.with_columns(**{name: _about(name, schema) for name in ABOUT})
    if DECISION_DATE in ruleset.dictionary and DECISION_DATE not in schema and "decided_on" in schema:
        made = made.with_columns(pl.col("decided_on").alias(DECISION_DATE))
    return made


def spoilt(book: pl.LazyFrame, ruleset: Ruleset) -> dict[str, int]:
    """How many values of each column that matters were supplied and cannot be read as what it is."""
    schema, wanted = book.collect_schema(), reads(ruleset)
    bad = {name: flag for name, flag in unreadable(ruleset, schema).items() if name in wanted}
    for name in ABOUT:
        if name in schema:
            bad[name] = pl.col(name).is_not_null() & _about(name, schema).is_null()
    counts = book.select(**{name: flag.sum() for name, flag in bad.items()}).collect(engine="streaming")
    return {name: int(count) for name, count in counts.to_dicts()[0].items() if count}


def unknown_columns(schema: Iterable[str], *rulesets: Ruleset) -> dict[str, str]:
    """The columns that mean nothing to any of the rule sets, and what each may have been meant to be."""
    known = {name for ruleset in rulesets for name in ruleset.dictionary} | set(ABOUT)
    marks = {UNREADABLE.format(name) for name in known}
    return {name: did_you_mean(name, known) for name in schema if name not in known | marks}


def missing_inputs(schema: Iterable[str], *rulesets: Ruleset) -> list[str]:
    """The inputs that some rule set reads and the book does not have."""
    present = set(schema)
    return sorted({name for ruleset in rulesets for name in reads(ruleset)} - present)


def reads(ruleset: Ruleset) -> set[str]:
    """The inputs that a rule set looks at."""
    looked_at = {name for rule in ruleset.rules for name in rule.names}
    trees = (tree for step in ruleset.steps for tree in expressions(step))
    looked_at |= {name.id for tree in trees for name in names(tree)}
    return looked_at & ruleset.dictionary.keys()


# --- types ----------------------------------------------------------------------------------------


def _converted(feature: Feature, dtype: pl.DataType) -> pl.Expr | None:
    """The column as the rules read it, null where it cannot be; None if it is to be taken as it is."""
    raw = pl.col(feature.name)
    if feature.type == "integer":
        return _whole(raw, dtype)
    if feature.type in NUMERIC and dtype == pl.String:
        return pl.when(raw.str.contains(_NUMBER)).then(raw).cast(pl.Float64, strict=False)
    if feature.type == "boolean":
        return _flag(raw, dtype)
    if feature.type == "date" and isinstance(dtype, pl.Datetime):
        return raw.dt.date()
    return None


def _whole(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.String:
        return pl.when(raw.str.contains(_WHOLE)).then(raw).cast(pl.Float64, strict=False).cast(pl.Int64)
    if dtype.is_float() or dtype.is_decimal():
        number = raw.cast(pl.Float64)
        return pl.when((number.floor() == number) & (number.abs() < 1e15)).then(number).cast(pl.Int64)
    return None


def _flag(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.String:
        return raw.str.to_lowercase().replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean)
    if dtype.is_numeric():
        return pl.when(raw == 1).then(True).when(raw == 0).then(False)
    return None


def _about(name: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    dtype, raw = schema.get(name), pl.col(name)
    wanted = {"decided_on": pl.Date, "bad": pl.Boolean}.get(name, pl.String)
    if dtype is None or dtype == pl.Null:
        return pl.lit(None, dtype=wanted)
    made = {"decided_on": _day, "bad": _flag}.get(name, _text)(raw, dtype)
    if made is None and dtype != wanted:
        raise BookError(f"column {name!r} is {dtype}; it should be {wanted}: {ABOUT[name]}")
    return raw if made is None else made


def _day(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.String:
        return raw.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return raw.dt.date() if isinstance(dtype, pl.Datetime) else None


def _text(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    return None if dtype.is_nested() or dtype == pl.Binary else raw.cast(pl.String)


def first_line(error: Exception) -> str:
    """What went wrong, without the query plan that polars adds."""
    return str(error).strip().splitlines()[0]
