"""Tokens that open one thing, once, for a short time; only their keyed hash is kept.

They are random text and no JWT, so no route that asks for a session takes them.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from app.core import clock
from app.core.crypto import lookup_hashes
from app.core.errors import Unauthenticated
from app.staff.models import PartnerOneTimeToken


class Purpose(StrEnum):
    SECOND_FACTOR = "SECOND_FACTOR"
    ENROL_SECOND_FACTOR = "ENROL_SECOND_FACTOR"
    PASSWORD_RESET = "PASSWORD_RESET"
    INVITATION = "INVITATION"


LIFE = {
    Purpose.SECOND_FACTOR: timedelta(minutes=5),
    Purpose.ENROL_SECOND_FACTOR: timedelta(minutes=15),
    Purpose.PASSWORD_RESET: timedelta(minutes=30),
    Purpose.INVITATION: timedelta(days=3),
}


def issue(user_id: UUID, purpose: Purpose, device_hash: str | None = None) -> str:
    """A new token; the ones before it of the same purpose end."""
    mine = PartnerOneTimeToken.partner_user_id == user_id, PartnerOneTimeToken.purpose == purpose.value
    end = PartnerOneTimeToken.update(used_at=clock.now())
    end.where(*mine, PartnerOneTimeToken.used_at.is_null()).execute()
    token = secrets.token_urlsafe(32)
    PartnerOneTimeToken.create(
        partner_user_id=user_id,
        purpose=purpose.value,
        token_hash=_hashes(token)[0],
        device_hash=device_hash,
        expires_at=clock.now() + LIFE[purpose],
    )
    return token


def find(token: str, *purposes: Purpose, device_hash: str | None = None) -> PartnerOneTimeToken:
    """The live token. Raises Unauthenticated when it ended, was used, or came from another device."""
    row = PartnerOneTimeToken.get_or_none(
        PartnerOneTimeToken.token_hash.in_(_hashes(token)),
        PartnerOneTimeToken.purpose.in_([purpose.value for purpose in purposes]),
        PartnerOneTimeToken.used_at.is_null(),
        PartnerOneTimeToken.expires_at > clock.now(),
    )
    if row is None or row.device_hash not in (None, device_hash):
        raise _ended()
    return row


def use(row: PartnerOneTimeToken) -> None:
    """It opens nothing from now on. Raises Unauthenticated when another call used it first."""
    unused = PartnerOneTimeToken.id == row.id, PartnerOneTimeToken.used_at.is_null()
    if not PartnerOneTimeToken.update(used_at=clock.now()).where(*unused).execute():
        raise _ended()


def _ended() -> Unauthenticated:
    return Unauthenticated("This link or step has ended. Start again.", code="TOKEN_ENDED")


def issued_since(user_id: UUID, purpose: Purpose, span: timedelta) -> int:
    """How many were made in the last `span`."""
    return (
        PartnerOneTimeToken.select()
        .where(
            PartnerOneTimeToken.partner_user_id == user_id,
            PartnerOneTimeToken.purpose == purpose.value,
            PartnerOneTimeToken.created_at > clock.now() - span,
        )
        .count()
    )


def _hashes(token: str) -> list[str]:
    return lookup_hashes("one-time", token)
