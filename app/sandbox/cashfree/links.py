"""Payment links and the page behind them. Each payment on a link is an order of its own."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, answer, json_body, simulator
from app.sandbox.cashfree.core import (
    Refused,
    all_own,
    amount_of,
    brand,
    keep,
    known,
    notify,
    now,
    number,
    of_page,
    own,
    remembered,
    replayed,
    required,
    twin,
)
from app.sandbox.cashfree.orders import attempt, new_order, tell_of_payment
from app.sandbox.pages import done, form_or_json, page

OPEN_LINK = ("ACTIVE", "PARTIALLY_PAID")


@twin.post("/pg/links")
def create_payment_link() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "link_id", "link_currency", "link_purpose", "customer_details")
    required(asked["customer_details"], "customer_phone")
    amount = amount_of(asked, "link_amount")
    expires = asked.get("link_expiry_time")
    if expires and datetime.fromisoformat(expires) <= datetime.now(INDIA):
        raise Refused("link_expiry_time_invalid", "link_expiry_time : should be in the future")
    with simulator().lock:
        before = replayed()
        if before:
            return before
        if known("links", asked["link_id"]):
            raise Refused("link_already_exists", "Link with same id is already present", 409)
        link = new_link(asked, amount)
        keep("links", link["link_id"], link)
        return remembered(link)


def new_link(asked: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    url = url_for("cashfree.link_page", link_id=f"{brand()}:{asked['link_id']}", _external=True)
    return {
        "cf_link_id": number(),
        "link_id": asked["link_id"],
        "link_status": "ACTIVE",
        "link_currency": "INR",
        "link_amount": amount,
        "link_amount_paid": Decimal(0),
        "link_partial_payments": bool(asked.get("link_partial_payments")),
        "link_minimum_partial_amount": asked.get("link_minimum_partial_amount"),
        "link_purpose": asked["link_purpose"],
        "link_created_at": now(),
        "customer_details": asked["customer_details"],
        "link_meta": asked.get("link_meta") or {},
        "link_url": url,
        "link_expiry_time": asked.get("link_expiry_time") or "2099-01-01T00:00:00+05:30",
        "link_notes": asked.get("link_notes") or {},
        "link_auto_reminders": bool(asked.get("link_auto_reminders")),
        "link_qrcode": "data:image/png;base64,",
        "link_notify": asked.get("link_notify") or {},
    }


@twin.get("/pg/links/<link_id>")
def fetch_payment_link(link_id: str) -> ResponseReturnValue:
    return answer(current(own("links", link_id, "link")))


@twin.post("/pg/links/<link_id>/cancel")
def cancel_payment_link(link_id: str) -> ResponseReturnValue:
    with simulator().lock:
        link = current(own("links", link_id, "link"))
        if link["link_status"] != "ACTIVE":
            raise Refused("link_not_active", f"Link cannot be cancelled: it is {link['link_status']}")
        link["link_status"] = "CANCELLED"
        notify("payment", "PAYMENT_LINK_EVENT", shown(link))
    return answer(link)


@twin.get("/pg/links/<link_id>/orders")
def orders_of_link(link_id: str) -> ResponseReturnValue:
    link = own("links", link_id, "link")
    mine = [o for o in all_own("orders") if (o["order_tags"] or {}).get("cf_link_id") == link["cf_link_id"]]
    is_all = request.args.get("status") == "ALL"
    return answer([order for order in mine if is_all or order["order_status"] == "PAID"])


@twin.get("/l/<path:link_id>")
def link_page(link_id: str) -> ResponseReturnValue:
    """What the customer sees."""
    found = of_page("links", link_id)
    if found is None:
        return page("No such payment link", {}, {}), 404
    link = current(found[1])
    due = link["link_amount"] - link["link_amount_paid"]
    facts = {"For": link["link_purpose"], "To pay": f"Rs {due:,.2f}", "Status": link["link_status"]}
    url = url_for("cashfree.pay", link_id=link_id)
    buttons = {
        "Pay by UPI": (url, {"method": "upi", "outcome": "success"}),
        "Pay by net banking": (url, {"method": "netbanking", "outcome": "success"}),
        "Let it fail": (url, {"method": "upi", "outcome": "failure"}),
    }
    return page("Pay your loan", facts, buttons if link["link_status"] in OPEN_LINK else {})


@twin.post("/l/<path:link_id>/pay")
def pay(link_id: str) -> ResponseReturnValue:
    """What the customer does there."""
    asked = form_or_json()
    with simulator().lock:
        found = of_page("links", link_id)
        if found is None or current(found[1])["link_status"] not in OPEN_LINK:
            raise Refused("link_not_active", "nothing can be paid on this link", 409)
        link = found[1]
        tags = {"cf_link_id": link["cf_link_id"]}
        order = new_order(f"CFPay_{number()}", payable(link, asked), link["customer_details"], tags)
        payment = attempt(order, asked)
        settle(link, order, payment)
    body = {"payment_id": payment["cf_payment_id"], "status": payment["payment_status"]}
    return done(body | {"link_status": link["link_status"]}, url_for("cashfree.link_page", link_id=link_id))


def payable(link: dict[str, Any], asked: dict[str, Any]) -> Decimal:
    """The rupees to be paid now."""
    due = link["link_amount"] - link["link_amount_paid"]
    amount = amount_of(asked, "amount") if asked.get("amount") else due
    if amount != due and not (link["link_partial_payments"] and amount < due):
        raise Refused("amount_invalid", f"amount : {due} is due on this link")
    return amount


def settle(link: dict[str, Any], order: dict[str, Any], payment: dict[str, Any]) -> None:
    """What an attempt does to the link, and who is told: of the payment, and of the link."""
    tell_of_payment(order, payment)
    if not payment["is_captured"]:
        return
    paid = link["link_amount_paid"] + payment["payment_amount"]
    link |= {
        "link_amount_paid": paid,
        "link_status": "PAID" if paid == link["link_amount"] else "PARTIALLY_PAID",
    }
    about = {
        "order_amount": f"{order['order_amount']:.2f}",
        "order_id": order["order_id"],
        "order_expiry_time": order["order_expiry_time"],
        "order_hash": order["cf_order_id"],
        "transaction_id": int(number()),
        "transaction_status": payment["payment_status"],
    }
    notify("payment", "PAYMENT_LINK_EVENT", shown(link) | {"order": about})


def shown(link: dict[str, Any]) -> dict[str, Any]:
    """A link as the webhook has it: amounts as texts, flat, without an order."""
    amounts = {name: f"{link[name]:.2f}" for name in ("link_amount", "link_amount_paid")}
    return {**{name: link[name] for name in link if name != "link_qrcode"}, **amounts, "order": None}


def current(link: dict[str, Any]) -> dict[str, Any]:
    """The link as it is by now: it may have expired."""
    if link["link_status"] in OPEN_LINK and datetime.fromisoformat(link["link_expiry_time"]) <= datetime.now(
        INDIA
    ):
        link["link_status"] = "EXPIRED"
    return link
