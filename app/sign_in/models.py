"""A customer's sign-in codes and sessions."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel


class OtpVerification(TenantModel):
    """One code that was sent. Only its keyed hash is kept."""

    customer_id = UUIDField()
    code_hash = TextField()
    expires_at = DateTimeTZField()
    attempts = IntegerField(default=0)
    used_at = DateTimeTZField(null=True)


class UserLoginToken(TenantModel):
    """A session of a customer, with the hash of the refresh token that is valid now and of the device it is on."""

    customer_id = UUIDField()
    device_hash = TextField(null=True)
    refresh_hash = TextField()
    expires_at = DateTimeTZField()
    revoked_at = DateTimeTZField(null=True)
