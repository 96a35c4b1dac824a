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


def payment(
    link: dict[str, Any], amount: int, method: str, is_success: bool, currency: str = "INR"
) -> dict[str, Any]:
    """An attempt to pay `amount` on a link."""
    fee = amount * FEE_PER_10000 // 10000 if is_success else None
    customer = link["customer"]
    return {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": amount,
        "currency": currency,
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


def order(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id("order"),
        "entity": "order",
        "amount": asked.get("amount", 0),
        "amount_paid": 0,
        "amount_due": asked.get("amount", 0),
        "currency": "INR",
        "receipt": asked.get("receipt"),
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": asked.get("notes") or [],
        "created_at": int(time.time()),
    }


def checkout_of(placed: dict[str, Any]) -> dict[str, Any]:
    """What `payment` needs to know of an order."""
    return {"order_id": placed["id"], "id": placed["id"], "customer": {}, "notes": placed["notes"]}


def refund(paid: dict[str, Any], amount: int, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": "INR",
        "payment_id": paid["id"],
        "notes": asked.get("notes") or [],
        "receipt": asked.get("receipt"),
        "acquirer_data": {"arn": None},
        "created_at": int(time.time()),
        "batch_id": None,
        "status": "pending",
        "speed_processed": "normal",
        "speed_requested": asked.get("speed", "normal"),
    }


def settled_payment(paid: dict[str, Any]) -> dict[str, Any]:
    fee = paid["fee"] or 0
    return _settled(paid, "payment", credit=paid["amount"] - fee, fee=fee, tax=paid["tax"] or 0) | {
        "order_id": paid["order_id"],
        "method": paid["method"],
    }


def settled_refund(given: dict[str, Any]) -> dict[str, Any]:
    return _settled(given, "refund", debit=given["amount"]) | {"payment_id": given["payment_id"]}


def settled_dispute(lost: dict[str, Any]) -> dict[str, Any]:
    return _settled(lost, "adjustment", debit=lost["amount"]) | {
        "entity_id": lost["id"].replace("disp_", "adj_"),
        "dispute_id": lost["id"],
    }


def _settled(entity: dict[str, Any], kind: str, **amounts: int) -> dict[str, Any]:
    """A line of the combined report, all of a day in one transfer."""
    day = entity["created_at"] // 86_400
    return {
        "entity_id": entity["id"],
        "type": kind,
        "debit": 0,
        "credit": 0,
        "amount": entity["amount"],
        "currency": entity["currency"],
        "fee": 0,
        "tax": 0,
        "on_hold": False,
        "settled": True,
        "created_at": entity["created_at"],
        "settled_at": entity["created_at"],
        "settlement_id": f"setl_{day:014}",
        "posted_at": None,
        "credit_type": "default",
        "description": None,
        "notes": None,
        "payment_id": None,
        "settlement_utr": f"{day}sandbox",
        "order_id": None,
        "order_receipt": None,
        "method": None,
        "card_network": None,
        "card_issuer": None,
        "card_type": None,
        "dispute_id": None,
    } | amounts


def customer(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id("cust"),
        "entity": "customer",
        "name": asked.get("name"),
        "email": asked.get("email"),
        "contact": asked.get("contact"),
        "gstin": None,
        "notes": asked.get("notes") or [],
        "created_at": int(time.time()),
    }


def registration(asked: dict[str, Any], customer: dict[str, Any], placed: dict[str, Any]) -> dict[str, Any]:
    """The invoice of a registration link."""
    now = int(time.time())
    return {
        "id": new_id("inv"),
        "entity": "invoice",
        "receipt": asked.get("receipt"),
        "invoice_number": asked.get("receipt"),
        "customer_id": customer["id"],
        "customer_details": {name: customer[name] for name in ("id", "name", "email", "contact")},
        "order_id": placed["id"],
        "line_items": [],
        "payment_id": None,
        "status": "issued",
        "expire_by": asked.get("expire_by"),
        "issued_at": now,
        "paid_at": None,
        "cancelled_at": None,
        "expired_at": None,
        "sms_status": None,
        "email_status": None,
        "amount": placed["amount"],
        "amount_paid": 0,
        "amount_due": placed["amount"],
        "currency": "INR",
        "description": asked.get("description"),
        "notes": asked.get("notes") or [],
        "short_url": "",
        "type": "link",
        "created_at": now,
    }


def token(registered: dict[str, Any]) -> dict[str, Any]:
    """The mandate that comes of a registration, before the bank has answered."""
    account = registered.get("bank_account") or {}
    now = int(time.time())
    return {
        "id": new_id("token"),
        "entity": "token",
        "token": new_id("t")[2:],
        "bank": account.get("ifsc_code", "")[:4] or None,
        "wallet": None,
        "method": registered["method"],
        "recurring": False,
        "recurring_details": {"status": "initiated", "failure_reason": None},
        "auth_type": registered.get("auth_type"),
        "mrn": None,
        "used_at": now,
        "created_at": now,
        "bank_details": {
            "beneficiary_name": account.get("beneficiary_name"),
            "account_number": account.get("account_number"),
            "ifsc": account.get("ifsc_code"),
            "account_type": account.get("account_type"),
        },
        "max_amount": registered.get("max_amount"),
        "expired_at": registered.get("expire_at"),
        "dcc_enabled": False,
    }


def validation(asked: dict[str, Any]) -> dict[str, Any]:
    """A penny drop before the bank has answered."""
    fund_account_id = new_id("fa")
    return {
        "id": new_id("fav"),
        "entity": "fund_account.validation",
        "status": "created",
        "utr": None,
        "validation_results": dict.fromkeys(
            ("account_status", "registered_name", "details", "name_match_score")
        ),
        "status_details": {
            "description": "Validation request is created",
            "source": "internal",
            "reason": "validation_request_created",
        },
        "reference_id": asked.get("reference_id"),
        "notes": asked.get("notes") or [],
        "fund_account": _fund_account(fund_account_id, asked.get("fund_account") or {}),
    }


def validation_results(account_status: str, name: str = "", score: int | None = None) -> dict[str, Any]:
    """What changes once the bank has answered."""
    is_active = account_status == "active"
    return {
        "status": "completed",
        "utr": rrn() if is_active else None,
        "validation_results": {
            "account_status": account_status,
            "registered_name": name,
            "details": "The beneficiary account is valid." if is_active else "The account does not exist.",
            "name_match_score": score,
        },
        "status_details": {
            "description": "Validation request is completed",
            "source": "beneficiary_bank",
            "reason": "validation_completed",
        },
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
        "vpa": asked.get("vpa") or {},
        "batch_id": None,
        "active": True,
        "created_at": int(time.time()),
    }
