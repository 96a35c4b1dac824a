"""Documents over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.documents import service
from app.documents.kinds import KINDS


class DocumentOut(Schema):
    """`url` needs no token and ends after five minutes."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String(metadata={"enum": list(KINDS)})
    status = ma.fields.String(metadata={"enum": ["PENDING", "VERIFIED", "REJECTED"]})
    content_type = ma.fields.String()
    size_bytes = ma.fields.Integer()
    sha256 = ma.fields.String()
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()
    url = ma.fields.Function(service.url, metadata={"type": "string", "format": "uri"})
