"""The ledger over the wire."""

import marshmallow as ma

from app.core.http import Money, Schema
from app.ledger.events import Kind
from app.ledger.postings import Account


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
    lost = Money(metadata={"description": "what was written off and is not recovered"})
    days_past_due = ma.fields.Integer()


class LoanLedgerEntryOut(Schema):
    date = ma.fields.Date()
    kind = ma.fields.String(metadata={"enum": list(Kind)})
    reference = ma.fields.String()
    debit = Money()
    credit = Money()
    balance = Money()


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


class LedgerOut(Schema):
    entries = ma.fields.List(ma.fields.Nested(LoanLedgerEntryOut))
    timeline = ma.fields.List(ma.fields.Nested(InstalmentOut))
    outstanding = ma.fields.Nested(OutstandingOut)
