"""Staff's own account over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.staff.one_time import Purpose

_TOKEN = ma.validate.Length(min=20, max=200)
_PASSWORD = ma.validate.Length(min=1, max=200)
_CODE = ma.validate.Regexp(r"^[0-9]{6}$", error="Six digits.")


class FromDevice(Schema):
    device_fingerprint = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(min=8, max=200),
        metadata={"description": "what the portal knows the device by; the same at sign-in and refresh"},
    )


class LoginIn(FromDevice):
    email = ma.fields.Email(required=True, validate=ma.validate.Length(max=200))
    password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class ChallengeIn(FromDevice):
    challenge_token = ma.fields.String(required=True, validate=_TOKEN)


class ChallengeCodeIn(ChallengeIn):
    code = ma.fields.String(required=True, validate=_CODE)


class SecondFactorIn(ChallengeIn):
    """One of `code` and `recovery_code`."""

    code = ma.fields.String(load_default=None, validate=_CODE)
    recovery_code = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=40))


class StaffRefreshIn(FromDevice):
    refresh_token = ma.fields.String(required=True, validate=_TOKEN)


class ForgotPasswordIn(Schema):
    email = ma.fields.Email(required=True, validate=ma.validate.Length(max=200))


class SetPasswordIn(Schema):
    token = ma.fields.String(required=True, validate=_TOKEN)
    password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class ChangePasswordIn(Schema):
    current_password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)
    new_password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class PasswordIn(Schema):
    password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class CodeIn(Schema):
    code = ma.fields.String(required=True, validate=_CODE)


class StaffMessageOut(Schema):
    message = ma.fields.String()


class SeedOut(Schema):
    secret = ma.fields.String(metadata={"description": "base32, for typing it in"})
    otpauth_uri = ma.fields.String(metadata={"description": "for a QR code"})


class RecoveryCodesOut(Schema):
    recovery_codes = ma.fields.List(ma.fields.String())


class BrandRoles(Schema):
    brand_id = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    permissions = ma.fields.List(ma.fields.String())


class StaffOut(Schema):
    id = ma.fields.UUID()
    email = ma.fields.Email()
    name = ma.fields.String()
    second_factor = ma.fields.Boolean()
    brands = ma.fields.List(ma.fields.Nested(BrandRoles))


class StaffTokensOut(Schema):
    access_token = ma.fields.String()
    refresh_token = ma.fields.String()
    user = ma.fields.Nested(StaffOut)


class SignInOut(StaffTokensOut):
    """Tokens when `next` is SIGNED_IN; otherwise a challenge token that opens the step that `next` names."""

    next = ma.fields.String(
        validate=ma.validate.OneOf(
            ["SIGNED_IN", Purpose.SECOND_FACTOR.value, Purpose.ENROL_SECOND_FACTOR.value]
        )
    )
    challenge_token = ma.fields.String()
    expires_in_s = ma.fields.Integer()


class EnrolledOut(StaffTokensOut):
    recovery_codes = ma.fields.List(ma.fields.String())


class MemberSessionOut(Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    last_used_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime()
    ip = ma.fields.String(allow_none=True)
    user_agent = ma.fields.String(allow_none=True)
    second_factor = ma.fields.Boolean()


class StaffSessionOut(MemberSessionOut):
    is_current = ma.fields.Boolean()
