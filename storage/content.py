"""What a file is, told from its bytes. Its name and the type that a browser claims are not asked."""

import codecs
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
XML = "application/xml"
PARQUET = "application/vnd.apache.parquet"

_TEXT_HEAD_BYTES = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Kind:
    """A kind of file that we take: how it is served, how it is named, how it is recognised."""

    content_type: str
    extension: str
    matches: Callable[[bytes], bool]


def _starts_with(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magic)


def _is_workbook(data: bytes) -> bool:
    """A zip whose directory lists a workbook. Nothing is unpacked, so a zip bomb does no harm here."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return False
    return {"[Content_Types].xml", "xl/workbook.xml"} <= set(names)


def _is_parquet(data: bytes) -> bool:
    """Its magic stands at both ends: a download that broke off lacks the second."""
    return len(data) > 2 * len(_PARQUET) and data.startswith(_PARQUET) and data.endswith(_PARQUET)


def _is_csv(data: bytes) -> bool:
    """UTF-8 text with a comma in its first line that is not empty."""
    head = data[:_TEXT_HEAD_BYTES].removeprefix(_BOM)
    try:
        # incremental: the cut may go through a character
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(data) <= _TEXT_HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    printable = all(char >= " " or char in "\t\r\n" for char in text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    return printable and "," in first and not first.lstrip().startswith(("<", "{", "["))


# The first row that matches wins; the one without magic bytes comes last.
KINDS: tuple[Kind, ...] = (
    Kind(PDF, "pdf", _starts_with(b"%PDF-")),
    Kind(JPEG, "jpg", _starts_with(b"\xff\xd8\xff")),
    Kind(PNG, "png", _starts_with(b"\x89PNG\r\n\x1a\n")),
    Kind(XLSX, "xlsx", _is_workbook),
    Kind(PARQUET, "parquet", _is_parquet),
    Kind(XML, "xml", _starts_with(b"<?xml", b"<KycRes")),
    Kind(CSV, "csv", _is_csv),
)


def sniff(data: bytes) -> str | None:
    """The content type of a file's bytes; None for anything that is not in the table."""
    return next((kind.content_type for kind in KINDS if kind.matches(data)), None)


def extension_of(content_type: str) -> str:
    """The file name extension of a content type in the table, without the dot. Raises KeyError."""
    return {kind.content_type: kind.extension for kind in KINDS}[content_type]
