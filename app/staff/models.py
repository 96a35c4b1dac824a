"""Staff: the person (no brand), the roles a brand gave them, how they sign in, their leave and ratings.

What has no brand is read and written under the role los_identity alone; the service's own role sees of a person
the name and the e-mail, and no secret.
"""

from peewee import BigIntegerField, BooleanField, DateField, DecimalField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import SealedField
from app.core.database import BaseModel, TenantModel


class PartnerUser(BaseModel):
    """A person. Invited, they have no password until they set one.

    `second_factor` is the seed of their authenticator, in force since `second_factor_since`; a code of
    `second_factor_step` or before was used and is worth nothing.
    """

    email = TextField()
    name = TextField()
    pincode = TextField(null=True)
    city = TextField(null=True)
    state = TextField(null=True)
    languages = BinaryJSONField(default=list)
    password_hash = TextField(null=True)
    is_active = BooleanField(default=True)
    second_factor = SealedField(column_name="second_factor_sealed", null=True)
    second_factor_since = DateTimeTZField(null=True)
    second_factor_step = BigIntegerField(default=0)


class PartnerUserBrandRole(TenantModel):
    """A role in a brand, and what work comes with it: without a capacity the brand's, with an empty list all.
    `reports_to` is their manager in it."""

    partner_user_id = UUIDField()
    role = TextField()
    capacity = IntegerField(null=True)
    buckets = BinaryJSONField(default=list)
    ticket_classes = BinaryJSONField(default=list)
    reports_to = UUIDField(null=True)


class PartnerLoginToken(BaseModel):
    """A session: the access token names it, so it can be ended before the token does."""

    partner_user_id = UUIDField()
    refresh_hash = TextField(default="")
    device_hash = TextField(null=True)
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    second_factor = BooleanField(default=False)
    last_used_at = DateTimeTZField()
    expires_at = DateTimeTZField()
    revoked_at = DateTimeTZField(null=True)
    end_reason = TextField(null=True)


class PartnerUserLoginLog(BaseModel):
    """What happened at the door, by e-mail: also of e-mails that nobody has. Append-only."""

    email = TextField()
    partner_user_id = UUIDField(null=True)
    event = TextField()
    success = BooleanField()
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    device_fingerprint = TextField(null=True)


class PartnerDevice(BaseModel):
    """A device somebody signed in on, by the keyed hash of its fingerprint."""

    partner_user_id = UUIDField()
    device_hash = TextField()
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    last_seen_at = DateTimeTZField()


class PartnerOneTimeToken(BaseModel):
    partner_user_id = UUIDField()
    purpose = TextField()
    token_hash = TextField()
    device_hash = TextField(null=True)
    expires_at = DateTimeTZField()
    used_at = DateTimeTZField(null=True)


class PartnerRecoveryCode(BaseModel):
    partner_user_id = UUIDField()
    code_hash = TextField()
    used_at = DateTimeTZField(null=True)


class PartnerPasswordHistory(BaseModel):
    partner_user_id = UUIDField()
    password_hash = TextField()


class PartnerUnavailabilityDate(TenantModel):
    partner_user_id = UUIDField()
    day = DateField()
    reason = TextField(null=True)


class PartnerUserRatingMatrix(TenantModel):
    """How one person rated another for a month: `scores` by criterion, 1 to 5, and their average.

    Of all their work, or of one bucket and size of loans ("ALL": of each).
    """

    partner_user_id = UUIDField()
    rated_by = UUIDField()
    period_month = DateField()
    scores = BinaryJSONField()
    average = DecimalField(max_digits=3, decimal_places=2)
    bucket = TextField(default="ALL")
    ticket_class = TextField(default="ALL")
    remark = TextField(null=True)
