"""Twin of Razorpay: payment links and the page behind them, RazorpayX payouts, signed webhooks.

The customer's side is `GET /razorpay/l/<link id>`, a page with buttons, and `POST /razorpay/l/<link
id>/pay` `{"method": "upi", "outcome": "success" | "failure", "amount": paise}`, where an amount less than
what is due needs a link that accepts partial payment. Payouts go to `processed` with a UTR, unless the
account number ends with

    0000    failed (beneficiary_bank_rejected)
    1111    processed, and then reversed (bank_account_frozen)

Webhooks: payment_link.paid, .partially_paid, .cancelled and payment.failed to
`<callback>/partner/brand/<brand>/payment/webhook`, payout.initiated, .processed, .failed, .reversed to
`<callback>/partner/brand/<brand>/payout/webhook`; signed with `sandbox-razorpay-webhook_secret-<brand>`. A
key without a brand in it gets no webhooks.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox import razorpay_entities as entities
from app.sandbox.base import Twin, answer, basic_credentials, json_body, send_webhook, simulator
from app.sandbox.pages import done, form_or_json, page

CUSTOMER_ROUTES = ("razorpay.link_page", "razorpay.pay")
PAYING_METHODS = ("upi", "netbanking", "card")
PAYOUT_MODES = ("NEFT", "RTGS", "IMPS", "UPI", "card")
OPEN_LINK = ("created", "partially_paid")
AMOUNT_MIN = 100  # paise
ID_UNKNOWN = "The id provided does not exist"
# What a payout goes through after `processing`, by the end of the beneficiary's account number.
FATES = {"0000": ("failed",), "1111": ("processed", "reversed")}
USUAL_FATE = ("processed",)


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


# Payment links.


@twin.post("/v1/payment_links")
def create_payment_link() -> ResponseReturnValue:
    asked = json_body()
    check_amount(asked)
    if asked.get("expire_by") and asked["expire_by"] <= time.time():
        raise Refused("expire_by should be in the future", "expire_by")
    with simulator().lock:
        reference_id = asked.get("reference_id")
        if any(link["status"] in OPEN_LINK for link in own_links() if link["reference_id"] == reference_id):
            raise Refused(
                f"payment link with given reference_id: {reference_id} already exists", "reference_id"
            )
        link_id = entities.new_id("plink")
        short_url = url_for("razorpay.link_page", link_id=link_id, _external=True)
        link = entities.payment_link(asked, short_url, link_id)
        simulator().shelf("razorpay.links")[link_id] = (brand(), link)
    return answer(link)


@twin.get("/v1/payment_links/<link_id>")
def fetch_payment_link(link_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.links", link_id))


@twin.get("/v1/payment_links")
def find_payment_link() -> ResponseReturnValue:
    wanted = request.args.get("reference_id")
    return answer({"payment_links": [link for link in own_links() if wanted in (None, link["reference_id"])]})


@twin.post("/v1/payment_links/<link_id>/cancel")
def cancel_payment_link(link_id: str) -> ResponseReturnValue:
    with simulator().lock:
        link = own("razorpay.links", link_id)
        if link["status"] != "created":
            raise Refused(f"Payment Link cannot be cancelled: it is {link['status']}")
        link |= {"status": "cancelled", "cancelled_at": int(time.time())}
        notify_link("payment_link.cancelled", brand(), link)
        return answer(link)


@twin.get("/v1/payments/<payment_id>")
def fetch_payment(payment_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.payments", payment_id))


@twin.get("/l/<link_id>")
def link_page(link_id: str) -> ResponseReturnValue:
    """What the customer sees."""
    _, link = simulator().shelf("razorpay.links").get(link_id, (None, None))
    if link is None:
        return page("No such payment link", {}, {}), 404
    due = link["amount"] - link["amount_paid"]
    facts = {"For": link["description"], "To pay": f"Rs {due / 100:,.2f}", "Status": link["status"]}
    url = url_for("razorpay.pay", link_id=link_id)
    buttons = {
        "Pay by UPI": (url, {"method": "upi", "outcome": "success"}),
        "Pay by net banking": (url, {"method": "netbanking", "outcome": "success"}),
        "Let it fail": (url, {"method": "upi", "outcome": "failure"}),
    }
    return page("Pay your loan", facts, buttons if current(link)["status"] in OPEN_LINK else {})


@twin.post("/l/<link_id>/pay")
def pay(link_id: str) -> ResponseReturnValue:
    """What the customer does there."""
    asked = form_or_json()
    with simulator().lock:
        brand_id, link = simulator().shelf("razorpay.links").get(link_id, (None, None))
        if link is None or current(link)["status"] not in OPEN_LINK:
            raise Refused("nothing can be paid on this link", status=409)
        amount, method = payable(link, asked), asked.get("method", "upi")
        if method not in PAYING_METHODS:
            raise Refused(f"method is one of {', '.join(PAYING_METHODS)}", "method")
        link.setdefault("order_id", entities.new_id("order"))
        payment = entities.payment(link, amount, method, asked.get("outcome", "success") == "success")
        simulator().shelf("razorpay.payments")[payment["id"]] = (brand_id, payment)
        settle(brand_id, link, payment)
    shown = {"payment_id": payment["id"], "status": payment["status"], "link_status": link["status"]}
    return done(shown, url_for("razorpay.link_page", link_id=link_id))


def payable(link: dict[str, Any], asked: dict[str, Any]) -> int:
    """The paise to be paid now."""
    due = link["amount"] - link["amount_paid"]
    given = str(asked.get("amount") or due)
    amount = int(given) if given.isdecimal() else 0
    is_allowed = amount == due or (link["accept_partial"] and AMOUNT_MIN <= amount < due)
    if not is_allowed:
        raise Refused(f"{due} paise are due on this link", "amount")
    return amount


def settle(brand_id: str, link: dict[str, Any], payment: dict[str, Any]) -> None:
    """What an attempt does to the link, and who is told."""
    if not payment["captured"]:
        notify(brand_id, "payment", "payment.failed", {"payment": payment})
        return
    paid = link["amount_paid"] + payment["amount"]
    seen = {name: payment[name] for name in ("amount", "created_at", "method", "status")}
    link["payments"] = [*(link["payments"] or []), {"payment_id": payment["id"], **seen}]
    status = "paid" if paid == link["amount"] else "partially_paid"
    link |= {"amount_paid": paid, "status": status, "updated_at": int(time.time())}
    notify_link(f"payment_link.{status}", brand_id, link, payment)


# Payouts.


@twin.post("/v1/payouts")
def create_payout() -> ResponseReturnValue:
    asked = json_body()
    with simulator().lock:
        key = idempotency_key()
        seen = simulator().shelf("razorpay.idempotency").get(key)
        if seen and seen[0] != request.get_data():
            raise Refused("Different request body sent for the same Idempotency Header")
        if seen:
            return answer(own("razorpay.payouts", seen[1]))
        check_payout(asked)
        payout = entities.payout(asked)
        simulator().shelf("razorpay.idempotency")[key] = (request.get_data(), payout["id"])
        notify(brand(), "payout", "payout.initiated", {"payout": payout})
        simulator().shelf("razorpay.payouts")[payout["id"]] = (brand(), carry_out(payout))
    return answer(payout)


@twin.get("/v1/payouts/<payout_id>")
def fetch_payout(payout_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.payouts", payout_id))


@twin.get("/v1/payouts")
def find_payout() -> ResponseReturnValue:
    if not twin.accepts("account_number", request.args.get("account_number")):
        raise Refused("The account number field is required.", "account_number")
    wanted = request.args.get("reference_id")
    payouts = [payout for payout in all_own("razorpay.payouts") if wanted in (None, payout["reference_id"])]
    return answer({"entity": "collection", "count": len(payouts), "items": payouts})


def idempotency_key() -> str:
    key = request.headers.get("X-Payout-Idempotency", "")
    if not key:
        missing = "Idempotency key is missing. Include idempotency header and key in the request."
        raise Refused(missing, "X-Payout-Idempotency")
    if not re.fullmatch(r"[A-Za-z0-9_ -]{4,36}", key):
        raise Refused("The idempotency key is invalid.", "X-Payout-Idempotency")
    return f"{brand()}:{key}"


def check_payout(asked: dict[str, Any]) -> None:
    check_amount(asked)
    if not twin.accepts("account_number", asked.get("account_number")):
        raise Refused("The account number is invalid.", "account_number")
    if asked.get("mode") not in PAYOUT_MODES:
        raise Refused("The selected mode is invalid.", "mode")
    if not asked.get("purpose"):
        raise Refused("The purpose field is required.", "purpose")
    ifsc = str(((asked.get("fund_account") or {}).get("bank_account") or {}).get("ifsc"))
    if not asked.get("fund_account_id") and not re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", ifsc):
        raise Refused("Invalid IFSC Code.", "ifsc")


def carry_out(payout: dict[str, Any]) -> dict[str, Any]:
    """Take the payout to its end, telling the lender of each state on the way."""
    account_number = payout["fund_account"]["bank_account"].get("account_number", "")
    for state in FATES.get(account_number[-4:], USUAL_FATE):
        payout = entities.payout_in(state, payout)
        notify(brand(), "payout", f"payout.{state}", {"payout": payout})
    return payout


# What both share.


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


def own_links() -> list[dict[str, Any]]:
    return all_own("razorpay.links")


def current(entity: dict[str, Any]) -> dict[str, Any]:
    """The entity as it is by now: a link may have expired."""
    expire_by = entity.get("expire_by")
    if expire_by and expire_by <= time.time() and entity["status"] in OPEN_LINK:
        entity |= {"status": "expired", "expired_at": expire_by}
    return entity


def notify_link(
    event: str, brand_id: str, link: dict[str, Any], payment: dict[str, Any] | None = None
) -> None:
    # The real webhook shows `reminders` unlike the API, and no `payments`.
    shown = {name: value for name, value in link.items() if name != "payments"} | {
        "reminders": {"status": "failed"}
    }
    payload = {"payment_link": shown}
    if payment:
        payload |= {"order": entities.order_of(link), "payment": payment}
    notify(brand_id, "payment", event, payload)


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
