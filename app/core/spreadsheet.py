"""CSV that a spreadsheet opens as text: RFC 4180 with a byte order mark, no cell that runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# the last four are full-width = + - @
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_file(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """The whole file, UTF-8."""
    return csv_head(header) + csv_lines(rows)


def csv_head(header: Sequence[str]) -> bytes:
    """The byte order mark and the first line, for a file that is sent in pieces."""
    return b"\xef\xbb\xbf" + csv_lines([header])


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Some lines of a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def harmless(cell: Any) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_RUNS) else text
