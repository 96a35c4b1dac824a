"""Documents that wait for staff: the queue, and who has claimed one so that no two of them read the same."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect

from app.core import audit, clock, identity
from app.core.errors import Conflict
from app.customers import service as customers
from app.documents.kinds import KINDS
from app.documents.models import Document
from app.staff import service as staff

# whoever has not finished by then gives it back
CLAIM_LIFE = timedelta(minutes=30)
FREE, MINE = "FREE", "MINE"
REVIEWED = tuple(name for name, kind in KINDS.items() if kind.reviewed)


def waiting(
    kind: str | None, claimed: str | None, older_than_hours: int | None, customer_id: UUID | None
) -> ModelSelect:
    """What customers uploaded and nobody has judged yet; `claimed` FREE by nobody, MINE by who asks."""
    query = Document.select().where(
        Document.status == "PENDING", Document.kind.in_(REVIEWED), Document.erased_at.is_null()
    )
    if kind:
        query = query.where(Document.kind == kind)
    if customer_id:
        query = query.where(Document.customer_id == customer_id)
    if older_than_hours is not None:
        query = query.where(Document.created_at < clock.now() - timedelta(hours=older_than_hours))
    if claimed:
        query = query.where(_is_mine() if claimed == MINE else ~_is_claimed())
    return query


def _is_claimed() -> Expression:
    return (Document.claimed_at.is_null(False)) & (Document.claimed_at > clock.now() - CLAIM_LIFE)


def _is_mine() -> Expression:
    return _is_claimed() & (Document.claimed_by == identity.actor().id)


def described(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Each with its customer, its age and who has it, for the list."""
    rows, now = list(documents), clock.now()
    whose = customers.by_ids({document.customer_id for document in rows})
    holders = {document.id: _holder(document, now) for document in rows}
    names = staff.names({UUID(holder) for holder in holders.values() if holder})
    return [
        {
            "document": document,
            "customer": whose[document.customer_id],
            "age_hours": int((now - document.created_at).total_seconds() // 3600),
            "claimed_by": names.get(UUID(holder)) if (holder := holders[document.id]) else None,
        }
        for document in rows
    ]


def claim(document_id: UUID) -> Document:
    """Nobody else judges it for CLAIM_LIFE. Raises NotFound, or Conflict if it was judged or somebody else has it."""
    document = Document.find(document_id).locked()
    if document.status != "PENDING":
        raise Conflict(f"The document is {document.status} already.", code="JUDGED")
    refuse_others(document)
    document.change(claimed_by=identity.actor().id, claimed_at=clock.now())
    audit.record("document.claimed", "document", document.id, subject_id=document.customer_id)
    return document


def release(document_id: UUID) -> Document:
    """Give it back. Raises Conflict if somebody else has it."""
    document = Document.find(document_id).locked()
    refuse_others(document)
    document.change(claimed_by=None, claimed_at=None)
    return document


def refuse_others(document: Document) -> None:
    """Raises Conflict if somebody else has the document."""
    if _holder(document, clock.now()) not in (None, identity.actor().id):
        raise Conflict("A colleague is reading this document.", code="CLAIMED")


def _holder(document: Document, now: datetime) -> str | None:
    is_live = document.claimed_at is not None and document.claimed_at > now - CLAIM_LIFE
    return document.claimed_by if is_live else None
