"""The audit trail over the wire."""

import marshmallow as ma

from app.core.http import PageArgs, Schema

_NAME = ma.validate.Length(min=1, max=100)


class Filters(Schema):
    """Which events; days are those of India, both included."""

    actor_id = ma.fields.String(load_default=None, validate=_NAME)
    action = ma.fields.String(load_default=None, validate=_NAME)
    entity = ma.fields.String(load_default=None, validate=_NAME)
    entity_id = ma.fields.UUID(load_default=None)
    customer_id = ma.fields.UUID(load_default=None, metadata={"description": "about this customer"})
    request_id = ma.fields.String(load_default=None, validate=_NAME)
    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)
    search = ma.fields.String(
        load_default=None,
        validate=_NAME,
        metadata={"description": "in action, reason, before or after"},
    )


class AuditArgs(Filters, PageArgs):
    pass


class AuditEventOut(Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    actor_id = ma.fields.String()
    actor_name = ma.fields.String(allow_none=True)
    actor_role = ma.fields.String()
    action = ma.fields.String()
    entity = ma.fields.String()
    entity_id = ma.fields.UUID(allow_none=True)
    customer_id = ma.fields.UUID(attribute="subject_id", allow_none=True)
    before = ma.fields.Dict(allow_none=True)
    after = ma.fields.Dict(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    request_id = ma.fields.String(allow_none=True)
    ip = ma.fields.String(allow_none=True)
    user_agent = ma.fields.String(allow_none=True)
    device = ma.fields.String(allow_none=True)


class AccessOut(Schema):
    """What a customer is told of somebody who looked at their data or changed it: the office, not the person."""

    created_at = ma.fields.AwareDateTime()
    actor_role = ma.fields.String()
    action = ma.fields.String()
