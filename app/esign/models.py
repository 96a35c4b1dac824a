"""Agreements sent out for signature, and what customers accepted before."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel


class KfsAcceptance(TenantModel):
    """The customer accepted a version of the Key Facts Statement; `check_code` is that of the document."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    document_id = UUIDField()
    version = IntegerField()
    check_code = TextField()
    ip = TextField(null=True)
    user_agent = TextField(null=True)


class EsignRequest(TenantModel):
    """One contract at the e-sign provider. After `expires_at` it is not taken any more, whatever the provider says."""

    loan_id = UUIDField()
    kfs_acceptance_id = UUIDField(null=True)
    provider = TextField()
    status = TextField()
    contract_id = TextField()
    sign_url = TextField()
    unsigned_document_id = UUIDField()
    signed_document_id = UUIDField(null=True)
    expires_at = DateTimeTZField()
