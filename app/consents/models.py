"""The consent ledger: what was agreed to, on which words, and what was taken back. Rows are only added."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel


class ConsentText(TenantModel):
    """A text as it was shown, kept with the first consent that was given on it."""

    hash = TextField()
    purpose = TextField()
    version = TextField()
    language = TextField()
    title = TextField()
    body = TextField()


class Consent(TenantModel):
    """One consent to one purpose. `evidence`: the session and request in which it was given.

    Those from before the texts were kept have no `text_hash`.
    """

    customer_id = UUIDField()
    purpose = TextField()
    text_version = TextField()
    text_hash = TextField(null=True)
    language = TextField()
    channel = TextField()
    ip = TextField(null=True)
    device = TextField(null=True)
    evidence = BinaryJSONField(default=dict)
    expires_at = DateTimeTZField(null=True)


class ConsentWithdrawal(TenantModel):
    """A consent was taken back."""

    consent_id = UUIDField()
    customer_id = UUIDField()
    channel = TextField()
    ip = TextField(null=True)
    device = TextField(null=True)
    evidence = BinaryJSONField(default=dict)
