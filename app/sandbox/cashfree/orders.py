"""Orders and their checkout, payments, refunds, and the report of what was settled."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import url_for
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
    rrn,
    twin,
)
from app.sandbox.pages import done, form_or_json, page

FEE_SHARE, TAX_SHARE = Decimal("0.0195"), Decimal("0.18")  # the tax is on the fee
METHODS = {
    "upi": ("upi", {"channel": "link", "upi_id": "customer@okaxis"}),
    "netbanking": ("net_banking", {"channel": "link", "netbanking_bank_name": "HDFC Bank"}),
    "card": ("debit_card", {"channel": "link", "card_number": "XXXXXXXXXXXX1111"}),
}
FAILURE = {
    "error_code": "TRANSACTION_DECLINED",
    "error_description": "issuer bank or payment service provider declined the transaction",
    "error_reason": "auth_declined",
    "error_source": "customer",
}


def new_order(
    order_id: str, amount: Decimal, customer: dict[str, Any], tags: dict[str, str] | None
) -> dict[str, Any]:
    order = {
        "cf_order_id": number(),
        "order_id": order_id,
        "entity": "order",
        "order_amount": amount,
        "order_currency": "INR",
        "order_status": "ACTIVE",
        "payment_session_id": f"session_{number()}{number()}",
        "order_expiry_time": (datetime.now(INDIA) + timedelta(days=30)).isoformat(timespec="seconds"),
        "created_at": now(),
        "customer_details": customer,
        "order_meta": {"return_url": None, "notify_url": None, "payment_methods": None},
        "order_note": None,
        "order_splits": [],
        "order_tags": tags,
    }
    keep("orders", order_id, order)
    return order


@twin.post("/pg/orders")
def create_order() -> ResponseReturnValue:
    asked = json_body()
    customer = asked.get("customer_details") or {}
    required(asked, "order_currency", "customer_details")
    required(customer, "customer_id", "customer_phone")
    amount = amount_of(asked, "order_amount")
    with simulator().lock:
        before = replayed()
        if before:
            return before
        order_id = str(asked.get("order_id") or f"order_{number()}")
        if known("orders", order_id):
            raise Refused("order_already_exists", "order with same id is already present", 409)
        return remembered(new_order(order_id, amount, customer, asked.get("order_tags")))


@twin.get("/pg/orders/<order_id>")
def fetch_order(order_id: str) -> ResponseReturnValue:
    return answer(own("orders", order_id, "order"))


@twin.patch("/pg/orders/<order_id>")
def end_order(order_id: str) -> ResponseReturnValue:
    order = own("orders", order_id, "order")
    if order["order_status"] == "PAID":
        raise Refused("order_already_paid", "order is already paid")
    order["order_status"] = "TERMINATED"
    return answer(order)


@twin.get("/pg/orders/<order_id>/payments")
def payments_of_order(order_id: str) -> ResponseReturnValue:
    own("orders", order_id, "order")
    return answer([payment for payment in all_own("payments") if payment["order_id"] == order_id])


@twin.get("/o/<path:order_id>")
def order_page(order_id: str) -> ResponseReturnValue:
    """The checkout."""
    found = of_page("orders", order_id)
    if found is None:
        return page("No such order", {}, {}), 404
    url = url_for("cashfree.pay_order", order_id=order_id)
    buttons = {"Pay by UPI": (url, {"outcome": "success"}), "Let it fail": (url, {"outcome": "failure"})}
    facts = {"To pay": f"Rs {found[1]['order_amount']:,.2f}", "Status": found[1]["order_status"]}
    return page("Checkout", facts, buttons if found[1]["order_status"] == "ACTIVE" else {})


@twin.post("/o/<path:order_id>/pay")
def pay_order(order_id: str) -> ResponseReturnValue:
    """What the customer does there."""
    asked = form_or_json()
    with simulator().lock:
        found = of_page("orders", order_id)
        if found is None or found[1]["order_status"] != "ACTIVE":
            raise Refused("order_not_active", "nothing can be paid on this order", 409)
        payment = attempt(found[1], asked)
        tell_of_payment(found[1], payment)
    shown = {"cf_payment_id": payment["cf_payment_id"], "order_status": found[1]["order_status"]}
    return done(shown, url_for("cashfree.order_page", order_id=order_id))


def attempt(order: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """An attempt to pay the whole of an order, and what it does to it."""
    method, is_success = str(asked.get("method", "upi")), asked.get("outcome", "success") == "success"
    if method not in METHODS:
        raise Refused("payment_method_invalid", f"payment_method : is one of {', '.join(METHODS)}")
    group, details = METHODS[method]
    payment = {
        "cf_payment_id": number(),
        "order_id": order["order_id"],
        "entity": "payment",
        "order_amount": order["order_amount"],
        "order_currency": "INR",
        "payment_currency": asked.get("currency", "INR"),
        "payment_amount": order["order_amount"],
        "is_captured": is_success,
        "payment_group": group,
        "payment_method": {method: details},
        "payment_time": now(),
        "payment_completion_time": now(),
        "payment_status": "SUCCESS" if is_success else "FAILED",
        "payment_message": "00::Transaction success" if is_success else "Transaction failed",
        "bank_reference": rrn() if is_success else "NA",
        "auth_id": None,
        "error_details": None if is_success else FAILURE,
        "payment_gateway_details": {"gateway_name": "CASHFREE", "gateway_order_id": order["cf_order_id"]},
    }
    if is_success:
        order["order_status"] = "PAID"
    keep("payments", payment["cf_payment_id"], payment)
    return payment


def tell_of_payment(order: dict[str, Any], payment: dict[str, Any]) -> None:
    is_success = payment["payment_status"] == "SUCCESS"
    shown = {name: payment[name] for name in payment if name not in ("order_id", "error_details", "entity")}
    data = {
        "order": {name: order[name] for name in ("order_id", "order_amount", "order_currency", "order_tags")},
        "payment": shown,
        "customer_details": order["customer_details"],
        "payment_gateway_details": payment["payment_gateway_details"],
        "payment_offers": None,
    }
    if not is_success:
        data["error_details"] = payment["error_details"]
    notify("payment", f"PAYMENT_{'SUCCESS' if is_success else 'FAILED'}_WEBHOOK", data)


@twin.post("/pg/orders/<order_id>/refunds")
def create_refund(order_id: str) -> ResponseReturnValue:
    asked = json_body()
    with simulator().lock:
        order = own("orders", order_id, "order")
        before = replayed()
        if before:
            return before
        required(asked, "refund_id")
        amount = amount_of(asked, "refund_amount")
        if known("refunds", asked["refund_id"]):
            raise Refused("refund_already_exists", "refund with same id is already present", 409)
        refund = new_refund(order, amount, asked)
        keep("refunds", refund["refund_id"], refund)
        made = remembered(refund)
        refund |= {"refund_status": "SUCCESS", "refund_arn": rrn(), "processed_at": now()}
        notify("payment", "REFUND_STATUS_WEBHOOK", {"refund": refund})
    return made


def new_refund(order: dict[str, Any], amount: Decimal, asked: dict[str, Any]) -> dict[str, Any]:
    mine = [p for p in all_own("payments") if p["order_id"] == order["order_id"] and p["is_captured"]]
    given = sum(r["refund_amount"] for r in all_own("refunds") if r["order_id"] == order["order_id"])
    if not mine or given + amount > order["order_amount"]:
        raise Refused("refund_amount_invalid", "refund_amount : is more than what was paid")
    return {
        "cf_payment_id": mine[0]["cf_payment_id"],
        "cf_refund_id": number(),
        "refund_id": asked["refund_id"],
        "order_id": order["order_id"],
        "entity": "refund",
        "refund_amount": amount,
        "refund_currency": "INR",
        "refund_note": asked.get("refund_note"),
        "refund_status": "PENDING",
        "refund_type": "MERCHANT_INITIATED",
        "refund_splits": [],
        "status_description": "In Progress",
        "refund_arn": None,
        "metadata": None,
        "created_at": now(),
        "processed_at": None,
        "refund_charge": 0,
        "refund_mode": "STANDARD",
    }


@twin.get("/pg/orders/<order_id>/refunds/<refund_id>")
def fetch_refund(order_id: str, refund_id: str) -> ResponseReturnValue:
    own("orders", order_id, "order")
    return answer(own("refunds", refund_id, "refund"))


@twin.post("/pg/settlement/recon")
def settlement_lines() -> ResponseReturnValue:
    """Everything is settled as it happens."""
    asked = json_body()
    filters, pagination = asked.get("filters") or {}, asked.get("pagination") or {}
    required(filters, "start_date", "end_date")
    start, end = (datetime.fromisoformat(filters[name]) for name in ("start_date", "end_date"))
    lines = [settled_payment(p) for p in all_own("payments") if p["is_captured"]]
    lines += [settled_refund(r) for r in all_own("refunds")]
    lines += [settled_dispute(d) for d in lost_disputes()]
    of_day = [line for line in lines if start <= datetime.fromisoformat(line["event_time"]) <= end]
    first, limit = int(pagination.get("cursor") or 0), int(pagination.get("limit") or 10)
    rest = first + limit
    cursor = str(rest) if rest < len(of_day) else None
    return answer({"cursor": cursor, "limit": limit, "data": of_day[first:rest]})


def settled_payment(payment: dict[str, Any]) -> dict[str, Any]:
    fee = (payment["payment_amount"] * FEE_SHARE).quantize(Decimal("0.01"))
    tax = (fee * TAX_SHARE).quantize(Decimal("0.01"))
    return _settled("PAYMENT", payment["payment_amount"], payment["payment_time"], payment["order_id"]) | {
        "sale_type": "CREDIT",
        "event_settlement_amount": payment["payment_amount"] - fee - tax,
        "cf_payment_id": int(payment["cf_payment_id"]),
        "event_currency": payment["payment_currency"],
        "payment_service_charge": fee,
        "payment_service_tax": tax,
        "payment_utr": payment["bank_reference"],
    }


def settled_refund(refund: dict[str, Any]) -> dict[str, Any]:
    return _settled("REFUND", refund["refund_amount"], refund["created_at"], refund["order_id"]) | {
        "sale_type": "DEBIT",
        "event_settlement_amount": refund["refund_amount"],
        "refund_id": refund["refund_id"],
        "refund_arn": refund["refund_arn"],
    }


def lost_disputes() -> list[dict[str, Any]]:
    raised = simulator().shelf("cashfree.disputes")
    mine = (raised.get(f"{brand()}:{payment['cf_payment_id']}") for payment in all_own("payments"))
    return [
        dispute for dispute in mine if dispute and dispute["dispute_status"] == "CHARGEBACK_MERCHANT_LOST"
    ]


def settled_dispute(lost: dict[str, Any]) -> dict[str, Any]:
    amount = Decimal(lost["dispute_amount"])
    return _settled("CHARGEBACK", amount, lost["updated_at"], "") | {
        "event_id": lost["dispute_id"],
        "sale_type": "DEBIT",
        "event_settlement_amount": amount,
    }


def _settled(kind: str, amount: Decimal, at: str, order_id: str) -> dict[str, Any]:
    return {
        "event_id": number(),
        "event_type": kind,
        "entity": "recon",
        "event_time": at,
        "event_amount": amount,
        "event_currency": "INR",
        "event_status": "SUCCESS",
        "order_id": order_id,
        "cf_settlement_id": int(f"9{at[:10].replace('-', '')}"),
        "settlement_utr": f"CFS{at[:10].replace('-', '')}",
        "settlement_date": at,
    }
