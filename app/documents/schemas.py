"""Documents over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema
from app.documents.kinds import KINDS
from app.documents.languages import LANGUAGES
from app.documents.papers import PAPERS
from app.documents.review import FREE, MINE, REVIEWED
from app.staff.permissions import Permission

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
    version = ma.fields.Integer(allow_none=True, metadata={"description": "of what we made of the loan"})
    language = ma.fields.String(allow_none=True)
    number = ma.fields.String(allow_none=True)
    check_code = ma.fields.String(allow_none=True)
    net_salary = Money(allow_none=True, metadata={"description": "as staff read it on a salary slip"})
    salary_month = ma.fields.Date(allow_none=True)
    withdrawn_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "since when it counts no more"}
    )
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


class PaperOut(Schema):
    """A kind of document that we make of a loan."""

    kind = ma.fields.String(metadata={"enum": list(PAPERS)})
    title = ma.fields.String()
    made = ma.fields.String(metadata={"description": "when it is made by itself"})
    can_be_made = ma.fields.Boolean(metadata={"description": "whether the loan is in a state for it"})
    permission = ma.fields.String()
    latest = ma.fields.Nested(DocumentOut, allow_none=True)


def _language() -> ma.fields.String:
    return ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.OneOf(LANGUAGES),
        metadata={"description": "the customer's, if not said"},
    )


class LanguageIn(Schema):
    language = _language()


class PaperIn(LanguageIn):
    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(
            [kind for kind, paper in PAPERS.items() if paper.by == Permission.DOCUMENTS_MAKE]
        ),
    )


class PreviewArgs(LanguageIn):
    kind = ma.fields.String(load_default="KFS", validate=ma.validate.OneOf(list(PAPERS)))
