"""Ends of days over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema


class EodArgs(PageArgs):
    on_date = ma.fields.Date(load_default=None, allow_none=True)


class EodStepOut(Schema):
    on_date = ma.fields.Date()
    step = ma.fields.String()
    row_count = ma.fields.Integer()
    started_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime()
    again = ma.fields.Boolean(
        metadata={"description": "to be done again: a day before it was closed after it"}
    )


class LoanDayOut(Schema):
    on_date = ma.fields.Date()
    days_past_due = ma.fields.Integer(metadata={"description": "negative before the due date"})
    stage = ma.fields.String()
    bucket = ma.fields.String()
    classification = ma.fields.String(metadata={"description": "the borrower's: SMA_0 and so on, by RBI"})
    classified_days = ma.fields.Integer()
    npa_since = ma.fields.Date(allow_none=True)
    principal = Money()
    interest = Money()
    penal = Money()
    charges = Money()
    total = Money()
    provision = Money()
    interest_suspended = Money(metadata={"description": "owed, and no income while the borrower is bad"})
