"""Rows of a finished report as somebody wants to look at them: in another order, or only some."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports.base import Column, Report
from reports.write import camel, rows_of

# a page in another order is made of all rows while somebody waits for it
PICKED_ROWS_MAX = 50_000


class CannotPick(ValueError):
    """No such column, or no condition; `field` says which of the two was asked for wrongly."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class Pick:
    """The order of the rows, and what each of some columns says, as it is written in JSON; empty text is nothing."""

    report: Report
    by: Column | None = None
    descending: bool = False
    only: tuple[tuple[Column, str], ...] = ()

    def page(self, rows: Path, first: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """Rows from `first` on as JSON has them, of the rows in Parquet, and how many there are in all."""
        found = pl.scan_parquet(rows)
        for column, text in self.only:
            found = found.filter(column.kind.json(pl.col(column.name)).cast(pl.String).fill_null("") == text)
        if self.by:
            found = found.sort(self.by.name, descending=self.descending, nulls_last=True, maintain_order=True)
        values = [
            column.kind.json(pl.col(column.name)).alias(camel(column.name)) for column in self.report.columns
        ]
        shown = found.select(values).collect()
        return rows_of(shown.slice(first, size).write_ndjson().encode()), shown.height


def picked(report: Report, sort: str | None, where: Iterable[str]) -> Pick | None:
    """What `sort` ("dueDate", or "-dueDate" for the latest first) and `where` ("status:ACTIVE") ask for; None for
    nothing. Raises CannotPick."""
    columns = {camel(column.name): column for column in report.columns}
    only = tuple(_condition(columns, text) for text in where)
    if not sort and not only:
        return None
    by = _column(columns, sort.removeprefix("-"), "sort") if sort else None
    return Pick(report, by, bool(sort) and sort.startswith("-"), only)


def _condition(columns: dict[str, Column], text: str) -> tuple[Column, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise CannotPick("where", "Write it as column:value.")
    return _column(columns, name, "where"), value


def _column(columns: dict[str, Column], name: str, field: str) -> Column:
    if name not in columns:
        raise CannotPick(field, f"One of {', '.join(columns)}.")
    return columns[name]
