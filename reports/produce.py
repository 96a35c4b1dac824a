"""From extracted sources to the report: its columns in order, masked, typed, with its totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.money import percent
from reports.base import Column, Report, Total
from reports.extract import Extract, Finish, frames

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
    report: Report,
    extracted: Extract,
    directory: Path,
    *,
    unmasked: bool = False,
    group_by: str | None = None,
) -> Produced:
    """Make the report. Personal data is masked unless the caller says that its reader may see it. `group_by`: only the
    rows grouped so; the totals are those of the whole."""
    rows, sources = directory / "rows.parquet", frames(extracted)
    if extracted.is_finished:
        (shaped,) = sources.values()
    else:
        shaped = shape(report, sources, unmasked=unmasked)
    shaped.sink_parquet(rows, row_group_size=ROW_GROUP_ROWS)
    told = totals(report, pl.scan_parquet(rows)) | extracted.listings
    if report.grouping and (group_by or report.grouping.finer):
        rows = _chosen(rows, report.grouping.chosen(group_by))
    row_count = pl.scan_parquet(rows).select(pl.len()).collect().item()
    return Produced(report, rows, row_count, told, extracted.as_of)


def _chosen(rows: Path, shown: pl.Expr) -> Path:
    chosen = rows.with_name("chosen.parquet")
    pl.scan_parquet(rows).filter(shown).sink_parquet(chosen, row_group_size=ROW_GROUP_ROWS)
    return chosen


def finisher(report: Report, *, unmasked: bool = False) -> Finish | None:
    """What finishes a report that is only a join part by part, while the database makes the next part. None: all parts
    are needed for any row."""
    return (lambda part: shape(report, {"part": part}, unmasked=unmasked)) if report.is_join else None


def shape(report: Report, sources: Mapping[str, pl.LazyFrame], *, unmasked: bool = False) -> pl.LazyFrame:
    """The report as a lazy frame: pure, from frames to a frame."""
    built = report.build(sources).select(column.value() for column in report.columns)
    if unmasked:
        return built
    return built.with_columns(_masked(column) for column in report.columns if column.mask)


def _masked(column: Column) -> pl.Expr:
    return column.mask.apply(pl.col(column.name)).alias(column.name)


def totals(report: Report, rows: pl.LazyFrame) -> dict[str, Any]:
    """Every declared total, as JSON values: decimals as text."""
    whole = [total.value.alias(total.name) for total in report.totals if total.by is None]
    known = rows.select(whole).collect().row(0, named=True) if whole else {}
    return {
        total.name: _plain(known[total.name]) if total.by is None else _by(rows, total)
        for total in report.totals
    }


def _by(rows: pl.LazyFrame, total: Total) -> dict[str, Any]:
    key = pl.col(total.by) if isinstance(total.by, str) else total.by
    groups = rows.group_by(key.alias("key")).agg(total.value.alias("value")).sort("key", nulls_last=True)
    if total.share:
        groups = groups.with_columns(percent(pl.col("value"), pl.col("value").sum()))
    groups = groups.collect()
    return {_key(key): _plain(value) for key, value in groups.iter_rows()}


def _key(key: Any) -> str:
    return "" if key is None else str(key).lower() if isinstance(key, bool) else str(key)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
