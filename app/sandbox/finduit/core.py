"""What all calls share: verified messages in, signed answers out, ReBIT's errors, and notifications."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from app.sandbox import aa_crypto
from app.sandbox.base import Twin, answer, json_body, send_webhook, simulator
from app.sandbox.faults import CALL_FAULTS

VERSION = "2.0.0"
CLOCK_SKEW_MAX = timedelta(minutes=15)
SIGNATURE = "x-jws-signature"
CUSTOMER_ROUTES = ("finduit.consent_page", "finduit.decide")


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
