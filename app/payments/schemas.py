"""Payments over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.core.webhooks import ANSWER
from app.payments.booking import KINDS as SUSPENSE_KINDS
from app.payments.bounces import CHEQUE_REASONS
from app.payments.corrections import KINDS
from app.payments.manual import METHODS
from app.payments.reconciliation.resolving import LOAN
from app.payments.reconciliation.resolving import SUSPENSE as SUSPENSE_ONLY
from app.payments.reconciliation.service import KINDS as EXCEPTION_KINDS
from app.payments.reconciliation.service import RESOLUTIONS
from app.payments.reversals.proposals import KINDS as REVERSAL_KINDS
from app.payments.service import AMOUNT_MIN, CHECKOUT, LINK
from app.payments.states import (
    DISPUTE,
    HELD,
    MANUAL,
    PAYMENT,
    REFUND,
    REVERSAL,
    REVERSED,
    SUCCESS,
    SUSPENSE,
)
from app.payments.suspense.proposals import PLACE
from app.payments.suspense.proposals import REFUND as REFUND_ACTION
from app.providers.hearing import GATEWAYS
from app.providers.rupees import REFUSALS

_SOME = ma.validate.Length(min=1, max=500)
_BANK_REFERENCE = ma.validate.Regexp(r"^[A-Za-z0-9/-]{6,40}\Z", error="6 to 40 letters, digits, / and -.")


class ChannelIn(Schema):
    channel = ma.fields.String(
        load_default=LINK,
        validate=ma.validate.OneOf([LINK, CHECKOUT]),
        metadata={"description": "a page of the gateway, or its checkout in the app"},
    )


class LinkIn(Schema):
    amount = Money(
        load_default=None,
        minimum=AMOUNT_MIN,
        metadata={"description": "all that is outstanding today, if not said"},
    )


class SendLinkIn(LinkIn):
    foreclosure = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "for what ends the loan today, before its due date; without an amount"},
    )

    @ma.validates_schema
    def _one_of_them(self, data: dict, **kwargs: object) -> None:
        if data["foreclosure"] and data["amount"] is not None:
            raise ma.ValidationError("The foreclosure has an amount of its own.", "amount")


class PayIn(LinkIn, ChannelIn):
    """A payment that the customer begins."""


class PaymentRequestOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": PAYMENT.states})
    purpose = ma.fields.String()
    channel = ma.fields.String()
    amount = Money()
    short_url = ma.fields.URL(metadata={"description": "where to pay"}, allow_none=True)
    provider = ma.fields.String()
    provider_order_id = ma.fields.String(
        allow_none=True, metadata={"description": "to open the checkout with"}
    )
    checkout_key = ma.fields.String(allow_none=True, metadata={"description": "to open the checkout with"})
    expires_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class AskedPaymentOut(PaymentRequestOut):
    requested_by = ma.fields.String(metadata={"description": "the id of a person, or `system` for a debit"})


class TransactionOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    payment_request_id = ma.fields.UUID(allow_none=True)
    provider = ma.fields.String()
    provider_payment_id = ma.fields.String()
    amount = Money()
    method = ma.fields.String(allow_none=True)
    reference = ma.fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    received_at = ma.fields.AwareDateTime()
    received_on = ma.fields.Date()
    status = ma.fields.String(
        metadata={
            "enum": [SUCCESS, HELD, REVERSED],
            "description": "HELD: told of by hand before, so it is in no sum of what came in",
        }
    )
    reversed_amount = Money(metadata={"description": "so much of it was taken back"})
    fee = Money(
        allow_none=True,
        metadata={"description": "what the gateway keeps of it, with its tax, where it says so"},
    )


class ForeclosureArgs(Schema):
    on = ma.fields.Date(
        load_default=None, metadata={"description": "the day of the payment; today, if not said"}
    )


class ForeclosureOut(Schema):
    loan_id = ma.fields.UUID()
    as_of = ma.fields.Date()
    due_date = ma.fields.Date()
    principal = Money()
    interest = Money(metadata={"description": "for the days that the money was out"})
    penal = Money()
    charges = Money()
    foreclosure_charge = Money()
    foreclosure_gst = Money()
    total = Money(metadata={"description": "what ends the loan on that day"})
    interest_saved = Money(metadata={"description": "what the days until the due date would cost on top"})


class ManualPaymentIn(Schema):
    amount = Money(required=True, minimum=AMOUNT_MIN)
    method = ma.fields.String(required=True, validate=ma.validate.OneOf(METHODS))
    reference = ma.fields.String(
        required=True,
        validate=_BANK_REFERENCE,
        metadata={
            "description": "UTR, the number of the receipt for cash, or 123456/400240015 of a cheque: its number and "
            "the MICR code",
            "example": "UTR412345678901",
        },
    )
    received_on = ma.fields.Date(required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, validate=_SOME)


class ManualPaymentOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": MANUAL.states})
    amount = Money()
    method = ma.fields.String()
    reference = ma.fields.String()
    received_on = ma.fields.Date()
    remark = ma.fields.String(allow_none=True)
    submitted_by = ma.fields.String()
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    decision_remark = ma.fields.String(allow_none=True)
    bounce_reason = ma.fields.String(
        allow_none=True, metadata={"enum": list(CHEQUE_REASONS), "description": "of a cheque"}
    )
    created_at = ma.fields.AwareDateTime()


class ApprovalQueueArgs(PageArgs):
    status = ma.fields.String(load_default="PENDING", validate=ma.validate.OneOf(MANUAL.states))
    loan_id = ma.fields.UUID(load_default=None)


class PaymentApproveIn(Schema):
    remark = ma.fields.String(load_default=None, allow_none=True, validate=_SOME)


class ApproveManualIn(PaymentApproveIn):
    cleared_on = ma.fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "of a cheque: the day on which the bank paid it; today, if not said"},
    )


class PaymentRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=_SOME)


class BounceIn(PaymentRemarkIn):
    reason = ma.fields.String(required=True, validate=ma.validate.OneOf(list(CHEQUE_REASONS)))


class TakeBackIn(PaymentRemarkIn):
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    reference = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=100),
        metadata={"description": "as the ledger of the loan shows it", "example": "L-1:penal:2026-01-31"},
    )


class SuspenseArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(SUSPENSE.states))
    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf(SUSPENSE_KINDS))


class SuspenseItemOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True, metadata={"description": "null while nobody knows whose it is"})
    kind = ma.fields.String()
    status = ma.fields.String(metadata={"enum": SUSPENSE.states})
    amount = Money()
    payment_amount = Money(metadata={"description": "of the payment of which it is a part"})
    rest_of = ma.fields.UUID(
        allow_none=True, metadata={"description": "the one of which it was left over, as its loan owed less"}
    )
    provider = ma.fields.String()
    provider_payment_id = ma.fields.String()
    method = ma.fields.String(allow_none=True)
    reference = ma.fields.String(allow_none=True)
    received_on = ma.fields.Date()
    placed_on_loan_id = ma.fields.UUID(allow_none=True)
    proposed_action = ma.fields.String(allow_none=True, metadata={"enum": [PLACE, REFUND_ACTION]})
    proposed_loan_id = ma.fields.UUID(allow_none=True)
    proposed_reference = ma.fields.String(allow_none=True, metadata={"description": "of the transfer back"})
    proposed_remark = ma.fields.String(allow_none=True)
    proposed_by = ma.fields.String(allow_none=True)
    proposed_at = ma.fields.AwareDateTime(allow_none=True)
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    decision_remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class PlaceIn(PaymentRemarkIn):
    loan_id = ma.fields.UUID(required=True)


class RefundIn(PaymentRemarkIn):
    bank_reference = ma.fields.String(
        load_default=None,
        validate=_BANK_REFERENCE,
        metadata={
            "description": "of the transfer, for money that did not come by the gateway",
            "example": "UTR412345678902",
        },
    )


class RefundArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(REFUND.states))
    suspense_id = ma.fields.UUID(load_default=None)


class RefundOut(Schema):
    id = ma.fields.UUID()
    suspense_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": REFUND.states})
    amount = Money()
    provider = ma.fields.String()
    provider_refund_id = ma.fields.String(allow_none=True)
    reference = ma.fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    requested_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class ReversalIn(Schema):
    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(REVERSAL_KINDS),
        metadata={"description": "what came back and how; MISPOSTED: the money stays, and waits in suspense"},
    )
    amount = Money(
        load_default=None, minimum=AMOUNT_MIN, metadata={"description": "all that is left of it, if not said"}
    )
    reason = ma.fields.String(required=True, validate=_SOME)


class ReversalArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(REVERSAL.states))
    loan_id = ma.fields.UUID(load_default=None)


class ReversalOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    transaction_id = ma.fields.UUID()
    dispute_id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String(metadata={"enum": list(REVERSAL_KINDS)})
    status = ma.fields.String(metadata={"enum": REVERSAL.states})
    amount = Money()
    reason = ma.fields.String()
    blocked_by = ma.fields.String(
        allow_none=True, metadata={"description": "why a lost dispute could not be booked by itself"}
    )
    proposed_by = ma.fields.String()
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    decision_remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class DisputeArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(DISPUTE.states))


class DisputeOut(Schema):
    id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": DISPUTE.states})
    provider = ma.fields.String()
    provider_dispute_id = ma.fields.String()
    provider_payment_id = ma.fields.String()
    loan_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "null where we do not know the payment"}
    )
    phase = ma.fields.String(allow_none=True)
    amount = Money()
    reason_code = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    respond_by = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "until when we may answer"}
    )
    created_at = ma.fields.AwareDateTime()


class ReconciliationOut(Schema):
    provider = ma.fields.String()
    day = ma.fields.Date()
    line_count = ma.fields.Integer()
    matched_count = ma.fields.Integer()
    settled_amount = Money()
    fee_amount = Money(metadata={"description": "what the gateway kept, with its tax"})
    tax_amount = Money()
    reconciled_at = ma.fields.AwareDateTime()


class ReconcileIn(Schema):
    day = ma.fields.Date(required=True)


class ReconcileOut(Schema):
    day = ma.fields.Date()
    providers = ma.fields.List(
        ma.fields.String(), metadata={"description": "whose reports are being fetched"}
    )


class ReconciliationExceptionArgs(PageArgs):
    status = ma.fields.String(load_default="OPEN", validate=ma.validate.OneOf(["OPEN", "RESOLVED"]))
    kind = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(EXCEPTION_KINDS),
    )
    day = ma.fields.Date(load_default=None)


class RefusedEventArgs(PageArgs):
    provider = ma.fields.String(load_default=None, validate=ma.validate.OneOf(GATEWAYS))
    kind = ma.fields.String(load_default=None, metadata={"description": "what the gateway calls the event"})
    reason_code = ma.fields.String(load_default=None, validate=ma.validate.OneOf(REFUSALS))
    day = ma.fields.Date(load_default=None, metadata={"description": "on which it came, in India"})


class RefusedEventOut(Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    provider = ma.fields.String()
    event_id = ma.fields.String()
    kind = ma.fields.String(
        allow_none=True,
        metadata={"description": "what the gateway calls it; `answer` where it was asked", "example": ANSWER},
    )
    reason_code = ma.fields.String(metadata={"enum": list(REFUSALS)})
    reason = ma.fields.String(metadata={"example": "payment_currency: expected INR, got USD"})


class RefusedEventDetailOut(RefusedEventOut):
    """With what was told, in which no person can be recognised."""

    told = ma.fields.Raw(allow_none=True)


class BookSettledIn(PaymentRemarkIn):
    to = ma.fields.String(
        load_default=LOAN,
        validate=ma.validate.OneOf([LOAN, SUSPENSE_ONLY]),
        metadata={"description": "the loan of the request that was paid, or suspense"},
    )


class ReconciliationExceptionOut(Schema):
    id = ma.fields.UUID()
    provider = ma.fields.String()
    day = ma.fields.Date()
    kind = ma.fields.String()
    provider_payment_id = ma.fields.String()
    booked_amount = Money(allow_none=True)
    settled_amount = Money(allow_none=True)
    status = ma.fields.String()
    resolution = ma.fields.String(
        allow_none=True, metadata={"enum": list(RESOLUTIONS), "description": "how it was resolved"}
    )
    resolved_by = ma.fields.String(allow_none=True)
    resolved_at = ma.fields.AwareDateTime(allow_none=True)
    remark = ma.fields.String(allow_none=True)
