"""Money in suspense and refunds over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.payments.booking import KINDS as SUSPENSE_KINDS
from app.payments.schemas import BANK_REFERENCE, PaymentRemarkIn
from app.payments.service import AMOUNT_MIN
from app.payments.states import REFUND, SUSPENSE
from app.payments.suspense.proposals import PLACE
from app.payments.suspense.proposals import REFUND as REFUND_ACTION


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
        allow_none=True,
        metadata={"description": "the one of which it was left over, as only a part was used or given back"},
    )
    provider = ma.fields.String()
    provider_payment_id = ma.fields.String()
    method = ma.fields.String(allow_none=True)
    reference = ma.fields.String(allow_none=True)
    received_on = ma.fields.Date()
    placed_on_loan_id = ma.fields.UUID(allow_none=True)
    proposed_action = ma.fields.String(allow_none=True, metadata={"enum": [PLACE, REFUND_ACTION]})
    proposed_amount = Money(allow_none=True, metadata={"description": "all that waits, if null"})
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
    amount = Money(
        load_default=None, minimum=AMOUNT_MIN, metadata={"description": "all that waits, if not said"}
    )


class RefundIn(PaymentRemarkIn):
    amount = Money(
        load_default=None, minimum=AMOUNT_MIN, metadata={"description": "all that waits, if not said"}
    )
    bank_reference = ma.fields.String(
        load_default=None,
        validate=BANK_REFERENCE,
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
