"""Templates of messages over the wire."""

from typing import Any

import marshmallow as ma

from app.brands.schemas import LANGUAGES
from app.core.http import PageArgs, Schema
from app.messaging.schemas import CHANNEL, KIND, PROVIDER, REMARK
from app.messaging.states import TEMPLATE

_language = ma.validate.OneOf(LANGUAGES)


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
    kind = ma.fields.String(validate=KIND)
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
    channel = ma.fields.String(required=True, validate=CHANNEL, metadata={"example": "WHATSAPP"})
    language = ma.fields.String(load_default="en", validate=_language)
    kind = ma.fields.String(load_default=None, allow_none=True, validate=KIND)
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
        keys=ma.fields.String(validate=PROVIDER),
        values=ma.fields.String(validate=ma.validate.Length(min=1, max=100)),
        load_default=dict,
        metadata={"description": "what a provider calls the template", "example": {"aisensy": "pay_now"}},
    )
    remark = ma.fields.String(required=True, validate=REMARK)


class TemplateOut(Schema):
    id = ma.fields.UUID()
    code = ma.fields.String()
    channel = ma.fields.String(validate=CHANNEL)
    language = ma.fields.String()
    version = ma.fields.Integer()
    kind = ma.fields.String(validate=KIND)
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
    channel = ma.fields.String(load_default=None, validate=CHANNEL)
    language = ma.fields.String(load_default=None, validate=_language)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(TEMPLATE.states))
    kind = ma.fields.String(load_default=None, validate=KIND)


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
