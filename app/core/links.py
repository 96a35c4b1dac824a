"""Links that need no token of a session: signed by a key of their own for each audience, and good for some time.

A link names what it opens and who asked for it; any change to it, and it opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import settings
from app.core import clock, identity
from app.core.database import current_brand
from app.core.errors import Forbidden


class LinkRefused(Forbidden):
    """Its time has passed, or it is not one of ours: the two look alike."""

    code = "LINK_REFUSED"


@dataclass(frozen=True)
class Link:
    """Where a file is until `expires_at`."""

    url: str
    expires_at: datetime


def sign(audience: str, path: str, record_id: object, life: timedelta, **claims: Any) -> Link:
    """A link below `path` to a record of this brand, for whoever acts now."""
    # tokens know whole seconds
    expires_at = (clock.now() + life).replace(microsecond=0)
    told = {
        "aud": audience,
        "brand": current_brand(),
        "sub": str(record_id),
        "by": identity.actor().id,
        "exp": expires_at,
    }
    token = jwt.encode(told | claims, _key(audience), algorithm="HS256")
    return Link(f"{settings().public_url}{path}/{token}", expires_at)


def read(audience: str, token: str) -> dict[str, Any]:
    """What a link says. Raises LinkRefused."""
    options = {"require": ["exp", "sub", "aud", "brand"]}
    try:
        return jwt.decode(token, _key(audience), algorithms=["HS256"], audience=audience, options=options)
    except jwt.InvalidTokenError:
        raise LinkRefused("The link has ended or is not complete. Ask for a new one.") from None


def _key(audience: str) -> bytes:
    """A key of its own, so that no link is ever a token, or a link of another audience."""
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"links to {audience}s".encode())
    return derived.derive(settings().staff_token_secret)
