"""From PostgreSQL into frames: one COPY a source, all in one snapshot, typed on both sides.

What a COPY gives is cut into parts at ends of rows; while the database makes the next one, a thread types the part,
opens what is sealed in it, makes rows of the report of it if that is all it takes, and leaves it as Parquet.

The cursor belongs to a REPEATABLE READ transaction of the caller, who also decides what it may see. COPY's
text format is used, not CSV: every row is one line whatever people typed, and NULL is not the empty text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from psycopg2.extensions import cursor as Cursor

from reports.base import Column, Listing, Question, Report, Source
from reports.kinds import TEXT, Kind

# what opens a column of ciphertexts that stood in a place such as ``customer.pan_enc``
Decrypt = Callable[[pl.Series, str], pl.Series]
# what makes rows of the report of a typed part
Finish = Callable[[pl.LazyFrame], pl.LazyFrame]

_NULL = r"\N"
_BUFFER_BYTES = 1 << 20
_PART_BYTES = 8 << 20
# dates as ISO whatever the role is set to; compiling a query takes longer than these run
_SESSION = "SET LOCAL datestyle TO ISO; SET LOCAL jit TO off; SET LOCAL statement_timeout TO %s"
TIMEOUT_S = 1_200
# told, at every buffer of a COPY, how many rows have come so far; whatever it raises ends the COPY
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Extract:
    """The sources of one run as parts in Parquet, from one snapshot taken at `as_of`.

    is_finished: the parts hold the rows of the report.
    """

    parts: Mapping[str, Sequence[Path]]
    as_of: datetime
    is_finished: bool = False
    listings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def _quiet(rows: int) -> None:
    """Tell nobody."""


def extract(
    report: Report,
    question: Question,
    cursor: Cursor,
    directory: Path,
    *,
    decrypt: Decrypt,
    finish: Finish | None = None,
    tell: Tell = _quiet,
    timeout_s: int = TIMEOUT_S,
) -> Extract:
    """Copy every source of a report into `directory`, with what is sealed opened, and each part finished if it can
    be."""
    cursor.execute(_SESSION, (timeout_s * 1_000,))
    cursor.execute("SELECT now()")
    (as_of,) = cursor.fetchone()
    parts: dict[str, list[Future[Path]]] = {}
    parameters = report.parameters(question)
    with ThreadPoolExecutor(1) as opening:
        try:
            rows = 0
            for name, source in report.sources.items():
                full = partial(opening.submit, _typed, source, decrypt, finish)
                with _Parts(directory / name, full, partial(_told, tell, rows)) as target:
                    _copy(source, parameters, cursor, target)
                parts[name], rows = target.parts, rows + target.rows
            made = {name: [part.result() for part in told] for name, told in parts.items()}
            listings = {listing.name: _listed(listing, parameters, cursor) for listing in report.listings}
            return Extract(made, as_of, is_finished=finish is not None, listings=listings)
        except BaseException:
            opening.shutdown(cancel_futures=True)
            raise


def _listed(listing: Listing, parameters: Mapping[str, Any], cursor: Cursor) -> dict[str, str]:
    cursor.execute(listing.sql, parameters)
    return {name: str(amount) for name, amount in cursor.fetchall()}


def _told(tell: Tell, before: int, so_far: int) -> None:
    tell(before + so_far)


def _typed(source: Source, decrypt: Decrypt, finish: Finish | None, path: Path) -> Path:
    """A part as Parquet; the text of it is gone."""
    typed, part = path.with_suffix(".parquet"), scan(source, path, decrypt)
    # in one piece: the streaming engine would open what is sealed a few hundred rows at a time
    (finish(part) if finish else part).sink_parquet(typed, compression="lz4", engine="in-memory")
    path.unlink()
    return typed


class _Parts:
    """A file that is cut into parts, each handed to `full` once it is, and that tells how many rows were written."""

    def __init__(self, stem: Path, full: Callable[[Path], "Future[Path]"], tell: Tell) -> None:
        self._stem, self._full, self._tell = stem, full, tell
        self._size, self.rows, self.parts = 0, 0, []
        self._open()

    def _open(self) -> None:
        self._path = self._stem.with_name(f"{self._stem.name}-{len(self.parts):05d}.tsv")
        self._file, self._size = self._path.open("wb"), 0

    def write(self, data: bytes) -> int:
        """What COPY gives: whole rows at a time."""
        self.rows += data.count(b"\n")
        self._tell(self.rows)
        self._size += self._file.write(data)
        if self._size >= _PART_BYTES and data.endswith(b"\n"):
            self._close()
            self._open()
        return len(data)

    def _close(self) -> None:
        self._file.close()
        self.parts.append(self._full(self._path))

    def __enter__(self) -> "_Parts":
        return self

    def __exit__(self, kind: type | None, *more: object) -> None:
        if kind is None:
            self._close()
        else:
            self._file.close()


def copy(source: Source, question: Question, cursor: Cursor, path: Path) -> None:
    """One COPY into one file, of a report without options."""
    with path.open("wb") as file:
        _copy(source, question.parameters(), cursor, file)


def _copy(source: Source, parameters: Mapping[str, Any], cursor: Cursor, target: Any) -> None:
    query = cursor.mogrify(select(source), parameters).decode()
    try:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", target, _BUFFER_BYTES)
    except BaseException:
        # the server would go on sending, and whoever rolls back would wait for it
        cursor.connection.cancel()
        raise


def expected_rows(report: Report, question: Question, cursor: Cursor) -> int:
    """How many rows the planner thinks all sources have: what progress is measured by, never more than a guess."""
    parameters = report.parameters(question)
    return sum(_expected(source, parameters, cursor) for source in report.sources.values())


def _expected(source: Source, parameters: Mapping[str, Any], cursor: Cursor) -> int:
    cursor.execute(f"EXPLAIN (FORMAT JSON) {select(source)}", parameters)
    return cursor.fetchone()[0][0]["Plan"]["Plan Rows"]


_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b", re.IGNORECASE)


def tables(report: Report) -> list[str]:
    """The names that the sources read from: tables, and names of parts of queries, which no table has."""
    sources = report.sources.values()
    return sorted({name for source in sources for name in (*_TABLE.findall(source.sql), *source.reads)})


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
    plain = value.map_batches(partial(decrypt, place=column.sealed), pl.String())
    return column.kind.opened(plain)


def frames(extracted: Extract) -> dict[str, pl.LazyFrame]:
    """The sources as lazy frames."""
    return {name: pl.scan_parquet(parts) for name, parts in extracted.parts.items()}


def discard(extracted: Extract) -> None:
    """Remove the files once the report is made of them."""
    for parts in extracted.parts.values():
        for path in parts:
            path.unlink(missing_ok=True)
