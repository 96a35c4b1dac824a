"""CSV in any dress, XLSX and XLS as lines whose words are cells."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

import msoffcrypto
import python_calamine
from msoffcrypto.exceptions import FileFormatError, InvalidKeyError

from pipelines.statements.headers import find_headers
from pipelines.statements.page import Document, Line, Word
from pipelines.statements.problems import (
    CORRUPT,
    NOT_A_STATEMENT,
    PASSWORD_NEEDED,
    TOO_LARGE,
    WRONG_PASSWORD,
    StatementProblem,
)

ROWS_MAX = 200_000
COLUMNS_MAX = 200
SHEETS_MAX = 100
CELLS_MAX = 2_000_000
UNPACKED_BYTES_MAX = 150 * 2**20
CELL_WIDTH = 0.5  # of the column that a cell stands in: the rest is the gap to the next
DELIMITERS = (",", "\t", ";", "|", "^", "~")
SAMPLE_LINES = 400
UTF_16_ZEROS_MIN = 20  # among the first hundred letters
# the number of each row that is not empty, and its cells by column
Sheet = list[tuple[int, dict[int, str]]]


def read_csv(data: bytes) -> Document:
    """A sheet out of text; plain text where no delimiter gives it a header row."""
    text = text_of(data)
    for delimiter in _delimiters(text):
        try:
            lines = _lines(1, list(csv.reader(io.StringIO(text), delimiter=delimiter)))
        except csv.Error as error:
            raise StatementProblem(CORRUPT) from error
        if find_headers(lines):
            return Document(lines, aligned=True, cells=True)
    return read_text(text)


def text_of(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 with or without its mark, else as Windows writes it."""
    for encoding in (utf_16_of(data),) if utf_16_of(data) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise StatementProblem(NOT_A_STATEMENT, "The file is neither text nor a sheet.")


def utf_16_of(data: bytes) -> str | None:
    """The encoding of text in UTF-16: by its mark, or because every other byte is zero."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = data[:200:2].count(0), data[1:200:2].count(0)
    if max(even, odd) < UTF_16_ZEROS_MIN or min(even, odd) > 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _delimiters(text: str) -> list[str]:
    """Those that cut at least two lines into three or more cells, the one that cuts most first."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    counts = {mark: sum(line.count(mark) >= 2 for line in lines) for mark in DELIMITERS}
    return sorted((mark for mark in DELIMITERS if counts[mark] >= 2), key=lambda mark: -counts[mark])


def read_text(text: str) -> Document:
    """Plain text, page by page (form feeds): where words stand means nothing."""
    lines: list[Line] = []
    for page, content in enumerate(re.split(r"\f|^=+ PAGE =+$", text, flags=re.MULTILINE), 1):
        for number, line in enumerate(content.splitlines(), 1):
            words = tuple(Word(found[0], found.start(), found.end()) for found in re.finditer(r"\S+", line))
            if words:
                lines.append(Line(page, number, float(number), 1.0, words))
    if len(lines) > ROWS_MAX:
        raise StatementProblem(TOO_LARGE)
    return Document(lines, aligned=False)


def read_workbook(data: bytes, passwords: Iterable[str] = (), *, given: bool = False) -> Document:
    """Every sheet of an XLSX or XLS, one page each. Raises StatementProblem."""
    data, opened_with = _unlocked(data, passwords, given=given)
    lines = [line for page, rows in enumerate(_sheets(data), 1) for line in _lines(page, rows)]
    return Document(lines, aligned=True, cells=True, opened_with=opened_with)


def read_sheets(data: bytes) -> list[Sheet]:
    """The texts of every sheet of an XLSX or XLS that is not locked. Raises StatementProblem."""
    return [
        [(line.number, {int(word.x0): word.text for word in line.words}) for line in _lines(page, rows)]
        for page, rows in enumerate(_sheets(_unlocked(data, (), given=False)[0]), 1)
    ]


def _sheets(data: bytes) -> Iterator[list[list]]:
    _refuse_bomb(data)
    cells = 0
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(workbook.sheet_names) > SHEETS_MAX:
            raise StatementProblem(TOO_LARGE)
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            cells += sheet.total_height * min(sheet.total_width, COLUMNS_MAX)
            if sheet.total_height > ROWS_MAX or cells > CELLS_MAX:
                raise StatementProblem(TOO_LARGE)
            yield sheet.to_python(skip_empty_area=False, nrows=ROWS_MAX)
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise StatementProblem(CORRUPT) from error


def _unlocked(data: bytes, passwords: Iterable[str], *, given: bool) -> tuple[bytes, int | None]:
    """A locked workbook opened with the first password that fits, and the index of that."""
    if not data.startswith(b"\xd0\xcf\x11\xe0"):
        return data, None
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data, None
    except (FileFormatError, ValueError, OSError) as error:
        raise StatementProblem(CORRUPT) from error
    for index, password in enumerate(passwords):
        out = io.BytesIO()
        try:
            file.load_key(password=password, verify_password=True)
            file.decrypt(out)
        except InvalidKeyError:
            continue
        except Exception as error:  # the library lets whatever a broken file causes through
            raise StatementProblem(CORRUPT) from error
        return out.getvalue(), index
    raise StatementProblem(WRONG_PASSWORD if given else PASSWORD_NEEDED)


def _refuse_bomb(data: bytes) -> None:
    if not data.startswith(b"PK"):
        return
    try:
        sizes = [entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise StatementProblem(CORRUPT) from error
    if sum(sizes) > UNPACKED_BYTES_MAX:
        raise StatementProblem(TOO_LARGE)


def _lines(page: int, rows: Iterable[list]) -> list[Line]:
    lines = []
    for number, row in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise StatementProblem(TOO_LARGE)
        cells = ((column, _text(value)) for column, value in enumerate(row[:COLUMNS_MAX]))
        words = tuple(Word(text, column, column + CELL_WIDTH) for column, text in cells if text)
        if words:
            lines.append(Line(page, number, float(number), 1.0, words))
    return lines


def _text(value: object) -> str:
    """A cell as it would be printed. A fraction is written to the paisa: sheets keep floats."""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool | time):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.2f}"
    text = " ".join(str(value).replace("\0", " ").split())
    # what a sheet shows as text though it looks like a formula or a number to Excel
    return text.removeprefix('="').removesuffix('"').lstrip("'") if text[:1] in ("=", "'") else text
