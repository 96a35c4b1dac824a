"""Messages and templates over the wire."""

from typing import Any

import marshmallow as ma

from app.brands.messages import SENDERS
from app.brands.schemas import LANGUAGES
from app.core.http import PageArgs, Schema
from app.core.masking import HIDDEN, mask_text
from app.messaging.kinds import CHANNELS, KINDS, STOPPABLE
from app.messaging.states import TEMPLATE
from app.messaging.texts import KEPT
from app.provider_calls.schemas import Paise

STATUSES = ["PENDING", "SENDING", "SENT", "FAILED", "SUPPRESSED"]
DELIVERIES = ["SENT", "DELIVERED", "READ", "FAILED", "BOUNCED"]
_channel = ma.validate.OneOf(CHANNELS)
_kind = ma.validate.OneOf(list(KINDS))
_language = ma.validate.OneOf(LANGUAGES)
_remark = ma.validate.Length(min=1, max=500)
_PROVIDERS = sorted({name for names in SENDERS.values() for name in names})


def _values(**options: Any) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(validate=ma.validate.Length(max=1_000)),
        metadata={"example": {"amount": "5000"}},
        **options,
    )


class SaidOut(Schema):
    sms = ma.fields.String(allow_none=True)
    whatsapp = ma.fields.String(allow_none=True)
    subject = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)


class MessageEventOut(SaidOut):
    """What the platform says of itself, and what its words are where a brand has none of its own."""

    code = ma.fields.String(metadata={"example": "payment_link"})
    kind = ma.fields.String(validate=_kind)
    meaning = ma.fields.String()
    variables = ma.fields.List(ma.fields.String())
    languages = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(SaidOut))


class Variable(Schema):
    name = ma.fields.String(
        required=True, validate=ma.validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z"), metadata={"example": "amount"}
    )
    example = ma.fields.String(
        required=True, validate=ma.validate.Length(min=1, max=200), metadata={"example": "5000"}
    )


class TemplateIn(Schema):
    """`code` is an event's, or one of the brand's own, which needs a `kind`. Every `{name}` in the text has to be
    declared; `{brand}` and `{name}` are always there. An SMS needs what the operator (DLT) registered."""

    code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[a-z][a-z0-9_]{1,59}\Z"),
        metadata={"example": "payment_link"},
    )
    channel = ma.fields.String(required=True, validate=_channel, metadata={"example": "WHATSAPP"})
    language = ma.fields.String(load_default="en", validate=_language)
    kind = ma.fields.String(load_default=None, allow_none=True, validate=_kind)
    subject = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=150)
    )
    body = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=20_000),
        metadata={"example": "{brand}: pay Rs {amount} for {loan_no}: {url}"},
    )
    variables = ma.fields.List(
        ma.fields.Nested(Variable), load_default=list, validate=ma.validate.Length(max=30)
    )
    dlt_template_id = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(r"^[0-9]{10,25}\Z", error="The digits that the operator gave."),
    )
    sender_header = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(
            r"^([A-Z]{6}|[0-9]{6})\Z", error="Six capitals, or six digits for promotion."
        ),
    )
    provider_ids = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(_PROVIDERS)),
        values=ma.fields.String(validate=ma.validate.Length(min=1, max=100)),
        load_default=dict,
        metadata={"description": "what a provider calls the template", "example": {"aisensy": "pay_now"}},
    )
    remark = ma.fields.String(required=True, validate=_remark)


class TemplateOut(Schema):
    id = ma.fields.UUID()
    code = ma.fields.String()
    channel = ma.fields.String(validate=_channel)
    language = ma.fields.String()
    version = ma.fields.Integer()
    kind = ma.fields.String(validate=_kind)
    status = ma.fields.String(validate=ma.validate.OneOf(TEMPLATE.states))
    subject = ma.fields.String(allow_none=True)
    body = ma.fields.String()
    variables = ma.fields.List(ma.fields.Nested(Variable))
    dlt_template_id = ma.fields.String(allow_none=True, metadata={"example": "1107160000000000001"})
    sender_header = ma.fields.String(allow_none=True)
    provider_ids = ma.fields.Dict()
    remark = ma.fields.String()
    made_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class TemplateArgs(PageArgs):
    code = ma.fields.String(load_default=None)
    channel = ma.fields.String(load_default=None, validate=_channel)
    language = ma.fields.String(load_default=None, validate=_language)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(TEMPLATE.states))
    kind = ma.fields.String(load_default=None, validate=_kind)


class MessageRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=_remark)


class PreviewIn(Schema):
    """Without `variables` the declared examples are said."""

    variables = _values(load_default=None, allow_none=True)


class PreviewOut(Schema):
    """`smsParts`: how many SMS it is, each of which is paid for."""

    subject = ma.fields.String(allow_none=True)
    text = ma.fields.String()
    sms_parts = ma.fields.Integer(allow_none=True)


class TestSendIn(PreviewIn):
    phone = ma.fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "one of messages.testPhones of the brand's settings; a mail goes to you"},
    )


class MessageArgs(PageArgs):
    channel = ma.fields.String(load_default=None, validate=_channel)
    event = ma.fields.String(load_default=None, metadata={"description": "event or code of a template"})
    kind = ma.fields.String(load_default=None, validate=_kind)
    provider = ma.fields.String(load_default=None, validate=ma.validate.OneOf(_PROVIDERS))
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
    kind = ma.fields.String(validate=_kind)
    channel = ma.fields.String(validate=_channel)
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
    channel = ma.fields.String(load_default=None, validate=_channel)
    wish = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["STOP", "START"]))
    customer_id = ma.fields.UUID(load_default=None)
    known = ma.fields.Boolean(
        load_default=None, metadata={"description": "whether a customer has the number"}
    )


class IncomingMessageOut(Schema):
    id = ma.fields.UUID()
    channel = ma.fields.String(validate=_channel)
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
    channel = ma.fields.String(required=True, validate=_channel, metadata={"example": "EMAIL"})
    kind = ma.fields.String(
        required=True, validate=ma.validate.OneOf(STOPPABLE), metadata={"example": "PROMOTION"}
    )


class Wishes(Schema):
    """What is left out stays. With a preferred channel, what can be said there is said there alone. Do-not-disturb
    stops everything that can be stopped, on all channels."""

    preferred_channel = ma.fields.String(allow_none=True, validate=_channel)
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
