"""Links to files that need no token and end after five minutes.

We sign them and serve them, not the store: it need not be reachable from outside, and what it holds is encrypted. A
link names one document of one brand and who asked for it; any change to it, and it opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import settings
from app.core import audit, clock, identity
from app.core.database import brand_scope
from app.core.errors import Forbidden
from app.documents import service
from app.documents.models import Document

LIFE = timedelta(minutes=5)
_AUDIENCE = "document"


class LinkRefused(Forbidden):
    """Its time has passed, or it is not one of ours: the two look alike."""

    code = "LINK_REFUSED"


@dataclass(frozen=True)
class Link:
    """Where a file is until `expires_at`."""

    url: str
    expires_at: datetime


def link(document: Document) -> Link:
    """A link for whoever acts now. Each one that staff get is audited."""
    # tokens know whole seconds
    expires_at = (clock.now() + LIFE).replace(microsecond=0)
    claims = {
        "aud": _AUDIENCE,
        "brand": document.brand_id,
        "sub": str(document.id),
        "by": identity.actor().id,
        "exp": expires_at,
    }
    token = jwt.encode(claims, _key(), algorithm="HS256")
    if not identity.actor().roles.isdisjoint(identity.STAFF_ROLES):
        told = {"kind": document.kind, "until": expires_at.isoformat()}
        audit.record("document.linked", "document", document.id, subject_id=document.customer_id, after=told)
    return Link(f"{settings().public_url}/files/{token}", expires_at)


def follow(token: str) -> tuple[Document, bytes]:
    """The document of a link and its bytes. Raises LinkRefused. Call it outside of any scope."""
    claims = _read(token)
    with brand_scope(claims["brand"]):
        document = service.get(claims["sub"])
        return document, service.read(document.id)


def _read(token: str) -> dict[str, Any]:
    options = {"require": ["exp", "sub", "aud", "brand"]}
    try:
        return jwt.decode(token, _key(), algorithms=["HS256"], audience=_AUDIENCE, options=options)
    except jwt.InvalidTokenError:
        raise LinkRefused("The link has ended or is not complete. Ask for a new one.") from None


def _key() -> bytes:
    """A key of its own, so that no link is ever a token or the other way round."""
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"links to documents")
    return derived.derive(settings().staff_token_secret)
