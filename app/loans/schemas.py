"""Loans over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.loans.states import LOAN


class ApplyIn(Schema):
    amount = Money(required=True, minimum=1)
    tenure_days = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=3650))
    purpose = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["TRAVEL", "MEDICAL", "EDUCATION", "HOUSEHOLD", "OBLIGATIONS", "OTHER"]),
    )


class LoanOut(Schema):
    id = ma.fields.UUID()
    loan_no = ma.fields.String()
    customer_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": LOAN.states})
    agreement_status = ma.fields.String()
    product = ma.fields.String()
    purpose = ma.fields.String()
    applied_amount = Money()
    applied_tenure_days = ma.fields.Integer()
    sanctioned_amount = Money(allow_none=True)
    roi_percent_per_day = ma.fields.Decimal(as_string=True, allow_none=True)
    tenure_days = ma.fields.Integer(allow_none=True)
    processing_fee = Money(allow_none=True)
    gst_amount = Money(allow_none=True)
    net_disbursal = Money(allow_none=True)
    repayment_amount = Money(allow_none=True)
    due_date = ma.fields.Date(allow_none=True)
    disbursed_at = ma.fields.AwareDateTime(allow_none=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True)
    outstanding_amount = Money(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class ExecutiveOut(Schema):
    role = ma.fields.String()
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()


class LoanFileOut(LoanOut):
    """One loan as staff see it, with who works on it."""

    executives = ma.fields.List(ma.fields.Nested(ExecutiveOut))


class LoanStepOut(Schema):
    entity = ma.fields.String()
    from_state = ma.fields.String(allow_none=True)
    to_state = ma.fields.String()
    actor_id = ma.fields.String()
    actor_role = ma.fields.String()
    reason_code = ma.fields.String(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class LoanArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(LOAN.states))
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=50))
