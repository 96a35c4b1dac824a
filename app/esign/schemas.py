"""The agreement over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.loans.states import AGREEMENT


class AgreementOut(Schema):
    loan_id = ma.fields.UUID()
    agreement_status = ma.fields.String(metadata={"enum": AGREEMENT.states})
    sign_url = ma.fields.URL(allow_none=True, metadata={"description": "where to sign, while it waits"})
    expires_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "when it stops to wait"})
    unsigned_document_id = ma.fields.UUID(allow_none=True)
    signed_document_id = ma.fields.UUID(allow_none=True)


class KeyFactsOut(Schema):
    """The newest version; the document itself is among the loan's documents."""

    document_id = ma.fields.UUID()
    version = ma.fields.Integer()
    language = ma.fields.String()
    number = ma.fields.String()
    check_code = ma.fields.String()
    accepted_at = ma.fields.AwareDateTime(allow_none=True)


class AcceptIn(Schema):
    version = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(min=1, max=10**6),
        metadata={"description": "that the customer has read"},
    )
