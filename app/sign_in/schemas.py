"""Signing in over the wire."""

import marshmallow as ma

from app.acquisition.schemas import Utm
from app.core.http import Schema
from app.customers.schemas import CustomerOut
from app.kyc.validators import PHONE

DEVICE_ID = {
    "load_default": None,
    "allow_none": True,
    "validate": ma.validate.Length(min=8, max=200),
    "metadata": {"description": "what the app knows its installation by; kept as a keyed hash"},
}
DEVICE_NAME = ma.validate.Length(min=1, max=60)


class RegisterIn(Schema):
    phone = ma.fields.String(required=True, validate=PHONE)
    utm = ma.fields.Nested(Utm, load_default=dict)
    click_id = ma.fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "of the visit, from POST /web/clicks; one that is not known is passed over"},
    )


class VerifyOtpIn(Schema):
    phone = ma.fields.String(required=True, validate=PHONE)
    otp = ma.fields.String(
        required=True, validate=ma.validate.Regexp(r"^[0-9]{6}$(?!\n)", error="Six digits.")
    )
    device_id = ma.fields.String(**DEVICE_ID)
    device_name = ma.fields.String(load_default=None, allow_none=True, validate=DEVICE_NAME)


class RefreshIn(Schema):
    refresh_token = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    device_id = ma.fields.String(**DEVICE_ID)


class MessageOut(Schema):
    message = ma.fields.String()


class TokensOut(Schema):
    access_token = ma.fields.String()
    refresh_token = ma.fields.String()
    user = ma.fields.Nested(CustomerOut)


class CustomerSessionOut(Schema):
    id = ma.fields.UUID()
    device_name = ma.fields.String(allow_none=True)
    user_agent = ma.fields.String(allow_none=True)
    ip = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()
    last_used_at = ma.fields.AwareDateTime(
        metadata={"description": "when it was last given tokens, so right to within the life of one"}
    )
    expires_at = ma.fields.AwareDateTime()
    is_current = ma.fields.Boolean()


class CustomerDeviceIn(Schema):
    device_name = ma.fields.String(required=True, validate=DEVICE_NAME)
