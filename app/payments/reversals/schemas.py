"""Payments that are taken back, and disputes, over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.payments.reversals.proposals import KINDS as REVERSAL_KINDS
from app.payments.schemas import SOME
from app.payments.service import AMOUNT_MIN
from app.payments.states import DISPUTE, REVERSAL


class ReversalIn(Schema):
    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(REVERSAL_KINDS),
        metadata={"description": "what came back and how; MISPOSTED: the money stays, and waits in suspense"},
    )
    amount = Money(
        load_default=None, minimum=AMOUNT_MIN, metadata={"description": "all that is left of it, if not said"}
    )
    reason = ma.fields.String(required=True, validate=SOME)


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
