"""Privacy over the wire."""

import marshmallow as ma

from app.core.http import PageArgs, Schema
from app.privacy.states import DONE, ENDS, KINDS, RECEIVED, REFUSED

_text = ma.validate.Length(min=3, max=2_000)
_name = ma.validate.Length(min=2, max=100)


class Nominee(Schema):
    """Who may act for the customer after their death or incapacity (DPDP Act 2023 s. 14)."""

    name = ma.fields.String(required=True, validate=_name)
    relationship = ma.fields.String(required=True, validate=_name)
    phone = ma.fields.String(validate=ma.validate.Regexp(r"^[6-9][0-9]{9}$"))


class RequestIn(Schema):
    """CORRECTION and GRIEVANCE need a `text`, NOMINATION a `nominee`."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    text = ma.fields.String(validate=_text)
    nominee = ma.fields.Nested(Nominee)

    @ma.validates_schema
    def _says_what_it_needs(self, data: dict, **_: object) -> None:
        needed = {"CORRECTION": "text", "GRIEVANCE": "text", "NOMINATION": "nominee"}.get(data["kind"])
        if needed and needed not in data:
            raise ma.ValidationError(f"A {data['kind'].lower()} needs it.", needed)


class ScheduleOut(Schema):
    data_class = ma.fields.String(data_key="dataClass", attribute="dataClass")
    until = ma.fields.String()
    basis = ma.fields.String()


class RequestOut(Schema):
    id = ma.fields.UUID()
    request_no = ma.fields.String()
    kind = ma.fields.String()
    status = ma.fields.String()
    details = ma.fields.Dict(allow_none=True)
    answer = ma.fields.Function(lambda request: (request.answer or {}).get("text"))
    reasons = ma.fields.List(ma.fields.String())
    schedule = ma.fields.List(ma.fields.Nested(ScheduleOut))
    due_on = ma.fields.Date()
    created_at = ma.fields.AwareDateTime()
    answered_at = ma.fields.AwareDateTime(allow_none=True)
    has_file = ma.fields.Function(lambda request: request.file_key is not None)


class StaffRequestOut(RequestOut):
    customer_id = ma.fields.UUID()
    answered_by = ma.fields.String(allow_none=True)


class QueueArgs(PageArgs):
    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf(KINDS))
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf([RECEIVED, *ENDS]))
    customer_id = ma.fields.UUID(load_default=None)
    request_no = ma.fields.String(load_default=None, validate=_name)
    overdue = ma.fields.Boolean(load_default=False)


class AnswerIn(Schema):
    status = ma.fields.String(required=True, validate=ma.validate.OneOf([DONE, REFUSED]))
    text = ma.fields.String(required=True, validate=_text)


class HoldIn(Schema):
    customer_id = ma.fields.UUID(required=True)
    reason = ma.fields.String(required=True, validate=_text)


class ReleaseIn(Schema):
    reason = ma.fields.String(required=True, validate=_text)


class HoldArgs(PageArgs):
    customer_id = ma.fields.UUID(load_default=None)
    live = ma.fields.Boolean(load_default=None, allow_none=True)


class HoldOut(Schema):
    id = ma.fields.UUID()
    customer_id = ma.fields.UUID()
    reason = ma.fields.String()
    placed_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    released_at = ma.fields.AwareDateTime(allow_none=True)
    released_by = ma.fields.String(allow_none=True)
    release_reason = ma.fields.String(allow_none=True)
