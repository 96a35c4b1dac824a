"""Charts of a report: declared by the columns they show, drawn from its finished rows in whatever format has them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

# more lines than this tell nothing; the last ones are the newest
SERIES_MAX = 8


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`x` gives the labels. One series for each column of `y`, or, with `by`, one of `y` for each value of that column.

    `only`: the rows that it is of.
    """

    title: str
    x: str
    y: tuple[str, ...]
    kind: Literal["line", "column"] = "column"
    by: str | None = None
    only: pl.Expr | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Drawn:
    """What a chart shows: labels in the order of the rows, and values for each, None where there is none."""

    chart: Chart
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]


def drawn(chart: Chart, rows: pl.LazyFrame) -> Drawn:
    """The figures of a chart from the rows of its report."""
    shown = rows if chart.only is None else rows.filter(chart.only)
    columns = [chart.x, *chart.y, *([chart.by] if chart.by else [])]
    frame = shown.select(columns).with_columns(
        pl.col(chart.x).cast(pl.String).fill_null(""), pl.col(*chart.y).cast(pl.Float64)
    )
    told = frame.collect()
    labels = told[chart.x].unique(maintain_order=True).to_list()
    if chart.by is None:
        return Drawn(chart, labels, [(name, _values(told, chart.x, name, labels)) for name in chart.y])
    names = told[chart.by].unique(maintain_order=True).to_list()[-SERIES_MAX:]
    (value,) = chart.y
    series = [
        (str(name or ""), _values(told.filter(pl.col(chart.by).eq_missing(name)), chart.x, value, labels))
        for name in names
    ]
    return Drawn(chart, labels, series)


def _values(rows: pl.DataFrame, x: str, y: str, labels: Sequence[str]) -> list[float | None]:
    """By label; where several rows have one, their sum."""
    value = pl.when(pl.col(y).count() > 0).then(pl.col(y).sum())
    known = dict(rows.group_by(x).agg(value).iter_rows())
    return [known.get(label) for label in labels]
