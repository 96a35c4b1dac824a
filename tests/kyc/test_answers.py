"""What was paid for is used until it is too old; who is silent is followed by the next; staff may ask again."""

from typing import Any

import pytest

from app.core.identity import Role
from app.demo.client import CustomerApp
from app.seed import BRANDS
from tests.admin.test_new_brand import MODEL
from tests.kyc.brands import new_brand
from tests.kyc.test_bank_account import account, magic, with_pan
from tests.kyc.test_facts import facts
from tests.kyc.test_pan import calls
from tests.platform import Platform


@pytest.fixture(scope="module")
def brand_id(platform: Platform) -> str:
    """A brand that sends the rupee by Cashfree, then Razorpay, then Digitap, and asks for a PAN every ten days."""
    return new_brand(
        platform,
        providers=BRANDS[MODEL]["settings"]["providers"] | {"accountValidation": "cashfree"},
        kycFallbacks={"accountValidation": ["razorpay", "digitap"]},
        kycGoodDays={"pan": 10, "employment": 10, "bankAccount": 10},
    )


@pytest.fixture
def app(platform: Platform, brand_id: str) -> CustomerApp:
    return with_pan(platform, brand_id=brand_id)


def fault(
    platform: Platform, provider: str, kind: str, operation: str = "penny_drop", times: int = 1
) -> None:
    body = {"provider": provider, "operation": operation, "fault": kind, "times": times}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)


def attempts(platform: Platform, app: CustomerApp, kind: str) -> list[dict[str, Any]]:
    staff = platform.staff(brand_id=app.brand_id)
    kyc = staff.get(f"/customers/{app.get('/web/me')['id']}/kyc")
    return [attempt for attempt in kyc["attempts"] if attempt["kind"] == kind]


def test_the_chosen_one_answers(platform: Platform, app: CustomerApp) -> None:
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    [attempt] = attempts(platform, app, "BANK_ACCOUNT")
    assert (attempt["provider"], attempt["tried"]) == ("cashfree", [])


@pytest.mark.parametrize("kind", ["500", "malformed"])
def test_who_is_silent_is_followed_by_the_next(platform: Platform, app: CustomerApp, kind: str) -> None:
    fault(platform, "cashfree", kind)
    fault(platform, "razorpay", kind)
    assert app.post("/web/kyc/bank-account", expect=201, json=account(app))["verified"]
    [attempt] = attempts(platform, app, "BANK_ACCOUNT")
    assert (attempt["provider"], attempt["status"]) == ("digitap", "VERIFIED")
    assert [silence["provider"] for silence in attempt["tried"]] == ["cashfree", "razorpay"]


def test_after_a_clear_no_nobody_else_is_asked(platform: Platform, app: CustomerApp) -> None:
    before = calls(platform, "penny_drop")
    app.post("/web/kyc/bank-account", expect=422, json=account(app, magic("000")))
    [attempt] = attempts(platform, app, "BANK_ACCOUNT")
    assert (attempt["provider"], attempt["status"]) == ("cashfree", "REJECTED")
    assert calls(platform, "penny_drop") == before


def test_when_nobody_answers_the_attempt_says_whom_we_asked(platform: Platform, app: CustomerApp) -> None:
    for provider in ("cashfree", "razorpay", "digitap"):
        fault(platform, provider, "malformed")
    silent = app.post("/web/kyc/bank-account", expect=503, json=account(app))
    assert silent["error"]["code"] == "PROVIDER_UNAVAILABLE"
    [attempt] = attempts(platform, app, "BANK_ACCOUNT")
    assert (attempt["status"], len(attempt["tried"])) == ("PENDING", 3)
    assert app.post("/web/kyc/bank-account", expect=201, json=account(app))["verified"]


def test_every_attempt_names_the_consent_that_allowed_it(platform: Platform, app: CustomerApp) -> None:
    given = {consent["id"] for consent in app.get("/web/consents") if consent["purpose"] == "KYC"}
    assert {attempt["consentId"] for attempt in attempts(platform, app, "PAN")} <= given


def grow_old(platform: Platform, app: CustomerApp, days: int) -> None:
    platform.sql(
        "UPDATE kyc_check SET created_at = created_at - make_interval(days => %s) WHERE customer_id = %s",
        days,
        app.get("/web/me")["id"],
    )


