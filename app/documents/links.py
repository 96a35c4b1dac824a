"""Links to files that need no token and end after five minutes.

We sign them and serve them, not the store: it need not be reachable from outside, and what it holds is encrypted. A
link names one document of one brand and who asked for it; any change to it, and it opens nothing.
"""

from datetime import timedelta

from app.core import audit, identity, links
from app.core.database import brand_scope
from app.core.links import Link, LinkRefused
from app.documents import service
from app.documents.models import Document

LIFE = timedelta(minutes=5)
_AUDIENCE = "document"

__all__ = ["LIFE", "Link", "LinkRefused", "follow", "link"]


def link(document: Document) -> Link:
    """A link for whoever acts now. Each one that staff get is audited."""
    made = links.sign(_AUDIENCE, "/files", document.id, LIFE)
    if not identity.actor().roles.isdisjoint(identity.STAFF_ROLES):
        told = {"kind": document.kind, "until": made.expires_at.isoformat()}
        audit.record("document.linked", "document", document.id, subject_id=document.customer_id, after=told)
    return made


def follow(token: str) -> tuple[Document, bytes]:
    """The document of a link and its bytes. Raises LinkRefused. Call it outside of any scope."""
    claims = links.read(_AUDIENCE, token)
    with brand_scope(claims["brand"]):
        document = service.get(claims["sub"])
        return document, service.read(document.id)
