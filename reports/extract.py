"""From PostgreSQL into frames: one COPY a source, all in one snapshot, typed on both sides.

The cursor belongs to a REPEATABLE READ transaction of the caller, who also decides what it may see. COPY's
text format is used, not CSV: every row is one line whatever people typed, and NULL is not the empty text.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl
from psycopg2.extensions import cursor as Cursor

from reports.base import Column, Question, Report, Source
from reports.kinds import TEXT, Kind

# what opens a ciphertext that stood in a place such as ``customer.pan_enc``
Decrypt = Callable[[str, str], str]

_NULL = r"\N"
_BUFFER_BYTES = 1 << 20
# dates as ISO whatever the role is set to; compiling a query takes longer than these run
_SESSION = "SET LOCAL datestyle TO ISO; SET LOCAL jit TO off; SET LOCAL statement_timeout TO '20min'"


@dataclass(frozen=True)
class Extract:
    """The sources of one run as files, from one snapshot taken at `as_of`."""

    files: Mapping[str, Path]
    as_of: datetime


def extract(report: Report, question: Question, cursor: Cursor, directory: Path) -> Extract:
    """Copy every source of a report into `directory`."""
    cursor.execute(_SESSION)
    cursor.execute("SELECT now()")
    (as_of,) = cursor.fetchone()
    files = {name: directory / f"{name}.tsv" for name in report.sources}
    for name, source in report.sources.items():
        copy(source, question, cursor, files[name])
    return Extract(files, as_of)


def copy(source: Source, question: Question, cursor: Cursor, path: Path) -> None:
    """One COPY into one file."""
    query = cursor.mogrify(select(source), question.parameters()).decode()
    with path.open("wb") as file:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", file, _BUFFER_BYTES)


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
