"""Providers as the portal sees them: how they are, what was asked of them, what it cost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.providers import CLIENTS, OUTCOMES

PAISE_MAX = 100_000_00

_provider = ma.validate.OneOf(sorted(CLIENTS))


class Paise(Money):
    """A price of a call, exact to a hundredth of a paisa: "11.50"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping | None, **kwargs: Any) -> Decimal:
        paise = super()._deserialize(value, attr, data, **kwargs)
        if paise > PAISE_MAX:
            raise ma.ValidationError(f"Must be at most {PAISE_MAX}.")
        return paise


class CircuitOut(Schema):
    """OPEN: calls are refused for `openForS` more seconds. HALF_OPEN: the next call tries it out."""

    state = ma.fields.String(validate=ma.validate.OneOf(["CLOSED", "OPEN", "HALF_OPEN"]))
    failures = ma.fields.Integer()
    open_for_s = ma.fields.Float()


class RecentOut(Schema):
    """The last `minutes`: calls made, how many got no usable answer, and how long answers took."""

    minutes = ma.fields.Integer()
    calls = ma.fields.Integer()
    failures = ma.fields.Integer()
    error_rate = ma.fields.Float(allow_none=True)
    p50_ms = ma.fields.Integer(allow_none=True)
    p95_ms = ma.fields.Integer(allow_none=True)


class ProviderOut(Schema):
    provider = ma.fields.String()
    serves = ma.fields.List(
        ma.fields.String(), metadata={"description": "the brand's settings that choose it"}
    )
    circuit = ma.fields.Nested(CircuitOut)
    last_success_at = ma.fields.AwareDateTime(allow_none=True)
    last_failure_at = ma.fields.AwareDateTime(allow_none=True)
    recent = ma.fields.Nested(RecentOut)
    calls_today = ma.fields.Integer()
    cost_paise_today = Paise()


class CallArgs(PageArgs):
    provider = ma.fields.String(load_default=None, validate=_provider)
    operation = ma.fields.String(load_default=None)
    outcome = ma.fields.String(load_default=None, validate=ma.validate.OneOf(OUTCOMES))
    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)


class CallOut(Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    provider = ma.fields.String()
    operation = ma.fields.String()
    path = ma.fields.String()
    status = ma.fields.Integer(allow_none=True)
    outcome = ma.fields.String()
    attempt = ma.fields.Integer()
    duration_ms = ma.fields.Integer()
    cost_paise = Paise()


class CallDetailOut(CallOut):
    """With the bodies, in which no person can be recognised."""

    request = ma.fields.Raw(allow_none=True)
    response = ma.fields.Raw(allow_none=True)


class CostArgs(Schema):
    from_date = ma.fields.Date(required=True)
    to_date = ma.fields.Date(required=True)
    provider = ma.fields.String(load_default=None, validate=_provider)


class CostOut(Schema):
    """One provider on one day in India. `billed` are the calls that cost something."""

    day = ma.fields.Date()
    provider = ma.fields.String()
    calls = ma.fields.Integer()
    billed = ma.fields.Integer()
    cost_paise = Paise()


class PriceIn(Schema):
    provider = ma.fields.String(required=True, validate=_provider)
    operation = ma.fields.String(required=True)
    paise = Paise(required=True, minimum=0)
    valid_from = ma.fields.Date(required=True)


class PriceOut(Schema):
    provider = ma.fields.String()
    operation = ma.fields.String()
    paise = Paise()
    valid_from = ma.fields.Date()
