"""Payments over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.core.webhooks import ANSWER
from app.payments.bounces import CHEQUE_REASONS
from app.payments.corrections import KINDS
from app.payments.manual import METHODS
from app.payments.reconciliation.resolving import LOAN
from app.payments.reconciliation.resolving import SUSPENSE as SUSPENSE_ONLY
from app.payments.reconciliation.service import KINDS as EXCEPTION_KINDS
from app.payments.reconciliation.service import RESOLUTIONS
from app.payments.service import AMOUNT_MIN, CHECKOUT, LINK
from app.payments.states import HELD, MANUAL, PAYMENT, REVERSED, SUCCESS
from app.providers.hearing import GATEWAYS
from app.providers.rupees import REFUSALS

SOME = ma.validate.Length(min=1, max=500)
BANK_REFERENCE = ma.validate.Regexp(r"^[A-Za-z0-9/-]{6,40}\Z", error="6 to 40 letters, digits, / and -.")


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
        validate=BANK_REFERENCE,
        metadata={
            "description": "UTR, the number of the receipt for cash, or 123456/400240015 of a cheque: its number and "
            "the MICR code",
            "example": "UTR412345678901",
        },
    )
    received_on = ma.fields.Date(required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, validate=SOME)


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
    remark = ma.fields.String(load_default=None, allow_none=True, validate=SOME)


class ApproveManualIn(PaymentApproveIn):
    cleared_on = ma.fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "of a cheque: the day on which the bank paid it; today, if not said"},
    )


class PaymentRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=SOME)


class BounceIn(PaymentRemarkIn):
    reason = ma.fields.String(required=True, validate=ma.validate.OneOf(list(CHEQUE_REASONS)))


class TakeBackIn(PaymentRemarkIn):
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    reference = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=100),
        metadata={"description": "as the ledger of the loan shows it", "example": "L-1:penal:2026-01-31"},
    )


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
