"""Twin of FINDUIT as an Account Aggregator: ReBIT v2.0.0 with real signatures and real encryption.

The customer's side is `GET /finduit/consent/<handle>`, a page with buttons, and `POST
/finduit/consent/<handle>/<approve|reject|revoke|pause|expire>`, what the buttons do: the consent changes and its
notification goes to `<callback>/aa/brand/<brand>/Consent/Notification`. An FI request is answered at once by the
customer's banks (holdings.py); `.../FI/Notification` then says COMPLETED. The brand is what follows the last hyphen
of the DataConsumer's id: `fiu-qualoan`.

The body of `approve` may make trouble: {"unavailableFips": [...]} do not deliver, {"wrongKeyFips": [...]} encrypt for
somebody else. The fault `bad_signature` spoils the signature of an answer or a notification.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox import aa_crypto
from app.sandbox.base import INDIA, Twin, answer, json_body, send_webhook, simulator
from app.sandbox.faults import CALL_FAULTS
from app.sandbox.holdings import Held, accounts_of, delivered
from app.sandbox.pages import done, page
from app.sandbox.person import Person
from app.sandbox.personas import person_for

VERSION = "2.0.0"
CLOCK_SKEW_MAX = timedelta(minutes=15)
SIGNATURE = "x-jws-signature"
CUSTOMER_ROUTES = ("finduit.consent_page", "finduit.decide")
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
FORBIDDEN = {"PAUSED": "ConsentPaused", "REVOKED": "ConsentRevoked", "EXPIRED": "ConsentExpired"}


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


class Refused(Exception):
    """A ReBIT error answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


def authorised() -> bool:
    if request.endpoint in CUSTOMER_ROUTES:
        return True
    return twin.accepts("client_api_key", request.headers.get("client_api_key"))


def refusal(code: str, message: str, status: int) -> Response:
    body = envelope(json_body().get("txnid")) | {"errorCode": code, "errorMsg": message}
    return answer(body, status)


twin = Twin(
    "finduit",
    authorised=authorised,
    unauthorised=lambda: refusal("Unauthorized", "client_api_key is not valid", 401),
    failure=lambda: refusal("InternalError", "try again later", 500),
)


@twin.errorhandler(Refused)
def refuse(error: Refused) -> ResponseReturnValue:
    return refusal(error.code, error.message, error.status)


@twin.after_request
def sign(response: Response) -> Response:
    if request.endpoint not in CUSTOMER_ROUTES:
        spoilt = b" " if g.get("fault") == "bad_signature" else b""
        response.headers[SIGNATURE] = aa_crypto.sign_detached(response.get_data() + spoilt)
    return response


Route = Callable[[dict[str, Any]], dict[str, Any]]


def rebit(function: Route) -> Callable[[], ResponseReturnValue]:
    """A route that gets the message once it is verified, and whose answer is put into the envelope."""

    @wraps(function)
    def route() -> ResponseReturnValue:
        message = verified_message()
        with simulator().lock:
            return answer(envelope(message["txnid"]) | function(message))

    return route


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


# Messages.


def instant() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def envelope(txnid: Any) -> dict[str, Any]:
    return {"ver": VERSION, "timestamp": instant(), "txnid": txnid or str(uuid.uuid4())}


def verified_message() -> dict[str, Any]:
    """The request's body. Raises Refused as ReBIT says."""
    if not aa_crypto.is_signed_by_fiu(request.get_data(), request.headers.get(SIGNATURE, "")):
        raise Refused("SignatureDoesNotMatch", "the detached signature is not over this body")
    message = json_body()
    if message.get("ver") != VERSION:
        raise Refused("NoSuchVersion", f"version {VERSION} is spoken here", 404)
    if not message.get("txnid"):
        raise Refused("InvalidRequest", "txnid is missing")
    try:
        at = datetime.fromisoformat(message["timestamp"])
        fresh = abs(datetime.now(UTC) - at) <= CLOCK_SKEW_MAX
    except (KeyError, TypeError, ValueError):
        fresh = False
    if not fresh:
        raise Refused("InvalidRequest", "timestamp is more than 15 minutes off")
    return message


def refuse_repetition(message: dict[str, Any]) -> None:
    seen = simulator().shelf("finduit.txnids")
    if message["txnid"] in seen:
        raise Refused("IdempotencyError", "this txnid was used before", 409)
    seen[message["txnid"]] = True


# Consents.


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


# Notifications.


def notify_consent(consent: Consent) -> None:
    about = {"consentHandle": consent.handle, "consentStatus": consent.status}
    if consent.consent_id:
        about["consentId"] = consent.consent_id
    notify(consent.brand_id, "Consent", {"ConsentStatusNotification": about})


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


def notify(brand_id: str, kind: str, about: dict[str, Any]) -> None:
    """Send a signed notification to the lender; kind is Consent or FI."""
    notifier = {"type": "AA", "id": f"sandbox-finduit-aa_id-{brand_id}"}
    message = envelope(None) | {"Notifier": notifier} | about
    raw = answer(message).get_data()
    operation = f"{kind}/Notification"
    fault = simulator().faults.take(CALL_FAULTS, "finduit", operation, raw.decode())
    spoilt = b" " if fault == "bad_signature" else b""
    headers = {
        "Content-Type": "application/json",
        "aa_api_key": f"sandbox-finduit-aa_api_key-{brand_id}",
        SIGNATURE: aa_crypto.sign_detached(raw + spoilt),
    }
    send_webhook(
        f"{simulator().callback_url}/aa/brand/{brand_id}/{kind}/Notification",
        raw,
        headers,
        provider="finduit",
        event_id=message["txnid"],
        operation=operation,
    )
