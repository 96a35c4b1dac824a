"""What Cashfree tells about money, in answers and in webhooks alike, read into app/providers/money.py.

Sources: Cashfree's OpenAPI files and the samples of its webhook pages. Quirks that the readers allow for: ids are
numbers or texts, amounts are numbers or texts, a time without an offset is India's, absent references come as
"NA" or "null".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.providers.fields import Fields
from app.providers.money import (
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

CURRENCY = RUPEES
INDIA = ZoneInfo("Asia/Kolkata")
NO_REFERENCE = ("NA", "null")

ORDER_STATUS = {
    "ACTIVE": "created",
    "PAID": "paid",
    "EXPIRED": "expired",
    "TERMINATED": "cancelled",
    "TERMINATION_REQUESTED": "cancelled",
}
PAYMENT_STATUS = {
    "NOT_ATTEMPTED": "created",
    "PENDING": "created",
    "INITIALIZED": "created",
    "SUCCESS": "captured",
    "FAILED": "failed",
    "USER_DROPPED": "failed",
    "VOID": "failed",
    "CANCELLED": "failed",
}
LINK_STATUS = {
    "ACTIVE": "created",
    "PARTIALLY_PAID": "partially_paid",
    "PAID": "paid",
    "EXPIRED": "expired",
    "CANCELLED": "cancelled",
}
# How the status of a dispute ends; it begins with its stage (DISPUTE, CHARGEBACK, RETRIEVAL, PRE_ARBITRATION ...).
DISPUTE_STATUS = {
    "CREATED": "open",
    "INSUFFICIENT_EVIDENCE": "open",
    "DOCS_RECEIVED": "under_review",
    "UNDER_REVIEW": "under_review",
    "MERCHANT_WON": "won",
    "MERCHANT_LOST": "lost",
    "MERCHANT_ACCEPTED": "lost",
}
REFUND_STATUS = {
    "PENDING": "pending",
    "ONHOLD": "pending",
    "SUCCESS": "processed",
    "CANCELLED": "failed",
    "FAILED": "failed",
}
# SUCCESS says that the money left; only COMPLETED that it arrived.
ARRIVED = "COMPLETED"
TRANSFER_STATUS = {
    "RECEIVED": "processing",
    "APPROVAL_PENDING": "pending",
    "PENDING": "processing",
    "QUEUED": "queued",
    "SUCCESS": "processing",
    "FAILED": "failed",
    "REJECTED": "rejected",
    "MANUALLY_REJECTED": "rejected",
    "REVERSED": "reversed",
}
SUBSCRIPTION_STATUS = {
    "INITIALIZED": "initiated",
    "BANK_APPROVAL_PENDING": "initiated",
    "ACTIVE": "confirmed",
    "ON_HOLD": "paused",
    "PAUSED": "paused",
    "CUSTOMER_PAUSED": "paused",
    "CANCELLED": "cancelled",
    "CUSTOMER_CANCELLED": "cancelled",
    "COMPLETED": "expired",
    "EXPIRED": "expired",
    "LINK_EXPIRED": "expired",
    "CARD_EXPIRED": "expired",
}
ACCOUNT_STATUS = {
    "VALID": "SUCCESS",
    "INVALID": "FAILED",
    "FAILED": "FAILED",
    "REJECTED": "FAILED",
    "MANUALLY_REJECTED": "FAILED",
    "CANCELLED": "FAILED",
    "RECEIVED": "PENDING",
    "APPROVAL_PENDING": "PENDING",
    "PARTIALLY_APPROVED": "PENDING",
    "IN_PROCESS": "PENDING",
    "PROCESSING": "PENDING",
}
LINE_KINDS = {"PAYMENT": "payment", "REFUND": "refund", "SETTLEMENT": "settlement"}
# Their event is the dispute.
DISPUTE_LINES = ("DISPUTE", "DISPUTE_REVERSE", "CHARGEBACK", "CHARGEBACK_REVERSE")


def transfer_id_of(reference_id: str) -> str:
    """A transfer id has letters, digits and `_`; our references have `-` and never `_`, so it can be read back."""
    if "_" in reference_id:
        raise ValueError("a reference has no underscore")
    return reference_id.replace("-", "_")


def read_order(fields: Fields) -> Order:
    return Order(
        id=fields.identifier("order_id"),
        reference_id=fields.identifier("order_id"),
        amount=_amount(fields, "order_amount", "order_currency"),
        status=_translated(fields, "order_status", ORDER_STATUS),
        checkout_key=fields.identifier("payment_session_id", ""),
        created_at=_instant(fields, "created_at"),
    )


def read_payment(
    fields: Fields, order_id: str | None = None, notes: Mapping[str, str] | None = None
) -> Payment:
    """A payment entity; webhooks show it beside its order, answers with the order's id in it."""
    status = _translated(fields, "payment_status", PAYMENT_STATUS)
    if status == "captured" and not fields.boolean("is_captured", True):
        status = "authorized"
    error = fields.child("error_details", Fields({}))
    return Payment(
        id=fields.identifier("cf_payment_id"),
        order_id=order_id or fields.identifier("order_id", None),
        amount=_amount(fields, "payment_amount", "payment_currency"),
        status=status,
        method=fields.identifier("payment_group", ""),
        fee=None,
        tax=None,
        bank_reference=_reference(fields, "bank_reference"),
        error_reason=error.identifier("error_reason", None),
        error_description=error.identifier("error_description", None),
        notes=notes or {},
        created_at=_instant(fields, "payment_time"),
    )


