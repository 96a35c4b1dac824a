"""Reminders over the wire."""

from datetime import date
from typing import Any

import marshmallow as ma

from app.core.http import PageArgs, Schema
from app.messaging.kinds import CHANNELS
from app.reminders.states import REMINDER

VALUES_MAX = 30
_day = ma.validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))
_code = ma.validate.Regexp(r"^[A-Za-z0-9_.-]{1,80}\Z")


def payload() -> ma.fields.Dict:
    """Values of a template's variables."""
    return ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Regexp(r"^[A-Za-z0-9_]{1,60}\Z")),
        values=ma.fields.String(validate=ma.validate.Length(max=500)),
        load_default=dict,
        validate=ma.validate.Length(max=VALUES_MAX),
        metadata={
            "description": "values of the template's variables; a loan gives loan_no, due_date, outstanding"
        },
    )


def template_code() -> ma.fields.String:
    return ma.fields.String(required=True, validate=_code, metadata={"example": "due_reminder"})


class ReminderIn(Schema):
    user_id = ma.fields.UUID(required=True, metadata={"description": "the customer"})
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)
    channel = ma.fields.String(required=True, validate=ma.validate.OneOf(CHANNELS))
    template_code = template_code()
    scheduled_at = ma.fields.AwareDateTime(
        required=True, metadata={"description": "in the future, with its zone"}
    )
    payload = payload()
    provider_message_id = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=200),
        metadata={"description": "the provider's own comes in its place once it is sent", "example": "wamid-1"},
    )  # fmt: skip


class ReminderListArgs(PageArgs):
    channel = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(CHANNELS))
    status = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(REMINDER.states))
    from_date = ma.fields.Date(
        load_default=None, allow_none=True, validate=_day, metadata={"description": "due, of India, included"}
    )
    to_date = ma.fields.Date(load_default=None, allow_none=True, validate=_day)
    search = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(min=1, max=100),
        metadata={"description": "as in the list of customers; or part of a template code"},
    )
    user_id = ma.fields.UUID(load_default=None, allow_none=True)
    campaign_id = ma.fields.UUID(load_default=None, allow_none=True)

    @ma.validates_schema
    def _is_ordered(self, data: dict[str, Any], **kwargs: object) -> None:
        if data["from_date"] and data["to_date"] and data["from_date"] > data["to_date"]:
            raise ma.ValidationError({"toDate": ["Comes before fromDate."]})


class ReminderOut(Schema):
    """PENDING until it is known what became of it, also while it waits for an hour that is allowed. `delivery` is what
    the provider told since."""

    id = ma.fields.UUID()
    user_id = ma.fields.UUID(attribute="customer_id")
    customer_name = ma.fields.String(allow_none=True)
    loan_id = ma.fields.UUID(allow_none=True)
    campaign_id = ma.fields.UUID(allow_none=True)
    channel = ma.fields.String(metadata={"enum": list(CHANNELS)})
    template_code = ma.fields.String()
    payload = ma.fields.Dict()
    scheduled_at = ma.fields.AwareDateTime()
    status = ma.fields.String(metadata={"enum": REMINDER.states})
    provider = ma.fields.String(allow_none=True)
    provider_message_id = ma.fields.String(allow_none=True)
    delivery = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    created_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class ReminderCancelIn(Schema):
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))


class ReminderTimeIn(Schema):
    scheduled_at = ma.fields.AwareDateTime(required=True)
