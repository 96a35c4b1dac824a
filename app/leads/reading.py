"""Reads files of leads: the export of Facebook Lead Ads and whatever else has a column of phones.

Pure: a stream in, rows out. Text in UTF-8 or UTF-16, with or without a mark, or as Windows writes it; fields parted
by comma, tab or semicolon. A row that cannot be read comes out as a fault with its line, and the next one follows.
Facebook writes an identifier with a letter before it (``l:1234``, ``p:+919876543210``).
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from app.core.tables_in import seen

FIELD_CHARS_MAX = 10_000
TEXT_CHARS_MAX = 300
COLUMNS_MAX = 200
ROWS_MAX = 500_000
DELIMITERS = (",", "\t", ";")
_SAMPLE_BYTES = 64 * 1024
_CHUNK_BYTES = 1 << 20
_ZEROS_MIN = 8

# column of a lead -> how files call it, as letters and digits only
_NAMES = {
    "external_id": "id leadid",
    "submitted_at": "createdtime submittedat timestamp date",
    "name": "fullname name yourname yourfullname nom",
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "phonenumber phone mobile mobilenumber mobileno phoneno contactnumber contact whatsappnumber "
    "yourphonenumber yourmobilenumber workphonenumber",
    "email": "email emailaddress emailid mail youremail workemail",
    "city": "city yourcity currentcity",
    "platform": "platform",
    "is_organic": "isorganic organic",
    "campaign_id": "campaignid",
    "campaign_name": "campaignname campaign",
    "adset_id": "adsetid",
    "adset_name": "adsetname adset",
    "ad_id": "adid",
    "ad_name": "adname ad",
    "form_id": "formid",
    "form_name": "formname form",
}
COLUMNS = {spelt: column for column, names in _NAMES.items() for spelt in names.split()}
_IDS = ("external_id", "campaign_id", "adset_id", "ad_id", "form_id")
_PLAIN = ("city", "platform", "campaign_name", "adset_name", "ad_name", "form_name")
_PREFIX = re.compile(r"^[a-z]{1,2}:", re.ASCII)
_PHONE = re.compile(r"(?:\+?91|0)?([6-9][0-9]{9})", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_ROUNDED = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)
_TIMES = ("%m/%d/%Y %I:%M%p", "%d-%m-%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y")


class FileProblem(Exception):
    """The file as a whole is no list of leads. The text says why, for people."""


@dataclass(frozen=True)
class Layout:
    """How a file is written, and what its columns are called."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row and the line of the file that it ends on; `fault` instead of cells where it cannot be read."""

    line_no: int
    cells: tuple[str, ...] = ()
    fault: str | None = None


@dataclass
class Lead:
    """What a row says. `faults` make it FAILED; `notes` are told and do no harm."""

    columns: dict[str, object] = field(default_factory=dict)
    responses: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def layout_of(stream: BinaryIO) -> Layout:
    """How the file is written. Raises FileProblem where it is no text, or no column holds a phone."""
    stream.seek(0)
    sample = stream.read(_SAMPLE_BYTES)
    if not sample.strip():
        raise FileProblem("The file is empty.")
    if sample.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileProblem("This is a workbook. Save it as CSV and send that.")
    encoding = _encoding(stream, sample)
    first = codecs.getincrementaldecoder(encoding)("replace").decode(sample).lstrip("\ufeff")
    delimiter = max(DELIMITERS, key=first.partition("\n")[0].count)
    header = next((row.cells for row in _read(stream, encoding, delimiter) if not row.fault), ())
    return Layout(encoding, delimiter, _checked(header))