def read_answered_payment(fields: Fields) -> Payment:
    """The same in an answer, where one that cannot be booked does not hide the others."""
    try:
        return read_payment(fields)
    except Unbookable as error:
        about = fields.identifier("cf_payment_id"), fields.identifier("order_id", None), {}
        return refused(error, *about, _instant(fields, "payment_time"))


def read_payment_link(fields: Fields) -> PaymentLink:
    """Its id is ours: a link is asked for by the id that we gave."""
    return PaymentLink(
        id=fields.identifier("link_id"),
        reference_id=fields.identifier("link_id"),
        amount=_amount(fields, "link_amount", "link_currency"),
        amount_paid=_rupees(fields.decimal("link_amount_paid", Decimal(0))),
        status=_translated(fields, "link_status", LINK_STATUS),
        short_url=fields.identifier("link_url"),
        expires_at=_instant_or_none(fields, "link_expiry_time"),
        payment_ids=(),
        notes=_texts(fields, "link_notes"),
        created_at=_instant(fields, "link_created_at"),
    )


def read_refund(fields: Fields) -> Refund:
    """Its id is ours, as it is asked for by the id that we gave; one that Cashfree makes by itself has only its own."""
    ours = fields.identifier("refund_id", None)
    return Refund(
        id=ours or fields.identifier("cf_refund_id"),
        payment_id=fields.identifier("cf_payment_id"),
        reference_id=ours,
        amount=_amount(fields, "refund_amount", "refund_currency"),
        status=_translated(fields, "refund_status", REFUND_STATUS),
        bank_reference=_reference(fields, "refund_arn"),
        created_at=_instant(fields, "created_at"),
    )


def read_dispute(fields: Fields) -> Dispute:
    """A webhook's data: the dispute, and the payment beside it."""
    dispute, paid = fields.child("dispute"), fields.child("order_details")
    said = dispute.identifier("dispute_status")
    status = next((DISPUTE_STATUS[end] for end in DISPUTE_STATUS if said.endswith(end)), None)
    if status is None:
        raise dispute.error("dispute_status", "expected a state of a dispute")
    return Dispute(
        id=dispute.identifier("dispute_id"),
        payment_id=paid.identifier("cf_payment_id"),
        amount=_amount(dispute, "dispute_amount", "dispute_amount_currency"),
        status=status,
        phase=dispute.identifier("dispute_type", "").lower() or None,
        reason_code=dispute.identifier("reason_code", None),
        reason=dispute.text("reason_description", "") or None,
        respond_by=_instant_or_none(dispute, "respond_by"),
    )


def read_payout(fields: Fields, told_at: datetime | None = None) -> Payout:
    """A transfer. A webhook leaves out when it was made: told_at stands in."""
    status, code = _translated(fields, "status", TRANSFER_STATUS), fields.identifier("status_code", None)
    if fields.text("status") == "SUCCESS" and code == ARRIVED:
        status = "processed"
    return Payout(
        id=fields.identifier("transfer_id"),
        reference_id=fields.identifier("transfer_id").replace("_", "-"),
        amount=_rupees(fields.decimal("transfer_amount")),
        status=status,
        mode=fields.identifier("transfer_mode", ""),
        utr=_reference(fields, "transfer_utr"),
        fees=_rupees(fields.decimal("transfer_service_charge", None)),
        tax=_rupees(fields.decimal("transfer_service_tax", None)),
        reason=code,
        description=fields.identifier("status_description", None),
        notes={},
        created_at=_instant_or_none(fields, "added_on") or told_at or _instant(fields, "added_on"),
    )


def read_penny_drop(fields: Fields) -> PennyDrop:
    """A verification of a bank account. An invalid account is a good answer with nulls in it."""
    score = fields.decimal("name_match_score", None)
    result = fields.identifier("name_match_result", None)
    return PennyDrop(
        status=_translated(fields, "account_status", ACCOUNT_STATUS),
        transaction_id=fields.identifier("reference_id"),
        reference=fields.text("user_id", ""),
        beneficiary_name=fields.text("name_at_bank", ""),
        is_name_match=None if result is None else result not in ("NO_MATCH", "POOR_PARTIAL_MATCH"),
        matching_score=None if score is None else score / 100,
        rrn=fields.identifier("utr", ""),
        description=fields.text("account_status_code", ""),
        branch=fields.text("branch", ""),
    )


