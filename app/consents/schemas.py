"""Consents over the wire."""

import marshmallow as ma

from app.consents.purposes import PURPOSES
from app.consents.service import EXPIRED, LIVE, WITHDRAWN
from app.consents.wording import LANGUAGES
from app.core.http import Schema

_purpose = ma.validate.OneOf(PURPOSES)
_channel = ma.validate.OneOf(["APP", "WEB"])


class TextArgs(Schema):
    language = ma.fields.String(load_default="en", validate=ma.validate.OneOf(LANGUAGES))


class TextOut(Schema):
    purpose = ma.fields.String()
    version = ma.fields.String()
    language = ma.fields.String()
    title = ma.fields.String()
    body = ma.fields.String()
    hash = ma.fields.String(metadata={"description": "SHA-256 of title, an empty line and body"})


class ConsentIn(Schema):
    purpose = ma.fields.String(required=True, validate=_purpose)
    text_version = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=50))
    language = ma.fields.String(load_default="en", validate=ma.validate.OneOf(LANGUAGES))
    text_hash = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[0-9a-f]{64}$"),
        metadata={"description": "of the text that was shown; refused if the text reads otherwise"},
    )
    channel = ma.fields.String(load_default="APP", validate=_channel)


class WithdrawIn(Schema):
    purpose = ma.fields.String(required=True, validate=_purpose)
    channel = ma.fields.String(load_default="APP", validate=_channel)


class ConsentOut(Schema):
    id = ma.fields.UUID()
    purpose = ma.fields.String()
    text_version = ma.fields.String()
    text_hash = ma.fields.String(allow_none=True)
    language = ma.fields.String()
    channel = ma.fields.String()
    state = ma.fields.String(validate=ma.validate.OneOf([LIVE, WITHDRAWN, EXPIRED]))
    created_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime(allow_none=True)
    withdrawn_at = ma.fields.AwareDateTime(allow_none=True)
