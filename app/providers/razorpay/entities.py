"""What Razorpay tells about a payment, a payment link or a payout, in answers and in webhooks alike.

Source: Razorpay's API reference (entities) and the samples of its webhook pages. On the wire amounts are
whole paise and instants are Unix seconds; here they are Decimal rupees and UTC datetimes. Quirks that the
readers allow for: empty `notes` come as `[]`, `{}` or null; `rrn` may be absent; a UTR comes late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from app.providers.fields import Fields

T = TypeVar("T")

CURRENCY = "INR"
PAYMENT_STATUSES = ("created", "authorized", "captured", "refunded", "failed")
LINK_STATUSES = ("created", "partially_paid", "paid", "expired", "cancelled")
PAYOUT_STATUSES = (
    "pending",
    "queued",
    "scheduled",
    "processing",
    "processed",
    "reversed",
    "failed",
    "cancelled",
    "rejected",
)


@dataclass(frozen=True)
class Payment:
    """One attempt to pay. Only a captured payment is money received; fee includes tax."""

    id: str
    order_id: str | None
    amount: Decimal
    status: str
    method: str
    fee: Decimal | None
    tax: Decimal | None
    bank_reference: str | None
    error_reason: str | None
    error_description: str | None
    notes: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True)
class PaymentLink:
    """A page where a customer pays. amount_paid grows when partial payment is allowed."""

    id: str
    reference_id: str | None
    amount: Decimal
    amount_paid: Decimal
    status: str
    short_url: str
    expires_at: datetime | None
    payment_ids: tuple[str, ...]
    notes: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True)
class Payout:
    """Money sent. Disbursed is only `processed`, and even that may become `reversed` days later.

    utr is None until the bank confirms; reason and description say why it failed, came back or waits.
    """

    id: str
    reference_id: str | None
    amount: Decimal
    status: str
    mode: str
    utr: str | None
    fees: Decimal | None
    tax: Decimal | None
    reason: str | None
    description: str | None
    notes: Mapping[str, str]
    created_at: datetime


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
        method=fields.identifier("method"),
        fee=_rupees(fields, "fee", None),
        tax=_rupees(fields, "tax", None),
        bank_reference=reference.identifier("rrn", None) or reference.identifier("bank_transaction_id", None),
        error_reason=fields.identifier("error_reason", None),
        error_description=fields.identifier("error_description", None),
        notes=_notes(fields),
        created_at=_instant(fields, "created_at"),
    )


def read_payment_link(fields: Fields) -> PaymentLink:
    payments = fields.children("payments", [])
    return PaymentLink(
        id=fields.identifier("id"),
        reference_id=fields.identifier("reference_id", None),
        amount=_amount(fields, "amount"),
        amount_paid=_rupees(fields, "amount_paid", Decimal("0.00")),
        status=fields.one_of("status", *LINK_STATUSES),
        short_url=fields.identifier("short_url"),
        expires_at=_instant(fields, "expire_by") if fields.integer("expire_by", 0) else None,
        payment_ids=tuple(payment.identifier("payment_id") for payment in payments),
        notes=_notes(fields),
        created_at=_instant(fields, "created_at"),
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
        created_at=_instant(fields, "created_at"),
    )


def _amount(fields: Fields, name: str) -> Decimal:
    if fields.text("currency") != CURRENCY:
        raise fields.error("currency", f"expected {CURRENCY}")
    return fields.integer(name) * Decimal("0.01")


def _rupees(fields: Fields, name: str, default: T) -> Decimal | T:
    paise = fields.integer(name, None)
    return default if paise is None else paise * Decimal("0.01")


def _instant(fields: Fields, name: str) -> datetime:
    return datetime.fromtimestamp(fields.integer(name), UTC)


def _notes(fields: Fields) -> dict[str, str]:
    notes = fields.data.get("notes")
    return {key: str(value) for key, value in notes.items()} if isinstance(notes, Mapping) else {}
