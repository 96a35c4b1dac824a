"""Customers over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.core.masking import mask


class CustomerOut(Schema):
    """As customers see themselves; the phone and PAN are masked all the same."""

    id = ma.fields.UUID()
    customer_no = ma.fields.String()
    phone = ma.fields.Function(lambda c: mask({"phone": c.phone})["phone"])
    email = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)
    dob = ma.fields.Date(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    pan = ma.fields.Function(lambda c: mask({"pan": c.pan})["pan"] if c.pan else None)
    aadhaar_last4 = ma.fields.String(allow_none=True)
    employment_type = ma.fields.String(allow_none=True)
    salary_mode = ma.fields.String(allow_none=True)
    declared_monthly_salary = Money(allow_none=True)


class ProfileIn(Schema):
    email = ma.fields.Email()
    employment_type = ma.fields.String(validate=ma.validate.OneOf(["SALARIED", "SELF_EMPLOYED", "OTHER"]))
    salary_mode = ma.fields.String(validate=ma.validate.OneOf(["BANK_TRANSFER", "CHEQUE", "CASH"]))
    declared_monthly_salary = Money(minimum=1)


class CustomerArgs(PageArgs):
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=100))
