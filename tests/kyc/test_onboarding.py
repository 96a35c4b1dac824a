"""The way in can be left and taken up again: the platform says what comes next, and why."""

from app.demo.client import CustomerApp, picture
from tests.kyc.test_bank_account import account
from tests.platform import TEXT_VERSION, Platform, new_pan


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
    app.confirm_aadhaar()
    seen.append(next_step(app))
    for kind in ("PAN_CARD", "SELFIE"):
        app.upload(kind, "a.png", picture(1, 2, 3))
    seen.append(next_step(app))
    profile = {"email": "a@example.com", "employmentType": "SALARIED", "salaryMode": "BANK_TRANSFER"}
    app.patch("/web/profile", json=profile | {"declaredMonthlySalary": "60000"})
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
        "AADHAAR",
        "DOCUMENTS",
        "PROFILE",
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
