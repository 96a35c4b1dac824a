"""What the customer's banks hand over under a consent."""

import uuid
from datetime import date, datetime
from typing import Any

from app.sandbox import aa_crypto
from app.sandbox.base import INDIA, simulator
from app.sandbox.finduit.consents import Consent, known_consent
from app.sandbox.finduit.core import Refused, notify, rebit, refuse_repetition, twin
from app.sandbox.holdings import Held, delivered

FORBIDDEN = {"PAUSED": "ConsentPaused", "REVOKED": "ConsentRevoked", "EXPIRED": "ConsentExpired"}


@twin.post("/FI/request")
@rebit
def request_fi(message: dict[str, Any]) -> dict[str, Any]:
    refuse_repetition(message)
    asked = message.get("Consent") or {}
    consent = known_consent(asked.get("id"))
    if consent.status != "ACTIVE":
        raise Refused("InvalidConsentStatus", f"the consent is {consent.status}")
    if asked.get("digitalSignature") != consent.token.rpartition(".")[2]:
        raise Refused("InvalidConsentDetail", "digitalSignature is not the consent's")
    if consent.sessions and consent.detail.get("fetchType") == "ONETIME":
        raise Refused("InvalidConsentUse", "the consent allows one fetch")
    days = allowed_range(message.get("FIDataRange"), consent)
    session_id = str(uuid.uuid4())
    information = collected(consent, days, message.get("KeyMaterial"))
    simulator().shelf("finduit.sessions")[session_id] = (consent.consent_id, information)
    consent.sessions.append(session_id)
    notify_session(consent, session_id)
    return {"consentId": consent.consent_id, "sessionId": session_id}


@twin.post("/FI/fetch")
@rebit
def fetch_fi(message: dict[str, Any]) -> dict[str, Any]:
    found = simulator().shelf("finduit.sessions").get(message.get("sessionId"))
    if found is None:
        raise Refused("InvalidSessionId", "no such session")
    consent_id, information = found
    consent = known_consent(consent_id)
    if code := FORBIDDEN.get(consent.status):
        raise Refused(code, f"the consent is {consent.status}", 403)
    return {"FI": information}


def allowed_range(asked: Any, consent: Consent) -> tuple[date, date]:
    """The days asked for, which must be days that the customer agreed to."""
    try:
        wanted = [datetime.fromisoformat(asked[end]) for end in ("from", "to")]
        agreed = [datetime.fromisoformat(consent.detail["FIDataRange"][end]) for end in ("from", "to")]
        valid = agreed[0] <= wanted[0] < wanted[1] <= agreed[1]
    except (KeyError, TypeError, ValueError):
        valid = False
    if not valid:
        raise Refused("InvalidDateRange", "outside the range of the consent")
    return wanted[0].astimezone(INDIA).date(), wanted[1].astimezone(INDIA).date()


def collected(consent: Consent, days: tuple[date, date], key_material: Any) -> list[dict[str, Any]]:
    """What the banks hand over, encrypted for whoever asked."""
    try:
        return [
            delivered(
                held,
                days,
                simulator().today(),
                aa_crypto.another_material() if held.fip_id in consent.wrong_key_fips else key_material,
            )
            for held in consent.accounts
            if held.fip_id not in consent.unavailable_fips
        ]
    except ValueError:
        raise Refused("InvalidKey", "KeyMaterial is not of the X25519 profile") from None


def notify_session(consent: Consent, session_id: str) -> None:
    about = {
        "sessionId": session_id,
        "sessionStatus": "COMPLETED",
        "FIStatusResponse": [
            {"fipID": held.fip_id, "Accounts": [account_status(consent, held)]} for held in consent.accounts
        ],
    }
    notify(consent.brand_id, "FI", {"FIStatusNotification": about})


def account_status(consent: Consent, held: Held) -> dict[str, str]:
    status = "TIMEOUT" if held.fip_id in consent.unavailable_fips else "READY"
    return {"linkRefNumber": held.link_ref_number, "FIStatus": status, "description": ""}
