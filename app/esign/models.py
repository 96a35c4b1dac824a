"""Agreements sent out for signature."""

from peewee import TextField, UUIDField

from app.core.database import TenantModel


class EsignRequest(TenantModel):
    """One contract at the e-sign provider."""

    loan_id = UUIDField()
    provider = TextField()
    status = TextField()
    contract_id = TextField()
    sign_url = TextField()
    unsigned_document_id = UUIDField()
    signed_document_id = UUIDField(null=True)
