"""What was spent, over the wire."""

from datetime import date
from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload

from app.core.clock import today
from app.core.http import Money, PageArgs, Schema

_NAME = ma.validate.Length(min=1, max=200)


def _over(day: date) -> None:
    if day > today():
        raise ma.ValidationError("Must not be after today.")


class SpendIn(Schema):
    """`source` and `campaign` as `utm_source` and `utm_campaign` of the links; without a campaign it is for all of the
    source."""

    day = ma.fields.Date(required=True, validate=_over, metadata={"example": "2026-06-30"})
    source = ma.fields.String(required=True, validate=_NAME, metadata={"example": "google"})
    campaign = ma.fields.String(
        load_default=None, allow_none=True, validate=_NAME, metadata={"example": "salary-loan-search"}
    )
    amount = Money(required=True, minimum=0)

    @ma.post_load
    def _bare(self, told: dict[str, Any], **_: object) -> dict[str, Any]:
        return told | {name: told[name] and told[name].strip() for name in ("source", "campaign")}


class SpendOut(Schema):
    """`enteredBy` and `enteredAt` are of the present amount."""

    id = ma.fields.UUID()
    day = ma.fields.Date()
    source = ma.fields.String()
    campaign = ma.fields.String(allow_none=True)
    amount = Money()
    entered_by = ma.fields.String()
    entered_at = ma.fields.AwareDateTime()


class SpendArgs(PageArgs):
    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)
    source = ma.fields.String(load_default=None, validate=_NAME)
    campaign = ma.fields.String(load_default=None, validate=_NAME)

    @ma.validates_schema
    def _in_order(self, data: dict, **_: object) -> None:
        if data.get("from_date") and data.get("to_date") and data["from_date"] > data["to_date"]:
            raise ma.ValidationError("Comes before fromDate.", "toDate")


class SpendFileIn(Schema):
    file = Upload(required=True)


class SpendRowOut(Schema):
    """A row that was left out, and why, by field."""

    line_no = ma.fields.Integer()
    faults = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"example": {"amount": ["The amount is no number."]}},
    )


class SpendFileOut(Schema):
    """What became of the rows of a file."""

    rows = ma.fields.Integer()
    added = ma.fields.Integer()
    corrected = ma.fields.Integer()
    unchanged = ma.fields.Integer()
    refused = ma.fields.List(ma.fields.Nested(SpendRowOut))
