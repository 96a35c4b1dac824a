"""A finished report as a page that stands alone: totals, charts, and its first rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.pages import render
from pipelines.pages.charts import Series, columns, lines
from reports.charts import Drawn, drawn
from reports.finished import Finished

ROWS_MAX = 1_000
_DRAW = {"line": lines, "column": columns}


def write_html(produced: Finished, path: Path) -> None:
    """The page. Everything in it is escaped, and nothing is fetched from anywhere."""
    rows, report = pl.scan_parquet(produced.rows), produced.report
    cells = [column.kind.csv(pl.col(column.name)).alias(column.name) for column in report.columns]
    page = render(
        "report.html",
        title=report.title,
        about=f"{report.grain[:1].upper()}{report.grain[1:]}. The dates apply to {report.filtered_on}.",
        totals=list(_totals(produced.totals)),
        charts=[_drawn(drawn(chart, rows)) for chart in report.charts],
        head=[column.name.replace("_", " ") for column in report.columns],
        rows=rows.select(cells).head(ROWS_MAX).collect().rows(),
        row_count=produced.row_count,
        rows_max=ROWS_MAX,
    )
    path.write_text(page, encoding="utf-8")


def _drawn(told: Drawn) -> dict[str, Any]:
    series = [Series(name, f"s{number}", values) for number, (name, values) in enumerate(told.series)]
    return {
        "title": told.chart.title,
        "names": [(one.kind, one.name.replace("_", " ")) for one in series],
        "drawing": _DRAW[told.chart.kind](told.chart.title, told.labels, series, _figure),
    }


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _totals(totals: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, total in totals.items():
        label = name.replace("_", " ")
        if isinstance(total, dict):
            yield from ((f"{label}: {part or 'unknown'}", value) for part, value in total.items())
        else:
            yield label, total
