"""From a phone number to a decision on an application, by each of the routes to an identity."""

from collections.abc import Callable

import pytest

from app.demo import journeys
from app.demo.client import CustomerApp, picture
from tests.customers.test_profile import ADDRESS, EMPLOYER, REFERENCES
from tests.kyc.test_bank_account import account
from tests.kyc.test_digilocker import visit
from tests.kyc.test_manual import compare, enter, papers_found_good
from tests.platform import TEXT_VERSION, Platform
from tests.stages import Stages

CONSENTS = ("KYC", "BUREAU", "AA", "BSA")


def by_documents(platform: Platform, app: CustomerApp) -> None:
    papers_found_good(platform.staff(), app)
    enter(platform.staff(), app)


ROUTES: dict[str, Callable[[Platform, CustomerApp], object]] = {
    "AADHAAR_OTP": lambda platform, app: app.confirm_aadhaar(),
    "DIGILOCKER": lambda platform, app: visit(app),
    "DOCUMENTS": by_documents,
}


def take_in(platform: Platform, route: str) -> CustomerApp:
    """Everything that the brand asks for before the application."""
    app = platform.customer(consents=())
    for purpose in CONSENTS:
        app.post("/web/consents", expect=201, json={"purpose": purpose, "textVersion": TEXT_VERSION})
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    app.post("/web/kyc/verify-mobile")
    ROUTES[route](platform, app)
    for kind in ("PAN_CARD", "SELFIE"):
        app.upload(kind, "a.png", picture(1, 2, 3))
    profile = {"email": app.person["email"], "employmentType": "SALARIED", "salaryMode": "BANK_TRANSFER"}
    app.patch("/web/profile", json=profile | {"declaredMonthlySalary": "61000"})
    app.put("/web/profile/address", json=ADDRESS)
    app.put("/web/profile/employer", json=EMPLOYER)
    app.put("/web/profile/references", json={"references": REFERENCES})
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    app.post("/web/kyc/employment", expect=201, json={})
    return app


@pytest.mark.parametrize("route", ROUTES)
def test_a_customer_is_taken_in_and_decided_on(platform: Platform, route: str) -> None:
    app, stages = take_in(platform, route), Stages(platform)
    assert app.get("/web/onboarding")["next"]["step"] == "APPLICATION"
    compare(platform.staff(), app, matches=True)
    loan = journeys.apply(stages.world, app, "25000.00", 24)
    seen = app.get("/web/onboarding")
    assert (seen["percent"], seen["next"]) == (100, None)
    with platform.working():
        journeys.gather_evidence(stages.world, app, loan)
        decision = journeys.decide(stages.world, loan, "APPROVE")
    read = {
        datum["name"]: datum["value"] for datum in stages.staff.get(f"/decisions/{decision['id']}")["data"]
    }
    assert (read["identity_route"], read["face_match"]) == (route, "MATCHED")
    assert (read["mobile_pan_matches"], read["reference_count"]) == (True, 2)
