"""The CAM over the wire, with the field names of the portal."""

from decimal import Decimal

import marshmallow as ma

from app.core.http import Money, Schema

RATE_MAX = 5


def _rate(percent_per_day: Decimal) -> None:
    if not 0 <= percent_per_day <= RATE_MAX:
        raise ma.ValidationError(f"A rate in percent a day, between 0 and {RATE_MAX}.")


class CamIn(Schema):
    salary_credit_date_1 = ma.fields.Date(data_key="salaryCreditDate1", load_default=None, allow_none=True)
    salary_credit_date_2 = ma.fields.Date(data_key="salaryCreditDate2", load_default=None, allow_none=True)
    salary_credit_date_3 = ma.fields.Date(data_key="salaryCreditDate3", load_default=None, allow_none=True)
    salary_amount_1 = Money(data_key="salaryAmount1", load_default=None, allow_none=True, minimum=0)
    salary_amount_2 = Money(data_key="salaryAmount2", load_default=None, allow_none=True, minimum=0)
    salary_amount_3 = Money(data_key="salaryAmount3", load_default=None, allow_none=True, minimum=0)
    next_pay_date = ma.fields.Date(load_default=None, allow_none=True)
    obligations = Money(required=True, minimum=0)
    loan_recommended = Money(load_default=None, allow_none=True, minimum=1)
    roi = ma.fields.Decimal(required=True, allow_nan=False, validate=_rate)
    disbursal_date = ma.fields.Date(required=True)
    repay_date = ma.fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "Absent: the loan is repaid on the next pay date"},
    )
    remark = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=500))


class CamSaveIn(CamIn):
    loan_id = ma.fields.UUID(required=True)


class CamOut(Schema):
    """Everything entered, and everything worked out from it. Version 0: nothing saved yet, only a suggestion."""

    loan_id = ma.fields.UUID()
    version = ma.fields.Integer()
    partner_user_id = ma.fields.UUID()
    salary_credit_date_1 = ma.fields.String(data_key="salaryCreditDate1", allow_none=True)
    salary_credit_date_2 = ma.fields.String(data_key="salaryCreditDate2", allow_none=True)
    salary_credit_date_3 = ma.fields.String(data_key="salaryCreditDate3", allow_none=True)
    salary_amount_1 = Money(data_key="salaryAmount1", allow_none=True)
    salary_amount_2 = Money(data_key="salaryAmount2", allow_none=True)
    salary_amount_3 = Money(data_key="salaryAmount3", allow_none=True)
    next_pay_date = ma.fields.String(allow_none=True)
    obligations = Money(allow_none=True)
    loan_applied = Money()
    avg_salary = Money()
    salary_variance = ma.fields.String(allow_none=True)
    eligible_foir = ma.fields.String()
    foir_achieved = ma.fields.String()
    proposed_foir = ma.fields.String()
    foir_enhanced_by = ma.fields.String()
    eligible_loan = Money()
    loan_recommended = Money()
    roi = ma.fields.String()
    disbursal_date = ma.fields.String()
    repay_date = ma.fields.String()
    tenure = ma.fields.Integer()
    interest = Money()
    processing_fee = Money()
    gst = Money()
    net_disbursal = Money()
    repayment_amount = Money()
    apr_percent = ma.fields.String()
    deviations = ma.fields.List(ma.fields.String())
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()
