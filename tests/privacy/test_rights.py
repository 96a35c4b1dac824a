"""Customers have rights over their data: to see it, to have it put right or erased, to name a nominee, to complain."""

import io
import json
import zipfile
from typing import Any

import pytest

from app.core.identity import Role
from app.demo.client import CustomerApp, picture
from app.files import storage
from app.privacy import service
from tests.lending import active, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform


def ask(app: CustomerApp, kind: str, expect: int = 201, **details: Any) -> dict[str, Any]:
    return app.post("/web/privacy/requests", expect=expect, json={"kind": kind, **details})


def answered(platform: Platform, app: CustomerApp, kind: str) -> dict[str, Any]:
    """Ask for what a job answers, and read the answer."""
    request_id = ask(app, kind)["id"]
    platform.drain()
    return app.get(f"/web/privacy/requests/{request_id}")


def erase(platform: Platform, app: CustomerApp) -> str:
    """Ask for erasure, and let the minutes pass in which the answer is sent. Returns the request's id."""
    request_id = ask(app, "ERASURE")["id"]
    platform.drain()
    platform.sql("UPDATE outbox SET available_at = now() WHERE job = 'privacy.erase' AND status = 'PENDING'")
    platform.drain()
    return request_id


def known(platform: Platform) -> CustomerApp:
    """Somebody of whom we have a PAN, a document and an account, and who never applied."""
    app = platform.customer()
    app.patch("/web/profile", json={"email": app.person["email"]})
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    app.upload("SELFIE", "a.png", picture(1, 2, 3))
    account = {"accountNumber": app.person["accountNumber"], "ifsc": app.person["ifsc"]}
    app.post("/web/kyc/bank-account", expect=201, json=account)
    platform.drain()
    return app


def test_access_gives_everything_as_a_file(platform: Platform) -> None:
    app = known(platform)
    request = answered(platform, app, "ACCESS")
    assert (request["status"], request["hasFile"]) == ("DONE", True)
    with zipfile.ZipFile(io.BytesIO(app.get(f"/web/privacy/requests/{request['id']}/file"))) as packed:
        data = json.loads(packed.read("data.json"))
        documents = [name for name in packed.namelist() if name.startswith("documents/")]
        assert packed.read(documents[0]).startswith(b"\x89PNG")
    (me,) = data["customer"]
    assert (me["phone"], me["pan"], me["email"]) == tuple(app.person[n] for n in ("phone", "pan", "email"))
    assert data["userBankAccount"][0]["accountNumber"] == app.person["accountNumber"]
    assert {"consent", "kycCheck", "userNotification", "userLoginToken", "accessLog", "loan"} <= set(data)
    assert not [key for rows in data.values() for row in rows for key in row if key.endswith(("Hash", "Key"))]


def test_the_file_is_encrypted_where_it_lies_and_nobody_elses(platform: Platform) -> None:
    app, stranger = known(platform), platform.customer()
    request = answered(platform, app, "ACCESS")
    key = platform.sql("SELECT file_key FROM privacy_request WHERE id = %s", request["id"])[0][0]
    assert not storage().get(key).startswith(b"PK")
    stranger.get(f"/web/privacy/requests/{request['id']}/file", expect=404)
    stranger.get(f"/web/privacy/requests/{request['id']}", expect=404)


def test_whoever_never_applied_is_erased_at_once(platform: Platform) -> None:
    app = known(platform)
    customer_id, person = app.get("/web/me")["id"], app.person
    keys = platform.sql("SELECT s3_key FROM document WHERE customer_id = %s", customer_id)
    request_id = erase(platform, app)
    (row,) = platform.sql("SELECT status, answered_by FROM privacy_request WHERE id = %s", request_id)
    assert row == ("DONE", "system")
    (customer,) = platform.sql("SELECT row_to_json(c) FROM customer c WHERE id = %s", customer_id)[0]
    gone = (
        "name_enc",
        "aadhaar_name_enc",
        "employer_name_enc",
        "pan_enc",
        "pan_hash",
        "email_enc",
        "dob_enc",
        "aadhaar_hash",
        "address_enc",
    )
    assert [customer[name] for name in gone] == [None] * len(gone)
    assert customer["name_hash"] == []
    hashes = {value for name, value in customer.items() if name.endswith("_hash") and name != "name_hash"}
    assert hashes == {None, f"erased:{customer_id}"}
    assert not any(storage().exists(key) for (key,) in keys)
    found = platform.staff().get("/customers", params={"search": person["pan"]})["items"]
    assert found == []
    app.get("/web/me", expect=401)


