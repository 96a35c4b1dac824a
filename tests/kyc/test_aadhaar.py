"""Aadhaar OTP: the code proves name and address; the number is kept nowhere."""

import pytest

from app.demo.client import NotAsExpected
from tests.kyc.test_pan import attempts, calls
from tests.platform import Platform, new_pan


def test_it_works(platform: Platform) -> None:
    app = platform.customer()
    done = app.confirm_aadhaar()
    assert (done["status"], done["name"]) == ("VERIFIED", app.person["name"])
    me = app.get("/web/me")
    assert me["aadhaarLast4"] == app.person["aadhaar"][-4:]
    assert me["fatherName"] == f"MOHAN {app.person['name'].split()[-1]}"


def test_the_aadhaar_does_not_overrule_the_customer(platform: Platform) -> None:
    app = platform.customer()
    app.patch("/web/profile", json={"fatherName": "Mohan Lal"})
    app.confirm_aadhaar()
    assert app.get("/web/me")["fatherName"] == "Mohan Lal"


def test_the_photo_becomes_a_verified_document(platform: Platform) -> None:
    app = platform.customer()
    app.confirm_aadhaar()
    documents = app.get("/web/kyc/documents")
    assert [(d["kind"], d["status"]) for d in documents] == [("AADHAAR", "VERIFIED")]


def test_between_the_steps_the_number_is_kept_nowhere(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    for table in ("kyc_check", "customer", "provider_call", "audit_event"):
        stored = platform.sql(f"SELECT row_to_json(t)::text FROM {table} t")
        assert not [row for row in stored if app.person["aadhaar"] in row[0]], table


def test_the_providers_session_is_forgotten_once_used(platform: Platform) -> None:
    app = platform.customer()
    app.confirm_aadhaar()
    started = platform.sql(
        "SELECT status, result_enc FROM kyc_check WHERE customer_id = %s AND kind = 'AADHAAR_OTP'",
        app.get("/web/me")["id"],
    )
    assert started == [("VERIFIED", None)]


def test_a_wrong_code_is_refused_by_field_and_the_right_one_still_works(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    refused = app.post("/web/kyc/submit-aadhaar-otp", expect=422, json={"otp": "000000"})
    assert list(refused["error"]["fields"]) == ["otp"]
    code = platform.sandbox.messages(app.person["phone"])[0]["otp"]
    assert app.post("/web/kyc/submit-aadhaar-otp", json={"otp": code})["status"] == "VERIFIED"
    assert attempts(platform, app.get("/web/me")["id"]) == [
        ("AADHAAR_OTP", "VERIFIED"),
        ("AADHAAR", "REJECTED"),
        ("AADHAAR", "VERIFIED"),
    ]


def test_a_code_without_a_start_is_refused(platform: Platform) -> None:
    app = platform.customer()
    refused = app.post("/web/kyc/submit-aadhaar-otp", expect=409, json={"otp": "123456"})
    assert refused["error"]["code"] == "OTP_NOT_STARTED"


def test_a_code_ends_after_ten_minutes(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    platform.sql(
        "UPDATE kyc_check SET created_at = created_at - interval '11 minutes' WHERE customer_id = %s",
        app.get("/web/me")["id"],
    )
    refused = app.post("/web/kyc/submit-aadhaar-otp", expect=409, json={"otp": "123456"})
    assert refused["error"]["code"] == "OTP_NOT_STARTED"


def test_once_verified_no_code_is_sent_again(platform: Platform) -> None:
    app = platform.customer()
    app.confirm_aadhaar()
    before = calls(platform, "initiate_aadhaar_otp")
    again = app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    assert (again["status"], calls(platform, "initiate_aadhaar_otp")) == ("VERIFIED", before)


def test_another_number_after_it_is_refused(platform: Platform) -> None:
    app = platform.customer()
    app.confirm_aadhaar()
    other = platform.sandbox.person(new_pan("GOO"))["aadhaar"]
    refused = app.post("/web/kyc/initiate-aadhaar-otp", expect=409, json={"aadhaar": other})
    assert refused["error"]["code"] == "AADHAAR_VERIFIED"


def test_a_mistyped_number_is_refused_before_anybody_is_asked(platform: Platform) -> None:
    app = platform.customer()
    aadhaar = app.person["aadhaar"]
    mistyped = aadhaar[:-1] + str((int(aadhaar[-1]) + 1) % 10)
    before = calls(platform, "initiate_aadhaar_otp")
    refused = app.post("/web/kyc/initiate-aadhaar-otp", expect=422, json={"aadhaar": mistyped})
    assert mistyped not in str(refused)
    assert calls(platform, "initiate_aadhaar_otp") == before


def test_an_answer_lost_on_the_way_can_be_resumed(platform: Platform) -> None:
    app = platform.customer()
    fault = {"provider": "digitap", "operation": "submit_aadhaar_otp", "fault": "malformed"}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=fault)
    with pytest.raises(NotAsExpected, match="PROVIDER_UNAVAILABLE"):
        app.confirm_aadhaar()
    app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    code = platform.sandbox.messages(app.person["phone"])[0]["otp"]
    assert app.post("/web/kyc/submit-aadhaar-otp", json={"otp": code})["status"] == "VERIFIED"
