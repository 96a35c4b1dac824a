"""Bureau reports: only with consent, not twice in a month, kept as they came."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app.bureau import service
from app.core.crypto import decrypt
from app.core.database import brand_scope
from app.core.identity import Role
from app.demo.client import CustomerApp
from app.files import storage
from app.providers.cibil import CibilReport
from pipelines import Features
from tests.kyc.test_bank_account import with_pan
from tests.platform import BRAND, OTHER_BRAND, Platform


def consent(app: CustomerApp) -> str:
    given = app.post("/web/consents", expect=201, json={"purpose": "BUREAU", "textVersion": "2026-01"})
    return given["id"]


def new_loan(platform: Platform, persona: str = "GOO") -> tuple[CustomerApp, str]:
    """A customer whose PAN and Aadhaar are verified, and their application."""
    app = with_pan(platform, persona)
    app.confirm_aadhaar()
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    return app, app.post("/web/loans", once=True, expect=201, json=body)["id"]


def pulls(platform: Platform) -> int:
    found = platform.sandbox.call("GET", "/__sandbox__/calls", params={"provider": "cibil"})
    return len(found["calls"])


def test_it_works(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent_id = consent(app)
    report = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    assert (report["score"], report["features"]["bureau_score"]) == (782, 782)
    assert report["lineage"]["bureau_score"]
    assert report["consentId"] == consent_id
    assert platform.staff().get(f"/loans/{loan_id}/bureau") == report


def test_other_domains_get_the_features(platform: Platform) -> None:
    app, loan_id = new_loan(platform, "OVE")
    consent(app)
    with brand_scope(BRAND):
        assert service.features(loan_id) == {}
    platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    with brand_scope(BRAND):
        known = service.features(loan_id)
    assert known["active_payday_loan_count"] >= 3
    assert isinstance(known["bureau_overdue_amount"], str)


def test_without_consent_nobody_is_asked(platform: Platform) -> None:
    _, loan_id = new_loan(platform)
    before = pulls(platform)
    refused = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=409)
    assert (refused["error"]["code"], pulls(platform)) == ("CONSENT_MISSING", before)


def test_a_recent_report_is_used_again(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    first = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    before = pulls(platform)
    assert platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201) == first
    assert pulls(platform) == before


def test_a_recent_report_serves_the_next_loan_too(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    first = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    app.post(f"/web/loans/{loan_id}/cancel")
    body = {"amount": "20000", "tenureDays": 24, "purpose": "TRAVEL"}
    next_id = app.post("/web/loans", once=True, expect=201, json=body)["id"]
    assert platform.staff().post(f"/loans/{next_id}/bureau-pull", expect=201)["id"] == first["id"]


def test_an_old_report_is_shown_and_not_decided_on(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    old = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    platform.sql(
        "UPDATE bureau_report SET created_at = created_at - interval '31 days' WHERE id = %s", old["id"]
    )
    assert platform.staff().get(f"/loans/{loan_id}/bureau")["id"] == old["id"]
    with brand_scope(BRAND):
        assert service.features(loan_id) == {}
    assert platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)["id"] != old["id"]


def test_somebody_without_a_record_is_known_to_have_none(platform: Platform) -> None:
    app, loan_id = new_loan(platform, "NTC")
    consent(app)
    report = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    assert (report["score"], report["features"]) == (None, {"bureau_hit": False})


def test_the_raw_report_is_kept_encrypted(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    report = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)
    (raw_key,) = platform.sql("SELECT raw_key FROM bureau_report WHERE id = %s", report["id"])[0]
    stored = storage().get(raw_key)
    assert app.person["pan"].encode() not in stored
    assert json.loads(decrypt(stored.decode()))["consumerCreditData"]


def test_an_incomplete_kyc_is_named(platform: Platform) -> None:
    app = with_pan(platform)
    consent(app)
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    loan_id = app.post("/web/loans", once=True, expect=201, json=body)["id"]
    refused = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=409)["error"]
    assert (refused["code"], refused["details"]["missing"]) == ("KYC_INCOMPLETE", ["pincode", "state"])


@pytest.mark.parametrize("fault", ["malformed", "unauthorised", "500"])
def test_an_outage_is_told_and_leaves_nothing(platform: Platform, fault: str) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    wrong = {"provider": "cibil", "fault": fault, "match": app.person["pan"]}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=wrong)
    platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=503)
    platform.staff().get(f"/loans/{loan_id}/bureau", expect=404)
    assert platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=201)["score"] == 782


def test_others_may_not_pull(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    platform.staff(Role.SANCTION_MANAGER).post(f"/loans/{loan_id}/bureau-pull", expect=403)
    platform.staff(brand_id=OTHER_BRAND).post(f"/loans/{loan_id}/bureau-pull", expect=404)


def test_an_ended_loan_is_not_pulled_for(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    app.post(f"/web/loans/{loan_id}/cancel")
    platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=409)


def test_two_requests_at_once_pull_once(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    consent(app)
    before, staff = pulls(platform), platform.staff()
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(staff.post, f"/loans/{loan_id}/bureau-pull", expect=201) for _ in "12"]
    assert len({answer.result()["id"] for answer in answers}) == 1
    assert pulls(platform) == before + 1


def test_an_answer_that_cannot_be_read_is_kept_and_says_nothing() -> None:
    body = {"consumerCreditData": [{"tuefHeader": {"subjectReturnCode": 1}, "scores": [{"score": "high"}]}]}
    answer = CibilReport("1", True, None, date(2026, 1, 1), body, json.dumps(body).encode())
    assert service._features(answer, "report") == Features()
