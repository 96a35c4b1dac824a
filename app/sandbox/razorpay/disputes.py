"""Whoever paid asks their bank for the money back."""

import time
from collections.abc import Mapping
from typing import Any

from app.sandbox.base import simulator
from app.sandbox.razorpay import entities
from app.sandbox.razorpay.core import notify, twin

RESPOND_WITHIN_S = 7 * 86_400


@twin.action("dispute")
def dispute(payment_id: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"id": payment, "status"?: open, under_review, won, lost or closed, "amount"?: paise}: the bank takes it on, or
    says how it ended."""
    with simulator().lock:
        brand_id, payment = simulator().shelf("razorpay.payments").get(payment_id, (None, None))
        if payment is None:
            return None
        shelf = simulator().shelf("razorpay.disputes")
        raised = shelf.setdefault(payment_id, _raised(payment, said))
        status = str(said.get("status", "open"))
        deducted = raised["amount"] if status == "lost" else 0
        raised |= {"status": status, "amount_deducted": deducted}
    event = "created" if status == "open" else status
    notify(brand_id, "payment", f"payment.dispute.{event}", {"payment": payment, "dispute": raised})
    return raised


def _raised(payment: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        "id": entities.new_id("disp"),
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": int(said.get("amount") or payment["amount"]),
        "currency": "INR",
        "amount_deducted": 0,
        "gateway_dispute_id": None,
        "reason_code": "unauthorized_transaction",
        "reason_description": "The customer says that they did not pay",
        "respond_by": now + RESPOND_WITHIN_S,
        "status": "open",
        "phase": "chargeback",
        "comments": None,
        "created_at": now,
    }
