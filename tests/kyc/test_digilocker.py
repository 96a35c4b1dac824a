"""DigiLocker: the customer's own papers from those who issued them, with a state that is good once."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core import clock
from app.core.database import brand_scope
from app.customers import service as customers
from app.demo.client import CustomerApp
from app.sandbox import digilocker as twin
from app.seed import BRANDS
from tests.admin.test_new_brand import MODEL
from tests.kyc.brands import new_brand
from tests.kyc.test_bank_account import with_pan
from tests.kyc.test_facts import facts
from tests.platform import BRAND, OTHER_BRAND, Platform

START, CALLBACK = "/web/kyc/digilocker", "/web/kyc/digilocker/callback"


def leave(app: CustomerApp, action: str = "allow", **said: str) -> str:
    """The address that the customer's browser is sent back to."""
    page = app.post(START, expect=201)["authoriseUrl"]
    said = {"action": action, "mobile": app.person["phone"], **said}
    return app.sandbox.call("POST", page, json=said)["redirect"]


def visit(app: CustomerApp, action: str = "allow", expect: int = 200) -> Any:
    return app.api.call("GET", leave(app, action), expect=expect)


def visits(platform: Platform, app: CustomerApp) -> list[dict[str, Any]]:
    portal = platform.staff(brand_id=app.brand_id)
    return portal.get(f"/customers/{app.get('/web/me')['id']}/kyc")["digilockerVisits"]


def fail(platform: Platform, operation: str, fault: str = "malformed", times: int = 1) -> None:
    body = {"provider": "digilocker", "operation": operation, "fault": fault, "times": times}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)


def test_it_works(platform: Platform) -> None:
    app = with_pan(platform)
    assert visit(app)["status"] == "VERIFIED"
    me = app.get("/web/me")
    assert me["aadhaarLast4"] == app.person["aadhaar"][-4:]
    assert me["fatherName"].startswith("MOHAN ")
    known = facts(app)
    assert (known["identity_route"], known["name_match_pan_aadhaar_percent"]) == ("DIGILOCKER", 100)
    assert (known["dob_matches"], known["gender_matches"]) == (True, True)


def test_the_papers_need_no_review_and_say_where_they_are_from(platform: Platform) -> None:
    app = with_pan(platform)
    visit(app)
    documents = app.get("/web/kyc/documents")
    assert {d["kind"] for d in documents} == {"E_AADHAAR", "AADHAAR", "PAN_CARD"}
    assert {(d["status"], d["source"]) for d in documents} == {("VERIFIED", "DIGILOCKER")}
    [told] = visits(platform, app)
    assert (told["status"], len(told["documents"])) == ("FETCHED", 3)
    steps = {step["step"]: step for step in app.get("/web/onboarding")["steps"]}
    assert (steps["IDENTITY"]["done"], steps["DOCUMENTS"]["why"]) == (True, "Upload: selfie.")


def test_a_state_comes_back_once(platform: Platform) -> None:
    app = with_pan(platform)
    back = leave(app)
    app.api.call("GET", back)
    assert app.api.call("GET", back, expect=409)["error"]["code"] == "STATE_ENDED"


def test_a_state_that_nobody_left_with_opens_nothing(platform: Platform) -> None:
    app = with_pan(platform)
    state = parse_qs(urlsplit(leave(app)).query)["state"][0]
    elsewhere = state.replace(app.brand_id, OTHER_BRAND)
    for forged, status in ((elsewhere, 409), (state[:-1] + "!", 422), ("x", 422), (state + "x", 409)):
        app.api.call("GET", CALLBACK, expect=status, params={"state": forged, "code": "c"})


def test_a_state_ends(platform: Platform) -> None:
    app = with_pan(platform)
    back = leave(app)
    platform.sql(
        "UPDATE aadhaar_digi_locker_log SET created_at = created_at - interval '16 minutes' WHERE customer_id = %s",
        app.get("/web/me")["id"],
    )
    assert app.api.call("GET", back, expect=409)["error"]["code"] == "STATE_ENDED"
    assert visits(platform, app)[0]["status"] == "FAILED"


def test_a_customer_who_denies_is_told_and_may_begin_again(platform: Platform) -> None:
    app = with_pan(platform)
    denied = visit(app, "deny")
    assert (denied["status"], "did not allow" in denied["reason"]) == ("DENIED", True)
    assert visit(app)["status"] == "VERIFIED"
    assert [v["status"] for v in visits(platform, app)] == ["DENIED", "FETCHED"]


