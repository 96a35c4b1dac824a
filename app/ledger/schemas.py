"""The ledger over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.ledger.events import Kind
from app.ledger.postings import Account

VALUE_DATE = ma.fields.Date(
    allow_none=True,
    metadata={"description": "from when it settles, where that is before the day in whose books it is"},
)


class OutstandingOut(Schema):
    loan_id = ma.fields.UUID()
    as_of = ma.fields.Date()
    due_date = ma.fields.Date(allow_none=True)
    principal = Money()
    interest = Money()
    penal = Money()
    charges = Money(metadata={"description": "of returned mandates and the like, with their tax"})
    total = Money(metadata={"description": "what closes the loan on that day"})
    excess = Money(metadata={"description": "what was paid beyond the debt; it belongs to the customer"})
    lost = Money(metadata={"description": "what was written off, and is neither recovered nor given up"})
    days_past_due = ma.fields.Integer()


class LoanLedgerEntryOut(Schema):
    date = ma.fields.Date()
    kind = ma.fields.String(metadata={"enum": list(Kind)})
    reference = ma.fields.String()
    debit = Money()
    credit = Money()
    balance = Money()
    value_date = VALUE_DATE


class InstalmentOut(Schema):
    instalment_no = ma.fields.Integer()
    due_date = ma.fields.Date()
    principal = Money()
    interest = Money()
    paid_at = ma.fields.AwareDateTime(allow_none=True)


class LedgerAccountOut(Schema):
    account = ma.fields.String(metadata={"enum": list(Account)})
    balance = Money(metadata={"description": "debit positive"})


class TrialBalanceOut(Schema):
    accounts = ma.fields.List(ma.fields.Nested(LedgerAccountOut))
    difference = Money(metadata={"description": "the sum of the balances: zero at all times"})


class TrialBalanceArgs(Schema):
    as_of = ma.fields.Date(
        load_default=None, metadata={"description": "at the end of this day; all that is booked without it"}
    )


class JournalFilters(Schema):
    """Which entries; days are business days, both included."""

    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)
    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf(list(Kind)))
    account = ma.fields.String(load_default=None, validate=ma.validate.OneOf(list(Account)))
    loan_id = ma.fields.UUID(load_default=None)
    reference = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=200))


class JournalArgs(JournalFilters, PageArgs):
    pass


class JournalLineOut(Schema):
    account = ma.fields.String(metadata={"enum": list(Account)})
    debit = Money()
    credit = Money()


class JournalEntryOut(Schema):
    id = ma.fields.UUID()
    date = ma.fields.Date(attribute="business_date")
    value_date = VALUE_DATE
    kind = ma.fields.String(metadata={"enum": list(Kind)})
    reference = ma.fields.String()
    loan_id = ma.fields.UUID(allow_none=True, metadata={"description": "none: money of no loan known yet"})
    loan_no = ma.fields.String(allow_none=True)
    booked_at = ma.fields.AwareDateTime(attribute="created_at")
    lines = ma.fields.List(ma.fields.Nested(JournalLineOut))


class LedgerOut(Schema):
    entries = ma.fields.List(ma.fields.Nested(LoanLedgerEntryOut))
    timeline = ma.fields.List(ma.fields.Nested(InstalmentOut))
    outstanding = ma.fields.Nested(OutstandingOut)
