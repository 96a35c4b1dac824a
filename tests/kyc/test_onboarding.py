"""The way in can be left and taken up again: the platform says what comes next, and why."""

import marshmallow as ma
import pytest

from app.brands.onboarding import ALWAYS
from app.brands.schemas import BrandSettings
from app.demo.client import CustomerApp, picture
from app.seed import BRANDS
from tests.customers.test_profile import ADDRESS, EMPLOYER, REFERENCES
from tests.kyc.brands import new_brand
from tests.kyc.test_bank_account import account
from tests.platform import TEXT_VERSION, Platform, new_pan

PROFILE = {"address": ADDRESS, "employer": EMPLOYER, "references": {"references": REFERENCES}}


def next_step(app: CustomerApp) -> str | None:
    upcoming = app.get("/web/onboarding")["next"]
    return upcoming and upcoming["step"]


def test_every_step_leads_to_the_next(platform: Platform) -> None:
    app = platform.customer(consents=())
    seen = [next_step(app)]
    for purpose in ("KYC", "BUREAU"):
        app.post("/web/consents", expect=201, json={"purpose": purpose, "textVersion": TEXT_VERSION})
    seen.append(next_step(app))
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    seen.append(next_step(app))
    app.post("/web/kyc/verify-mobile")
    seen.append(next_step(app))
    app.confirm_aadhaar()
    seen.append(next_step(app))
    for kind in ("PAN_CARD", "SELFIE"):
        app.upload(kind, "a.png", picture(1, 2, 3))
    seen.append(next_step(app))
    profile = {"email": "a@example.com", "employmentType": "SALARIED", "salaryMode": "BANK_TRANSFER"}
    app.patch("/web/profile", json=profile | {"declaredMonthlySalary": "60000"})
    seen.append(next_step(app))
    for part, body in PROFILE.items():
        app.put(f"/web/profile/{part}", json=body)
        seen.append(next_step(app))
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    seen.append(next_step(app))
    app.post("/web/kyc/employment", expect=201, json={})
    seen.append(next_step(app))
    loan = {"amount": "20000", "tenureDays": 24, "purpose": "TRAVEL"}
    app.post("/web/loans", once=True, expect=201, json=loan)
    seen.append(next_step(app))
    assert seen == [
        "CONSENT",
        "PAN",
        "MOBILE",
        "IDENTITY",
        "DOCUMENTS",
        "PROFILE",
        "ADDRESS",
        "EMPLOYER",
        "REFERENCES",
        "BANK_ACCOUNT",
        "EMPLOYMENT",
        "APPLICATION",
        None,
    ]


def test_it_says_what_is_missing(platform: Platform) -> None:
    app = platform.customer(consents=())
    app.post("/web/consents", expect=201, json={"purpose": "KYC", "textVersion": TEXT_VERSION})
    assert app.get("/web/onboarding")["next"]["why"] == "We need your consent to: bureau."


def test_it_says_why_a_step_failed(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", expect=422, json={"pan": new_pan("XXX")})
    steps = {step["step"]: step for step in app.get("/web/onboarding")["steps"]}
    assert "Invalid ID number" in steps["PAN"]["why"]


def test_having_no_provident_fund_is_an_answer(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    app.post("/web/kyc/employment", expect=422, json={"uan": "109999999999"})
    steps = {step["step"]: step for step in app.get("/web/onboarding")["steps"]}
    assert steps["EMPLOYMENT"]["done"]


def test_a_rejected_document_is_asked_for_again(platform: Platform) -> None:
    app, staff = platform.customer(), platform.staff()
    app.upload("PAN_CARD", "a.png", picture(1, 2, 3))
    selfie = app.upload("SELFIE", "a.png", picture(1, 2, 3))
    path = f"/customers/{app.get('/web/me')['id']}/documents/{selfie['id']}/review"
    staff.post(path, json={"status": "REJECTED", "remark": "Blurred"})
    steps = {step["step"]: step for step in app.get("/web/onboarding")["steps"]}
    assert steps["DOCUMENTS"]["why"] == "Upload: selfie."


def test_staff_see_the_same_picture(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    seen = platform.staff().get(f"/customers/{app.get('/web/me')['id']}/onboarding")
    assert seen == app.get("/web/onboarding")


def test_progress_is_told_in_percent(platform: Platform) -> None:
    app = platform.customer()
    before = app.get("/web/onboarding")["percent"]
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    assert 0 <= before < app.get("/web/onboarding")["percent"] < 100


def test_what_waits_for_staff_holds_nobody_up(platform: Platform) -> None:
    app = platform.customer()
    waiting = [s["step"] for s in app.get("/web/onboarding")["steps"] if s["waitsFor"] == "STAFF"]
    assert waiting == ["FACE_MATCH"]


def test_a_brand_says_which_steps_it_asks_for(platform: Platform) -> None:
    brand_id = new_brand(platform, onboarding={"steps": list(ALWAYS), "identityRoutes": ["DIGILOCKER"]})
    app = platform.customer(brand_id=brand_id)
    steps = app.get("/web/onboarding")["steps"]
    assert [s["step"] for s in steps] == ["CONSENT", "PAN", "IDENTITY", "APPLICATION"]
    assert steps[2]["routes"] == [{"route": "DIGILOCKER", "call": "POST /web/kyc/digilocker"}]
    refused = app.post("/web/kyc/initiate-aadhaar-otp", expect=409, json={"aadhaar": app.person["aadhaar"]})
    assert refused["error"]["code"] == "ROUTE_NOT_OFFERED"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"onboarding": {"steps": ["PAN"]}}, "onboarding.steps"),
        ({"onboarding": {"steps": [*ALWAYS, "PAN"]}}, "onboarding.steps"),
        ({"onboarding": {"steps": [*ALWAYS, "FACE_MATCH"]}}, "onboarding.steps"),
        ({"onboarding": {"identityRoutes": []}}, "onboarding.identityRoutes"),
        ({"onboarding": {"documents": ["PAN_CARD"]}}, "onboarding.documents"),
        ({"onboarding": {"references": 0}}, "onboarding.references"),
        ({"onboarding": {"returnUrl": "http://app.example"}}, "onboarding.returnUrl"),
        ({"kycGoodDays": {"pan": 0}}, "kycGoodDays.pan"),
        ({"kycFallbacks": {"accountValidation": ["digitap"]}}, "kycFallbacks.accountValidation"),
        ({"kycFallbacks": {"accountValidation": ["cashfree", "cashfree"]}}, "kycFallbacks.accountValidation"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_field(wrong: dict, field: str) -> None:
    settings = BRANDS["qualoan"]["settings"]
    with pytest.raises(ma.ValidationError) as refused:
        BrandSettings().load(settings | wrong)
    section, name = field.split(".")
    assert name in refused.value.messages[section]
