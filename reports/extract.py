"""From PostgreSQL into frames: one COPY a source, all in one snapshot, typed on both sides.

The cursor belongs to a REPEATABLE READ transaction of the caller, who also decides what it may see. COPY's
text format is used, not CSV: every row is one line whatever people typed, and NULL is not the empty text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl
from psycopg2.extensions import cursor as Cursor

from reports.base import Column, Question, Report, Source
from reports.kinds import TEXT, Kind

# what opens a ciphertext that stood in a place such as ``customer.pan_enc``
Decrypt = Callable[[str, str], str]

_NULL = r"\N"
_BUFFER_BYTES = 1 << 20
# dates as ISO whatever the role is set to; compiling a query takes longer than these run
_SESSION = "SET LOCAL datestyle TO ISO; SET LOCAL jit TO off; SET LOCAL statement_timeout TO %s"
TIMEOUT_S = 1_200
# told, at every buffer of a COPY, how many rows have come so far; whatever it raises ends the COPY
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Extract:
    """The sources of one run as files, from one snapshot taken at `as_of`."""

    files: Mapping[str, Path]
    as_of: datetime


def _quiet(rows: int) -> None:
    """Tell nobody."""


def extract(
    report: Report,
    question: Question,
    cursor: Cursor,
    directory: Path,
    *,
    tell: Tell = _quiet,
    timeout_s: int = TIMEOUT_S,
) -> Extract:
    """Copy every source of a report into `directory`."""
    cursor.execute(_SESSION, (timeout_s * 1_000,))
    cursor.execute("SELECT now()")
    (as_of,) = cursor.fetchone()
    files, rows = {name: directory / f"{name}.tsv" for name in report.sources}, 0
    for name, source in report.sources.items():
        rows += copy(source, question, cursor, files[name], lambda so_far, before=rows: tell(before + so_far))
    return Extract(files, as_of)


class _Counting:
    """A file that tells how many lines were written to it."""

    def __init__(self, file: BinaryIO, tell: Tell) -> None:
        self._file, self._tell, self.rows = file, tell, 0

    def write(self, data: bytes) -> int:
        self.rows += data.count(b"\n")
        self._tell(self.rows)
        return self._file.write(data)


def copy(source: Source, question: Question, cursor: Cursor, path: Path, tell: Tell = _quiet) -> int:
    """One COPY into one file. Returns how many rows that were."""
    query = cursor.mogrify(select(source), question.parameters()).decode()
    with path.open("wb") as file:
        counting = _Counting(file, tell)
        try:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", counting, _BUFFER_BYTES)
        except BaseException:
            # the server would go on sending, and whoever rolls back would wait for it
            cursor.connection.cancel()
            raise
    return counting.rows


def expected_rows(report: Report, question: Question, cursor: Cursor) -> int:
    """How many rows the planner thinks all sources have: what progress is measured by, never more than a guess."""
    return sum(_expected(source, question, cursor) for source in report.sources.values())


def _expected(source: Source, question: Question, cursor: Cursor) -> int:
    cursor.execute(f"EXPLAIN (FORMAT JSON) {select(source)}", question.parameters())
    return cursor.fetchone()[0][0]["Plan"]["Plan Rows"]


_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b", re.IGNORECASE)


def tables(report: Report) -> list[str]:
    """The names that the sources read from: tables, and names of parts of queries, which no table has."""
    return sorted({name for source in report.sources.values() for name in _TABLE.findall(source.sql)})


def select(source: Source) -> str:
    """The source with each column cast to what it is declared to be: SQL and frame cannot disagree."""
    columns = ", ".join(f"{_wire(c).copied.format(f'q.{c.name}')} AS {c.name}" for c in source.gives)
    return f"SELECT {columns} FROM ({source.sql}) q"


def _wire(column: Column) -> Kind:
    return TEXT if column.sealed else column.kind


def scan(source: Source, path: Path, decrypt: Decrypt) -> pl.LazyFrame:
    """The file as a lazy frame of the declared types, with sealed columns opened."""
    if not path.stat().st_size:
        return pl.LazyFrame(schema={column.name: column.kind.dtype for column in source.gives})
    frame = pl.scan_csv(
        path,
        has_header=False,
        separator="\t",
        quote_char=None,
        null_values=_NULL,
        empty_string_is_null=False,
        schema={column.name: _wire(column).wire for column in source.gives},
    )
    return frame.select(_read(column, decrypt) for column in source.gives)


def _read(column: Column, decrypt: Decrypt) -> pl.Expr:
    value = _wire(column).read(pl.col(column.name))
    if not column.sealed:
        return value
    plain = value.map_batches(partial(_opened, column.sealed, decrypt), pl.String(), is_elementwise=True)
    return column.kind.opened(plain)


def _opened(place: str, decrypt: Decrypt, sealed: pl.Series) -> pl.Series:
    """Each distinct ciphertext is decrypted once."""
    distinct: Iterable[str] = sealed.drop_nulls().unique()
    plain = {text: decrypt(text, place) for text in distinct}
    return pl.Series(sealed.name, [plain.get(text) for text in sealed], dtype=pl.String)


def discard(extracted: Extract) -> None:
    """Remove the files once the report is made of them."""
    for path in extracted.files.values():
        with suppress(FileNotFoundError):
            path.unlink()
