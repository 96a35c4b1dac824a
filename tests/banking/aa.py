"""An application whose customer is asked for a bank statement, and the aggregator's own voice."""

import uuid
from dataclasses import dataclass
from typing import Any

import requests

from app.core import clock
from app.demo.client import CustomerApp
from app.providers.aa import jws
from app.providers.aa.rebit import envelope
from app.providers.base import encode
from app.sandbox import aa_crypto
from tests.platform import BRAND, Platform, new_pan


@dataclass(frozen=True)
class Case:
    """One customer, their loan, and the newest consent request for it."""

    platform: Platform
    app: CustomerApp
    loan: dict[str, Any]

    def ask(self, expect: int = 201) -> dict[str, Any]:
        body = {"userId": self.loan["customerId"], "loanId": self.loan["id"]}
        return self.platform.staff().post("/aa/consent-request", expect=expect, json=body)

    def answer(self, consent: dict[str, Any], decision: str) -> None:
        """What the customer does at the aggregator."""
        self.platform.sandbox.call("POST", f"{consent['redirectUrl']}/{decision}", json={})

    def consent(self) -> dict[str, Any]:
        found = self.platform.staff().get("/aa/consent-requests", params={"loanId": self.loan["id"]})
        return found["items"][0]

    def bsa(self) -> dict[str, Any]:
        return self.platform.staff().get(f"/loans/{self.loan['id']}/bsa")

    def until(self, status: str) -> dict[str, Any]:
        """The analysis once it stands at `status`."""
        return self.platform.until(
            lambda: found if (found := self.bsa())["status"] == status else None, status
        )

    def until_consent(self, status: str) -> dict[str, Any]:
        return self.platform.until(
            lambda: found if (found := self.consent())["status"] == status else None, status
        )

    def analysed(self) -> dict[str, Any]:
        """The analysis of a consent that was asked for and given."""
        self.answer(self.ask(), "approve")
        return self.until("READY")


def new_case(platform: Platform, persona: str = "GOO") -> Case:
    app = platform.customer(new_pan(persona))
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    return Case(platform, app, app.post("/web/loans", once=True, expect=201, json=body))


def notification(kind: str, about: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A message as the aggregator of the brand writes it."""
    notifier = {"type": "AA", "id": f"sandbox-finduit-aa_id-{BRAND}"}
    return envelope(clock.now()) | {"Notifier": notifier, f"{kind}StatusNotification": about} | changes


def consent_message(consent: dict[str, Any], status: str, **changes: Any) -> dict[str, Any]:
    about = {"consentHandle": consent["consentHandle"], "consentStatus": status}
    return notification("Consent", about, **changes)


def session_message(
    session_id: str, session_status: str = "COMPLETED", fi_status: str = "READY"
) -> dict[str, Any]:
    accounts = [{"linkRefNumber": "1", "FIStatus": fi_status, "description": ""}]
    about = {
        "sessionId": session_id,
        "sessionStatus": session_status,
        "FIStatusResponse": [{"fipID": "HDFC-FIP", "Accounts": accounts}],
    }
    return notification("FI", about)


def send(
    platform: Platform, kind: str, message: dict[str, Any], brand_id: str = BRAND, **headers: str
) -> requests.Response:
    """Deliver a message, signed as it is, unless the headers say otherwise."""
    raw = encode(message)
    signed = {
        "Content-Type": "application/json",
        "aa_api_key": f"sandbox-finduit-aa_api_key-{BRAND}",
        jws.HEADER: aa_crypto.sign_detached(raw),
    }
    url = f"{platform.api.base_url}/aa/brand/{brand_id}/{kind}/Notification"
    return requests.post(url, data=raw, headers=signed | headers, timeout=10)


def any_id() -> str:
    return str(uuid.uuid4())
