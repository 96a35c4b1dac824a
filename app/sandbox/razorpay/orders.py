"""Orders and their checkout, payments, refunds, and the report of what was settled."""

import time
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.pages import done, form_or_json, page
from app.sandbox.razorpay import entities
from app.sandbox.razorpay.core import (
    Refused,
    all_own,
    brand,
    check_amount,
    notify,
    own,
    twin,
)

REFUND_KEY = "X-Refund-Idempotency"
REFUND_KEY_MIN = 10
INDIA_OFFSET_S = 19_800


@twin.post("/v1/orders")
def create_order() -> ResponseReturnValue:
    asked = json_body()
    token = asked.get("token")
    if not token or asked.get("amount"):  # only a mandate may be registered for nothing
        check_amount(asked)
    order = entities.order(asked)
    with simulator().lock:
        simulator().shelf("razorpay.orders")[order["id"]] = (brand(), order)
    return answer(order)


@twin.get("/v1/orders/<order_id>")
def fetch_order(order_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.orders", order_id))


@twin.get("/v1/orders/<order_id>/payments")
def payments_of_order(order_id: str) -> ResponseReturnValue:
    own("razorpay.orders", order_id)
    mine = [payment for payment in all_own("razorpay.payments") if payment["order_id"] == order_id]
    return answer({"entity": "collection", "count": len(mine), "items": mine})


@twin.get("/v1/payments/<payment_id>")
def fetch_payment(payment_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.payments", payment_id))


@twin.post("/v1/payments/<payment_id>/capture")
def capture_payment(payment_id: str) -> ResponseReturnValue:
    payment = own("razorpay.payments", payment_id)
    if payment["status"] != "authorized":
        raise Refused("This payment has already been captured")
    if json_body().get("amount") != payment["amount"]:
        raise Refused("The capture amount must be equal to the authorised amount.", "amount")
    payment |= {"status": "captured", "captured": True}
    notify(brand(), "payment", "payment.captured", {"payment": payment})
    return answer(payment)


@twin.get("/o/<order_id>")
def order_page(order_id: str) -> ResponseReturnValue:
    """The checkout."""
    _, order = simulator().shelf("razorpay.orders").get(order_id, (None, None))
    if order is None:
        return page("No such order", {}, {}), 404
    url = url_for("razorpay.pay_order", order_id=order_id)
    buttons = {"Pay by UPI": (url, {"outcome": "success"}), "Let it fail": (url, {"outcome": "failure"})}
    facts = {"To pay": f"Rs {order['amount_due'] / 100:,.2f}", "Status": order["status"]}
    return page("Checkout", facts, buttons if order["status"] != "paid" else {})


twin.on_page("/o/{id}/pay", "pay_order")


@twin.post("/o/<order_id>/pay")
def pay_order(order_id: str) -> ResponseReturnValue:
    """What the customer does there."""
    asked = form_or_json()
    with simulator().lock:
        brand_id, order = simulator().shelf("razorpay.orders").get(order_id, (None, None))
        if order is None or order["status"] == "paid":
            raise Refused("nothing can be paid on this order", status=409)
        is_success = asked.get("outcome", "success") == "success"
        about = order["amount"], "upi", is_success, asked.get("currency", "INR")
        payment = entities.payment(entities.checkout_of(order), *about)
        settle_order(brand_id, order, payment)
    shown = {"payment_id": payment["id"], "status": payment["status"], "order_status": order["status"]}
    return done(shown, url_for("razorpay.order_page", order_id=order_id))


def settle_order(brand_id: str, order: dict[str, Any], payment: dict[str, Any]) -> None:
    """What an attempt does to the order, and who is told."""
    simulator().shelf("razorpay.payments")[payment["id"]] = (brand_id, payment)
    order["attempts"] += 1
    if not payment["captured"]:
        order["status"] = "attempted"
        notify(brand_id, "payment", "payment.failed", {"payment": payment})
        return
    order |= {"status": "paid", "amount_paid": order["amount"], "amount_due": 0}
    notify(brand_id, "payment", "payment.captured", {"payment": payment})
    notify(brand_id, "payment", "order.paid", {"payment": payment, "order": order})


@twin.post("/v1/payments/<payment_id>/refund")
def create_refund(payment_id: str) -> ResponseReturnValue:
    with simulator().lock:
        payment = own("razorpay.payments", payment_id)
        key = request.headers.get(REFUND_KEY)
        if key is not None and len(key) < REFUND_KEY_MIN:
            raise Refused("The idempotency key is invalid.", REFUND_KEY)
        seen = simulator().shelf("razorpay.refund_keys").get(f"{brand()}:{key}")
        if seen and seen[0] != request.get_data():
            raise Refused("Different request with the same idempotency key has already been processed.")
        if seen:
            return answer(own("razorpay.refunds", seen[1]))
        refund = entities.refund(payment, refundable(payment, json_body()), json_body())
        if key:
            simulator().shelf("razorpay.refund_keys")[f"{brand()}:{key}"] = (request.get_data(), refund["id"])
        simulator().shelf("razorpay.refunds")[refund["id"]] = (brand(), refund)
        give_back(payment, refund)
    return answer(refund)


@twin.get("/v1/payments/<payment_id>/refunds")
def find_refund(payment_id: str) -> ResponseReturnValue:
    own("razorpay.payments", payment_id)
    mine = [refund for refund in all_own("razorpay.refunds") if refund["payment_id"] == payment_id]
    return answer({"entity": "collection", "count": len(mine), "items": mine})


@twin.get("/v1/refunds/<refund_id>")
def fetch_refund(refund_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.refunds", refund_id))


def refundable(payment: dict[str, Any], asked: dict[str, Any]) -> int:
    """The paise to give back."""
    if not payment["captured"]:
        raise Refused("The payment has not been captured")
    left = payment["amount"] - payment["amount_refunded"]
    amount = asked.get("amount", left)
    if not isinstance(amount, int) or not 0 < amount <= left:
        raise Refused("The refund amount provided is greater than amount captured", "amount")
    return amount


def give_back(payment: dict[str, Any], refund: dict[str, Any]) -> None:
    refunded = payment["amount_refunded"] + refund["amount"]
    is_full = refunded == payment["amount"]
    payment |= {"amount_refunded": refunded, "refund_status": "full" if is_full else "partial"}
    if is_full:
        payment["status"] = "refunded"
    notify(brand(), "payment", "refund.created", {"refund": refund, "payment": payment})
    refund |= {"status": "processed", "acquirer_data": {"arn": entities.rrn()}}
    notify(brand(), "payment", "refund.processed", {"refund": refund, "payment": payment})


@twin.get("/v1/settlements/recon/combined")
def settlement_lines() -> ResponseReturnValue:
    """Everything is settled on the day it happens."""
    year, month = request.args.get("year", ""), request.args.get("month", "")
    if len(year) != len("2026"):
        raise Refused("The year must be 4 digits.", "year")
    if not month.isdecimal() or not 1 <= int(month) <= 12:
        raise Refused("The month is not a valid month.", "month")
    day = f"{year}-{int(month):02}-{int(request.args.get('day', 0)):02}"
    count, skip = int(request.args.get("count", 10)), int(request.args.get("skip", 0))
    mine = [entities.settled_payment(p) for p in all_own("razorpay.payments") if p["captured"]]
    mine += [entities.settled_refund(r) for r in all_own("razorpay.refunds")]
    mine += [entities.settled_dispute(d) for d in lost_disputes()]
    of_day = [line for line in mine if day_of(line["created_at"]) == day][skip : skip + count]
    return answer({"entity": "collection", "count": len(of_day), "items": of_day})


def lost_disputes() -> list[dict[str, Any]]:
    raised = simulator().shelf("razorpay.disputes")
    mine = (raised.get(payment["id"]) for payment in all_own("razorpay.payments"))
    return [dispute for dispute in mine if dispute and dispute["status"] == "lost"]


def day_of(unix_s: int) -> str:
    """The day in India."""
    return time.strftime("%Y-%m-%d", time.gmtime(unix_s + INDIA_OFFSET_S))
