"""The file of a loan: its own documents, and the customer's that are of no loan."""

from uuid import UUID

from app.core import audit
from app.core.errors import NotFound
from app.documents.models import Document
from app.documents.service import read
from app.loans.service import Loan


def listed(loan: Loan) -> list[Document]:
    """All of it, oldest first."""
    mine = (
        Document.customer_id == loan.customer_id,
        (Document.loan_id == loan.id) | Document.loan_id.is_null(),
    )
    return list(Document.select().where(*mine).order_by(Document.id))


def one(loan: Loan, document_id: UUID | str) -> Document:
    """A document of it, or NotFound."""
    document = Document.find(document_id, customer_id=loan.customer_id)
    if document.loan_id not in (loan.id, None):
        raise NotFound("document")
    return document


def download(loan: Loan, document_id: UUID | str) -> tuple[Document, bytes]:
    """A document of it for somebody who looks at it, or NotFound. Audited."""
    document = one(loan, document_id)
    audit.record("document.read", "document", document.id, subject_id=document.customer_id)
    return document, read(document.id)
