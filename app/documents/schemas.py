"""Documents over the wire."""

import marshmallow as ma

from app.core.http import PageArgs, Schema
from app.documents.kinds import KINDS
from app.documents.review import FREE, MINE, REVIEWED

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


class WaitingDocumentArgs(PageArgs):
    """Who has waited longest comes first, unless somebody asks otherwise."""

    sort = ma.fields.String(load_default="createdAt", allow_none=True)
    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf(REVIEWED))
    claimed = ma.fields.String(load_default=None, validate=ma.validate.OneOf([FREE, MINE]))
    older_than_hours = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=0, max=10_000))
    customer_id = ma.fields.UUID(load_default=None)


class WaitingDocumentOut(Schema):
    """A document that waits, whose it is, since when, and who is reading it."""

    id = ma.fields.UUID(attribute="document.id")
    kind = ma.fields.String(attribute="document.kind", metadata={"enum": list(REVIEWED)})
    content_type = ma.fields.String(attribute="document.content_type")
    size_bytes = ma.fields.Integer(attribute="document.size_bytes")
    created_at = ma.fields.AwareDateTime(attribute="document.created_at")
    customer_id = ma.fields.UUID(attribute="customer.id")
    customer_no = ma.fields.String(attribute="customer.customer_no")
    customer_name = ma.fields.String(attribute="customer.name", allow_none=True)
    age_hours = ma.fields.Integer()
    claimed_by = ma.fields.String(allow_none=True)
