"""Messages over the wire."""

from typing import Any

import marshmallow as ma

from app.brands.messages import SENDERS
from app.core.http import PageArgs, Schema
from app.core.masking import HIDDEN, mask_text
from app.messaging.kinds import CHANNELS, KINDS, STOPPABLE
from app.messaging.templates.texts import KEPT
from app.provider_calls.schemas import Paise

STATUSES = ["PENDING", "SENDING", "SENT", "FAILED", "SUPPRESSED"]
DELIVERIES = ["SENT", "DELIVERED", "READ", "FAILED", "BOUNCED"]
CHANNEL = ma.validate.OneOf(CHANNELS)
KIND = ma.validate.OneOf(list(KINDS))
REMARK = ma.validate.Length(min=1, max=500)
PROVIDER = ma.validate.OneOf(sorted({name for names in SENDERS.values() for name in names}))


class MessageRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=REMARK)


class MessageArgs(PageArgs):
    channel = ma.fields.String(load_default=None, validate=CHANNEL)
    event = ma.fields.String(load_default=None, metadata={"description": "event or code of a template"})
    kind = ma.fields.String(load_default=None, validate=KIND)
    provider = ma.fields.String(load_default=None, validate=PROVIDER)
    customer_id = ma.fields.UUID(load_default=None)
    loan_id = ma.fields.UUID(load_default=None)
    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)


class AllMessageArgs(MessageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATUSES))
    delivery = ma.fields.String(load_default=None, validate=ma.validate.OneOf(DELIVERIES))


class CustomerMessageOut(Schema):
    """`status` says whether we handed it over, `delivery` what its provider told of it last."""

    id = ma.fields.UUID()
    customer_id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    event = ma.fields.String()
    kind = ma.fields.String(validate=KIND)
    channel = ma.fields.String(validate=CHANNEL)
    language = ma.fields.String()
    template_id = ma.fields.UUID(allow_none=True)
    status = ma.fields.String(validate=ma.validate.OneOf(STATUSES))
    reason = ma.fields.String(allow_none=True)
    attempts = ma.fields.Integer()
    due_at = ma.fields.AwareDateTime()
    provider = ma.fields.String(allow_none=True)
    provider_message_id = ma.fields.String(allow_none=True)
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    delivery = ma.fields.String(allow_none=True, validate=ma.validate.OneOf(DELIVERIES))
    delivery_at = ma.fields.AwareDateTime(allow_none=True)
    delivery_reason = ma.fields.String(allow_none=True)
    cost_paise = Paise()
    stands_in_for = ma.fields.UUID(
        allow_none=True, metadata={"description": "the message on another channel that did not arrive"}
    )
    created_at = ma.fields.AwareDateTime()


def _masked(name: str) -> ma.fields.Function:
    def shown(message: Any) -> str | None:
        text = message.body.get(name)
        return mask_text(_without_secrets(text, message.body.get("variables", {}))) if text else None

    return ma.fields.Function(shown, metadata={"type": "string", "nullable": True, "description": "masked"})


def _without_secrets(text: str, variables: dict[str, str]) -> str:
    """Whoever has the code or link of a message can act for the customer, in whatever words a brand wraps it."""
    for name in KEPT & variables.keys():
        text = text.replace(variables[name], HIDDEN)
    return text


class MessageFullOut(CustomerMessageOut):
    subject = _masked("subject")
    text = _masked("text")


class IncomingArgs(PageArgs):
    channel = ma.fields.String(load_default=None, validate=CHANNEL)
    wish = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["STOP", "START"]))
    customer_id = ma.fields.UUID(load_default=None)
    known = ma.fields.Boolean(
        load_default=None, metadata={"description": "whether a customer has the number"}
    )


class IncomingMessageOut(Schema):
    id = ma.fields.UUID()
    channel = ma.fields.String(validate=CHANNEL)
    provider = ma.fields.String()
    customer_id = ma.fields.UUID(allow_none=True)
    sender = ma.fields.Function(
        lambda row: row.sender and mask_text(row.sender),
        metadata={"type": "string", "nullable": True, "description": "masked"},
    )
    text = ma.fields.Function(
        lambda row: row.text and mask_text(row.text),
        metadata={"type": "string", "nullable": True, "description": "masked"},
    )
    wish = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class StaffMailArgs(PageArgs):
    event = ma.fields.String(load_default=None)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["PENDING", "SENT", "FAILED"]))
    dead = ma.fields.Boolean(load_default=None)


class StaffMailOut(Schema):
    """A mail to a member of staff. What it says is told to nobody else: it may hold a link."""

    id = ma.fields.UUID()
    partner_user_id = ma.fields.UUID()
    event = ma.fields.String()
    status = ma.fields.String(validate=ma.validate.OneOf(["PENDING", "SENT", "FAILED"]))
    reason = ma.fields.String(allow_none=True)
    attempts = ma.fields.Integer()
    provider = ma.fields.String(allow_none=True)
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    delivery = ma.fields.String(allow_none=True, validate=ma.validate.OneOf(DELIVERIES))
    delivery_at = ma.fields.AwareDateTime(allow_none=True)
    delivery_reason = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class SendAgainIn(MessageRemarkIn):
    message_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(min=1, max=500))


class RefusedOut(Schema):
    id = ma.fields.UUID()
    reason = ma.fields.String()


class SentAgainOut(Schema):
    sent_again = ma.fields.Integer()
    refused = ma.fields.List(ma.fields.Nested(RefusedOut))


class CostArgs(Schema):
    from_date = ma.fields.Date(required=True)
    to_date = ma.fields.Date(required=True)


class CostTotalOut(Schema):
    messages = ma.fields.Integer()
    delivered = ma.fields.Integer()
    failed = ma.fields.Integer(metadata={"description": "of those taken by the provider"})
    cost_paise = Paise()


class CostLineOut(CostTotalOut):
    provider = ma.fields.String()
    channel = ma.fields.String()


class MessageCostOut(Schema):
    lines = ma.fields.List(ma.fields.Nested(CostLineOut))
    total = ma.fields.Nested(CostTotalOut)


class StoppedIn(Schema):
    channel = ma.fields.String(required=True, validate=CHANNEL, metadata={"example": "EMAIL"})
    kind = ma.fields.String(
        required=True, validate=ma.validate.OneOf(STOPPABLE), metadata={"example": "PROMOTION"}
    )


class Wishes(Schema):
    """What is left out stays. With a preferred channel, what can be said there is said there alone. Do-not-disturb
    stops everything that can be stopped, on all channels."""

    preferred_channel = ma.fields.String(allow_none=True, validate=CHANNEL)
    do_not_disturb = ma.fields.Boolean()
    stopped = ma.fields.List(ma.fields.Nested(StoppedIn), validate=ma.validate.Length(max=20))


class UnsubscribeForm(Schema):
    """What RFC 8058 has a mail program send."""

    list_unsubscribe = ma.fields.String(data_key="List-Unsubscribe", metadata={"example": "One-Click"})


class StateArgs(Schema):
    state = ma.fields.String(required=True, validate=ma.validate.Length(max=200))


class NotificationArgs(PageArgs):
    unread = ma.fields.Boolean(load_default=None, allow_none=True)


class NotificationOut(Schema):
    id = ma.fields.UUID()
    event = ma.fields.String(metadata={"example": "work_given"})
    title = ma.fields.String()
    text = ma.fields.String()
    loan_id = ma.fields.UUID(allow_none=True)
    read_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class UnreadOut(Schema):
    unread = ma.fields.Integer()
