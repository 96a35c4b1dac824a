"""The statement of account over the wire."""

import marshmallow as ma

from app.core.http import Money, Schema
from app.ledger.schemas import OutstandingOut

FILE = {"type": "string", "format": "binary"}


class StatementOfAccountArgs(Schema):
    as_of = ma.fields.Date(
        load_default=None, metadata={"description": "the last day; today, if not said, and never later"}
    )


class StatementLineOut(Schema):
    date = ma.fields.Date()
    kind = ma.fields.String()
    description = ma.fields.String()
    reference = ma.fields.String()
    debit = Money(metadata={"description": "what came to be owed"})
    credit = Money(metadata={"description": "what is owed no more"})
    balance = Money(metadata={"description": "what is left"})


class StatementOfAccountOut(Schema):
    loan_no = ma.fields.String()
    customer_name = ma.fields.String()
    as_of = ma.fields.Date()
    principal = Money()
    rate_percent_per_day = ma.fields.Decimal(as_string=True)
    due_date = ma.fields.Date(allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(StatementLineOut))
    outstanding = ma.fields.Nested(OutstandingOut)
