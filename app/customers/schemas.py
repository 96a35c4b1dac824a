"""Customers over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.core.personal import MaskedBirth, MaskedEmail, MaskedPan, MaskedPhone
from app.customers.reveal import FIELDS


class CustomerOut(Schema):
    """As customers see themselves; the phone and PAN are masked all the same."""

    id = ma.fields.UUID()
    customer_no = ma.fields.String()
    phone = MaskedPhone()
    email = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)
    dob = ma.fields.Date(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    pan = MaskedPan()
    aadhaar_last4 = ma.fields.String(allow_none=True)
    employment_type = ma.fields.String(allow_none=True)
    salary_mode = ma.fields.String(allow_none=True)
    declared_monthly_salary = Money(allow_none=True)


class StaffCustomerOut(CustomerOut):
    """As staff of every role see customers; `reveal` gives what is masked to those who may."""

    email = MaskedEmail()
    dob = MaskedBirth()


class RevealIn(Schema):
    """The reason is read by whoever reviews the audit trail."""

    fields = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(FIELDS)),
        required=True,
        validate=ma.validate.Length(min=1, max=len(FIELDS)),
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class RevealedOut(Schema):
    """What was asked for, in full; null where we do not know it."""

    phone = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    pan = ma.fields.String(allow_none=True)
    dob = ma.fields.Date(allow_none=True)
    address = ma.fields.Dict(allow_none=True)
    account_number = ma.fields.String(attribute="accountNumber", allow_none=True)


class ProfileIn(Schema):
    email = ma.fields.Email()
    employment_type = ma.fields.String(validate=ma.validate.OneOf(["SALARIED", "SELF_EMPLOYED", "OTHER"]))
    salary_mode = ma.fields.String(validate=ma.validate.OneOf(["BANK_TRANSFER", "CHEQUE", "CASH"]))
    declared_monthly_salary = Money(minimum=1)


class CustomerArgs(PageArgs):
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=100))
