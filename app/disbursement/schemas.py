"""Payouts over the wire."""

import marshmallow as ma

from app.core.http import Money, Schema
from app.disbursement.states import PAYOUT


class PayoutOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    attempt = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": PAYOUT.states})
    reference = ma.fields.String()
    amount = Money()
    mode = ma.fields.String()
    utr = ma.fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    failure_reason = ma.fields.String(allow_none=True)
    settled_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()
