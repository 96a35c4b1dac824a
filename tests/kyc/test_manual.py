"""What staff do: read documents from a queue, enter an identity, compare faces."""

from typing import Any

import pytest

from app.core.identity import Role
from app.demo.client import CustomerApp, Portal, picture
from tests.customers.test_profile import ADDRESS
from tests.kyc.brands import new_brand
from tests.kyc.test_bank_account import with_pan
from tests.kyc.test_facts import facts
from tests.platform import OTHER_BRAND, Platform

PHOTO = picture(10, 20, 30)
PAPERS = ("AADHAAR_FRONT", "AADHAAR_BACK", "PAN_CARD")
HOME = {name: value for name, value in ADDRESS.items() if name != "residence"}


def path(app: CustomerApp, rest: str) -> str:
    return f"/customers/{app.get('/web/me')['id']}/{rest}"


def judge(staff: Portal, app: CustomerApp, document: dict, expect: int = 200, **body: Any) -> dict:
    return staff.post(path(app, f"documents/{document['id']}/review"), expect=expect, json=body)


def papers_found_good(staff: Portal, app: CustomerApp) -> None:
    for kind in PAPERS:
        document = app.upload(kind, "a.png", PHOTO)
        judge(staff, app, document, status="VERIFIED", isMasked=True)


def as_read(app: CustomerApp, **more: Any) -> dict[str, Any]:
    person = app.person
    read = {
        "name": person["name"],
        "dateOfBirth": person["dateOfBirth"],
        "gender": person["gender"],
        "aadhaarLast4": person["aadhaar"][-4:],
        "address": HOME,
    }
    return read | more


def enter(staff: Portal, app: CustomerApp, expect: int = 201, **more: Any) -> dict:
    return staff.post(path(app, "kyc/identity"), expect=expect, json=as_read(app, **more))


@pytest.fixture
def app(platform: Platform) -> CustomerApp:
    return with_pan(platform)


@pytest.fixture
def staff(platform: Platform) -> Portal:
    return platform.staff(Role.LOAN_EXECUTIVE)


def test_documents_found_good_stand_for_the_identity(
    platform: Platform, app: CustomerApp, staff: Portal
) -> None:
    papers_found_good(staff, app)
    attempt = enter(staff, app)
    assert (attempt["kind"], attempt["status"], attempt["provider"]) == ("AADHAAR", "VERIFIED", "staff")
    assert app.get("/web/me")["aadhaarLast4"] == app.person["aadhaar"][-4:]
    known = facts(app)
    assert (known["identity_route"], known["name_match_pan_aadhaar_percent"]) == ("DOCUMENTS", 100)
    assert known["dob_matches"] is True


def test_the_audit_trail_names_the_maker(platform: Platform, app: CustomerApp, staff: Portal) -> None:
    papers_found_good(staff, app)
    check = enter(staff, app, remark="Clearly printed")
    [(after, reason)] = platform.sql(
        "SELECT after, reason FROM audit_event WHERE action = 'kyc.identity_read' AND entity_id = %s",
        check["id"],
    )
    assert (after["maker"], reason) == (staff.user["name"], "Clearly printed")


def test_papers_must_be_found_good_first(app: CustomerApp, staff: Portal) -> None:
    app.upload("AADHAAR_FRONT", "a.png", PHOTO)
    refused = enter(staff, app, 409)["error"]
    assert (refused["code"], refused["details"]["missing"]) == ("PAPERS_MISSING", list(PAPERS))


