"""Twin of CART where it asks an Account Aggregator for us: its own wrapper, the banks' real encryption.

Public: paths, the header auth-token, the docId, plain text for a download. The rest follows app/providers/cart_aa.py.
The customer's side is `GET /cart_aa/aa/<docId>` and `POST /cart_aa/aa/<docId>/<approve|reject|revoke|pause|expire>`;
`approve` takes {"unavailableFips": [...]}, {"wrongKeyFips": [...]}. Each change is told to
`<callback>/aa/brand/<brand>/cart/notification`, signed with HMAC-SHA256; the fault `bad_signature` spoils that.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox import aa_crypto
from app.sandbox.base import INDIA, Twin, answer, json_body, send_webhook, simulator
from app.sandbox.faults import CALL_FAULTS
from app.sandbox.finduit.consents import DECISIONS
from app.sandbox.finduit.information import FORBIDDEN
from app.sandbox.holdings import Held, accounts_of, delivered
from app.sandbox.pages import done, page
from app.sandbox.person import Person
from app.sandbox.personas import person_for

CUSTOMER_ROUTES = ("cart_aa.consent_page", "cart_aa.decide")
NOTIFICATION = "notification"


@dataclass
class Asked:
    """A consent from request to end, by its docId."""

    doc_id: str
    brand_id: str
    terms: dict[str, Any]
    status: str = "PENDING"
    consent_id: str | None = None
    session_count: int = 0
    unavailable_fips: tuple[str, ...] = ()
    wrong_key_fips: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        return person_for(phone=self.terms["mobile"])

    @property
    def accounts(self) -> list[Held]:
        return accounts_of(self.person, self.terms["fiTypes"])


def authorised() -> bool:
    if request.endpoint in CUSTOMER_ROUTES:
        return True
    return twin.accepts("token", request.headers.get("auth-token", "").removeprefix("API://"))


def refusal(message: str, status: int = 400) -> ResponseReturnValue:
    return answer({"status": "Failed", "message": message}, status)


twin = Twin(
    "cart_aa",
    authorised=authorised,
    unauthorised=lambda: refusal("auth-token is not valid", 401),
    failure=lambda: refusal("try again later", 500),
)


@twin.post("/api/generateNetBankingRequest")
def generate_request() -> ResponseReturnValue:
    body = json_body()
    with simulator().lock:
        return _request_data(body) if "consentId" in body else _request_consent(body)


def _request_consent(body: dict[str, Any]) -> ResponseReturnValue:
    missing = [
        name for name in ("mobile", "fiTypes", "dateRange", "validDays", "dataLife") if not body.get(name)
    ]
    if missing or not str(body["mobile"]).isdigit():
        return refusal(f"{missing[0] if missing else 'mobile'} is missing or invalid")
    asked = Asked(f"C{uuid.uuid4().hex}", g.get("brand_id", ""), body)
    simulator().shelf("cart_aa.consents")[asked.doc_id] = asked
    url = url_for("cart_aa.consent_page", doc_id=asked.doc_id, _external=True)
    return answer({"status": "Submitted", "docId": asked.doc_id, "url": url, "message": ""})


def _request_data(body: dict[str, Any]) -> ResponseReturnValue:
    consents = simulator().shelf("cart_aa.consents").values()
    asked = next((one for one in consents if one.consent_id and one.consent_id == body["consentId"]), None)
    if asked is None or asked.status != "ACTIVE":
        return refusal("the consent is not active")
    if asked.session_count and asked.terms.get("fetchType") == "ONETIME":
        return refusal("the consent allows one fetch")
    try:
        data = _collected(asked, body)
    except (KeyError, TypeError, ValueError):
        return refusal("dateRange or keyMaterial is invalid")
    doc_id = f"D{uuid.uuid4().hex}"
    asked.session_count += 1
    simulator().shelf("cart_aa.data")[doc_id] = (asked, data)
    notify(asked, doc_id)
    return answer({"status": "Submitted", "docId": doc_id, "message": ""})


def _collected(asked: Asked, body: dict[str, Any]) -> list[dict[str, Any]]:
    start, end = (
        datetime.fromisoformat(body["dateRange"][side]).astimezone(INDIA).date() for side in ("from", "to")
    )
    data = []
    for held in asked.accounts:
        if held.fip_id in asked.unavailable_fips:
            continue
        wrong = held.fip_id in asked.wrong_key_fips
        material = aa_crypto.another_material() if wrong else body["keyMaterial"]
        entry = delivered(held, (start, end), simulator().today(), material)
        data.append(
            {
                "bankName": held.fip_id.removesuffix("-FIP"),
                "fipId": held.fip_id,
                "accountNumber": held.masked_account_number,
                "linkRefNumber": held.link_ref_number,
                "encryptedFI": entry["data"][0]["encryptedFI"],
                "keyMaterial": entry["KeyMaterial"],
            }
        )
    return data


@twin.post("/api/downloadFile")
def download_file() -> ResponseReturnValue:
    doc_id = request.get_data(as_text=True)
    with simulator().lock:
        asked = simulator().shelf("cart_aa.consents").get(doc_id)
        if asked:
            return answer({"status": "Processed", "message": "", "consent": _consent(asked), "data": None})
        asked, data = simulator().shelf("cart_aa.data").get(doc_id, (None, None))
        if asked is None:
            return refusal("no such docId", 404)
        if asked.status in FORBIDDEN:
            return refusal(f"the consent is {asked.status}", 409)
        return answer({"status": "Processed", "message": "", "data": data})


def _consent(asked: Asked) -> dict[str, Any]:
    if not asked.consent_id:
        return {"status": asked.status}
    return {
        "status": asked.status,
        "consentId": asked.consent_id,
        "expiry": (datetime.now(UTC) + timedelta(days=asked.terms["validDays"])).isoformat(
            timespec="seconds"
        ),
        "dataLife": asked.terms["dataLife"],
        "accounts": [held.linked() for held in asked.accounts],
    }


@twin.get("/aa/<doc_id>")
def consent_page(doc_id: str) -> ResponseReturnValue:
    """What the customer sees."""
    asked = simulator().shelf("cart_aa.consents").get(doc_id)
    if asked is None:
        return page("No such consent", {}, {}), 404
    facts = {
        "Asked for by": asked.brand_id,
        "Accounts": ", ".join(f"{held.fip_id} {held.masked_account_number}" for held in asked.accounts),
        "Customer": asked.person.kyc_name,
        "Status": asked.status,
    }
    possible = [name for name, (states, _) in DECISIONS.items() if asked.status in states]
    urls = {name: url_for("cart_aa.decide", doc_id=doc_id, decision=name) for name in possible}
    return page("Share your bank data", facts, {name.title(): (url, {}) for name, url in urls.items()})


twin.on_page("/aa/{id}/{action}", *DECISIONS)


@twin.post("/aa/<doc_id>/<decision>")
def decide(doc_id: str, decision: str) -> ResponseReturnValue:
    """What the customer does there."""
    with simulator().lock:
        asked = simulator().shelf("cart_aa.consents").get(doc_id)
        if asked is None or decision not in DECISIONS:
            return answer({"error": "no such consent or decision"}, 404)
        states, status = DECISIONS[decision]
        if asked.status not in states:
            return answer({"error": f"the consent is {asked.status}"}, 409)
        body = json_body()
        asked.status = status
        asked.unavailable_fips = tuple(body.get("unavailableFips", asked.unavailable_fips))
        asked.wrong_key_fips = tuple(body.get("wrongKeyFips", asked.wrong_key_fips))
        if status == "ACTIVE" and not asked.consent_id:
            asked.consent_id = str(uuid.uuid4())
        notify(asked, doc_id)
    return done({"docId": doc_id, "status": asked.status}, url_for("cart_aa.consent_page", doc_id=doc_id))


def notify(asked: Asked, doc_id: str) -> None:
    """Say that something changed about a docId."""
    notification_id = str(uuid.uuid4())
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    raw = answer({"notificationId": notification_id, "docId": doc_id, "timestamp": at}).get_data()
    fault = simulator().faults.take(CALL_FAULTS, "cart_aa", NOTIFICATION, raw.decode())
    secret = f"sandbox-cart_aa-callback_secret-{asked.brand_id}"
    signed = raw + b" " if fault == "bad_signature" else raw
    headers = {
        "Content-Type": "application/json",
        "x-cart-signature": hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }
    send_webhook(
        f"{simulator().callback_url}/aa/brand/{asked.brand_id}/cart/notification",
        raw,
        headers,
        provider="cart_aa",
        event_id=notification_id,
        operation=NOTIFICATION,
    )
