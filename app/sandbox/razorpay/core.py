"""What every part of the twin shares: the account, errors, who owns what, signed webhooks."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, basic_credentials, send_webhook, simulator
from app.sandbox.razorpay import entities

CUSTOMER_ROUTES = frozenset(
    f"razorpay.{name}"
    for name in ("link_page", "pay", "order_page", "pay_order", "mandate_page", "give_mandate")
)
OPEN_LINK = ("created", "partially_paid")
AMOUNT_MIN = 100  # paise
ID_UNKNOWN = "The id provided does not exist"


class Refused(Exception):
    """A Razorpay error answer."""

    def __init__(self, description: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(description)
        self.description, self.field, self.status = description, field, status


def error(code: str, description: str, status: int, field: str | None = None) -> ResponseReturnValue:
    about = {"source": "business", "step": None, "reason": "input_validation_failed", "metadata": {}}
    shown = {"code": code, "description": description, **about} | ({"field": field} if field else {})
    return answer({"error": shown}, status)


def authorised() -> bool:
    if request.endpoint in CUSTOMER_ROUTES:
        return True
    key_id, key_secret = basic_credentials("Authorization")
    return twin.accepts("key_id", key_id) and twin.accepts("key_secret", key_secret)


twin = Twin(
    "razorpay",
    authorised=authorised,
    unauthorised=lambda: error("BAD_REQUEST_ERROR", "Authentication failed", 401),
    failure=lambda: error("SERVER_ERROR", "We are facing some trouble completing your request", 500),
)


@twin.errorhandler(Refused)
def refuse(refused: Refused) -> ResponseReturnValue:
    return error("BAD_REQUEST_ERROR", refused.description, refused.status, refused.field)


def brand() -> str:
    """Whose key this is; the empty text for a key without a brand."""
    return g.get("brand_id", "")


def check_amount(asked: dict[str, Any]) -> None:
    amount = asked.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise Refused("The amount must be an integer.", "amount")
    if amount < AMOUNT_MIN:
        raise Refused("The amount must be at least INR 1.00", "amount")
    if asked.get("currency") != "INR":
        raise Refused("Currency is not supported", "currency")


def own(shelf: str, entity_id: str) -> dict[str, Any]:
    """An entity of the account that asks; nobody learns of another's."""
    owner, entity = simulator().shelf(shelf).get(entity_id, (None, None))
    if entity is None or owner != brand():
        raise Refused(ID_UNKNOWN)
    return current(entity)


def all_own(shelf: str) -> list[dict[str, Any]]:
    with simulator().lock:
        return [current(entity) for owner, entity in simulator().shelf(shelf).values() if owner == brand()]


def current(entity: dict[str, Any]) -> dict[str, Any]:
    """The entity as it is by now: a link may have expired."""
    expire_by = entity.get("expire_by")
    if expire_by and expire_by <= time.time() and entity["status"] in OPEN_LINK:
        entity |= {"status": "expired", "expired_at": expire_by}
    return entity


def notify(brand_id: str, kind: str, event: str, payload: dict[str, dict[str, Any]]) -> None:
    """Send a webhook; kind says to which of the lender's two addresses."""
    if not brand_id:
        return
    raw = json.dumps(envelope(event, brand_id, payload.items())).encode()
    secret = f"sandbox-razorpay-webhook_secret-{brand_id}"
    event_id = entities.new_id("evt")[4:]
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Signature": hmac.digest(secret.encode(), raw, hashlib.sha256).hex(),
        "x-razorpay-event-id": event_id,
    }
    url = f"{simulator().callback_url}/partner/brand/{brand_id}/{kind}/webhook"
    send_webhook(url, raw, headers, provider="razorpay", event_id=event_id, operation=event)


def envelope(event: str, brand_id: str, payload: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    contained = {name: {"entity": entity} for name, entity in payload}
    return {
        "entity": "event",
        "account_id": f"acc_{hashlib.sha256(brand_id.encode()).hexdigest()[:14]}",
        "event": event,
        "contains": list(contained),
        "payload": contained,
        "created_at": int(time.time()),
    }