def test_messages_and_account_hashes_go_too(platform: Platform) -> None:
    app = known(platform)
    customer_id = app.get("/web/me")["id"]
    erase(platform, app)
    rows = """SELECT account_hash, number_hash, account_last4, holder_name_enc FROM user_bank_account
              WHERE customer_id = %s"""
    assert [row[1:] for row in platform.sql(rows, customer_id)] == [(None, "", None)]
    assert platform.sql(rows, customer_id)[0][0].startswith("erased:")
    left = "SELECT count(*) FROM {} WHERE customer_id = %s AND erased_at IS NULL"
    for table in ("kyc_check", "document", "user_bank_account", "employment", "user_notification"):
        assert platform.sql(left.format(table), customer_id) == [(0,)], table


def test_the_answer_reaches_the_phone_before_its_number_goes(platform: Platform) -> None:
    app = known(platform)
    erase(platform, app)
    assert "is answered" in platform.sandbox.messages(app.person["phone"])[0]["text"]


def test_an_application_in_between_stops_the_erasure(platform: Platform) -> None:
    app = platform.customer()
    ask(app, "ERASURE")
    platform.drain()
    loan = {"amount": "20000", "tenureDays": 24, "purpose": "TRAVEL"}
    app.post("/web/loans", once=True, expect=201, json=loan)
    platform.sql("UPDATE outbox SET available_at = now() WHERE job = 'privacy.erase' AND status = 'PENDING'")
    platform.drain()
    assert app.get("/web/me")["phone"]


def test_the_same_phone_is_a_new_customer_after_erasure(platform: Platform) -> None:
    app = known(platform)
    before = app.get("/web/me")["id"]
    erase(platform, app)
    again = platform.customer(app.person["pan"])
    assert again.get("/web/me")["id"] != before


def test_a_live_loan_restricts(platform: Platform) -> None:
    case = active(platform)
    case.app.post("/web/consents", expect=201, json={"purpose": "MARKETING", "textVersion": "2026-01"})
    request = answered(platform, case.app, "ERASURE")
    assert (request["status"], request["reasons"]) == ("RESTRICTED", ["LIVE_LOAN"])
    assert request["schedule"][0]["dataClass"] == "identity"
    assert {c["state"] for c in case.app.get("/web/consents") if c["purpose"] == "MARKETING"} == {"WITHDRAWN"}
    assert case.app.get("/web/me")["name"] == "ASHA VERMA"


def completed(platform: Platform) -> Any:
    case = active(platform)
    platform.sql("UPDATE loan SET status = 'COMPLETED', closed_at = now() WHERE id = %s", str(case.loan_id))
    return case


def test_a_closed_loan_keeps_who_they_are_until_the_law_is_satisfied(platform: Platform) -> None:
    case = completed(platform)
    request = answered(platform, case.app, "ERASURE")
    assert (request["status"], request["reasons"]) == ("PARTLY_DONE", ["KEPT_BY_LAW"])
    (stays,) = request["schedule"]
    assert (stays["dataClass"], "PMLA" in stays["basis"]) == ("identity", True)
    (row,) = platform.sql(
        "SELECT pan_hash IS NOT NULL, erased_at FROM customer WHERE id = %s", str(case.customer_id)
    )
    assert row == (True, None)
    left = "SELECT count(*) FROM user_notification WHERE customer_id = %s AND erased_at IS NULL"
    assert platform.sql(left, str(case.customer_id))[0][0] <= 1


def test_a_legal_hold_refuses_until_it_is_released(platform: Platform) -> None:
    app, staff = known(platform), platform.staff()
    customer_id = app.get("/web/me")["id"]
    hold = staff.post(
        "/privacy/holds", expect=201, json={"customerId": customer_id, "reason": "Court case 12/26"}
    )
    staff.post("/privacy/holds", expect=409, json={"customerId": customer_id, "reason": "Again"})
    request = answered(platform, app, "ERASURE")
    assert (request["status"], request["reasons"]) == ("REFUSED", ["LEGAL_HOLD"])
    assert app.get("/web/me")["name"]
    released = staff.post(f"/privacy/holds/{hold['id']}/release", json={"reason": "Settled"})
    assert released["releaseReason"] == "Settled"
    staff.post(f"/privacy/holds/{hold['id']}/release", expect=409, json={"reason": "Settled"})
    live = staff.get("/privacy/holds", params={"customerId": customer_id, "live": "true"})
    assert live["items"] == []
    ask(app, "ERASURE")


