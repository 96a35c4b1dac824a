"""Money sent to customers."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class Payout(TenantModel):
    """One attempt to pay a loan out. Its id is the idempotency key; `reference` is for people.

    The database allows one payout of a loan that is on its way or arrived.
    """

    loan_id = UUIDField()
    attempt = IntegerField()
    status = TextField()
    provider = TextField()
    provider_payout_id = TextField(null=True)
    reference = TextField()
    amount = money_field()
    mode = TextField()
    utr = TextField(null=True)
    failure_reason = TextField(null=True)
    settled_at = DateTimeTZField(null=True)
