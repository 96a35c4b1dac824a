"""What Razorpay tells about money, in answers and in webhooks alike, read into app/providers/money.py.

Source: Razorpay's API reference (entities) and the samples of its webhook pages. On the wire amounts are
whole paise and instants are Unix seconds. Quirks that the readers allow for: empty `notes` come as `[]`, `{}`
or null; `rrn` may be absent; a UTR comes late; an account validation's results have two names.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from app.providers.fields import Fields
from app.providers.money import (
    DISPUTE_STATUSES,
    LINK_STATUSES,
    MANDATE_STATUSES,
    ORDER_STATUSES,
    PAYMENT_STATUSES,
    PAYOUT_STATUSES,
    REFUND_STATUSES,
    Dispute,
    Mandate,
    MandateRequest,
    Order,
    Payment,
    PaymentLink,
    Payout,
    PennyDrop,
    Refund,
    SettlementLine,
    refused,
)
from app.providers.rupees import READ_END, RUPEES, Unbookable, booked_in_rupees

T = TypeVar("T")

CURRENCY = RUPEES
INVOICE_STATUSES = ("draft", "issued", "partially_paid", "paid", "cancelled", "expired", "deleted")
# A line of a settlement is one of Razorpay's four types; a transfer to a linked account is an adjustment here.
LINE_KINDS = {
    "payment": "payment",
    "refund": "refund",
    "transfer": "adjustment",
    "adjustment": "adjustment",
}


def to_paise(amount: Decimal) -> int:
    """Rupees as whole paise. Raises ValueError for a fraction of a paisa or nothing at all."""
    paise = amount.scaleb(2)
    if paise != paise.to_integral_value() or paise <= 0:
        raise ValueError("an amount is a positive number of whole paise")
    return int(paise)


def read_payment(fields: Fields) -> Payment:
    reference = fields.child("acquirer_data", Fields({}))
    return Payment(
        id=fields.identifier("id"),
        order_id=fields.identifier("order_id", None),
        amount=_amount(fields, "amount"),
        status=fields.one_of("status", *PAYMENT_STATUSES),
        method=fields.identifier("method", ""),
        fee=_rupees(fields, "fee", None),
        tax=_rupees(fields, "tax", None),
        bank_reference=reference.identifier("rrn", None) or reference.identifier("bank_transaction_id", None),
        error_reason=fields.identifier("error_reason", None),
        error_description=fields.identifier("error_description", None),
        notes=_notes(fields),
        created_at=fields.unix_time("created_at"),
        customer_id=fields.identifier("customer_id", None),
        token_id=fields.identifier("token_id", None),
    )


def read_answered_payment(fields: Fields) -> Payment:
    """The same in an answer, where one that cannot be booked does not hide the others."""
    try:
        return read_payment(fields)
    except Unbookable as error:
        about = fields.identifier("id"), fields.identifier("order_id", None), _notes(fields)
        return refused(error, *about, fields.unix_time("created_at"))


def read_payment_link(fields: Fields) -> PaymentLink:
    payments = fields.children("payments", [])
    return PaymentLink(
        id=fields.identifier("id"),
        reference_id=fields.identifier("reference_id", None),
        amount=_amount(fields, "amount"),
        amount_paid=_rupees(fields, "amount_paid", Decimal("0.00")),
        status=fields.one_of("status", *LINK_STATUSES),
        short_url=fields.identifier("short_url"),
        expires_at=_instant_or_none(fields, "expire_by"),
        payment_ids=tuple(payment.identifier("payment_id") for payment in payments),
        notes=_notes(fields),
        created_at=fields.unix_time("created_at"),
    )


def read_order(fields: Fields) -> Order:
    """The checkout of an order is opened with its id."""
    return Order(
        id=fields.identifier("id"),
        reference_id=fields.identifier("receipt", None),
        amount=_amount(fields, "amount"),
        status=fields.one_of("status", *ORDER_STATUSES),
        checkout_key=fields.identifier("id"),
        created_at=fields.unix_time("created_at"),
    )


def read_refund(fields: Fields) -> Refund:
    return Refund(
        id=fields.identifier("id"),
        payment_id=fields.identifier("payment_id"),
        reference_id=fields.identifier("receipt", None),
        amount=_amount(fields, "amount"),
        status=fields.one_of("status", *REFUND_STATUSES),
        bank_reference=fields.child("acquirer_data", Fields({})).identifier("arn", None),
        created_at=fields.unix_time("created_at"),
    )


def read_dispute(fields: Fields) -> Dispute:
    return Dispute(
        id=fields.identifier("id"),
        payment_id=fields.identifier("payment_id"),
        amount=_amount(fields, "amount"),
        status=fields.one_of("status", *DISPUTE_STATUSES),
        phase=fields.identifier("phase", None),
        reason_code=fields.identifier("reason_code", None),
        reason=fields.text("reason_description", "") or None,
        respond_by=_instant_or_none(fields, "respond_by"),
    )


def read_payout(fields: Fields) -> Payout:
    details = fields.child("status_details", Fields({}))
    return Payout(
        id=fields.identifier("id"),
        reference_id=fields.identifier("reference_id", None),
        amount=_amount(fields, "amount"),
        status=fields.one_of("status", *PAYOUT_STATUSES),
        mode=fields.identifier("mode"),
        utr=fields.identifier("utr", None),
        fees=_rupees(fields, "fees", None),
        tax=_rupees(fields, "tax", None),
        reason=details.identifier("reason", None),
        description=details.identifier("description", None),
        notes=_notes(fields),
        created_at=fields.unix_time("created_at"),
    )


def read_mandate(fields: Fields, customer_id: str | None = None) -> Mandate:
    """A token; its customer stands in the address that it was asked for under, not in it."""
    state = fields.child("recurring_details", Fields({}))
    has_state = state.has("status")
    return Mandate(
        id=fields.identifier("id"),
        customer_id=customer_id,
        status=state.one_of("status", *MANDATE_STATUSES) if has_state else "initiated",
        method=fields.identifier("method", None),
        amount_max=_rupees(fields, "max_amount", None),
        bank_reference=fields.identifier("mrn", None),
        failure_reason=state.identifier("failure_reason", None),
        expires_at=_instant_or_none(fields, "expired_at"),
    )


def read_mandate_request(fields: Fields) -> MandateRequest:
    """The invoice of a registration link."""
    return MandateRequest(
        id=fields.identifier("id"),
        customer_id=fields.identifier("customer_id", None),
        order_id=fields.identifier("order_id", None),
        status=fields.one_of("status", *INVOICE_STATUSES),
        url=fields.identifier("short_url"),
    )


def read_penny_drop(fields: Fields) -> PennyDrop:
    """A validation of a fund account. `completed` says that the bank answered, not that the account is good."""
    results = fields.child("validation_results", None) or fields.child("results", Fields({}))
    status = fields.one_of("status", "created", "completed", "failed")
    is_active = results.identifier("account_status", None) == "active"
    score = results.decimal("name_match_score", None)
    if status == "completed":
        status = "SUCCESS" if is_active else "FAILED"
    details = fields.child("status_details", Fields({}))
    return PennyDrop(
        status={"created": "PENDING", "failed": "FAILED"}.get(status, status),
        transaction_id=fields.identifier("id"),
        reference=fields.text("reference_id", ""),
        beneficiary_name=results.text("registered_name", ""),
        is_name_match=None,
        matching_score=None if score is None else score / 100,
        rrn=fields.identifier("utr", ""),
        description=results.text("details", "") or details.text("description", ""),
    )


def read_settlement_line(fields: Fields) -> SettlementLine:
    """A line of the combined report of a day."""
    kind = fields.identifier("type")
    return SettlementLine(
        id=fields.identifier("entity_id"),
        kind=LINE_KINDS.get(kind, "adjustment"),
        order_id=fields.identifier("order_id", None),
        amount=fields.integer("amount") * Decimal("0.01"),
        fee=_rupees(fields, "fee", Decimal("0.00")),
        tax=_rupees(fields, "tax", Decimal("0.00")),
        net=_rupees(fields, "credit", Decimal(0)) - _rupees(fields, "debit", Decimal(0)),
        settlement_id=fields.identifier("settlement_id"),
        utr=fields.identifier("settlement_utr", None),
        settled_at=fields.unix_time("settled_at"),
        dispute_id=fields.identifier("dispute_id", None),
        currency=fields.text("currency"),
    )


def _amount(fields: Fields, name: str) -> Decimal:
    amount = fields.integer(name, end=READ_END) * Decimal("0.01")
    return booked_in_rupees(fields.name(name), amount, fields.name("currency"), fields.text("currency"))


def _rupees(fields: Fields, name: str, default: T) -> Decimal | T:
    paise = fields.integer(name, None)
    return default if paise is None else paise * Decimal("0.01")


def _instant_or_none(fields: Fields, name: str) -> datetime | None:
    """0 and null both say that there is none."""
    return fields.unix_time(name) if fields.integer(name, 0) else None


def _notes(fields: Fields) -> dict[str, str]:
    notes = fields.data.get("notes")
    return {key: str(value) for key, value in notes.items()} if isinstance(notes, Mapping) else {}
