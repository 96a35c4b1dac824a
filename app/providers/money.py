"""What the gateways tell about money, in answers and in webhooks, in one vocabulary.

The words of the states are Razorpay's; a client of another provider translates. Amounts are Decimal rupees, instants
UTC datetimes. `app.providers.gateways` says what a client must offer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.providers.rupees import RUPEES, Unbookable

PAYMENT_STATUSES = ("created", "authorized", "captured", "refunded", "failed")
REFUSED = "refused"
LINK_STATUSES = ("created", "partially_paid", "paid", "expired", "cancelled")
ORDER_STATUSES = ("created", "attempted", "paid", "expired", "cancelled")
REFUND_STATUSES = ("pending", "processed", "failed")
DISPUTE_STATUSES = ("open", "under_review", "won", "lost", "closed")
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
MANDATE_STATUSES = ("initiated", "confirmed", "rejected", "paused", "cancelled", "expired")


@dataclass(frozen=True)
class Payer:
    """Who pays; reference_id is our id of the person, which an order needs."""

    name: str
    phone: str
    email: str | None = None
    reference_id: str = ""


@dataclass(frozen=True)
class Beneficiary:
    """Whose bank account it is; reference_id is our id of the person. With a `vpa` the money goes to that UPI id."""

    name: str
    account_number: str = field(repr=False)
    ifsc: str
    phone: str
    reference_id: str
    vpa: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Payment:
    """One attempt to pay. Only a captured payment is money received; fee includes tax.

    A gateway that is asked may name one that nothing here can book: it is REFUSED, of no amount, and error_reason and
    error_description say why.
    """

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
    customer_id: str | None = None
    token_id: str | None = None


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
class Order:
    """Something to be paid in the provider's checkout, which is opened with `checkout_key`."""

    id: str
    reference_id: str | None
    amount: Decimal
    status: str
    checkout_key: str
    created_at: datetime


@dataclass(frozen=True)
class Refund:
    """Money given back. bank_reference (ARN) comes late; done is only `processed`."""

    id: str
    payment_id: str
    reference_id: str | None
    amount: Decimal
    status: str
    bank_reference: str | None
    created_at: datetime


@dataclass(frozen=True)
class Dispute:
    """Whoever paid asks their bank for `amount` of a payment back. Only a `lost` one has taken the money from us."""

    id: str
    payment_id: str
    amount: Decimal
    status: str
    phase: str | None
    reason_code: str | None
    reason: str | None
    respond_by: datetime | None


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


@dataclass(frozen=True)
class Mandate:
    """A customer's leave to debit their account. Only a `confirmed` one can be charged.

    amount_max is the most that one debit may take; bank_reference is the UMRN (e-mandate, NACH) or UMN (UPI).
    """

    id: str
    customer_id: str | None
    status: str
    method: str | None
    amount_max: Decimal | None
    bank_reference: str | None
    failure_reason: str | None
    expires_at: datetime | None


@dataclass(frozen=True)
class MandateRequest:
    """Where a customer gives a mandate: the page at `url`, or the checkout, opened with `checkout_key`."""

    id: str
    customer_id: str | None
    order_id: str | None
    status: str
    url: str
    checkout_key: str = ""


@dataclass(frozen=True)
class Debit:
    """A charge on a mandate. The bank answers a day or more later, by webhook: till then it is no money."""

    payment_id: str
    order_id: str | None


@dataclass(frozen=True)
class SettlementLine:
    """One line of what a gateway settled: a payment in, a refund or fee out, and the transfer it came with.

    kind is payment, refund or adjustment, which may be of a dispute; fee includes tax; net is what it adds to the
    transfer (negative for what goes out). The amounts of a line in another `currency` than RUPEES are of that.
    """

    id: str
    kind: str
    order_id: str | None
    amount: Decimal
    fee: Decimal
    tax: Decimal
    net: Decimal
    settlement_id: str
    utr: str | None
    settled_at: datetime
    dispute_id: str | None = None
    currency: str = RUPEES


@dataclass(frozen=True)
class PennyDrop:
    """One rupee sent to an account. status SUCCESS, FAILED, or PENDING (ask penny_drop_status).

    matching_score is 0 to 1, the bank's name against the one we gave; rrn is the bank's reference; branch is the
    account's, where the provider names it.
    """

    status: str
    transaction_id: str
    reference: str
    beneficiary_name: str
    is_name_match: bool | None
    matching_score: Decimal | None
    rrn: str
    description: str
    branch: str = ""


@dataclass(frozen=True)
class VpaHolder:
    """Whose UPI id it is; no name where it is nobody's, or its bank does not say."""

    is_valid: bool
    name: str = field(repr=False)


# What webhooks tell.


@dataclass(frozen=True)
class PaymentEvent:
    """Something happened to a payment: it was authorised, captured, or failed."""

    name: str
    occurred_at: datetime
    payment: Payment


@dataclass(frozen=True)
class PaymentLinkEvent:
    """A link was paid, wholly or in part, by `payment`; or it expired or was cancelled, without one."""

    name: str
    occurred_at: datetime
    link: PaymentLink
    payment: Payment | None


@dataclass(frozen=True)
class PaymentLinkHint:
    """Something was paid, or tried, on the order of this link; the event does not say it well enough: ask."""

    name: str
    link_id: str
    order_id: str


@dataclass(frozen=True)
class RefundEvent:
    """A refund was made, came through or failed."""

    name: str
    occurred_at: datetime
    refund: Refund


@dataclass(frozen=True)
class DisputeEvent:
    """A dispute was raised, came to another state or ended."""

    name: str
    occurred_at: datetime
    dispute: Dispute


@dataclass(frozen=True)
class PayoutEvent:
    """A payout came to another state."""

    name: str
    occurred_at: datetime
    payout: Payout


@dataclass(frozen=True)
class PayoutHint:
    """Something happened to the payout of this reference; the event is too thin to act on: ask."""

    name: str
    reference_id: str


@dataclass(frozen=True)
class MandateEvent:
    """A mandate was confirmed, rejected, paused or cancelled."""

    name: str
    occurred_at: datetime
    mandate: Mandate


@dataclass(frozen=True)
class MandateRequestEvent:
    """The page of a mandate was used, by `payment` that names the mandate (token_id), or it has expired."""

    name: str
    occurred_at: datetime
    request: MandateRequest
    payment: Payment | None


@dataclass(frozen=True)
class PennyDropEvent:
    """The bank answered for an account."""

    name: str
    occurred_at: datetime
    drop: PennyDrop


def refused(
    error: Unbookable, payment_id: str, order_id: str | None, notes: Mapping[str, str], created_at: datetime
) -> Payment:
    """A payment that cannot be booked."""
    return Payment(
        id=payment_id,
        order_id=order_id,
        amount=Decimal(0),
        status=REFUSED,
        method="",
        fee=None,
        tax=None,
        bank_reference=None,
        error_reason=error.code,
        error_description=str(error),
        notes=notes,
        created_at=created_at,
    )


@dataclass(frozen=True)
class RefusedEvent:
    """An event of money that nothing here can keep: `code` is one of REFUSALS, `reason` says which field and why."""

    name: str
    code: str
    reason: str


@dataclass(frozen=True)
class OtherEvent:
    """An event that nothing here reads further: kept, acknowledged, ignored."""

    name: str


Event = (
    PaymentEvent
    | PaymentLinkEvent
    | PaymentLinkHint
    | RefundEvent
    | DisputeEvent
    | PayoutEvent
    | PayoutHint
    | MandateEvent
    | MandateRequestEvent
    | PennyDropEvent
    | RefusedEvent
    | OtherEvent
)
