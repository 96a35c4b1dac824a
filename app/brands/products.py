"""How a brand's loans are worked out: the conventions of `pipelines.loans`, and charges beside the processing fee."""

from decimal import Decimal
from typing import Any

import marshmallow as ma

from app.core.http import Money, Schema

# The names of `pipelines.loans`, which is not imported here: settings are read by every command, polars is not.
CHOICES = {
    "frequency": ("WEEKLY", "FORTNIGHTLY", "MONTHLY"),
    "day_count": ("ACT_365", "ACT_360", "ACT_ACT", "EQUAL_PERIODS"),
    "broken_period": ("SPREAD", "FIRST_INSTALMENT", "UPFRONT", "SEPARATE"),
    "moratorium": ("INTEREST_PAID", "CAPITALISED"),
    "payable_to": ("LENDER", "THIRD_PARTY"),
    "treatment": ("DEDUCTED", "FINANCED"),
}
BULLET, INSTALMENTS = "BULLET", "INSTALMENTS"
CHARGES_MAX = 10
PLACES_MAX = 6
STEPS = {"RUPEE": Decimal(1), "PAISA": Decimal("0.01")}


def _one_of(*names: str, default: str) -> ma.fields.String:
    return ma.fields.String(load_default=default, validate=ma.validate.OneOf(names))


def _percent(**kwargs: Any) -> ma.fields.Decimal:
    return ma.fields.Decimal(as_string=True, allow_nan=False, validate=_is_percent, **kwargs)


def _is_percent(value: Decimal) -> None:
    if not 0 <= value <= 100 or value.as_tuple().exponent < -PLACES_MAX:
        raise ma.ValidationError(f"From 0 to 100, at most {PLACES_MAX} decimal places.")


class ExtraCharge(Schema):
    """A charge beside the processing fee, which is the credit policy's: insurance, stamp duty, ..."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=50))
    percent = _percent(load_default=Decimal(0))
    flat = Money(load_default=Decimal(0), minimum=0)
    gst_percent = _percent(load_default=Decimal(0))
    gst_included = ma.fields.Boolean(load_default=False)
    payable_to = _one_of(*CHOICES["payable_to"], default="THIRD_PARTY")
    treatment = _one_of(*CHOICES["treatment"], default="DEDUCTED")


class LoanProduct(Schema):
    """BULLET: one repayment with daily interest, as the credit policy, the ledger and the agreement have it; only the
    rate of a quote is to choose. INSTALMENTS: equal instalments on the reducing balance, in these conventions."""

    type = _one_of(BULLET, INSTALMENTS, default=BULLET)
    rate_percent_per_day = _percent(
        load_default=Decimal(1), metadata={"description": "of a BULLET quote; a decision may lower it"}
    )
    rate_percent_per_year = _percent(
        load_default=None, allow_none=True, metadata={"description": "of INSTALMENTS"}
    )
    frequency = _one_of(*CHOICES["frequency"], default="MONTHLY")
    instalments_min = ma.fields.Integer(load_default=2, validate=ma.validate.Range(min=1, max=360))
    instalments_max = ma.fields.Integer(load_default=24, validate=ma.validate.Range(min=1, max=360))
    day_count = _one_of(*CHOICES["day_count"], default="EQUAL_PERIODS")
    instalment_step = _one_of(*STEPS, default="RUPEE")
    instalment_mode = _one_of("HALF_UP", "UP", "DOWN", default="HALF_UP")
    interest_step = _one_of("EXACT", *STEPS, default="PAISA")
    broken_period = _one_of(*CHOICES["broken_period"], default="FIRST_INSTALMENT")
    moratorium = _one_of(*CHOICES["moratorium"], default="INTEREST_PAID")
    moratorium_periods = ma.fields.Integer(load_default=0, validate=ma.validate.Range(min=0, max=60))
    disbursal_day_counts = ma.fields.Boolean(load_default=False)
    fee_treatment = _one_of(*CHOICES["treatment"], default="DEDUCTED")
    charges = ma.fields.List(
        ma.fields.Nested(ExtraCharge), load_default=list, validate=ma.validate.Length(max=CHARGES_MAX)
    )

    @ma.validates_schema
    def _is_whole(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["type"] == INSTALMENTS:
            if data["rate_percent_per_year"] is None:
                raise ma.ValidationError({"ratePercentPerYear": ["Instalments need a rate a year."]})
            if data["instalments_min"] > data["instalments_max"]:
                raise ma.ValidationError({"instalmentsMin": ["Not above instalmentsMax."]})
            if data["moratorium_periods"] >= data["instalments_min"]:
                raise ma.ValidationError({"moratoriumPeriods": ["Fewer than the fewest instalments."]})
        elif data["charges"]:
            raise ma.ValidationError(
                {"charges": ["A loan of one repayment costs what its policy says, no more."]}
            )
