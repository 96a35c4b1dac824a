"""An application whose customer is asked for a bank statement, and the aggregator's own voice."""

import uuid
from dataclasses import dataclass
from typing import Any

import requests

from app.core import clock
from app.demo.client import CustomerApp, Portal
from app.providers.aa import jws
from app.providers.aa.rebit import envelope
from app.providers.wire import encode
from app.sandbox import aa_crypto
from tests.platform import BRAND, Platform, new_pan


@dataclass(frozen=True)
class Case:
    """One customer, their loan, and the newest consent request for it."""

    platform: Platform
    app: CustomerApp
    loan: dict[str, Any]
    brand_id: str = BRAND

    @property
    def staff(self) -> Portal:
        return self.platform.staff(brand_id=self.brand_id)

    def ask(self, expect: int = 201, **more: str) -> dict[str, Any]:
        body = {"userId": self.loan["customerId"], "loanId": self.loan["id"], **more}
        return self.staff.post("/aa/consent-request", expect=expect, json=body)

    def answer(self, consent: dict[str, Any], decision: str, **trouble: list[str]) -> None:
        """What the customer does at the aggregator."""
        self.platform.sandbox.call("POST", f"{consent['redirectUrl']}/{decision}", json=trouble)

    def consent(self) -> dict[str, Any]:
        found = self.staff.get("/aa/consent-requests", params={"loanId": self.loan["id"]})
        return found["items"][0]

    def detail(self) -> dict[str, Any]:
        """The newest request with its sessions."""
        return self.staff.get(f"/aa/consent-requests/{self.consent()['id']}")

    def act(self, action: str, expect: int = 200, **body: str) -> dict[str, Any]:
        """refresh, cancel or fetch of the newest request."""
        return self.staff.post(
            f"/aa/consent-requests/{self.consent()['id']}/{action}", expect=expect, json=body
        )

    def bsa(self) -> dict[str, Any]:
        return self.staff.get(f"/loans/{self.loan['id']}/bsa")

    def until(self, status: str) -> dict[str, Any]:
        """The analysis once it stands at `status`."""
        return self.platform.until(
            lambda: found if (found := self.bsa())["status"] == status else None, status
        )

    def until_consent(self, status: str) -> dict[str, Any]:
        return self.platform.until(
            lambda: found if (found := self.consent())["status"] == status else None, status
        )

    def analysed(self, template: str = "UNDERWRITING", **trouble: list[str]) -> dict[str, Any]:
        """The analysis of a consent that was asked for and given."""
        self.answer(self.ask(template=template), "approve", **trouble)
        return self.until("READY")

    def fault(self, name: str, operation: str) -> None:
        """What goes wrong next at the aggregator."""
        provider = "finduit" if self.brand_id == BRAND else "cart_aa"
        body = {"provider": provider, "fault": name, "operation": operation}
        self.platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)


def new_case(platform: Platform, persona: str = "GOO", brand_id: str = BRAND) -> Case:
    app = platform.customer(new_pan(persona), brand_id)
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    return Case(platform, app, app.post("/web/loans", once=True, expect=201, json=body), brand_id)


def notification(kind: str, about: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A message as the aggregator of the brand writes it."""
    notifier = {"type": "AA", "id": f"sandbox-finduit-aa_id-{BRAND}"}
    return envelope(clock.now()) | {"Notifier": notifier, f"{kind}StatusNotification": about} | changes


def consent_message(consent: dict[str, Any], status: str, **changes: Any) -> dict[str, Any]:
    about = {"consentHandle": consent["consentHandle"], "consentStatus": status}
    return notification("Consent", about, **changes)


def session_message(
    session_id: str, session_status: str = "COMPLETED", fi_status: str = "READY", link: str | None = None
) -> dict[str, Any]:
    accounts = [{"linkRefNumber": link, "FIStatus": fi_status, "description": ""}] if link else []
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