def read_mandate(fields: Fields) -> Mandate:
    """A subscription, as answered or as in `data` of a webhook, which wraps it and spells it otherwise."""
    about = fields.child("subscription_details", fields)
    authorisation = fields.child("authorization_details", None) or fields.child(
        "authorisation_details", Fields({})
    )
    plan = fields.child("plan_details", Fields({}))
    return Mandate(
        id=about.identifier("subscription_id"),
        customer_id=None,
        status=_translated(about, "subscription_status", SUBSCRIPTION_STATUS),
        method=authorisation.identifier("payment_group", None),
        amount_max=_rupees(plan.decimal("plan_max_amount", None)),
        bank_reference=authorisation.identifier("authorization_reference", None),
        failure_reason=fields.child("failure_details", Fields({})).identifier("failure_reason", None),
        expires_at=_instant_or_none(about, "subscription_expiry_time"),
    )


def read_mandate_request(fields: Fields) -> MandateRequest:
    """A new subscription, which is authorised in the checkout."""
    return MandateRequest(
        id=fields.identifier("subscription_id"),
        customer_id=None,
        order_id=None,
        status=fields.identifier("subscription_status"),
        url="",
        checkout_key=fields.identifier("subscription_session_id"),
    )


def read_debit(fields: Fields) -> Payment:
    """A charge of a subscription: its payment id is ours, its token the subscription."""
    error = fields.child("failure_details", Fields({}))
    return Payment(
        id=fields.identifier("cf_payment_id", None) or fields.identifier("payment_id"),
        order_id=fields.identifier("cf_order_id", None),
        amount=_amount(fields, "payment_amount", "payment_currency"),
        status=_translated(fields, "payment_status", PAYMENT_STATUS),
        method=fields.child("authorization_details", Fields({})).identifier("payment_group", ""),
        fee=None,
        tax=None,
        bank_reference=None,
        error_reason=None,
        error_description=error.identifier("failure_reason", None),
        notes={"debit": fields.identifier("payment_id")},
        created_at=_instant(fields, "payment_initiated_date"),
        token_id=fields.identifier("subscription_id"),
    )


def read_answered_debit(fields: Fields) -> Payment:
    """The same in an answer, where one that cannot be booked is one of its own."""
    try:
        return read_debit(fields)
    except Unbookable as error:
        ours = fields.identifier("payment_id")
        about = fields.identifier("cf_payment_id", None) or ours, None, {"debit": ours}
        return refused(error, *about, _instant(fields, "payment_initiated_date"))


def read_settlement_line(fields: Fields) -> SettlementLine:
    kind = LINE_KINDS.get(fields.identifier("event_type"), "adjustment")
    net = _rupees(fields.decimal("event_settlement_amount"))
    tax = _rupees(fields.decimal("payment_service_tax", Decimal(0)))
    ids = {"payment": "cf_payment_id", "refund": "refund_id"}
    return SettlementLine(
        id=fields.identifier(ids.get(kind, "event_id")),
        kind=kind,
        order_id=fields.identifier("order_id", None),
        amount=_rupees(fields.decimal("event_amount")),
        fee=_rupees(fields.decimal("payment_service_charge", Decimal(0))) + tax,
        tax=tax,
        net=-abs(net) if fields.text("sale_type") == "DEBIT" else net,
        settlement_id=fields.identifier("cf_settlement_id"),
        utr=fields.identifier("settlement_utr", None),
        settled_at=_instant(fields, "settlement_date"),
        dispute_id=fields.identifier("event_id") if fields.text("event_type") in DISPUTE_LINES else None,
        currency=fields.text("event_currency", CURRENCY),
    )


def instant(text: str) -> datetime:
    """An ISO time; without an offset it is India's. Their samples of disputes have spaces after the colons. Raises
    ValueError."""
    read = datetime.fromisoformat(text.replace(": ", ":"))
    try:
        return (read if read.tzinfo else read.replace(tzinfo=INDIA)).astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant before the first year or after the last") from None


def in_india(at: datetime) -> str:
    """As Cashfree wants it: seconds and India's offset."""
    return at.astimezone(INDIA).isoformat(timespec="seconds")


def _translated(fields: Fields, name: str, words: Mapping[str, str]) -> str:
    return words[fields.one_of(name, *words)]


def _amount(fields: Fields, name: str, currency: str) -> Decimal:
    told = fields.decimal(name, end=READ_END)
    about = fields.name(name), told, fields.name(currency), fields.text(currency, CURRENCY)
    return _rupees(booked_in_rupees(*about))


def _rupees(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))


def _reference(fields: Fields, name: str) -> str | None:
    reference = fields.identifier(name, None)
    return None if reference in NO_REFERENCE else reference


def _instant(fields: Fields, name: str) -> datetime:
    try:
        return instant(fields.text(name))
    except ValueError:
        raise fields.error(name, "expected an ISO date-time") from None


def _instant_or_none(fields: Fields, name: str) -> datetime | None:
    return _instant(fields, name) if fields.identifier(name, None) else None


def _texts(fields: Fields, name: str) -> dict[str, str]:
    return {key: str(value) for key, value in fields.child(name, Fields({})).data.items()}
