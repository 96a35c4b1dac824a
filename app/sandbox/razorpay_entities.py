"""The entities of the sandbox's Razorpay, with the real one's paise, Unix seconds and `[]` for no notes."""

import random
import string
import time
from typing import Any

ALPHANUMERIC = string.ascii_letters + string.digits
FEE_PER_10000, TAX_OF_118 = 236, 18  # 2 % and 18 % GST on it; the fee includes the tax

# What the webhook of each final payout state says.
STATUS_DETAILS = {
    "processing": (
        "beneficiary_bank_confirmation_pending",
        "Confirmation of the credit to the beneficiary is pending from the bank",
    ),
    "processed": (
        "payout_processed",
        "Payout is processed and the money has been credited into the beneficiary account.",
    ),
    "failed": (
        "beneficiary_bank_rejected",
        "Payout failed as the beneficiary bank rejected the transaction. Please contact the beneficiary bank",
    ),
    "reversed": ("bank_account_frozen", "Payout was returned as the beneficiary account is frozen"),
}


def new_id(prefix: str) -> str:
    """An id as Razorpay's: a prefix and 14 letters or digits."""
    return f"{prefix}_{''.join(random.choices(ALPHANUMERIC, k=14))}"


def rrn() -> str:
    return str(random.randrange(4 * 10**11, 7 * 10**11))


def payment_link(asked: dict[str, Any], short_url: str, link_id: str) -> dict[str, Any]:
    now = int(time.time())
    return {
        "accept_partial": bool(asked.get("accept_partial")),
        "amount": asked["amount"],
        "amount_paid": 0,
        "callback_method": asked.get("callback_method", ""),
        "callback_url": asked.get("callback_url", ""),
        "cancelled_at": 0,
        "created_at": now,
        "currency": "INR",
        "customer": asked.get("customer") or {},
        "description": asked.get("description", ""),
        "expire_by": asked.get("expire_by", 0),
        "expired_at": 0,
        "first_min_partial_amount": asked.get("first_min_partial_amount", 0),
        "id": link_id,
        "notes": asked.get("notes") or [],
        "notify": asked.get("notify") or {"email": False, "sms": False},
        "payments": None,
        "reference_id": asked.get("reference_id", ""),
        "reminder_enable": bool(asked.get("reminder_enable")),
        "reminders": [],
        "short_url": short_url,
        "status": "created",
        "updated_at": now,
        "upi_link": bool(asked.get("upi_link")),
        "user_id": "",
    }


def payment(link: dict[str, Any], amount: int, method: str, is_success: bool) -> dict[str, Any]:
    """An attempt to pay `amount` on a link."""
    fee = amount * FEE_PER_10000 // 10000 if is_success else None
    customer = link["customer"]
    return {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": amount,
        "currency": "INR",
        "status": "captured" if is_success else "failed",
        "order_id": link["order_id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": is_success,
        "description": f"#{link['id'].removeprefix('plink_')}",
        "card_id": None,
        "bank": "HDFC" if method == "netbanking" else None,
        "wallet": None,
        "vpa": "customer@okaxis" if method == "upi" else None,
        "email": customer.get("email"),
        "contact": customer.get("contact"),
        "notes": link["notes"],
        "fee": fee,
        "tax": fee and fee * TAX_OF_118 // 118,
        "acquirer_data": _acquirer_data(method, is_success),
        "created_at": int(time.time()),
        **_error(is_success),
    }


def _acquirer_data(method: str, is_success: bool) -> dict[str, Any]:
    name = {"upi": "rrn", "netbanking": "bank_transaction_id"}.get(method, "auth_code")
    return {name: rrn() if is_success else None}


def _error(is_success: bool) -> dict[str, Any]:
    names = ("code", "description", "source", "step", "reason")
    values = ("BAD_REQUEST_ERROR", "Payment failed", "bank", "payment_authorization", "payment_failed")
    return {f"error_{n}": None if is_success else v for n, v in zip(names, values, strict=True)}


def order_of(link: dict[str, Any]) -> dict[str, Any]:
    """The order behind a link as webhooks show it: without `order_` before its id, as the real ones do."""
    return {
        "id": link["order_id"].removeprefix("order_"),
        "amount": link["amount"],
        "amount_due": link["amount"] - link["amount_paid"],
        "amount_paid": link["amount_paid"],
        "currency": "INR",
        "created_at": link["created_at"],
        "notes": link["notes"],
        "product_id": link["id"].removeprefix("plink_"),
        "product_type": "payment_link_v2",
        "receipt": link["reference_id"],
        "status": "paid" if link["amount_paid"] == link["amount"] else "attempted",
    }


def payout(asked: dict[str, Any]) -> dict[str, Any]:
    fund_account_id = asked.get("fund_account_id") or new_id("fa")
    return {
        "id": new_id("pout"),
        "entity": "payout",
        "fund_account_id": fund_account_id,
        "fund_account": _fund_account(fund_account_id, asked.get("fund_account") or {}),
        "amount": asked["amount"],
        "currency": "INR",
        "notes": asked.get("notes") or [],
        "fees": 590,
        "tax": 90,
        "status": "processing",
        "utr": None,
        "mode": asked["mode"],
        "purpose": asked["purpose"],
        "reference_id": asked.get("reference_id"),
        "narration": asked.get("narration"),
        "batch_id": None,
        "status_details": _status_details("processing"),
        "created_at": int(time.time()),
        "fee_type": "",
    }


def payout_in(state: str, before: dict[str, Any]) -> dict[str, Any]:
    """The payout once it has come to this state."""
    utr = before["utr"] or (rrn() if state == "processed" else None)
    return before | {"status": state, "utr": utr, "status_details": _status_details(state)}


def _status_details(state: str) -> dict[str, str]:
    reason, description = STATUS_DETAILS[state]
    return {"description": description, "source": "beneficiary_bank", "reason": reason}


def _fund_account(fund_account_id: str, asked: dict[str, Any]) -> dict[str, Any]:
    contact = asked.get("contact") or {}
    return {
        "id": fund_account_id,
        "entity": "fund_account",
        "contact_id": new_id("cont"),
        "contact": contact,
        "account_type": asked.get("account_type", "bank_account"),
        "bank_account": asked.get("bank_account") or {},
        "batch_id": None,
        "active": True,
        "created_at": int(time.time()),
    }
