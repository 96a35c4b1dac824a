"""Sessions of staff: a short access token, and a refresh token that works once, on the device it was given to.

A session ends twelve hours after the sign-in, after half an hour unused, when it is ended, when its refresh token
comes a second time, and with the person who is deactivated.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import clock
from app.core.crypto import is_hash_of, lookup_hash
from app.core.errors import NotFound, Unauthenticated
from app.core.identity import Role, World, issue_token
from app.staff import door
from app.staff.door import Device, Event
from app.staff.models import PartnerLoginToken, PartnerUser, PartnerUserBrandRole
from app.staff.permissions import permissions_of

SESSION_HOURS = 12
IDLE_MINUTES = 30
_REFRESH = "staff-refresh"  # the kind of hash that is kept of a refresh token
_TOUCHED_S = 60  # the time of last use is written no more often

RolesByBrand = dict[str, frozenset[Role]]


class SessionReused(Unauthenticated):
    """A refresh token came a second time, or from another device. Ending the session must stay."""

    code = "SESSION_REUSED"
    commits = True


def ended() -> Unauthenticated:
    """What a call gets whose session is over."""
    return Unauthenticated("This session has ended. Sign in again.", code="SESSION_ENDED")


def open_session(user: PartnerUser, device: Device, *, second_factor: bool) -> dict[str, Any]:
    """Sign `user` in: the pair of tokens, and who they are."""
    door.log(Event.SIGNED_IN, user.email, user, device)
    session = PartnerLoginToken.create(
        partner_user_id=user.id,
        device_hash=device.hash,
        ip=device.ip,
        user_agent=device.user_agent,
        second_factor=second_factor,
        last_used_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=SESSION_HOURS),
    )
    return _tokens(user, session) | {"new_device": door.register(device, user)}


def _tokens(user: PartnerUser, session: PartnerLoginToken) -> dict[str, Any]:
    refresh_token = f"{session.id}.{secrets.token_urlsafe(32)}"
    session.refresh_hash, session.last_used_at = _hash(refresh_token), clock.now()
    session.save(only=[PartnerLoginToken.refresh_hash, PartnerLoginToken.last_used_at])
    brands = roles_by_brand(user.id)
    roles = frozenset().union(*brands.values())
    access_token = issue_token(
        World.STAFF,
        user.id,
        session.id,
        brandIds=sorted(brands),
        roles=sorted(roles),
        permissions=permissions_of(roles),
    )
    return {"access_token": access_token, "refresh_token": refresh_token, "user": profile(user, brands)}


def refresh(refresh_token: str, device: Device) -> dict[str, Any]:
    """A new pair for a refresh token, with the brands and roles of this moment.

    Raises SessionReused, and ends the session, when the token was used before or the device is another.
    """
    session = _live(refresh_token.partition(".")[0]).for_update(of=PartnerLoginToken).first()
    if session is None:
        raise ended()
    user = PartnerUser.get_by_id(session.partner_user_id)
    is_last = is_hash_of(session.refresh_hash, _REFRESH, refresh_token)
    if not is_last or not device.is_of(session.device_hash):
        door.log(Event.REFRESH_REUSED, user.email, user, device)
        end([session], "REFRESH_REUSED")
        raise SessionReused("This session was ended: its refresh token came again or from elsewhere.")
    return _tokens(user, session)


def check(claims: dict[str, Any]) -> PartnerLoginToken:
    """The session behind an access token; its idle time starts anew. Raises Unauthenticated if it has ended."""
    session = _live(claims["sid"], *_CHECKED).first()
    if session is None:
        raise ended()
    if (clock.now() - session.last_used_at).total_seconds() > _TOUCHED_S:
        _touch(session)
    return session


# all that the service's own role may read of a session
_CHECKED = (PartnerLoginToken.id, PartnerLoginToken.last_used_at, PartnerLoginToken.second_factor)


def _live(session_id: str, *columns: Any) -> ModelSelect:
    return (
        PartnerLoginToken.select(*columns)
        .join(PartnerUser, on=(PartnerUser.id == PartnerLoginToken.partner_user_id))
        .where(PartnerLoginToken.id == _uuid(session_id), *_is_live(), PartnerUser.is_active)
    )


def _touch(session: PartnerLoginToken) -> None:
    # whoever finds the row taken lets the other write the time: a slow request holds up no other
    here = PartnerLoginToken.select(PartnerLoginToken.id).where(PartnerLoginToken.id == session.id)
    free = here.for_update("FOR UPDATE SKIP LOCKED")
    PartnerLoginToken.update(last_used_at=clock.now()).where(PartnerLoginToken.id.in_(free)).execute()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ended() from None


def _is_live() -> tuple:
    unused_since = clock.now() - timedelta(minutes=IDLE_MINUTES)
    return (
        PartnerLoginToken.revoked_at.is_null(),
        PartnerLoginToken.expires_at > clock.now(),
        PartnerLoginToken.last_used_at > unused_since,
    )


def live_of(user_id: UUID | str) -> list[PartnerLoginToken]:
    """The sessions of a person that are open now, newest first."""
    query = PartnerLoginToken.select().where(PartnerLoginToken.partner_user_id == user_id, *_is_live())
    return list(query.order_by(PartnerLoginToken.id.desc()))


def end_one(user_id: UUID | str, session_id: UUID | str, reason: str) -> None:
    """End one session of a person. Raises NotFound if they have none of that id."""
    found = [session for session in live_of(user_id) if str(session.id) == str(session_id)]
    if not found:
        raise NotFound("session")
    end(found, reason)


def end_all(user_id: UUID | str, reason: str) -> int:
    """End every session of a person; how many there were. Their tokens stop working at the next call."""
    return end(live_of(user_id), reason)


def end(sessions: Iterable[PartnerLoginToken], reason: str) -> int:
    """End these."""
    ids = [session.id for session in sessions]
    changes = {"revoked_at": clock.now(), "end_reason": reason}
    return PartnerLoginToken.update(**changes).where(PartnerLoginToken.id.in_(ids)).execute() if ids else 0


def roles_by_brand(user_id: UUID | str) -> RolesByBrand:
    """What the brands gave a person: all of them under los_identity, the own one inside a brand."""
    grouped: dict[str, set[Role]] = {}
    for row in PartnerUserBrandRole.select().where(PartnerUserBrandRole.partner_user_id == user_id):
        grouped.setdefault(row.brand_id, set()).add(Role(row.role))
    return {brand: frozenset(roles) for brand, roles in grouped.items()}


def profile(user: PartnerUser, brands: RolesByBrand) -> dict[str, Any]:
    """A person as they see themselves."""
    described = [
        {"brand_id": brand, "roles": sorted(roles), "permissions": permissions_of(roles)}
        for brand, roles in sorted(brands.items())
    ]
    enrolled = user.second_factor_since is not None
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "second_factor": enrolled,
        "brands": described,
    }


def _hash(refresh_token: str) -> str:
    return lookup_hash(_REFRESH, refresh_token)