def test_an_answer_is_good_for_as_long_as_the_brand_says(platform: Platform, app: CustomerApp) -> None:
    before = calls(platform, "pan_details")
    grow_old(platform, app, 9)
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    assert calls(platform, "pan_details") == before
    grow_old(platform, app, 2)
    step = next(s for s in app.get("/web/onboarding")["steps"] if s["step"] == "PAN")
    assert not step["done"]
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    assert calls(platform, "pan_details") == before + 1


def test_an_account_is_proven_again_when_its_answer_is_too_old(platform: Platform, app: CustomerApp) -> None:
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    grow_old(platform, app, 11)
    assert app.post("/web/kyc/bank-account", expect=201, json=account(app))["verified"]
    assert len(attempts(platform, app, "BANK_ACCOUNT")) == 2
    assert len(app.get("/web/kyc")["bankAccounts"]) == 1


# by staff


def refresh(platform: Platform, app: CustomerApp, kind: str, expect: int = 201, **body: str) -> Any:
    body = {"kind": kind, "reason": "The customer changed jobs", **body}
    staff = platform.staff(Role.CREDIT_EXECUTIVE, app.brand_id)
    return staff.post(f"/customers/{app.get('/web/me')['id']}/kyc/refresh", expect=expect, json=body)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("PAN", "pan_details"),
        ("MOBILE_TO_PAN", "mobile_prefill"),
        ("MOBILE_TO_ADDRESS", "mobile_address"),
        ("EMPLOYMENT", "employment_history"),
    ],
)
def test_an_answer_is_bought_again_for_a_reason(
    platform: Platform, app: CustomerApp, kind: str, operation: str
) -> None:
    app.post("/web/kyc/verify-mobile")
    app.post("/web/kyc/employment", expect=201, json={})
    before = calls(platform, operation)
    told = refresh(platform, app, kind)
    assert (told["status"], told["refreshReason"]) == ("VERIFIED", "The customer changed jobs")
    assert calls(platform, operation) == before + 1
    assert len(attempts(platform, app, kind)) == 2
    assert len(app.get("/web/kyc")["employments"]) == 2


def test_another_rupee_is_sent_to_the_same_account(platform: Platform, app: CustomerApp) -> None:
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    assert refresh(platform, app, "BANK_ACCOUNT")["status"] == "VERIFIED"
    assert [a["superseded"] for a in attempts(platform, app, "BANK_ACCOUNT")] == [True, False]
    assert len(app.get("/web/kyc")["bankAccounts"]) == 1


def test_a_newer_no_counts_and_a_silence_changes_nothing(platform: Platform, app: CustomerApp) -> None:
    app.post("/web/kyc/verify-mobile")
    fault(platform, "digitap", "malformed", "mobile_prefill")
    refresh(platform, app, "MOBILE_TO_PAN", 503)
    assert facts_of(app)["mobile_pan_matches"] is True
    other = platform.sandbox.person("GOOPZ" + app.person["pan"][5:9] + "Q")["pan"]
    platform.sandbox.call(
        "POST", "/__sandbox__/personas", expect=201, json={"pan": other, "phone": app.person["phone"]}
    )
    assert refresh(platform, app, "MOBILE_TO_PAN")["status"] == "REJECTED"
    assert facts_of(app)["mobile_pan_matches"] is False


def facts_of(app: CustomerApp) -> dict[str, Any]:
    return facts(app, brand_id=app.brand_id)


def test_an_aadhaar_cannot_be_asked_without_the_customer(platform: Platform, app: CustomerApp) -> None:
    refused = refresh(platform, app, "AADHAAR", 422)
    assert list(refused["error"]["fields"]) == ["kind"]


def test_it_needs_a_reason_and_the_right(platform: Platform, app: CustomerApp) -> None:
    refresh(platform, app, "PAN", 422, reason="no")
    path = f"/customers/{app.get('/web/me')['id']}/kyc/refresh"
    platform.staff(Role.LOAN_EXECUTIVE).post(path, expect=403, json={"kind": "PAN", "reason": "Just to look"})
