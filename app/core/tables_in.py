"""Tables that somebody uploads: CSV or XLSX, under whatever names their columns have, cell by cell.

Pure: bytes in, rows out.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from pipelines.statements import StatementProblem, sheets_bounded
from pipelines.statements.problems import PASSWORD_NEEDED, TOO_LARGE
from pipelines.statements.sheets import Sheet, text_of

_DELIMITERS = ",;\t|"
_PAISA, _AMOUNT_MAX = Decimal("0.01"), Decimal(10) ** 12
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y")
CELL_CHARS_MAX = 200
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)

Line = tuple[int, dict[str, str]]


class FileProblem(Exception):
    """The file as a whole is no such table. The text says why, for people."""


def spellings(names: Mapping[str, str]) -> dict[str, str]:
    """From column -> how files call it, as letters and digits only, to spelling -> column."""
    return {spelt: column for column, spelt_so in names.items() for spelt in spelt_so.split()}


def below_header(data: bytes, columns: Mapping[str, str], needed: Sequence[str], rows_max: int) -> list[Line]:
    """Number and cells, by column, of each line below the one that names the columns `needed`, on the one sheet that
    has it. A cell that is empty is an empty text, a column that the file does not have is absent. Raises
    FileProblem."""
    found = [lines for sheet in _sheets(data) if (lines := _below(sheet, columns, needed)) is not None]
    if not found:
        raise FileProblem(f"No row names the columns {', '.join(needed[:-1])} and {needed[-1]}.")
    if len(found) > 1:
        raise FileProblem(f"{len(found)} sheets hold such a table: send each as a file.")
    if len(found[0]) > rows_max:
        raise FileProblem(f"More than {rows_max} rows: send parts.")
    return found[0]


def _below(sheet: Sheet, columns: Mapping[str, str], needed: Sequence[str]) -> list[Line] | None:
    for number, (_, header) in enumerate(sheet):
        places = {
            columns[spelt]: place for place, cell in header.items() if (spelt := letters(cell)) in columns
        }
        if all(name in places for name in needed):
            return [(line_no, _told(cells, places)) for line_no, cells in sheet[number + 1 :]]
    return None


def _told(cells: dict[int, str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: seen(cells.get(place, ""))[:CELL_CHARS_MAX] for name, place in places.items()}


def _sheets(data: bytes) -> list[Sheet]:
    try:
        if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            return sheets_bounded(data)
        return [list(_csv(text_of(data)))]
    except StatementProblem as problem:
        raise FileProblem(_PROBLEMS.get(problem.status, "Neither CSV nor a workbook that opens.")) from None
    except csv.Error:
        raise FileProblem("The CSV is damaged.") from None


_PROBLEMS = {
    PASSWORD_NEEDED: "The workbook is locked: send it without its password.",
    TOO_LARGE: "The workbook is larger than any such file when it is opened.",
}


def _csv(text: str) -> Iterator[tuple[int, dict[int, str]]]:
    """Number and cells, by column, of each line that is not empty."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
        found = {place: cell.strip().lstrip("'") for place, cell in enumerate(cells) if cell.strip()}
        if found:
            yield number, found


def seen(text: str) -> str:
    """A cell as people see it: without the controls and marks of direction that come along when numbers are copied."""
    return _UNSEEN.sub("", text)


def letters(text: str) -> str:
    """Small letters and digits alone, to compare words by."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def status_of(text: str, spelt: Mapping[str, str]) -> str:
    """What a word stands for, by its `spellings`. Raises ValueError, for people."""
    found = spelt.get(letters(text))
    if found is None:
        raise ValueError("The status is a word that is not known.")
    return found


def amount_of(text: str, least: Decimal = _PAISA) -> Decimal:
    """Rupees, `least` or more. Raises ValueError, for people."""
    try:
        amount = Decimal(re.sub(r"^(INR|Rs\.?|₹)|,|\s", "", text, flags=re.IGNORECASE))
    except InvalidOperation:
        raise ValueError("The amount is no number.") from None
    if not amount.is_finite() or not least <= amount < _AMOUNT_MAX or amount != round(amount, 2):
        raise ValueError("The amount is none that can be paid.")
    return amount


def day_of(text: str) -> date | None:
    """A day; None of an empty text. Raises ValueError, for people."""
    for shape in _DATES if text else ():
        try:
            return datetime.strptime(text.split("T")[0], shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if text:
        raise ValueError("The date cannot be read.")
    return None
