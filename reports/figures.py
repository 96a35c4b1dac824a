"""Columns of reports that count and add up: their values come out of the report's `build`."""

import polars as pl

from reports.base import Column
from reports.kinds import Kind


def figure(name: str, kind: Kind, meaning: str, formula: pl.Expr | None = None) -> Column:
    """A column of what `build` gives: the column of that name, else a formula over those that it gives."""
    return Column(name, kind, meaning, formula=pl.col(name) if formula is None else formula)


def unknown(name: str, kind: Kind, meaning: str) -> Column:
    """A column without a source yet."""
    return Column(name, kind, meaning)


def valued(frame: pl.LazyFrame, columns: tuple[Column, ...]) -> pl.LazyFrame:
    """A source's rows as columns of the dictionary, formulas worked out."""
    return frame.select(column.value() for column in columns)
