"""Documents of KYC: uploaded by the customer, found good or not by staff."""

import pytest

from app.core.identity import Role
from app.demo.client import CustomerApp, Portal, picture
from tests.platform import OTHER_BRAND, Platform

PHOTO = picture(10, 20, 30)


@pytest.fixture
def app(platform: Platform) -> CustomerApp:
    return platform.customer()


def review(portal: Portal, app: CustomerApp, document: dict, expect: int = 200, **body: str) -> dict:
    path = f"/customers/{app.get('/web/me')['id']}/documents/{document['id']}/review"
    return portal.post(path, expect=expect, json=body)


def test_an_upload_waits_for_staff(app: CustomerApp) -> None:
    document = app.upload("SELFIE", "me.png", PHOTO)
    assert (document["kind"], document["status"]) == ("SELFIE", "PENDING")
    assert [d["id"] for d in app.get("/web/kyc/documents")] == [document["id"]]


def test_a_file_is_known_by_its_bytes(app: CustomerApp) -> None:
    refused = app.post(
        "/web/kyc/documents",
        expect=422,
        data={"kind": "SELFIE"},
        files={"file": ("me.png", b"<script>", "image/png")},
    )
    assert list(refused["error"]["fields"]) == ["file"]


@pytest.mark.parametrize("kind", ["NOC", "SIGNED_AGREEMENT", "PASSPORT"])
def test_other_kinds_are_not_taken_here(app: CustomerApp, kind: str) -> None:
    refused = app.post(
        "/web/kyc/documents", expect=422, data={"kind": kind}, files={"file": ("a.png", PHOTO, "image/png")}
    )
    assert list(refused["error"]["fields"]) == ["kind"]


def test_a_file_must_be_there(app: CustomerApp) -> None:
    refused = app.post("/web/kyc/documents", expect=422, data={"kind": "SELFIE"})
    assert list(refused["error"]["fields"]) == ["file"]


def test_staff_verify_it(platform: Platform, app: CustomerApp) -> None:
    document = app.upload("PAN_CARD", "pan.png", PHOTO)
    staff = platform.staff(Role.CREDIT_EXECUTIVE)
    assert review(staff, app, document, status="VERIFIED")["status"] == "VERIFIED"


def test_a_rejection_says_why(platform: Platform, app: CustomerApp) -> None:
    document, staff = app.upload("PAN_CARD", "pan.png", PHOTO), platform.staff()
    review(staff, app, document, expect=422, status="REJECTED")
    review(staff, app, document, status="REJECTED", remark="Not readable")
    assert app.get("/web/kyc/documents")[0]["remark"] == "Not readable"


def test_what_was_rejected_stays_so(platform: Platform, app: CustomerApp) -> None:
    document, staff = app.upload("PAN_CARD", "pan.png", PHOTO), platform.staff()
    review(staff, app, document, status="REJECTED", remark="Not readable")
    assert review(staff, app, document, 409, status="VERIFIED")["error"]["code"] == "ILLEGAL_TRANSITION"


def test_a_document_of_another_customer_is_not_found(platform: Platform, app: CustomerApp) -> None:
    document = platform.customer().upload("SELFIE", "me.png", PHOTO)
    review(platform.staff(), app, document, 404, status="VERIFIED")


def test_staff_of_another_brand_find_nothing(platform: Platform, app: CustomerApp) -> None:
    stranger = platform.staff(brand_id=OTHER_BRAND)
    stranger.get(f"/customers/{app.get('/web/me')['id']}/kyc", expect=404)


def test_staff_see_every_attempt_with_numbers_masked(platform: Platform, app: CustomerApp) -> None:
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    app.post(
        "/web/kyc/bank-account",
        expect=201,
        json={"accountNumber": app.person["accountNumber"], "ifsc": app.person["ifsc"]},
    )
    kyc = platform.staff().get(f"/customers/{app.get('/web/me')['id']}/kyc")
    assert [a["kind"] for a in kyc["attempts"]] == ["PAN", "BANK_ACCOUNT"]
    assert kyc["bankAccounts"][0]["holderName"] == app.person["name"]
    assert not [name for name in ("pan", "phone", "accountNumber", "aadhaar") if app.person[name] in str(kyc)]


def test_collectors_do_not_see_it(platform: Platform, app: CustomerApp) -> None:
    collector = platform.staff(Role.COLLECTION_EXECUTIVE)
    collector.get(f"/customers/{app.get('/web/me')['id']}/kyc", expect=403)
