"""Calls to customers: who can call, each call, what the provider told of it, and its recording."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.calls.states import CALL
from app.core.crypto import EncryptedField
from app.core.database import TenantModel
from app.providers.acefone import OUTBOUND


class DialerExtension(TenantModel):
    """The phone of a member of staff at the provider: an agent's id, extension or number, digits alone."""

    partner_user_id = UUIDField()
    extension = TextField()


class UserCall(TenantModel):
    """One call to a customer's own phone, or from it (`direction` INBOUND).

    `partner_user_id`: who called or took it, or who has the customer; None where nobody does. `talk_s` None: the
    provider did not tell it.
    """

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    direction = TextField(default=OUTBOUND)
    partner_user_id = UUIDField(null=True)
    extension = TextField(null=True)
    status = TextField(default=CALL.initial)
    provider_call_id = TextField(null=True)
    ref_id = TextField(null=True)
    dialled_at = DateTimeTZField(null=True)
    answered_at = DateTimeTZField(null=True)
    ended_at = DateTimeTZField(null=True)
    duration_s = IntegerField(null=True)
    talk_s = IntegerField(null=True)
    hangup_cause = TextField(null=True)
    failure_reason = TextField(null=True)


class UserCallEvent(TenantModel):
    """What the provider told, by webhook or record. `fault`: why it was left aside; then it may be of no call."""

    user_call_id = UUIDField(null=True)
    kind = TextField()
    source = TextField()
    told = BinaryJSONField()
    fault = TextField(null=True)


class UserCallRecording(TenantModel):
    """The audio of a call that was answered. `reason`: why it is not here yet, or not at all."""

    user_call_id = UUIDField()
    status = TextField()
    url = EncryptedField(column_name="url_enc", null=True)
    s3_key = TextField(null=True)
    content_type = TextField(null=True)
    size_bytes = IntegerField(null=True)
    sha256 = TextField(null=True)
    attempts = IntegerField(default=0)
    reason = TextField(null=True)
    stored_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)
