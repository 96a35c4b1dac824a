"""Staff: the person (no brand), the roles a brand gave them, their sessions and sign-in attempts."""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import BaseModel, TenantModel


class PartnerUser(BaseModel):
    """Read in full only under the role los_identity; the service's own role sees no password."""

    email = TextField()
    name = TextField()
    password_hash = TextField()
    is_active = BooleanField(default=True)
    failed_logins = IntegerField(default=0)
    locked_until = DateTimeTZField(null=True)


class PartnerUserBrandRole(TenantModel):
    partner_user_id = UUIDField()
    role = TextField()


class PartnerLoginToken(BaseModel):
    """A session. The access token names it, so it can be ended before the token does."""

    partner_user_id = UUIDField()
    expires_at = DateTimeTZField()
    revoked_at = DateTimeTZField(null=True)


class PartnerUserLoginLog(BaseModel):
    email = TextField()
    partner_user_id = UUIDField(null=True)
    success = BooleanField()
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    device_fingerprint = TextField(null=True)


class PartnerUnavailabilityDate(TenantModel):
    partner_user_id = UUIDField()
    day = DateField()
    reason = TextField(null=True)