def test_an_identity_is_entered_once(app: CustomerApp, staff: Portal) -> None:
    papers_found_good(staff, app)
    enter(staff, app)
    assert enter(staff, app, 409)["error"]["code"] == "AADHAAR_VERIFIED"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"aadhaarLast4": "12345"}, "aadhaarLast4"),
        ({"dateOfBirth": "2090-01-01"}, "dateOfBirth"),
        ({"dateOfBirth": "1890-01-01"}, "dateOfBirth"),
        ({"gender": "unknown"}, "gender"),
        ({"name": ""}, "name"),
        ({"address": HOME | {"pincode": "682016"}}, "address"),
    ],
)
def test_what_is_entered_is_checked(
    app: CustomerApp, staff: Portal, wrong: dict[str, Any], field: str
) -> None:
    assert list(enter(staff, app, 422, **wrong)["error"]["fields"]) == [field]


def test_a_brand_may_not_offer_this_way(platform: Platform) -> None:
    brand_id = new_brand(platform, onboarding={"identityRoutes": ["AADHAAR_OTP"]})
    app = platform.customer(brand_id=brand_id)
    refused = enter(platform.staff(brand_id=brand_id), app, 409)
    assert refused["error"]["code"] == "ROUTE_NOT_OFFERED"


def test_an_aadhaar_is_good_only_if_its_number_is_masked(app: CustomerApp, staff: Portal) -> None:
    document = app.upload("AADHAAR_FRONT", "a.png", PHOTO)
    for unsaid in ({}, {"isMasked": False}):
        refused = judge(staff, app, document, 422, status="VERIFIED", **unsaid)
        assert list(refused["error"]["fields"]) == ["isMasked"]
    assert judge(staff, app, document, status="VERIFIED", isMasked=True)["status"] == "VERIFIED"


def test_an_aadhaar_whose_number_can_be_read_is_erased(
    platform: Platform, app: CustomerApp, staff: Portal
) -> None:
    document = app.upload("AADHAAR_FRONT", "a.png", PHOTO)
    judge(staff, app, document, status="REJECTED", isMasked=False, remark="Hide the first eight digits")
    [(erased,)] = platform.sql("SELECT erased_at IS NOT NULL FROM document WHERE id = %s", document["id"])
    assert erased
    step = next(s for s in app.get("/web/onboarding")["steps"] if s["step"] == "IDENTITY")
    assert (step["done"], step["waitsFor"]) == (False, "CUSTOMER")


def test_papers_that_wait_hold_the_customer_up_no_more(app: CustomerApp) -> None:
    for kind in PAPERS:
        app.upload(kind, "a.png", PHOTO)
    step = next(s for s in app.get("/web/onboarding")["steps"] if s["step"] == "IDENTITY")
    assert (step["done"], step["waitsFor"]) == (False, "STAFF")


# faces


def compare(staff: Portal, app: CustomerApp, expect: int = 201, **body: Any) -> dict:
    return staff.post(path(app, "kyc/face-match"), expect=expect, json=body)


def test_a_face_is_matched_by_staff(app: CustomerApp, staff: Portal) -> None:
    app.confirm_aadhaar()
    assert facts(app)["face_match"] == "NOT_DONE"
    app.upload("SELFIE", "me.png", PHOTO)
    assert compare(staff, app, matches=True)["status"] == "VERIFIED"
    assert facts(app)["face_match"] == "MATCHED"
    step = next(s for s in app.get("/web/onboarding")["steps"] if s["step"] == "FACE_MATCH")
    assert step["done"]


def test_another_face_is_asked_for_again(app: CustomerApp, staff: Portal) -> None:
    app.confirm_aadhaar()
    app.upload("SELFIE", "me.png", PHOTO)
    compare(staff, app, matches=True)
    compare(staff, app, 422, matches=False)
    compare(staff, app, matches=False, remark="Somebody else")
    assert facts(app)["face_match"] == "DIFFERENT"
    steps = {s["step"]: s for s in app.get("/web/onboarding")["steps"]}
    assert "selfie" in steps["DOCUMENTS"]["why"]


def test_there_must_be_something_to_compare(app: CustomerApp, staff: Portal) -> None:
    app.upload("SELFIE", "me.png", PHOTO)
    assert compare(staff, app, 409, matches=True)["error"]["code"] == "PAPERS_MISSING"


