"""When a Super Admin was at work in a brand that gave them no role."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel


class AdminScope(TenantModel):
    """Open until `ended_at`, or `expires_at`, whichever comes first."""

    partner_user_id = UUIDField()
    reason = TextField()
    expires_at = DateTimeTZField()
    ended_at = DateTimeTZField(null=True)
