"""What was said to customers, and to staff."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.crypto import EncryptedJSONField
from app.core.database import TenantModel


class UserNotification(TenantModel):
    """One message on one channel. `body`: {"variables", "subject", "text", "documents"}. `delivery` is what its
    provider told last: SENT, DELIVERED, READ or FAILED."""

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    event = TextField()
    channel = TextField()
    status = TextField(default="PENDING")
    body = EncryptedJSONField(column_name="body_enc")
    provider = TextField(null=True)
    provider_message_id = TextField(null=True)
    sent_at = DateTimeTZField(null=True)
    delivery = TextField(null=True)
    delivery_at = DateTimeTZField(null=True)
    delivery_reason = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class PartnerNotification(TenantModel):
    """A mail to a member of staff. `body`: {"subject", "text"}, emptied once sent, for it may hold a link."""

    partner_user_id = UUIDField()
    event = TextField()
    status = TextField(default="PENDING")
    body = EncryptedJSONField(column_name="body_enc", null=True)
    provider = TextField(null=True)
    provider_message_id = TextField(null=True)
    sent_at = DateTimeTZField(null=True)
