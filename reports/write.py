"""The formats of a finished report. A format is one row of FORMATS and one function."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

import polars as pl

from reports.base import Report
from reports.pages import write_html
from reports.produce import ROW_GROUP_ROWS, Produced
from reports.sheets import write_xlsx

# Rows of JSON Lines whose place in the file is remembered, so that a page is read without the rest.
BLOCK_ROWS = 500


def write_csv(produced: Produced, path: Path) -> None:
    """For spreadsheets: RFC 4180 with a byte order mark, Indian dates and times, no formula that runs."""
    cells = [column.kind.csv(pl.col(column.name)).alias(column.name) for column in produced.report.columns]
    with path.open("wb") as file:
        for number, group in enumerate(_groups(produced, cells)):
            is_first = number == 0
            group.write_csv(
                file, include_bom=is_first, include_header=is_first, line_terminator="\r\n", null_value=""
            )


def _groups(produced: Produced, values: Iterable[pl.Expr]) -> Iterator[pl.DataFrame]:
    """The rows, a group after the other, at least one: a sink would read as far ahead as there is memory."""
    rows = pl.scan_parquet(produced.rows).select(values)
    for first in range(0, max(1, produced.row_count), ROW_GROUP_ROWS):
        yield rows.slice(first, ROW_GROUP_ROWS).collect()


def csv_totals(report: Report, totals: Mapping[str, Any]) -> bytes:
    """A last row for the CSV: each total that has the name of a column under it, and a word in the first cell."""
    names = [column.name for column in report.columns]
    cells = {names[0]: "TOTAL"} | {
        name: total for name, total in totals.items() if not isinstance(total, dict)
    }
    line = io.StringIO()
    csv.DictWriter(line, names, restval="", extrasaction="ignore").writerow(cells)
    return line.getvalue().encode()


def write_parquet(produced: Produced, path: Path) -> None:
    """For analysts: typed columns."""
    copyfile(produced.rows, path)


def write_jsonl(produced: Produced, path: Path) -> None:
    """One JSON object a line, camelCase; decimals as text, instants in UTC."""
    write_jsonl_blocks(produced, path)


def write_jsonl_blocks(produced: Produced, path: Path) -> list[int]:
    """As `write_jsonl`. Returns where each block of BLOCK_ROWS lines starts, and the end of the file."""
    starts = [0]
    with path.open("wb") as file:
        for group in _groups(produced, _json_values(produced.report)):
            for block in group.iter_slices(BLOCK_ROWS):
                block.write_ndjson(file)
                starts.append(file.tell())
    return starts


def _json_values(report: Report) -> list[pl.Expr]:
    return [column.kind.json(pl.col(column.name)).alias(camel(column.name)) for column in report.columns]


def camel(name: str) -> str:
    """``salary_date_1`` is ``salaryDate1``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def as_array(lines: Iterable[bytes], head: bytes = b"[", tail: bytes = b"]") -> Iterator[bytes]:
    """JSON Lines, in pieces of any size, as one JSON array between `head` and `tail`. No newline is inside a value."""
    yield head
    held = b""
    for part in lines:
        whole = held + part
        # the newline that may be the last ends nothing yet
        held = b"\n" if whole.endswith(b"\n") else b""
        yield whole.removesuffix(b"\n").replace(b"\n", b",\n")
    yield tail


def write_json(produced: Produced, path: Path) -> None:
    """One JSON array of the objects of `write_jsonl`."""
    lines = path.with_suffix(".lines")
    write_jsonl(produced, lines)
    with lines.open("rb") as source, path.open("wb") as target:
        target.writelines(as_array(iter(partial(source.read, 1 << 20), b"")))
    lines.unlink()


def rows_of(block: bytes) -> list[dict]:
    """The rows of some lines of JSON Lines."""
    return [json.loads(line) for line in block.splitlines()]


@dataclass(frozen=True)
class Format:
    """A file format that reports come in."""

    extension: str
    content_type: str
    write: Callable[[Produced, Path], None]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "html": Format("html", "text/html; charset=utf-8", write_html),
    "json": Format("json", "application/json", write_json),
    "jsonl": Format("jsonl", "application/x-ndjson", write_jsonl),
    "parquet": Format("parquet", "application/vnd.apache.parquet", write_parquet),
}
