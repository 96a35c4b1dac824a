"""What a stage can be narrowed by, over the wire and in saved views."""

from datetime import date
from typing import Any

import marshmallow as ma

from app.core.http import Money, Schema
from app.dashboards.stages import Scope

_day = ma.validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))
_days = ma.validate.Range(min=0, max=3650)
_text = ma.validate.Length(min=1, max=100)


def _optional(kind: type[ma.fields.Field], meaning: str, **options: Any) -> ma.fields.Field:
    return kind(load_default=None, allow_none=True, metadata={"description": meaning}, **options)


class ScopeArgs(Schema):
    scope = _optional(
        ma.fields.Enum,
        "whose loans: ALL, or MINE where executives see theirs alone",
        enum=Scope,
        by_value=True,
    )


class StageFilters(ScopeArgs):
    """Which of a stage; each stage says which of these it takes. Days are those of India, both included."""

    search = _optional(
        ma.fields.String,
        "words of a name or how they begin; or a loan or customer number, phone, PAN, e-mail",
        validate=_text,
    )
    city = _optional(ma.fields.String, "where the customer lives", validate=_text)
    source = _optional(ma.fields.String, "utm source that brought the customer", validate=_text)
    status = _optional(ma.fields.String, "one of the stage's", validate=_text)
    executive_id = _optional(ma.fields.UUID, "who works on the loan")
    amount_min = _optional(Money, "sanctioned or, before that, applied for")
    amount_max = _optional(Money, "likewise")
    tenure_min = _optional(ma.fields.Integer, "days", validate=_days)
    tenure_max = _optional(ma.fields.Integer, "days", validate=_days)
    from_date = _optional(ma.fields.Date, "applied, or in ONBOARDING registered", validate=_day)
    to_date = _optional(ma.fields.Date, "likewise", validate=_day)
    due_from = _optional(ma.fields.Date, "due date", validate=_day)
    due_to = _optional(ma.fields.Date, "due date", validate=_day)
    age_min_days = _optional(ma.fields.Integer, "business days since the last step", validate=_days)
    age_max_days = _optional(ma.fields.Integer, "likewise", validate=_days)
