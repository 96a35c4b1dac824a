"""Bureau reports: only with consent, not twice in a month, kept as they came."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.bureau import service
from app.core.database import brand_scope
from app.core.identity import Role
from app.demo.client import CustomerApp, Portal
from app.files import get_sealed, storage
from tests.kyc.test_bank_account import with_pan
from tests.platform import BRAND, OTHER_BRAND, Platform


def consent(app: CustomerApp) -> str:
    given = app.post("/web/consents", expect=201, json={"purpose": "BUREAU", "textVersion": "2026-01"})
    return given["id"]


def new_loan(platform: Platform, persona: str = "GOO", brand_id: str = BRAND) -> tuple[CustomerApp, str]:
    """A customer whose PAN and Aadhaar are verified, and their application."""
    app = with_pan(platform, persona, brand_id)
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
    assert app.person["pan"].encode() not in storage().get(raw_key)
    with brand_scope(BRAND):
        assert json.loads(get_sealed(raw_key))["consumerCreditData"]


def test_an_incomplete_kyc_is_named(platform: Platform) -> None:
    app = with_pan(platform)
    consent(app)
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    loan_id = app.post("/web/loans", once=True, expect=201, json=body)["id"]
    refused = platform.staff().post(f"/loans/{loan_id}/bureau-pull", expect=409)["error"]
    assert (refused["code"], refused["details"]["missing"]) == ("KYC_INCOMPLETE", ["pincode", "state"])


@pytest.mark.parametrize("fault", ["unauthorised", "500"])
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


EQUIFAX_FIRST, CRIF_ONLY = "salary4sure", "fastsalary"


def ready(platform: Platform, persona: str = "GOO", brand_id: str = BRAND) -> tuple[CustomerApp, str, Portal]:
    """A customer who has consented, their loan, and staff of their brand."""
    app, loan_id = new_loan(platform, persona, brand_id)
    consent(app)
    return app, loan_id, platform.staff(brand_id=brand_id)


def fault(platform: Platform, provider: str, kind: str, app: CustomerApp) -> None:
    wrong = {"provider": provider, "fault": kind, "match": app.person["pan"]}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=wrong)


@pytest.mark.parametrize(("brand_id", "bureau"), [(EQUIFAX_FIRST, "equifax"), (CRIF_ONLY, "crif")])
def test_a_brand_asks_its_own_bureau(platform: Platform, brand_id: str, bureau: str) -> None:
    _, loan_id, staff = ready(platform, "OVE", brand_id)
    report = staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    assert (report["bureau"], report["outcome"], report["score"]) == (bureau, "SCORED", 560)
    assert report["features"]["active_payday_loan_count"] == 5
    assert (report["summary"]["account_count"], report["summary"]["conditions"]) == (8, {"SETTLED": 1})
    assert report["lineage"]["written_off_or_settled_count_24m"]


def test_the_details_are_those_of_the_kept_report(platform: Platform) -> None:
    app, loan_id, staff = ready(platform, "OVE", CRIF_ONLY)
    staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    details = staff.get(f"/loans/{loan_id}/bureau/details")
    assert len(details["accounts"]) == 8
    assert details["accounts"][0]["history"][0]["days_past_due"] == 30
    pan = app.person["pan"]
    assert {"kind": "PAN", "value": f"{pan[:3]}xxxxx{pan[-2:]}"} in details["identities"]


def test_collectors_do_not_see_the_details(platform: Platform) -> None:
    _, loan_id, staff = ready(platform)
    staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    platform.staff(Role.COLLECTION_EXECUTIVE).get(f"/loans/{loan_id}/bureau/details", expect=403)
    platform.staff(Role.SANCTION_MANAGER).get(f"/loans/{loan_id}/bureau/details")


def test_while_the_first_does_not_answer_the_next_is_asked(platform: Platform) -> None:
    app, loan_id, staff = ready(platform, brand_id=EQUIFAX_FIRST)
    fault(platform, "equifax", "500", app)
    fault(platform, "crif", "unauthorised", app)
    assert staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)["bureau"] == "cibil"


def test_a_bureau_without_one_after_it_fails_alone(platform: Platform) -> None:
    app, loan_id, staff = ready(platform, brand_id=CRIF_ONLY)
    fault(platform, "crif", "500", app)
    staff.post(f"/loans/{loan_id}/bureau-pull", expect=503)


@pytest.mark.parametrize(
    ("brand_id", "bureau"), [(BRAND, "cibil"), (EQUIFAX_FIRST, "equifax"), (CRIF_ONLY, "crif")]
)
def test_what_cannot_be_read_is_kept_and_says_why(platform: Platform, brand_id: str, bureau: str) -> None:
    app, loan_id, staff = ready(platform, brand_id=brand_id)
    fault(platform, bureau, "malformed", app)
    report = staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    assert (report["status"], report["score"], report["features"]) == ("UNREADABLE", None, {})
    assert "cannot be read" in report["reason"]
    (raw_key,) = platform.sql("SELECT raw_key FROM bureau_report WHERE id = %s", report["id"])[0]
    with brand_scope(brand_id):
        assert get_sealed(raw_key)
    assert staff.get(f"/loans/{loan_id}/bureau/details", expect=409)["error"]["code"] == "REPORT_UNREADABLE"
    assert staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)["status"] == "READ"


def test_the_age_up_to_which_a_report_is_used_is_the_brands(platform: Platform) -> None:
    _, loan_id, staff = ready(platform, brand_id=EQUIFAX_FIRST)
    old = staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    age = "UPDATE bureau_report SET created_at = created_at - interval '16 days' WHERE id = %s"
    platform.sql(age, old["id"])
    assert staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)["id"] != old["id"]


def test_a_recent_report_is_bought_again_with_the_right_and_a_remark(platform: Platform) -> None:
    _, loan_id, staff = ready(platform)
    first = staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    again = staff.post(
        f"/loans/{loan_id}/bureau-pull", expect=201, json={"repullRemark": "Dispute was settled"}
    )
    assert again["id"] != first["id"]
    reasons = platform.sql(
        "SELECT reason FROM audit_event WHERE action = 'bureau.pulled' AND entity_id = %s", again["id"]
    )
    assert reasons == [("Dispute was settled",)]


def test_without_the_right_it_is_not_bought_again(platform: Platform) -> None:
    _, loan_id, staff = ready(platform)
    staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    before, executive = pulls(platform), platform.staff(Role.CREDIT_EXECUTIVE)
    executive.post(f"/loans/{loan_id}/bureau-pull", expect=403, json={"repullRemark": "I would like to"})
    staff.post(f"/loans/{loan_id}/bureau-pull", expect=422, json={"repullRemark": "no"})
    assert pulls(platform) == before


@pytest.mark.parametrize("brand_id", [BRAND, EQUIFAX_FIRST, CRIF_ONLY])
def test_no_file_is_told_apart_from_a_clean_one(platform: Platform, brand_id: str) -> None:
    _, loan_id, staff = ready(platform, "NTC", brand_id)
    report = staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
    assert (report["outcome"], report["features"]) == ("NO_HIT", {"bureau_hit": False})
