"""Suits over the wire."""

import marshmallow as ma

from app.collections.states import SUIT
from app.core.http import PageArgs, Schema


class SuitArgs(PageArgs):
    status = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*SUIT.states, None])
    )
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)


class SuitIn(Schema):
    court = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=3, max=200),
        metadata={"example": "City Civil Court, Bengaluru"},
    )
    case_number = ma.fields.String(
        required=True, validate=ma.validate.Length(min=1, max=60), metadata={"example": "OS 1234/2026"}
    )
    filed_on = ma.fields.Date(required=True)


class SuitEndIn(Schema):
    on = ma.fields.Date(required=True)
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=1000))


class SuitOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": SUIT.states, "description": "VOID: written down by mistake"})
    court = ma.fields.String()
    case_number = ma.fields.String()
    filed_on = ma.fields.Date()
    ended_on = ma.fields.Date(allow_none=True)
    told_by = ma.fields.String()
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.DateTime()
