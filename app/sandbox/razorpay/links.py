"""Payment links and the page behind them."""

import time
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.pages import done, form_or_json, page
from app.sandbox.razorpay import entities
from app.sandbox.razorpay.core import (
    AMOUNT_MIN,
    OPEN_LINK,
    Refused,
    all_own,
    brand,
    check_amount,
    current,
    notify,
    own,
    twin,
)

PAYING_METHODS = ("upi", "netbanking", "card")


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


twin.on_page("/l/{id}/pay", "pay_link")


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
        is_success = asked.get("outcome", "success") == "success"
        payment = entities.payment(link, amount, method, is_success, asked.get("currency", "INR"))
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


def own_links() -> list[dict[str, Any]]:
    return all_own("razorpay.links")


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
