"""CSV that a spreadsheet opens as text: RFC 4180 with a byte order mark, no cell that runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """The whole file, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def harmless(cell: Any) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_RUNS) else text
