"""Books that are sent for a backtest: taken in by what is in them, kept until the run has ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import polars as pl

import rules
from app.core.database import current_brand
from app.core.errors import Invalid
from app.files import storage
from pipelines.backtest import DAMAGE, BookError, between, first_line, readable, recognised, scan_book
from storage import CSV, PARQUET, Stored, extension_of, key_for, sniff

BYTES_MAX = 8 * 2**20
ROWS_MAX = 1_000_000  # a small Parquet file can say a great many rows
_SENTENCE_CHARS_MAX = 500

Sides = tuple[rules.Ruleset, rules.Ruleset]


def store(data: bytes, sides: Sides, first: date | None, last: date | None) -> Stored:
    """Keep a book whose head was read and fits one of the rule sets.

    Raises Invalid that names the field: a file that is no book or too large, no column that the rules read, or
    days asked for of a book that tells none.
    """
    content_type = _content_type(data)
    with _laid_out(data, extension_of(content_type)) as path:
        _refuse_unfit(path, sides, first, last)
    name = f"{token_hex(8)}.{extension_of(content_type)}"
    return storage().put(key_for(current_brand(), "backtest_books", name), data, content_type)


def opened(key: str, directory: Path, sides: Sides, first: date | None, last: date | None) -> pl.LazyFrame:
    """A book that was kept, for a backtest. Raises BookError."""
    path = directory / f"book{Path(key).suffix}"
    with path.open("wb") as file:
        file.writelines(storage().stream(key))
    return _scan(path, sides, first, last)


def drop(key: str) -> None:
    """Forget a book: its applicants are needed no longer."""
    storage().remove(key)


def _scan(path: Path, sides: Sides, first: date | None, last: date | None) -> pl.LazyFrame:
    champion, challenger = sides
    book = readable(scan_book(path, challenger), champion)
    return between(recognised(book, champion, challenger), first, last)


def _content_type(data: bytes) -> str:
    if not data:
        raise Invalid("The file is empty.", field="file", code="FILE_EMPTY")
    if len(data) > BYTES_MAX:
        raise Invalid(f"Larger than {BYTES_MAX // 2**20} MB.", field="file", code="FILE_TOO_LARGE")
    found = sniff(data)
    if found not in (CSV, PARQUET):
        raise Invalid("A book is a Parquet file or a CSV with a header.", field="file", code="FILE_TYPE")
    return found


@contextmanager
def _laid_out(data: bytes, extension: str) -> Iterator[Path]:
    with TemporaryDirectory(prefix="los-book-") as directory:
        path = Path(directory) / f"book.{extension}"
        path.write_bytes(data)
        yield path


def _refuse_unfit(path: Path, sides: Sides, first: date | None, last: date | None) -> None:
    with _told_of("file", "BOOK_UNREADABLE"):
        book = _scan(path, sides, None, None)
        rows = book.select(pl.len()).collect(engine="streaming").item()
    if rows > ROWS_MAX:
        raise Invalid(f"A book has at most {ROWS_MAX} rows.", field="file", code="FILE_TOO_LARGE")
    with _told_of("from_date" if first else "to_date", "BOOK_WITHOUT_DAYS"):
        between(book, first, last)


@contextmanager
def _told_of(field: str, code: str) -> Iterator[None]:
    """What is wrong with a book, as the field that brought it."""
    try:
        yield
    except (BookError, *DAMAGE) as error:
        raise Invalid(first_line(error)[:_SENTENCE_CHARS_MAX], field=field, code=code) from None