# the queue


def queue(staff: Portal, app: CustomerApp, **filters: Any) -> list[dict[str, Any]]:
    mine = {"customerId": app.get("/web/me")["id"]}
    return staff.get("/documents/waiting", params=mine | filters)["items"]


def test_what_waits_is_listed_with_its_customer_and_age(
    platform: Platform, app: CustomerApp, staff: Portal
) -> None:
    document = app.upload("SELFIE", "me.png", PHOTO)
    platform.sql(
        "UPDATE document SET created_at = created_at - interval '5 hours' WHERE id = %s", document["id"]
    )
    [listed] = queue(staff, app)
    assert (listed["id"], listed["kind"], listed["claimedBy"]) == (document["id"], "SELFIE", None)
    assert (listed["customerName"], listed["ageHours"]) == (app.person["name"], 5)
    assert queue(staff, app, olderThanHours=6) == queue(staff, app, kind="PAN_CARD") == []


def test_what_was_judged_waits_no_more(app: CustomerApp, staff: Portal) -> None:
    judge(staff, app, app.upload("SELFIE", "me.png", PHOTO), status="VERIFIED")
    assert queue(staff, app) == []


def test_a_claimed_document_is_one_persons_for_a_while(
    platform: Platform, app: CustomerApp, staff: Portal
) -> None:
    document, colleague = app.upload("SELFIE", "me.png", PHOTO), platform.staff(Role.CREDIT_EXECUTIVE)
    claim = f"/documents/{document['id']}/claim"
    staff.post(claim)
    assert queue(colleague, app)[0]["claimedBy"] == staff.user["name"]
    assert queue(colleague, app, claimed="FREE") == queue(colleague, app, claimed="MINE") == []
    assert len(queue(staff, app, claimed="MINE")) == 1
    assert colleague.post(claim, expect=409)["error"]["code"] == "CLAIMED"
    assert judge(colleague, app, document, 409, status="VERIFIED")["error"]["code"] == "CLAIMED"
    staff.send("DELETE", claim)
    assert judge(colleague, app, document, status="VERIFIED")["status"] == "VERIFIED"
    assert staff.post(claim, expect=409)["error"]["code"] == "JUDGED"


def test_a_claim_ends_by_itself(platform: Platform, app: CustomerApp, staff: Portal) -> None:
    document = app.upload("SELFIE", "me.png", PHOTO)
    staff.post(f"/documents/{document['id']}/claim")
    platform.sql(
        "UPDATE document SET claimed_at = claimed_at - interval '31 minutes' WHERE id = %s", document["id"]
    )
    platform.staff(Role.CREDIT_EXECUTIVE).post(f"/documents/{document['id']}/claim")


def test_another_brand_sees_and_claims_nothing(platform: Platform, app: CustomerApp) -> None:
    document, stranger = app.upload("SELFIE", "me.png", PHOTO), platform.staff(brand_id=OTHER_BRAND)
    assert queue(stranger, app) == []
    stranger.post(f"/documents/{document['id']}/claim", expect=404)


def test_what_a_salary_slip_says_may_be_entered(app: CustomerApp, staff: Portal) -> None:
    slip, card = (app.upload(kind, "a.png", PHOTO) for kind in ("SALARY_SLIP", "PAN_CARD"))
    read = {"status": "VERIFIED", "netSalary": "48250.00", "salaryMonth": "2026-05-17"}
    refused = judge(staff, app, card, expect=422, **read)
    assert list(refused["error"]["fields"]) == ["netSalary"]
    kept = judge(staff, app, slip, **read)
    assert (kept["netSalary"], kept["salaryMonth"]) == ("48250.00", "2026-05-01")
    late = judge(staff, app, card, expect=422, status="VERIFIED", salaryMonth="2999-01-01")
    assert list(late["error"]["fields"]) == ["salaryMonth"]
