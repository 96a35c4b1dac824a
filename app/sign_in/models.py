"""A customer's sign-in codes, sessions and devices."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core import clock
from app.core.crypto import EncryptedField
from app.core.database import TenantModel


class OtpVerification(TenantModel):
    """One code that was sent. Only its keyed hash is kept. `attempts`: wrong codes that were given while it lived."""

    customer_id = UUIDField()
    phone_hash = TextField()
    code_hash = TextField()
    expires_at = DateTimeTZField()
    attempts = IntegerField(default=0)
    used_at = DateTimeTZField(null=True)


class OtpGuard(TenantModel):
    """A phone that somebody tried to sign in with, customer or not: how often in vain, and until when not at all."""

    phone_hash = TextField()
    wrong_codes = IntegerField(default=0)
    wrong_at = DateTimeTZField(null=True)
    locked_until = DateTimeTZField(null=True)


class UserLoginToken(TenantModel):
    """A session of a customer, with the hash of the refresh token that is valid now and of the device it is on."""

    customer_id = UUIDField()
    device_hash = TextField(null=True)
    refresh_hash = TextField()
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    expires_at = DateTimeTZField()
    last_used_at = DateTimeTZField(default=clock.now)
    revoked_at = DateTimeTZField(null=True)
    ended_because = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class SpentRefreshToken(TenantModel):
    """A refresh token that was exchanged: whoever brings it again is not who it was given to, or not alone."""

    session_id = UUIDField()
    token_hash = TextField()


class CustomerDevice(TenantModel):
    """A device that a customer signed in on, and what they call it."""

    customer_id = UUIDField()
    device_hash = TextField()
    name = EncryptedField(column_name="name_enc", null=True)
    last_used_at = DateTimeTZField(default=clock.now)
    erased_at = DateTimeTZField(null=True)