@pytest.mark.parametrize(
    ("operation", "fault", "times"),
    [
        ("exchange", "malformed", 1),
        ("exchange", "500", 1),
        ("eaadhaar", "malformed", 1),
        ("eaadhaar", "500", 3),
    ],
)
def test_an_outage_is_a_clear_state_that_can_be_resumed(
    platform: Platform, operation: str, fault: str, times: int
) -> None:
    app = with_pan(platform)
    back = leave(app)
    fail(platform, operation, fault, times)
    failed = app.api.call("GET", back)
    assert (failed["status"], "Nothing is lost" in failed["reason"]) == ("FAILED", True)
    assert visit(app)["status"] == "VERIFIED"


def test_a_pan_record_that_cannot_be_read_spoils_nothing(platform: Platform) -> None:
    app = with_pan(platform)
    back = leave(app)
    fail(platform, "fetch_xml")
    assert app.api.call("GET", back)["status"] == "VERIFIED"
    assert {d["kind"] for d in app.get("/web/kyc/documents")} == {"E_AADHAAR", "AADHAAR"}


def test_the_locker_of_somebody_else_gives_no_pan_card_and_is_seen(platform: Platform) -> None:
    app, stranger = with_pan(platform), with_pan(platform)
    app.api.call("GET", leave(app, mobile=stranger.person["phone"]))
    assert "PAN_CARD" not in {d["kind"] for d in app.get("/web/kyc/documents")}
    assert facts(app)["name_match_pan_aadhaar_percent"] < 100


def test_who_is_proven_already_need_not_go(platform: Platform) -> None:
    app = with_pan(platform)
    app.confirm_aadhaar()
    assert app.post(START, expect=201) == {"status": "VERIFIED", "authoriseUrl": None, "reason": None}


def test_the_same_aadhaar_is_seen_on_whichever_route_it_comes(platform: Platform) -> None:
    first = with_pan(platform)
    visit(first)
    second = platform.customer()
    second.person["aadhaar"] = first.person["aadhaar"]
    second.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": first.person["aadhaar"]})
    code = platform.sandbox.messages(first.person["phone"])[0]["otp"]
    second.post("/web/kyc/submit-aadhaar-otp", json={"otp": code})
    customer_id = second.get("/web/me")["id"]
    assert shared(customer_id) == 1


def shared(customer_id: str) -> int:
    with brand_scope(BRAND):
        return customers.facts(customer_id, clock.today(), {})["shared_aadhaar_count"]


def test_a_browser_is_led_back_to_the_app(platform: Platform) -> None:
    brand_id = new_brand(platform, onboarding={"returnUrl": "https://app.example/kyc"})
    app = with_pan(platform, brand_id=brand_id)
    session = app.api._session
    answer = session.get(leave(app), timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "https://app.example/kyc?digilocker=VERIFIED",
    )


def test_what_was_changed_on_the_way_proves_nobody(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = with_pan(platform)
    back, sealed = leave(app), twin.sealed
    monkeypatch.setattr(
        twin, "sealed", lambda root: sealed(root).replace(b'country="India"', b'country="india"')
    )
    failed = app.api.call("GET", back)
    assert (failed["status"], "UIDAI did not sign" in failed["reason"]) == ("FAILED", True)
    assert app.get("/web/me")["aadhaarLast4"] is None
    monkeypatch.undo()
    assert visit(app)["status"] == "VERIFIED"


def test_digitap_leads_there_as_well(platform: Platform) -> None:
    kind = BRANDS[MODEL]["settings"]["providers"] | {"digilocker": "digitap"}
    app = with_pan(platform, brand_id=new_brand(platform, providers=kind))
    denied = visit(app, "deny")
    assert (denied["status"], "did not allow" in denied["reason"]) == ("DENIED", True)
    assert visit(app)["status"] == "VERIFIED"
    assert app.get("/web/me")["aadhaarLast4"] == app.person["aadhaar"][-4:]
    assert [(v["status"], len(v["documents"])) for v in visits(platform, app)] == [
        ("DENIED", 0),
        ("FETCHED", 1),
    ]


def test_without_consent_nobody_leaves(platform: Platform) -> None:
    app = platform.customer(consents=())
    assert app.post(START, expect=409)["error"]["code"] == "CONSENT_MISSING"


def test_the_number_is_kept_nowhere(platform: Platform) -> None:
    app = with_pan(platform)
    visit(app)
    stored = platform.sql("SELECT row_to_json(t)::text FROM aadhaar_digi_locker_log t")
    assert not [row for row in stored if app.person["aadhaar"] in row[0] or app.person["name"] in row[0]]
