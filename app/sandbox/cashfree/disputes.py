"""Whoever paid asks their bank for the money back."""

from collections.abc import Mapping
from typing import Any

from app.sandbox.base import simulator
from app.sandbox.cashfree.core import notify, now, number, of_page, twin

EVENTS = {
    "CREATED": "CREATED",
    "MERCHANT_WON": "CLOSED",
    "MERCHANT_LOST": "CLOSED",
    "MERCHANT_ACCEPTED": "CLOSED",
}


@twin.action("dispute")
def dispute(payment_id: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"id": brand:payment, "status"?: CREATED, UNDER_REVIEW, MERCHANT_WON, MERCHANT_LOST ..., "amount"?: rupees}: the
    bank takes it on, or says how it ended."""
    with simulator().lock:
        found = of_page("payments", payment_id)
        if found is None:
            return None
        brand_id, payment = found
        raised = simulator().shelf("cashfree.disputes").setdefault(payment_id, _raised(payment, said))
        status = str(said.get("status", "CREATED"))
        raised |= {"dispute_status": f"CHARGEBACK_{status}", "updated_at": now()}
    data = {
        "dispute": raised,
        "order_details": {
            "order_id": payment["order_id"],
            "order_amount": payment["order_amount"],
            "order_currency": "INR",
            "cf_payment_id": int(payment["cf_payment_id"]),
            "payment_amount": payment["payment_amount"],
            "payment_currency": "INR",
        },
        "customer_details": {"customer_name": "", "customer_phone": "", "customer_email": ""},
    }
    notify("payment", f"DISPUTE_{EVENTS.get(status, 'UPDATED')}", data, brand_id)
    return raised


def _raised(payment: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dispute_id": number(),
        "dispute_type": "CHARGEBACK",
        "reason_code": "1402",
        "reason_description": "Duplicate Processing",
        "dispute_amount": said.get("amount") or payment["payment_amount"],
        "dispute_amount_currency": "INR",
        "created_at": now(),
        "updated_at": now(),
        "respond_by": now(),
        "dispute_status": "CHARGEBACK_CREATED",
        "cf_dispute_remarks": "Dispute is created, please take action",
        "dispute_action_on": "MERCHANT",
    }
