"""Which executive works on a loan."""

from peewee import BooleanField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel


class LoanAllottedPartnerUser(TenantModel):
    """One active row a loan and role; earlier ones stay for the history."""

    loan_id = UUIDField()
    partner_user_id = UUIDField()
    role = TextField()
    is_active = BooleanField(default=True)
    ended_at = DateTimeTZField(null=True)
    end_reason = TextField(null=True)
