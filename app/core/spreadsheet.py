"""What a spreadsheet opens as text, no cell of which runs as a formula: CSV (RFC 4180, byte order mark) and XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

# the last four are full-width = + - @
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_file(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """The whole file, UTF-8."""
    return csv_head(header) + csv_lines(rows)


def xlsx_file(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """A workbook of one sheet in which every cell is text: nothing runs, and no long number is rounded."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, "" if cell is None else str(cell))
    return out.getvalue()


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
