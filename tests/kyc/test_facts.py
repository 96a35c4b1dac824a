"""The features of KYC: what is unknown is absent, never a guess."""

from datetime import date
from typing import Any

from app.core import clock
from app.core.database import brand_scope
from app.demo.client import CustomerApp
from app.kyc import service
from app.kyc.identity import birth_dates_agree
from tests.kyc.test_bank_account import account, with_pan
from tests.platform import BRAND, Platform, new_pan


def facts(app: CustomerApp, as_of: date | None = None, brand_id: str = BRAND) -> dict[str, Any]:
    with brand_scope(brand_id):
        return service.facts(app.get("/web/me")["id"], as_of or clock.today())


def test_before_any_check_nothing_is_known(platform: Platform) -> None:
    assert facts(platform.customer()) == {}


def test_it_works(platform: Platform) -> None:
    app = with_pan(platform)
    app.confirm_aadhaar()
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    app.post("/web/kyc/employment", expect=201, json={})
    assert facts(app) == {
        "pan_status": "VALID",
        "pan_aadhaar_linked": True,
        "name_match_pan_aadhaar_percent": 100,
        "dob_matches": True,
        "gender_matches": True,
        "identity_route": "AADHAAR_OTP",
        "face_match": "NOT_DONE",
        "shared_account_count": 0,
        "rejected_kyc_check_count_30d": 0,
        "bank_account_verified": True,
        "name_match_pan_bank_percent": 100,
        "employment_active": True,
        "employment_tenure_months": 38,
    }


def test_a_pan_alone_says_nothing_of_the_rest(platform: Platform) -> None:
    assert facts(with_pan(platform)) == {
        "pan_status": "VALID",
        "pan_aadhaar_linked": True,
        "rejected_kyc_check_count_30d": 0,
    }


def test_a_pan_that_does_not_exist_is_invalid(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", expect=422, json={"pan": new_pan("XXX")})
    assert facts(app) == {"pan_status": "INVALID", "rejected_kyc_check_count_30d": 1}


def test_the_pan_of_somebody_else_is_not_invalid(platform: Platform) -> None:
    owner, app = with_pan(platform), platform.customer()
    app.post("/web/kyc/verify-pan", expect=409, json={"pan": owner.person["pan"]})
    assert facts(app) == {"rejected_kyc_check_count_30d": 1}


def test_other_names_on_aadhaar_and_account_are_seen(platform: Platform) -> None:
    app = with_pan(platform, "MIS")
    app.confirm_aadhaar()
    app.post("/web/kyc/bank-account", expect=422, json=account(app))
    known = facts(app)
    assert known["name_match_pan_aadhaar_percent"] < 60
    assert known["name_match_pan_bank_percent"] < 60
    assert known["bank_account_verified"] is False


def test_who_has_left_is_not_active_and_has_no_tenure(platform: Platform) -> None:
    app = with_pan(platform, "DEA")
    app.post("/web/kyc/employment", expect=201, json={})
    known = facts(app)
    assert known["employment_active"] is False
    assert "employment_tenure_months" not in known


def test_an_aadhaar_may_know_the_year_of_birth_alone() -> None:
    pan = {"date_of_birth": "1990-01-01"}
    assert birth_dates_agree(pan, {"date_of_birth": None, "year_of_birth": 1990})
    assert not birth_dates_agree(pan, {"date_of_birth": None, "year_of_birth": 1991})
    assert not birth_dates_agree(pan, {"date_of_birth": "1990-01-02", "year_of_birth": 1990})
