"""What customers ask about their data, holds, and the nights' work."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedJSONField
from app.core.database import TenantModel


class LegalHold(TenantModel):
    """Nothing of this customer is erased until it is released."""

    customer_id = UUIDField()
    reason = TextField()
    placed_by = TextField()
    released_at = DateTimeTZField(null=True)
    released_by = TextField(null=True)
    release_reason = TextField(null=True)


class PrivacyRequest(TenantModel):
    """What a customer asks for by right, in a state of `REQUEST`; to be answered by `due_on`.

    `details` is what they say, `answer` what they are told: {"text": ...}. `reasons` are codes, `schedule` what goes
    later: {"dataClass", "until", "basis"}. `file_key`: the object with their data, encrypted.
    """

    request_no = TextField()
    customer_id = UUIDField()
    kind = TextField()
    status = TextField()
    details = EncryptedJSONField(column_name="details_enc", null=True)
    answer = EncryptedJSONField(column_name="answer_enc", null=True)
    reasons = BinaryJSONField(default=list)
    schedule = BinaryJSONField(default=list)
    due_on = DateField()
    answered_at = DateTimeTZField(null=True)
    answered_by = TextField(null=True)
    file_key = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class DataBreach(TenantModel):
    """A breach of personal data, in a state of `BREACH`. `facts`: texts of `app.privacy.breaches.FACTS`, which name
    nobody. `report_due_at`: when the Board's detailed report is due, by the Rules or as the Board allowed."""

    breach_no = TextField()
    status = TextField()
    data_classes = BinaryJSONField()
    facts = BinaryJSONField()
    occurred_at = DateTimeTZField()
    occurred_until = DateTimeTZField(null=True)
    aware_at = DateTimeTZField()
    report_due_at = DateTimeTZField()


class BreachIntimation(TenantModel):
    """An authority was told of a breach; `reference`: what it calls that."""

    breach_id = UUIDField()
    told_to = TextField()
    told_at = DateTimeTZField()
    reference = TextField()
    told_by = TextField()


class BreachPerson(TenantModel):
    """A customer whose data a breach affects, and when they were told."""

    breach_id = UUIDField()
    customer_id = UUIDField()
    told_at = DateTimeTZField(null=True)


class RetentionRun(TenantModel):
    """One night. `done`: rows by data class; `reached_id`: the last customer that was looked at."""

    day = DateField()
    done = BinaryJSONField(default=dict)
    reached_id = UUIDField(null=True)
    finished_at = DateTimeTZField(null=True)
