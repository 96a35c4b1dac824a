"""The CAM over the wire, with the field names of the portal."""

import marshmallow as ma

from app.core.http import Money, Schema

_ROI = ma.validate.Range(min=0, max=5, error="A rate in percent a day, between 0 and 5.")


class CamIn(Schema):
    salary_credit_date_1 = ma.fields.Date(data_key="salaryCreditDate1", load_default=None, allow_none=True)
    salary_credit_date_2 = ma.fields.Date(data_key="salaryCreditDate2", load_default=None, allow_none=True)
    salary_credit_date_3 = ma.fields.Date(data_key="salaryCreditDate3", load_default=None, allow_none=True)
    salary_amount_1 = Money(
        data_key="salaryAmount1", load_default=None, allow_none=True, validate=ma.validate.Range(0)
    )
    salary_amount_2 = Money(
        data_key="salaryAmount2", load_default=None, allow_none=True, validate=ma.validate.Range(0)
    )
    salary_amount_3 = Money(
        data_key="salaryAmount3", load_default=None, allow_none=True, validate=ma.validate.Range(0)
    )
    next_pay_date = ma.fields.Date(load_default=None, allow_none=True)
    obligations = Money(required=True, validate=ma.validate.Range(min=0))
    loan_recommended = Money(load_default=None, allow_none=True, validate=ma.validate.Range(min=1))
    roi = ma.fields.Decimal(required=True, allow_nan=False, validate=_ROI)
    disbursal_date = ma.fields.Date(required=True)
    repay_date = ma.fields.Date(required=True)
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
