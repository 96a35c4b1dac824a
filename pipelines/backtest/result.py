"""The backtest of a draft against the rules in force, and the forms in which it is read."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.backtest.books import (
    DAMAGE,
    BookError,
    described,
    first_line,
    missing_inputs,
    spoilt,
    unknown_columns,
)
from pipelines.backtest.changes import changed_cases, write_changed_cases
from pipelines.backtest.deciding import ROW_GROUP_ROWS, decided
from pipelines.backtest.figures import SLICES, cube, figures, reason_counts, sliced
from pipelines.backtest.page import page
from rules import Ruleset
from rules.diff import diff

Stage = Callable[[str, int], None]


@dataclass(frozen=True, eq=False)
class Backtest:
    """A draft (the challenger) against the champion over one book.

    `figures` is what `as_dict` gives, made of plain JSON values. The decided rows are in a file of their own that
    is removed with this object: a book may be larger than the memory.
    """

    champion: Ruleset
    challenger: Ruleset
    figures: dict[str, Any] = field(repr=False)
    _rows: Path = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The whole result as JSON can keep it: shares of 1, rupees as text. `page` draws it."""
        return self.figures

    def html(self) -> str:
        """One page with everything that it needs in it."""
        return page(self.figures)

    def changed_cases(self) -> pl.DataFrame:
        """Every application whose outcome or offer changes: both outcomes, all reasons, both offers."""
        return self._changed.collect(engine="streaming")

    def write_changed_cases(self, path: Path) -> None:
        """`changed_cases` as CSV, without holding them in memory; no cell starts a spreadsheet formula."""
        write_changed_cases(self._changed, path)

    @cached_property
    def _changed(self) -> pl.LazyFrame:
        return changed_cases(pl.scan_parquet(self._rows), self.champion, self.challenger)


def backtest(
    champion: Ruleset,
    challenger: Ruleset,
    book: pl.LazyFrame,
    *,
    on_stage: Stage = lambda name, rows: None,
) -> Backtest:
    """Decide a book with both rule sets and compare.

    `book` has inputs by name, and may have the columns of `books.ABOUT`. It is read once, in batches.
    `on_stage` is told each stage ("deciding", "counting") and how many rows are done.
    Raises BookError when the book cannot be read, has no rows, or has no column that the rules know.
    """
    schema = book.collect_schema()
    _refuse_strangers(schema.names(), champion, challenger)
    directory = Path(tempfile.mkdtemp(prefix="backtest-"))
    rows = directory / "rows.parquet"
    try:
        quality = _decide(champion, challenger, book, rows, on_stage)
        on_stage("counting", quality["rows"])
        told = _counted(pl.scan_parquet(rows), {"champion": champion, "challenger": challenger})
        heads = {"champion": _head(champion), "challenger": _head(challenger)}
        changes = [change.sentence for change in diff(champion, challenger)]
        result = Backtest(champion, challenger, heads | {"changes": changes, "book": quality} | told, rows)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    weakref.finalize(result, shutil.rmtree, directory, ignore_errors=True)
    return result


def _refuse_strangers(columns: list[str], *rulesets: Ruleset) -> None:
    if not {name for ruleset in rulesets for name in ruleset.dictionary} & set(columns):
        shown = ", ".join(columns[:10]) or "none"
        raise BookError(f"no column of the book is an input of the rules; its columns: {shown}")


def _decide(
    champion: Ruleset, challenger: Ruleset, book: pl.LazyFrame, rows: Path, on_stage: Stage
) -> dict[str, Any]:
    """Write the decided rows. Returns what is to be known of the book."""
    schema = book.collect_schema()
    frame = described(book, challenger)
    try:
        told = _counting(decided(champion, challenger, frame), on_stage)
        told.sink_parquet(rows, compression="lz4", row_group_size=ROW_GROUP_ROWS)
        unreadable = spoilt(book, challenger)
        facts = _facts(pl.scan_parquet(rows))
    except (*DAMAGE, OSError) as error:
        raise BookError(f"the book cannot be read: {first_line(error)}") from error
    if not facts["rows"]:
        raise BookError("the book has no rows")
    return facts | {
        "unknown_columns": unknown_columns(schema.names(), champion, challenger),
        "missing_inputs": missing_inputs(frame.collect_schema().names(), champion, challenger),
        "unreadable": unreadable,
    }


def _counting(frame: pl.LazyFrame, on_stage: Stage) -> pl.LazyFrame:
    """The same frame; as its batches pass, `on_stage` is told how many rows have."""
    done = 0

    def count(batch: pl.DataFrame) -> pl.DataFrame:
        nonlocal done
        done += batch.height
        on_stage("deciding", done)
        return batch

    return frame.map_batches(count, streamable=True, validate_output_schema=False)


def _facts(rows: pl.LazyFrame) -> dict[str, Any]:
    """Size and period of the book, and where its own outcome is not what the champion says now."""
    told = rows.select(
        rows=pl.len(),
        known=pl.col("bad").count(),
        decided_then=pl.col("outcome").count(),
        differing=(pl.col("outcome") != pl.col("champion_outcome").cast(pl.String)).sum(),
        first_day=pl.col("decided_on").min().dt.to_string("iso"),
        last_day=pl.col("decided_on").max().dt.to_string("iso"),
    )
    return told.collect(engine="streaming").to_dicts()[0]


def _counted(rows: pl.LazyFrame, rulesets: Mapping[str, Ruleset]) -> dict[str, Any]:
    """The figures of the whole, of every segment and of every month."""
    parts, counts = pl.collect_all(
        [cube(sliced(rows)), reason_counts(sliced(rows), rulesets)], engine="streaming"
    )
    told: dict[str, Any] = {"total": figures(parts, counts, rulesets)}
    for name in SLICES:
        values = sorted(parts[name].unique().to_list())
        told[f"{name}s"] = {
            value: figures(
                parts.filter(pl.col(name) == value), counts.filter(pl.col(name) == value), rulesets
            )
            for value in values
        }
    return told


def _head(ruleset: Ruleset) -> dict[str, Any]:
    return {"label": ruleset.label, "hash": ruleset.hash, "rules": len(ruleset.rules)}