def test_asking_twice_waits_for_the_first(platform: Platform) -> None:
    app = platform.customer()
    ask(app, "ACCESS")
    assert ask(app, "ACCESS", expect=409)["error"]["code"] == "ALREADY_ASKED"
    platform.drain()
    ask(app, "ACCESS")


def test_staff_answer_what_needs_a_person(platform: Platform) -> None:
    app, staff = platform.customer(), platform.staff()
    asked = ask(app, "CORRECTION", text="My name is spelt with two a")
    (waiting,) = staff.get("/privacy/requests", params={"customerId": app.get("/web/me")["id"]})["items"]
    assert (waiting["requestNo"], waiting["status"]) == (asked["requestNo"], "RECEIVED")
    assert waiting["details"] == {"text": "My name is spelt with two a"}
    assert waiting["dueOn"] == asked["dueOn"]
    staff.post(f"/privacy/requests/{asked['id']}/answer", json={"status": "DONE", "text": "Corrected."})
    staff.post(
        f"/privacy/requests/{asked['id']}/answer", expect=409, json={"status": "DONE", "text": "Twice"}
    )
    read = app.get(f"/web/privacy/requests/{asked['id']}")
    assert (read["status"], read["answer"]) == ("DONE", "Corrected.")


def test_what_is_overdue_is_found(platform: Platform) -> None:
    app, staff = platform.customer(), platform.staff()
    asked = ask(app, "GRIEVANCE", text="Nobody answers the phone")
    mine = {"customerId": app.get("/web/me")["id"], "overdue": "true"}
    assert staff.get("/privacy/requests", params=mine)["items"] == []
    platform.sql("UPDATE privacy_request SET due_on = current_date - 2 WHERE id = %s", asked["id"])
    assert [r["id"] for r in staff.get("/privacy/requests", params=mine)["items"]] == [asked["id"]]


@pytest.mark.parametrize(
    ("kind", "field"), [("CORRECTION", "text"), ("GRIEVANCE", "text"), ("NOMINATION", "nominee")]
)
def test_what_a_request_needs_is_named(platform: Platform, kind: str, field: str) -> None:
    assert field in ask(platform.customer(), kind, expect=422)["error"]["fields"]


def test_a_nominee_is_kept_encrypted(platform: Platform) -> None:
    app = platform.customer()
    nominee = {"name": "Ravi Verma", "relationship": "brother", "phone": "9123456780"}
    asked = ask(app, "NOMINATION", nominee=nominee)
    assert asked["details"]["nominee"] == nominee
    (stored,) = platform.sql("SELECT row_to_json(r)::text FROM privacy_request r WHERE id = %s", asked["id"])
    assert "Ravi" not in stored[0]


def test_only_those_who_may_handle_it(platform: Platform) -> None:
    platform.staff(Role.CREDIT_EXECUTIVE).get("/privacy/requests", expect=403)
    app = platform.customer()
    asked = ask(app, "GRIEVANCE", text="Nobody answers the phone")
    platform.staff(brand_id=OTHER_BRAND).get(f"/privacy/requests/{asked['id']}", expect=404)


def test_the_audit_trail_tells_what_was_done_and_no_personal_data(platform: Platform) -> None:
    app = known(platform)
    customer_id, person = app.get("/web/me")["id"], app.person
    erase(platform, app)
    events = platform.staff().get("/audit", params={"customerId": customer_id, "pageSize": 100})["items"]
    erased = next(event for event in events if event["action"] == "customer.erased")
    assert erased["after"]["rows"]["identity"] >= 4
    text = json.dumps(
        platform.sql("SELECT row_to_json(e) FROM audit_event e WHERE subject_id = %s", customer_id)
    )
    assert [name for name in ("phone", "pan", "email", "accountNumber") if person[name] in text] == []


def test_an_answer_that_crashes_is_given_again_once(platform: Platform) -> None:
    """The job is one transaction: a store that fails half-way leaves the request waiting."""
    app = known(platform)
    request_id = ask(app, "ACCESS")["id"]
    with pytest.raises(ZeroDivisionError), at_work(BRAND):
        service.answer_access(request_id)
        raise ZeroDivisionError
    assert app.get(f"/web/privacy/requests/{request_id}")["status"] == "RECEIVED"
    platform.drain()
    with at_work(BRAND):
        service.answer_access(request_id)
    assert app.get(f"/web/privacy/requests/{request_id}")["status"] == "DONE"
