"""The agreement over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.loans.states import AGREEMENT


class AgreementOut(Schema):
    loan_id = ma.fields.UUID()
    agreement_status = ma.fields.String(metadata={"enum": AGREEMENT.states})
    sign_url = ma.fields.URL(allow_none=True, metadata={"description": "where to sign, while it waits"})
    unsigned_document_id = ma.fields.UUID(allow_none=True)
    signed_document_id = ma.fields.UUID(allow_none=True)
