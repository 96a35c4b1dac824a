"""Consents: asked for by the lender, decided by the customer on a page."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.sandbox import aa_crypto
from app.sandbox.base import answer, json_body, simulator
from app.sandbox.finduit.core import Refused, instant, notify, rebit, refuse_repetition, twin
from app.sandbox.holdings import Held, accounts_of
from app.sandbox.pages import done, page
from app.sandbox.person import Person
from app.sandbox.personas import person_for

CONSENT_PARTS = (
    "consentStart",
    "consentExpiry",
    "fiTypes",
    "DataConsumer",
    "Customer",
    "Purpose",
    "FIDataRange",
)

PURPOSES = ("101", "102", "103", "104", "105")

# What the customer may do: from which states, to which state of the consent.
DECISIONS = {
    "approve": (("PENDING", "PAUSED"), "ACTIVE"),
    "reject": (("PENDING",), "REJECTED"),
    "pause": (("ACTIVE",), "PAUSED"),
    "revoke": (("ACTIVE", "PAUSED"), "REVOKED"),
    "expire": (("PENDING", "ACTIVE", "PAUSED"), "EXPIRED"),
}


@dataclass
class Consent:
    """A consent from request to end; the id exists once the customer approved."""

    handle: str
    detail: dict[str, Any]
    status: str = "PENDING"
    consent_id: str | None = None
    token: str = ""
    created_at: str = ""
    sessions: list[str] = field(default_factory=list)
    unavailable_fips: tuple[str, ...] = ()
    wrong_key_fips: tuple[str, ...] = ()

    @property
    def brand_id(self) -> str:
        return str(self.detail["DataConsumer"]["id"]).rpartition("-")[2]

    @property
    def person(self) -> Person:
        return person_for(phone=self.detail["Customer"]["id"].partition("@")[0])

    @property
    def accounts(self) -> list[Held]:
        return accounts_of(self.person, self.detail["fiTypes"])


@twin.post("/Consent")
@rebit
def request_consent(message: dict[str, Any]) -> dict[str, Any]:
    refuse_repetition(message)
    detail = message.get("ConsentDetail") or {}
    missing = [name for name in CONSENT_PARTS if not detail.get(name)]
    if missing:
        raise Refused("InvalidRequest", f"ConsentDetail.{missing[0]} is missing")
    if detail["Purpose"].get("code") not in PURPOSES:
        raise Refused("InvalidConsentPurpose", "no such purpose")
    if not str(detail["Customer"].get("id", "")).partition("@")[0].isdigit():
        raise Refused("InvalidCustomerAddress", "expected <mobile>@finduit")
    consent = Consent(str(uuid.uuid4()), detail)
    simulator().shelf("finduit.consents")[consent.handle] = consent
    return {"Customer": {"id": detail["Customer"]["id"]}, "ConsentHandle": consent.handle}


@twin.post("/Consent/handle")
@rebit
def consent_handle(message: dict[str, Any]) -> dict[str, Any]:
    consent = consent_of_handle(message.get("ConsentHandle"))
    if consent is None:
        raise Refused("InvalidConsentHandle", "no such consent handle")
    status = {"status": "APPROVED" if consent.consent_id else consent.status}
    if consent.consent_id:
        status["id"] = consent.consent_id
    return {"ConsentHandle": consent.handle, "ConsentStatus": status}


@twin.post("/Consent/fetch")
@rebit
def fetch_consent(message: dict[str, Any]) -> dict[str, Any]:
    consent = known_consent(message.get("consentId"))
    return {
        "consentId": consent.consent_id,
        "status": consent.status,
        "createTimestamp": consent.created_at,
        "signedConsent": consent.token,
        "ConsentUse": {"logUri": "", "count": len(consent.sessions), "lastUseDateTime": instant()},
    }


@twin.get("/consent/<handle>")
def consent_page(handle: str) -> ResponseReturnValue:
    """What the customer sees in the AA's app."""
    consent = consent_of_handle(handle)
    if consent is None:
        return page("No such consent", {}, {}), 404
    detail, person = consent.detail, consent.person
    facts = {
        "Asked for by": detail["DataConsumer"]["id"],
        "For": detail["Purpose"]["text"],
        "Bank statements": " to ".join(detail["FIDataRange"][end][:10] for end in ("from", "to")),
        "Accounts": ", ".join(f"{held.fip_id} {held.masked_account_number}" for held in consent.accounts),
        "Customer": person.kyc_name,
        "Status": consent.status,
    }
    possible = [name for name, (states, _) in DECISIONS.items() if consent.status in states]
    urls = {name: url_for("finduit.decide", handle=handle, decision=name) for name in possible}
    return page("Share your bank statement", facts, {name.title(): (url, {}) for name, url in urls.items()})


twin.on_page("/consent/{id}/{action}", *DECISIONS)


@twin.post("/consent/<handle>/<decision>")
def decide(handle: str, decision: str) -> ResponseReturnValue:
    """What the customer does there."""
    with simulator().lock:
        consent = consent_of_handle(handle)
        if consent is None or decision not in DECISIONS:
            return answer({"error": "no such consent or decision"}, 404)
        states, status = DECISIONS[decision]
        if consent.status not in states:
            return answer({"error": f"the consent is {consent.status}"}, 409)
        consent.status = status
        body = json_body()
        consent.unavailable_fips = tuple(body.get("unavailableFips", consent.unavailable_fips))
        consent.wrong_key_fips = tuple(body.get("wrongKeyFips", consent.wrong_key_fips))
        if status == "ACTIVE" and not consent.consent_id:
            grant(consent)
        notify_consent(consent)
    shown = {"consentHandle": handle, "consentId": consent.consent_id, "status": consent.status}
    return done(shown, url_for("finduit.consent_page", handle=handle))


def consent_of_handle(handle: Any) -> Consent | None:
    return simulator().shelf("finduit.consents").get(handle)


def known_consent(consent_id: Any) -> Consent:
    handle = simulator().shelf("finduit.consent_ids").get(consent_id)
    consent = consent_of_handle(handle)
    if consent is None:
        raise Refused("InvalidConsentId", "no such consent")
    if consent.status == "ACTIVE" and datetime.fromisoformat(consent.detail["consentExpiry"]) < datetime.now(
        UTC
    ):
        consent.status = "EXPIRED"
    return consent


def grant(consent: Consent) -> None:
    """The customer approved: the consent gets its id and its signed artefact."""
    consent.consent_id, consent.created_at = str(uuid.uuid4()), instant()
    consent.token = aa_crypto.sign_compact(
        consent.detail
        | {
            "DataProvider": {"id": consent.accounts[0].fip_id, "type": "FIP"},
            "Accounts": [held.linked() for held in consent.accounts],
        }
    )
    simulator().shelf("finduit.consent_ids")[consent.consent_id] = consent.handle


def notify_consent(consent: Consent) -> None:
    about = {"consentHandle": consent.handle, "consentStatus": consent.status}
    if consent.consent_id:
        about["consentId"] = consent.consent_id
    notify(consent.brand_id, "Consent", {"ConsentStatusNotification": about})
