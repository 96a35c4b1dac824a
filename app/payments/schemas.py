"""Payments over the wire."""

import marshmallow as ma

from app.core.http import Money, Schema
from app.payments.service import AMOUNT_MIN
from app.payments.states import PAYMENT


class PayIn(Schema):
    amount = Money(
        load_default=None,
        minimum=AMOUNT_MIN,
        metadata={"description": "all that is outstanding today, if not said"},
    )


class PaymentRequestOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": PAYMENT.states})
    amount = Money()
    short_url = ma.fields.URL(metadata={"description": "where to pay"})
    created_at = ma.fields.AwareDateTime()


class TransactionOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    payment_request_id = ma.fields.UUID()
    provider = ma.fields.String()
    provider_payment_id = ma.fields.String()
    amount = Money()
    method = ma.fields.String(allow_none=True)
    reference = ma.fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    received_at = ma.fields.AwareDateTime()
    received_on = ma.fields.Date()
    status = ma.fields.String()
