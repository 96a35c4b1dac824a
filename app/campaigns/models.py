"""Campaigns: one reminder to everybody on a list, so many a minute."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.campaigns.states import CAMPAIGN
from app.core.crypto import EncryptedJSONField
from app.core.database import TenantModel


class Campaign(TenantModel):
    """`filters` narrow the stage, in their wire form; `payload` are values that everybody is told alike."""

    name = TextField()
    stage = TextField()
    filters = EncryptedJSONField(column_name="filters_enc", default=dict)
    channel = TextField()
    template_code = TextField()
    payload = BinaryJSONField(default=dict)
    per_minute = IntegerField()
    status = TextField(default=CAMPAIGN.initial)
    recipient_count = IntegerField(null=True)
    fed_at = DateTimeTZField(null=True)
    ended_at = DateTimeTZField(null=True)
    created_by = TextField()


class CampaignRecipient(TenantModel):
    """Somebody who was on the list when the campaign began, once; without a reminder they wait for their turn."""

    campaign_id = UUIDField()
    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    reminder_id = UUIDField(null=True)
