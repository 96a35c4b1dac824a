"""Files are known by their bytes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import extension_of, sniff
from storage.content import CSV, JPEG, KINDS, PARQUET, PDF, PNG, XLSX, XML


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as into:
        for name in names:
            into.writestr(name, "<xml/>")
    return file.getvalue()


EXAMPLES = [
    (PDF, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    (JPEG, b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"),
    (PNG, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    (XLSX, archive("[Content_Types].xml", "xl/workbook.xml")),
    (PARQUET, b"PAR1" + bytes(20) + b"PAR1"),
    (XML, b'<?xml version="1.0"?><KycRes ret="Y"/>'),
    (XML, b"<KycRes/>"),
    (CSV, b"date,narration,amount\n01-01-2026,SALARY,60000.00\n"),
    (CSV, b"\xef\xbb\xbfdate,amount\r\n"),
    (CSV, ("date,narration\n" + "वेतन" * 20_000).encode()),
]
REFUSED = [
    b"",
    b"MZ\x90\x00\x03",
    b"GIF89a",
    b"<html><body>a,b</body></html>",
    b"<svg onload=alert(1)>,",
    b'{"a": 1, "b": 2}',
    b"one line without a delimiter",
    b"a,b\x00c",
    b"a,\xff\xfe",
    archive("evil.exe"),
    b"PK\x03\x04 cut off",
    b"\n%PDF-1.7",
    b"PAR1" + bytes(20),
]


@pytest.mark.parametrize(("content_type", "data"), EXAMPLES)
def test_it_works(content_type, data):
    assert sniff(data) == content_type


@pytest.mark.parametrize("data", REFUSED)
def test_everything_else_is_refused(data):
    assert sniff(data) is None


def test_every_kind_has_an_example_and_an_extension():
    assert {kind.content_type for kind in KINDS} == {content_type for content_type, _ in EXAMPLES}
    assert [extension_of(kind.content_type) for kind in KINDS] == [
        "pdf",
        "jpg",
        "png",
        "xlsx",
        "parquet",
        "xml",
        "csv",
    ]


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data):
    assert sniff(data) in {None, *(kind.content_type for kind in KINDS)}


@given(st.binary(max_size=300))
def test_a_broken_archive_gets_an_answer(data):
    assert sniff(b"PK\x03\x04" + data) is None
