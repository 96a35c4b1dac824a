"""Storing, reading and showing files."""

import hashlib
import struct
from typing import Any

import pytest

from app.core.errors import Invalid
from app.core.identity import Role
from app.documents import service
from app.documents.kinds import KINDS
from app.documents.models import Document
from app.files import storage
from storage import StorageError
from storage.content import PDF, PNG
from tests.lending import Case, approved, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform

PDF_BYTES = b"%PDF-1.7\n% a page\n"
PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def picture(width: int, height: int) -> bytes:
    """A small PNG that says it is so large."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


def stored(
    case: Case, kind: str = "LOAN_AGREEMENT", data: bytes = PDF_BYTES, content_type: str = PDF
) -> Document:
    with at_work():
        return service.store(case.customer_id, kind, data, content_type, loan_id=case.loan_id)


def listed(case: Case) -> list[dict[str, Any]]:
    return case.app.get(f"/web/loans/{case.loan_id}/documents")


def file_path(case: Case, document: Document) -> str:
    return f"/loans/{case.loan_id}/documents/{document.id}/file"


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return approved(platform)


def test_it_works(case: Case):
    document = stored(case)
    assert case.app.get("/web" + file_path(case, document)) == PDF_BYTES
    (shown,) = [each for each in listed(case) if each["id"] == str(document.id)]
    assert shown["sha256"] == hashlib.sha256(PDF_BYTES).hexdigest()


def test_the_object_is_under_the_brands_prefix(case: Case):
    assert stored(case).s3_key.startswith(f"{BRAND}/documents/{case.customer_id}/")


def test_it_is_encrypted_in_the_store(case: Case):
    assert PDF_BYTES not in storage().get(stored(case).s3_key)


def test_one_from_before_is_read_and_then_encrypted(case: Case):
    document = stored(case)
    old = document.s3_key.removesuffix(".enc")
    storage().put(old, PDF_BYTES, PDF)
    with at_work():
        document.change(s3_key=old)
    assert case.staff.get(file_path(case, document)) == PDF_BYTES
    with at_work():
        assert service.seal_old(10) == 1
        assert service.seal_old(10) == 0
    case.platform.drain()
    assert case.staff.get(file_path(case, document)) == PDF_BYTES
    assert not storage().exists(old)


@pytest.mark.parametrize(
    ("kind", "data", "content_type", "code"),
    [
        ("SELFIE", b"", PNG, "FILE_EMPTY"),
        ("SELFIE", PDF_BYTES, PDF, "FILE_TYPE"),
        ("SELFIE", PDF_BYTES, PNG, "FILE_TYPE"),
        ("PAN_CARD", PNG_BYTES, PDF, "FILE_TYPE"),
        ("PAN_CARD", b"MZ\x90 a program", PNG, "FILE_TYPE"),
        ("SELFIE", PNG_BYTES + b"\0" * KINDS["SELFIE"].bytes_max, PNG, "FILE_TOO_LARGE"),
        ("SELFIE", picture(50_000, 50_000), PNG, "PICTURE_TOO_LARGE"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    case: Case, kind: str, data: bytes, content_type: str, code: str
):
    with pytest.raises(Invalid) as refused:
        stored(case, kind, data, content_type)
    assert (refused.value.field, refused.value.code) == ("file", code)


def test_a_changed_object_is_not_handed_out(case: Case):
    document = stored(case)
    storage().put(document.s3_key, PDF_BYTES + b"changed", PDF)
    with pytest.raises(service.Damaged), at_work():
        service.read(document.id)


def test_a_missing_object_is_told_apart(case: Case):
    document = stored(case)
    storage().remove(document.s3_key)
    with pytest.raises(StorageError), at_work():
        service.read(document.id)


def test_a_loans_file_has_the_customers_own_documents(case: Case):
    with at_work():
        selfie = service.store(case.customer_id, "SELFIE", PNG_BYTES, PNG)
    assert str(selfie.id) in [each["id"] for each in listed(case)]
    assert case.staff.get(file_path(case, selfie)) == PNG_BYTES


def test_reading_is_audited(case: Case):
    document = stored(case)
    case.staff.get(file_path(case, document))
    trail = case.platform.sql(
        "SELECT actor_role FROM audit_event WHERE action = 'document.read' AND entity_id = %s",
        str(document.id),
    )
    assert trail == [(Role.ADMIN.value,)]


def test_another_customer_does_not_get_it(case: Case):
    document = stored(case)
    stranger = approved(case.platform)
    stranger.app.get("/web" + file_path(case, document), expect=404)
    stranger.app.get("/web" + file_path(stranger, document), expect=404)


def test_another_brands_staff_do_not_get_it(case: Case):
    document = stored(case)
    case.platform.staff(Role.ADMIN, OTHER_BRAND).get(file_path(case, document), expect=404)
