"""The CAM over the wire, with the field names of the portal."""

from decimal import Decimal

import marshmallow as ma

from app.cam.overrides import FIELDS
from app.core.http import Money, Schema

RATE_MAX = 5


def _rate(percent_per_day: Decimal) -> None:
    if not 0 <= percent_per_day <= RATE_MAX:
        raise ma.ValidationError(f"A rate in percent a day, between 0 and {RATE_MAX}.")


def _checked(field: type[ma.fields.Field], **kwargs: object) -> ma.fields.Field:
    """A figure of the server that a client may send along."""
    told = {"description": "worked out by the server; one that is sent must equal it"}
    return field(allow_none=True, metadata=told, **kwargs)


def _replaced(field: ma.fields.Field) -> ma.fields.Field:
    field.load_only, field.allow_none = True, True
    field.metadata["description"] = "worked out by the server; one that is sent is not kept"
    return field


class OverrideIn(Schema):
    """A figure of somebody who may, in the place of what the rules work out."""

    field = ma.fields.String(required=True, validate=ma.validate.OneOf(list(FIELDS)))
    value = Money(required=True, minimum=0)
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))


class OverrideOut(Schema):
    field = ma.fields.String(metadata={"enum": list(FIELDS)})
    value = ma.fields.String()
    computed = ma.fields.String(allow_none=True)
    remark = ma.fields.String()


class CamIn(Schema):
    salary_credit_date_1 = ma.fields.Date(data_key="salaryCreditDate1", load_default=None, allow_none=True)
    salary_credit_date_2 = ma.fields.Date(data_key="salaryCreditDate2", load_default=None, allow_none=True)
    salary_credit_date_3 = ma.fields.Date(data_key="salaryCreditDate3", load_default=None, allow_none=True)
    salary_amount_1 = Money(data_key="salaryAmount1", load_default=None, allow_none=True, minimum=0)
    salary_amount_2 = Money(data_key="salaryAmount2", load_default=None, allow_none=True, minimum=0)
    salary_amount_3 = Money(data_key="salaryAmount3", load_default=None, allow_none=True, minimum=0)
    actual_salary = Money(
        load_default=None,
        allow_none=True,
        minimum=0,
        metadata={"description": "as the executive found it out, where they did"},
    )
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
    overrides = ma.fields.List(ma.fields.Nested(OverrideIn), load_default=list)
    remark = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=500))


class CamSaveIn(CamIn):
    loan_id = ma.fields.UUID(required=True)
    version = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(min=0, max=1_000_000),
        metadata={"description": "that was read: refused where somebody saved another since"},
    )
    loan_applied = _checked(Money)
    avg_salary = _checked(Money)
    salary_variance = _checked(ma.fields.Decimal, allow_nan=False)
    eligible_foir = _checked(ma.fields.Decimal, allow_nan=False)
    foir_achieved = _checked(ma.fields.Decimal, allow_nan=False)
    proposed_foir = _checked(ma.fields.Decimal, allow_nan=False)
    eligible_loan = _checked(Money)
    tenure = _checked(ma.fields.Integer)
    repayment_data = _replaced(ma.fields.List(ma.fields.Dict()))
    repayment_details = _replaced(ma.fields.Dict())

    @ma.post_load
    def _without_what_is_replaced(self, data: dict, **kwargs: object) -> dict:
        return {name: value for name, value in data.items() if not name.startswith("repayment_")}


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
    actual_salary = Money(allow_none=True)
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
    repayment_data = ma.fields.List(ma.fields.Dict(), metadata={"description": "the schedule, row by row"})
    repayment_details = ma.fields.Dict(metadata={"description": "charges, net amount, APR, key facts"})
    deviations = ma.fields.List(ma.fields.String())
    overrides = ma.fields.List(ma.fields.Nested(OverrideOut))
    overridable = ma.fields.List(
        ma.fields.String(), metadata={"description": "the fields that the caller may override"}
    )
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class CamVersionOut(CamOut):
    """A version without its schedule."""

    class Meta:
        exclude = ("repayment_data", "repayment_details", "overridable")


class CamDiffArgs(Schema):
    left = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=1_000_000))
    right = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=1_000_000))


class CamChangeOut(Schema):
    field = ma.fields.String()
    left = ma.fields.Raw()
    right = ma.fields.Raw()


def changes(left: dict, right: dict) -> list[dict]:
    """What differs between two versions, by the names of the wire."""
    one, other = (CamOut(exclude=["version", "created_at"]).dump(cam) for cam in (left, right))
    names = dict.fromkeys([*one, *other])
    return [
        {"field": name, "left": one.get(name), "right": other.get(name)}
        for name in names
        if one.get(name) != other.get(name)
    ]
