"""Documents over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.documents.kinds import KINDS

SOURCES = ["CUSTOMER", "AADHAAR_OTP", "DIGILOCKER", "STAFF", "OURS"]


class DocumentOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String(metadata={"enum": list(KINDS)})
    status = ma.fields.String(metadata={"enum": ["PENDING", "VERIFIED", "REJECTED"]})
    content_type = ma.fields.String()
    size_bytes = ma.fields.Integer()
    sha256 = ma.fields.String()
    source = ma.fields.String(metadata={"enum": SOURCES})
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class LinkOut(Schema):
    """A link that needs no token; it ends five minutes after it was asked for."""

    url = ma.fields.URL(metadata={"format": "uri"})
    expires_at = ma.fields.AwareDateTime()
