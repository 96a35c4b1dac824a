"""How a brand calls its customers. Who calls from which phone is in app/calls, credentials are the environment's."""

import marshmallow as ma

from app.core.http import Schema


class DialerSettings(Schema):
    ring_seconds = ma.fields.Integer(
        load_default=40,
        validate=ma.validate.Range(min=10, max=60),
        metadata={"description": "how long a phone rings before the call is missed"},
    )
    numbers = ma.fields.List(
        ma.fields.String(validate=ma.validate.Regexp(r"^[0-9]{10,12}\Z", error="Ten to twelve digits.")),
        load_default=list,
        validate=ma.validate.Length(max=20),
        metadata={"description": "at which customers call the brand, besides the number that it calls from"},
    )
