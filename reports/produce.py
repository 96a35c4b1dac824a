"""From extracted sources to the report: its columns in order, masked, typed, with its totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from reports.base import Column, Report
from reports.extract import Decrypt, Extract, scan

ROW_GROUP_ROWS = 50_000


@dataclass(frozen=True)
class Produced:
    """A finished report: its rows as Parquet, from which every other format is written."""

    report: Report
    rows: Path
    row_count: int
    totals: Mapping[str, Any]
    as_of: datetime


def produce(
    report: Report, extracted: Extract, directory: Path, *, decrypt: Decrypt, unmasked: bool = False
) -> Produced:
    """Make the report. Personal data is masked unless the caller says that its reader may see it."""
    frames = {name: scan(report.sources[name], path, decrypt) for name, path in extracted.files.items()}
    rows = directory / "rows.parquet"
    shape(report, frames, unmasked=unmasked).sink_parquet(rows, row_group_size=ROW_GROUP_ROWS)
    made = pl.scan_parquet(rows)
    row_count = made.select(pl.len()).collect().item()
    return Produced(report, rows, row_count, totals(report, made), extracted.as_of)


def shape(report: Report, frames: Mapping[str, pl.LazyFrame], *, unmasked: bool = False) -> pl.LazyFrame:
    """The report as a lazy frame: pure, from frames to a frame."""
    built = report.build(frames).select(column.value() for column in report.columns)
    if unmasked:
        return built
    return built.with_columns(_masked(column) for column in report.columns if column.mask)


def _masked(column: Column) -> pl.Expr:
    return column.mask.apply(pl.col(column.name)).alias(column.name)


def totals(report: Report, rows: pl.LazyFrame) -> dict[str, Any]:
    """Every declared total, as JSON values: decimals as text."""
    return {total.name: _total(rows, total.value, total.by) for total in report.totals}


def _total(rows: pl.LazyFrame, value: pl.Expr, by: str | None) -> Any:
    if by is None:
        return _plain(rows.select(value).collect().item())
    groups = rows.group_by(by).agg(value.alias("value")).sort(by, nulls_last=True).collect()
    return {"" if key is None else str(key): _plain(value) for key, value in groups.iter_rows()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