def rows(stream: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Every row below the header, empty ones left out."""
    below = _read(stream, layout.encoding, layout.delimiter)
    next(below, None)
    for row in below:
        yield row if row.fault else _fitting(row, len(layout.header))


def _fitting(row: Row, columns: int) -> Row:
    if len(row.cells) != columns:
        return Row(row.line_no, fault=f"{len(row.cells)} fields where the header has {columns}")
    if max(map(len, row.cells)) > FIELD_CHARS_MAX:
        return Row(row.line_no, fault=f"a field has more than {FIELD_CHARS_MAX} characters")
    return row


def lead_of(header: Iterable[str], cells: Iterable[str]) -> Lead:
    """What the cells of a row say, each under its column; answers to questions of the form are `responses`."""
    lead = Lead()
    texts: dict[str, str] = {}
    for title, cell in zip(header, cells, strict=True):
        text = seen(cell).strip()
        column = COLUMNS.get(_letters(title))
        if column and column not in texts:
            texts[column] = text
        elif text:
            lead.responses[title] = text
    _identity(lead, texts)
    _phone(lead, texts.get("phone", ""))
    _email(lead, texts.get("email", ""))
    lead.columns["is_organic"] = texts.get("is_organic", "").lower() in ("true", "1", "yes")
    lead.columns["submitted_at"] = _instant(texts.get("submitted_at", ""))
    return lead


def _encoding(stream: BinaryIO, sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decodes(stream, "utf-16")
    even, odd = sample[:200:2].count(0), sample[1:200:2].count(0)
    if max(even, odd) >= _ZEROS_MIN:
        return _decodes(stream, "utf-16-le" if odd > even else "utf-16-be")
    if b"\0" in sample:
        raise FileProblem("The file is not text.")
    try:
        return _decodes(stream, "utf-8-sig")
    except FileProblem:
        return _decodes(stream, "cp1252")


def _decodes(stream: BinaryIO, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise FileProblem("The file is not text in UTF-8, UTF-16 or Windows-1252.") from None
    return encoding


def _checked(header: tuple[str, ...]) -> tuple[str, ...]:
    titles = tuple(title.strip()[:TEXT_CHARS_MAX] for title in header)
    if len(titles) > COLUMNS_MAX:
        raise FileProblem(f"The file has more than {COLUMNS_MAX} columns.")
    if "phone" not in {COLUMNS.get(_letters(title)) for title in titles}:
        shown = ", ".join(title or "(empty)" for title in titles[:20])
        raise FileProblem(
            f"No column holds a phone: name one phone_number. The first line reads: {shown[:200]}"
        )
    return titles


def _read(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[Row]:
    stream.seek(0)
    # the wrapper would close the stream with itself
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        reader = csv.reader((line.replace("\0", "") for line in text), delimiter=delimiter, strict=True)
        yield from _rows(reader)
    finally:
        text.detach()


def _rows(reader: "csv._reader") -> Iterator[Row]:
    while True:
        first_line = reader.line_num + 1
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(reader.line_num, fault=_told(str(error), first_line, reader.line_num))
            continue
        if any(cell.strip() for cell in cells):
            yield Row(reader.line_num, cells)


def _told(error: str, first_line: int, last_line: int) -> str:
    if "field larger" in error or "unexpected end" in error:
        return f"a quotation mark opens on line {first_line} and is not closed by line {last_line}"
    return f"a quotation mark stands inside a field ({error})"


def _letters(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())


def _identity(lead: Lead, texts: dict[str, str]) -> None:
    joined = " ".join(texts[part] for part in ("first_name", "last_name") if texts.get(part))
    lead.columns["name"] = (texts.get("name") or joined)[:TEXT_CHARS_MAX] or None
    for column in _IDS:
        lead.columns[column] = _PREFIX.sub("", texts.get(column, ""))[:TEXT_CHARS_MAX] or None
    for column in _PLAIN:
        lead.columns[column] = texts.get(column, "")[:TEXT_CHARS_MAX] or None


def _phone(lead: Lead, text: str) -> None:
    bare = re.sub(r"[\s().'-]", "", _PREFIX.sub("", text))
    found = _PHONE.fullmatch(bare)
    if found:
        lead.columns["phone"] = found[1]
    elif not text:
        lead.faults.append("phone: missing")
    elif _ROUNDED.fullmatch(text):
        lead.faults.append("phone: a spreadsheet has rounded the number; export the file again")
    else:
        lead.faults.append("phone: not an Indian mobile number")


def _email(lead: Lead, text: str) -> None:
    if _EMAIL.fullmatch(text):
        lead.columns["email"] = text
    elif text:
        lead.notes.append("email: not an address, left out")


def _instant(text: str) -> datetime | None:
    """Facebook writes ISO 8601 with an offset; a time without one is taken for UTC. None where it is neither."""
    for form in (None, *_TIMES):
        try:
            found = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
