"""What was said to customers, and to staff, in which words, and what customers want to hear."""

from peewee import BooleanField, DecimalField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core import clock
from app.core.crypto import EncryptedField, EncryptedJSONField
from app.core.database import TenantModel


class UserNotification(TenantModel):
    """One message on one channel, and its life.

    PENDING waits for `due_at`; SENDING was claimed by a worker; SENT was taken by a provider; FAILED is a dead letter;
    SUPPRESSED was not to be said; `reason` says why. `delivery` is what the provider told last. `body`: {"variables",
    "subject", "text", "documents"}, and "given", every value, where another channel may stand in. `key` is the
    sender's own: one key, one message. `then_job` hears of the end. `stands_in_for`: the message on another channel
    that did not arrive.
    """

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    event = TextField()
    kind = TextField(default="SERVICE")
    channel = TextField()
    language = TextField(default="en")
    template_id = UUIDField(null=True)
    key = TextField(null=True)
    status = TextField(default="PENDING")
    body = EncryptedJSONField(column_name="body_enc")
    attempts = IntegerField(default=0)
    due_at = DateTimeTZField(default=clock.now)
    claimed_at = DateTimeTZField(null=True)
    reason = TextField(null=True)
    provider = TextField(null=True)
    provider_message_id = TextField(null=True)
    cost_paise = DecimalField(max_digits=12, decimal_places=2, default=0)
    sent_at = DateTimeTZField(null=True)
    delivery = TextField(null=True)
    delivery_at = DateTimeTZField(null=True)
    delivery_reason = TextField(null=True)
    then_job = TextField(null=True)
    stands_in_for = UUIDField(null=True)
    erased_at = DateTimeTZField(null=True)


class MessageTemplate(TenantModel):
    """One version of a brand's own words.

    `variables`: [{"name", "example"}]. `provider_ids`: what a provider calls the template that it approved, by
    provider; `dlt_template_id` and `sender_header` are the operator's registration of an SMS.
    """

    code = TextField()
    channel = TextField()
    language = TextField()
    version = IntegerField()
    kind = TextField()
    status = TextField(default="DRAFT")
    subject = TextField(null=True)
    body = TextField()
    variables = BinaryJSONField()
    dlt_template_id = TextField(null=True)
    sender_header = TextField(null=True)
    provider_ids = BinaryJSONField(default=dict)
    remark = TextField()
    made_by = TextField()


class MessagePreference(TenantModel):
    """What a customer wants. `stopped`: channel and kind, as "EMAIL:PROMOTION"."""

    customer_id = UUIDField()
    preferred_channel = TextField(null=True)
    do_not_disturb = BooleanField(default=False)
    stopped = BinaryJSONField(default=list)
    erased_at = DateTimeTZField(null=True)


class IncomingMessage(TenantModel):
    """What somebody wrote to the brand. `customer_id` None: nobody has that number. `wish`: STOP, START, or neither."""

    channel = TextField()
    provider = TextField()
    customer_id = UUIDField(null=True)
    sender = EncryptedField(column_name="sender_enc", null=True)
    text = EncryptedField(column_name="text_enc", null=True)
    wish = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class PartnerNotification(TenantModel):
    """A mail to a member of staff: PENDING, SENT, or FAILED, a dead letter. `body`: {"subject", "text"}, emptied once
    sent, for it may hold a link. `reason` and `delivery` as of a message to a customer."""

    partner_user_id = UUIDField()
    event = TextField()
    status = TextField(default="PENDING")
    body = EncryptedJSONField(column_name="body_enc", null=True)
    provider = TextField(null=True)
    provider_message_id = TextField(null=True)
    sent_at = DateTimeTZField(null=True)
    attempts = IntegerField(default=0)
    reason = TextField(null=True)
    delivery = TextField(null=True)
    delivery_at = DateTimeTZField(null=True)
    delivery_reason = TextField(null=True)


class StaffNotification(TenantModel):
    """What a member of staff sees in the portal. Names loans by their number, and nobody."""

    partner_user_id = UUIDField()
    event = TextField()
    title = TextField()
    text = TextField()
    loan_id = UUIDField(null=True)
    read_at = DateTimeTZField(null=True)
