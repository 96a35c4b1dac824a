"""Reminders: what is to be said to a customer at a set time."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.crypto import EncryptedJSONField
from app.core.database import TenantModel
from app.reminders.states import REMINDER


class UserReminder(TenantModel):
    """`payload`: values of the template's variables. `message_id`: the message it became, handed over to be sent.
    `raised_for`: what the end of a day raised it for, once."""

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    campaign_id = UUIDField(null=True)
    channel = TextField()
    template_code = TextField()
    payload = EncryptedJSONField(column_name="payload_enc")
    scheduled_at = DateTimeTZField()
    status = TextField(default=REMINDER.initial)
    message_id = UUIDField(null=True)
    provider = TextField(null=True)
    provider_message_id = TextField(null=True)
    reason = TextField(null=True)
    sent_at = DateTimeTZField(null=True)
    created_by = TextField()
    raised_for = TextField(null=True)
    erased_at = DateTimeTZField(null=True)
