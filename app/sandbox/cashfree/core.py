"""What every part of the twin shares: three key pairs, errors, who owns what, signed webhooks."""

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, Twin, answer, send_webhook, simulator

CUSTOMER_ROUTES = frozenset(
    f"cashfree.{name}"
    for name in ("link_page", "pay", "order_page", "pay_order", "mandate_page", "give_mandate")
)
KEYS = {"pg": "client", "payout": "payout_client", "verification": "verification_client"}
VERSION = "2025-01-01"
IDEMPOTENCY_HEADER = "x-idempotency-key"


class Refused(Exception):
    """A Cashfree error answer."""

    def __init__(
        self, code: str, message: str, status: int = 400, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.kind = code, message, status, kind


def error(status: int, kind: str, code: str, message: str) -> ResponseReturnValue:
    return answer({"message": message, "code": code, "type": kind}, status)


def authorised() -> bool:
    if request.endpoint in CUSTOMER_ROUTES:
        return True
    key = KEYS[product()]
    return twin.accepts(f"{key}_id", request.headers.get("x-client-id")) and twin.accepts(
        f"{key}_secret", request.headers.get("x-client-secret")
    )


def product() -> str:
    """pg, payout or verification, by the path."""
    return request.path.split("/")[2]


twin = Twin(
    "cashfree",
    authorised=authorised,
    unauthorised=lambda: error(401, "authentication_error", "request_failed", "authentication Failed"),
    failure=lambda: error(500, "api_error", "internal_error", "internal Server Error"),
)


@twin.errorhandler(Refused)
def refuse(refused: Refused) -> ResponseReturnValue:
    return error(refused.status, refused.kind, refused.code, refused.message)


def brand() -> str:
    """Whose key this is; the empty text for a key without a brand."""
    return g.get("brand_id", "")


def own(shelf: str, entity_id: str, missing: str) -> dict[str, Any]:
    """An entity of the account that asks; nobody learns of another's."""
    owner, entity = simulator().shelf(f"cashfree.{shelf}").get(f"{brand()}:{entity_id}", (None, None))
    if entity is None or owner != brand():
        raise Refused(f"{missing}_not_found", f"{missing} does not exist", 404)
    return entity


def keep(shelf: str, entity_id: str, entity: dict[str, Any]) -> None:
    simulator().shelf(f"cashfree.{shelf}")[f"{brand()}:{entity_id}"] = (brand(), entity)


def known(shelf: str, entity_id: str) -> bool:
    return f"{brand()}:{entity_id}" in simulator().shelf(f"cashfree.{shelf}")


def all_own(shelf: str) -> list[dict[str, Any]]:
    with simulator().lock:
        return [
            entity for owner, entity in simulator().shelf(f"cashfree.{shelf}").values() if owner == brand()
        ]


def of_page(shelf: str, entity_id: str) -> tuple[str, dict[str, Any]] | None:
    """An entity by the address that a customer has: brand and id."""
    found = simulator().shelf(f"cashfree.{shelf}").get(entity_id)
    if found:
        g.brand_id = found[0]
    return found


def replayed() -> Response | None:
    """The answer to the same key before, if there was one. Raises Refused for another body under it."""
    key = request.headers.get(IDEMPOTENCY_HEADER)
    seen = simulator().shelf("cashfree.idempotency").get(f"{brand()}:{key}") if key else None
    if seen is None:
        return None
    if seen[0] != request.get_data():
        raise Refused(
            "request_invalid", "idempotency key was used for another request", 422, "idempotency_error"
        )
    return Response(seen[1], mimetype="application/json", headers={"x-idempotency-replayed": "true"})


def remembered(body: dict[str, Any]) -> Response:
    """The answer, kept under its key."""
    made = answer(body)
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key:
        simulator().shelf("cashfree.idempotency")[f"{brand()}:{key}"] = (request.get_data(), made.get_data())
    return made


def amount_of(asked: Mapping[str, Any], name: str) -> Decimal:
    """A positive amount of rupees with at most two places."""
    try:
        amount = Decimal(str(asked.get(name)))
    except InvalidOperation:
        raise Refused(f"{name}_invalid", f"{name} : should be a number") from None
    if not amount.is_finite() or amount < 1 or amount != amount.quantize(Decimal("0.01")):
        raise Refused(f"{name}_invalid", f"{name} : should be at least 1.00, with two places")
    return amount


def required(asked: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if not asked.get(name):
            raise Refused(f"{name}_missing", f"{name} : is missing in the request")


def number() -> str:
    """An id of Cashfree's own."""
    return str(random.randrange(10**9, 10**10))


def rrn() -> str:
    return str(random.randrange(4 * 10**11, 7 * 10**11))


def now() -> str:
    return datetime.now(INDIA).isoformat(timespec="seconds")


def notify(kind: str, event: str, data: dict[str, Any], brand_id: str | None = None) -> None:
    """Send a webhook; kind (payment, payout) says to which of the lender's two addresses."""
    owner = brand() if brand_id is None else brand_id
    if not owner:
        return
    raw = json.dumps({"data": data, "event_time": now(), "type": event}, default=str).encode()
    timestamp = str(int(time.time() * 1000))
    secret = f"sandbox-cashfree-{'payout_client' if kind == 'payout' else 'client'}_secret-{owner}"
    signature = base64.b64encode(
        hmac.digest(secret.encode(), timestamp.encode() + raw, hashlib.sha256)
    ).decode()
    headers = {
        "Content-Type": "application/json",
        "x-webhook-signature": signature,
        "x-webhook-timestamp": timestamp,
        "x-webhook-version": VERSION,
        "x-webhook-attempt": "1",
        "x-idempotency-key": base64.b64encode(hashlib.sha256(raw).digest()).decode(),
    }
    url = f"{simulator().callback_url}/partner/brand/{owner}/{kind}/webhook"
    send_webhook(url, raw, headers, provider="cashfree", event_id=number(), operation=event)
