"""A file that is no statement says why, in a status and a sentence, and never takes more than it may."""

import io
import zipfile
import zlib
from datetime import date

import pikepdf
import pytest

from pipelines.statements import password_candidates, read_bounded
from pipelines.statements.problems import StatementProblem
from tests.pipelines.statement_files import locked, locked_sheet, pdf, printed_pdf, transactions, xlsx_file
from tests.pipelines.statement_layouts import HDFC

STATEMENT = pdf(transactions(30), HDFC)


def status_of(data: bytes, *passwords: str, given: bool = False) -> str:
    with pytest.raises(StatementProblem) as caught:
        read_bounded(data, passwords, given=given)
    assert caught.value.reason
    return caught.value.status


def test_a_locked_pdf_opens_with_its_password() -> None:
    assert len(read_bounded(locked(STATEMENT, "01011990"), ["wrong", "01011990"]).accounts[0].entries) == 30


def test_a_locked_workbook_opens_with_its_password() -> None:
    data = locked_sheet(xlsx_file(transactions(30), HDFC), "s3cret")
    assert len(read_bounded(data, ["wrong", "s3cret"]).accounts[0].entries) == 30
    assert status_of(data, "wrong", given=True) == "WRONG_PASSWORD"


def test_a_password_is_asked_for_and_refused() -> None:
    assert status_of(locked(STATEMENT, "right")) == "PASSWORD_NEEDED"
    assert status_of(locked(STATEMENT, "right"), "wrong", given=True) == "WRONG_PASSWORD"


def test_what_a_bank_may_have_chosen_is_tried() -> None:
    known = {"dob": date(1990, 1, 31), "name": "ASHA VERMA", "pan": "ABCPV1234A", "phone": "9000000001"}
    tried = password_candidates(known)
    assert {"31011990", "ABCPV1234A", "asha3101", "00001310190", "9000000001"} <= set(tried)
    assert not any("{" in password for password in tried)
    assert password_candidates({}) == []


def picture_pdf() -> bytes:
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        image = document.make_stream(
            bytes(100 * 100),
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=100, Height=100,
            ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
        )  # fmt: skip
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        page.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        return saved(document)


def saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def page_bomb() -> bytes:
    with pikepdf.new() as document:
        page = document.add_blank_page()
        for _ in range(600):
            document.pages.append(page)
        return saved(document)


def stream_bomb() -> bytes:
    """A page of a few megabytes that unpacks to most of a gigabyte."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(800)) + packer.flush()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.Contents = document.make_stream(packed, Filter=pikepdf.Name.FlateDecode)
        return saved(document)


def sheet_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200 * 2**20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (picture_pdf, "SCANNED"),
        (lambda: STATEMENT[: len(STATEMENT) // 2], "CORRUPT"),
        (lambda: b"%PDF-1.7\nrubbish\n%%EOF", "CORRUPT"),
        (lambda: xlsx_file(transactions(5), HDFC)[:900], "CORRUPT"),
        (lambda: b"", "CORRUPT"),
        (lambda: b"\x89PNG\r\n\x1a\nabc", "UNSUPPORTED"),
        (lambda: printed_pdf([["Dear customer, this is a letter and no statement at all."]]), "NOT_A_STATEMENT"),
        (lambda: b"name,age\nRavi,30\nMeera,31\n", "NOT_A_STATEMENT"),
        (page_bomb, "TOO_LARGE"),
        (stream_bomb, "TOO_LARGE"),
        (sheet_bomb, "TOO_LARGE"),
    ],
    ids=["scanned", "cut off", "rubbish", "half a sheet", "empty", "picture", "letter", "other table", "pages",
         "stream", "sheet"],
)  # fmt: skip
def test_it_says_why(make, status: str) -> None:
    assert status_of(make()) == status
