"""The calls that clients made, written by `app.providers.recording`, and what they cost."""

from peewee import DateField, DecimalField, IntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField

from app.core.database import TenantModel


class ProviderCall(TenantModel):
    """One attempt. `request` and `response` are masked; `status` is None when there was no answer."""

    provider = TextField()
    operation = TextField()
    path = TextField()
    status = IntegerField(null=True)
    outcome = TextField()
    attempt = IntegerField()
    duration_ms = IntegerField()
    request = BinaryJSONField(null=True)
    response = BinaryJSONField(null=True)
    cost_paise = DecimalField(max_digits=12, decimal_places=2)


class ProviderPrice(TenantModel):
    """What one call costs from a day on, in paise: a price is never changed, another follows it."""

    provider = TextField()
    operation = TextField()
    valid_from = DateField()
    paise = DecimalField(max_digits=12, decimal_places=2)
