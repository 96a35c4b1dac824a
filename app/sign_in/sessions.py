"""Sessions of customers: one a device, a few a customer, each with a refresh token that works once.

A session ends by itself after SESSION_DAYS, at logout, when the customer ends it from elsewhere, and when its refresh
token comes a second time or from another device: then somebody else has it.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request

from app.config import settings
from app.core import audit, clock
from app.core.crypto import is_hash_of, lookup_hash, lookup_hashes
from app.core.database import current_brand
from app.core.errors import Conflict, NotFound, Unauthenticated
from app.core.identity import World, issue_token
from app.customers.service import Customer
from app.messaging import service as messaging
from app.sign_in.models import CustomerDevice, SpentRefreshToken, UserLoginToken

SESSION_DAYS = 30

# why a session ended before its time
LOGOUT, ENDED_ELSEWHERE, EVERYWHERE = "LOGOUT", "ENDED_ELSEWHERE", "EVERYWHERE"
REPLACED, TOO_MANY = "REPLACED", "TOO_MANY"
REUSED, OTHER_DEVICE = "REUSED", "OTHER_DEVICE"


class SessionReused(Unauthenticated):
    """A refresh token came a second time: somebody else has it. Ending the session must stay."""

    code = "SESSION_REUSED"
    commits = True


class DeviceMismatch(Unauthenticated):
    """A refresh token came from another device than it was given to. Ending the session must stay."""

    code = "DEVICE_MISMATCH"
    commits = True


def start(customer: Customer, device_id: str | None, device_name: str | None) -> dict[str, Any]:
    """A session and its tokens. It takes the place of the one on this device, and of the one longest unused where
    there are LOS_CUSTOMER_SESSIONS_MAX. The customer is told when it is on a device they did not use before."""
    device_hash = _hash_of(device_id)
    is_first = not UserLoginToken.select().where(UserLoginToken.customer_id == customer.id).exists()
    is_known = _meet_device(customer, device_hash, device_name)
    if device_hash:
        _end(_live_of(customer.id).where(UserLoginToken.device_hash == device_hash), REPLACED)
    session = UserLoginToken.create(
        customer_id=customer.id,
        device_hash=device_hash,
        refresh_hash="",
        expires_at=clock.now() + timedelta(days=SESSION_DAYS),
        **_where_from(),
    )
    audit.record(
        "session.started",
        "user_login_token",
        session.id,
        subject_id=customer.id,
        after={"newDevice": not is_known},
    )
    _end(_live_of(customer.id).offset(settings().customer_sessions_max), TOO_MANY)
    if not is_known and not is_first:
        _tell(customer, device_name)
    return tokens_of(customer, session)


def exchange(refresh_token: str, device_id: str | None) -> UserLoginToken:
    """The session of a refresh token, which is used up by this. Raises SessionReused if it was before, DeviceMismatch
    if the session is on another device, and Unauthenticated."""
    session = live(refresh_token.partition(".")[0], locked=True)
    if not is_hash_of(session.refresh_hash, "refresh", refresh_token):
        _refuse_token(session, refresh_token)
    if session.device_hash and not is_hash_of(session.device_hash, "device", device_id or ""):
        _end([session], OTHER_DEVICE)
        raise DeviceMismatch("This session was ended: its refresh token came from another device.")
    SpentRefreshToken.create(session_id=session.id, token_hash=session.refresh_hash)
    return session


def _refuse_token(session: UserLoginToken, token: str) -> None:
    """Only a token that was ours ends the session: who guesses cannot sign others out."""
    hashes = lookup_hashes("refresh", token)
    spent = SpentRefreshToken.session_id == session.id, SpentRefreshToken.token_hash.in_(hashes)
    if not SpentRefreshToken.select().where(*spent).exists():
        raise _ended()
    _end([session], REUSED)
    raise SessionReused("This session was ended: its refresh token was used twice.")


def tokens_of(customer: Customer, session: UserLoginToken) -> dict[str, Any]:
    """A new pair of tokens of a session, which is in use now."""
    refresh_token = f"{session.id}.{secrets.token_urlsafe(32)}"
    now = clock.now()
    session.change(refresh_hash=lookup_hash("refresh", refresh_token), last_used_at=now, **_where_from())
    on_device = CustomerDevice.customer_id == customer.id, CustomerDevice.device_hash == session.device_hash
    CustomerDevice.update(last_used_at=now).where(*on_device).execute()
    access_token = issue_token(World.CUSTOMER, customer.id, session.id, brandId=current_brand())
    return {"access_token": access_token, "refresh_token": refresh_token, "user": customer}


def live(session_id: str, *, locked: bool = False) -> UserLoginToken:
    """The session, if it has not ended; `locked` until the transaction ends. Raises Unauthenticated."""
    try:
        query = _live().where(UserLoginToken.id == UUID(session_id))
    except ValueError:
        raise _ended() from None
    found = (query.for_update() if locked else query).first()
    if found is None:
        raise _ended()
    return found


def _ended() -> Unauthenticated:
    return Unauthenticated("This session has ended. Sign in again.")


def of_customer(customer_id: str, current_id: str) -> list[dict[str, Any]]:
    """Where the customer is signed in, last used first. `current_id` is the session that asks."""
    devices = CustomerDevice.select().where(CustomerDevice.customer_id == customer_id)
    names = {device.device_hash: device.name for device in devices}
    return [
        {
            **session.__data__,
            "device_name": names.get(session.device_hash),
            "is_current": str(session.id) == current_id,
        }
        for session in _live_of(customer_id)
    ]


def name_device(customer_id: str, session_id: UUID, name: str) -> None:
    """Call the device of a session something. Raises NotFound; Conflict if its app never said which it is on."""
    session = _own(customer_id, session_id)
    on_device = CustomerDevice.customer_id == customer_id, CustomerDevice.device_hash == session.device_hash
    if not CustomerDevice.update(name=name).where(*on_device).execute():
        raise Conflict("This session is on no device that could be known again.", code="NO_DEVICE")


def end(customer_id: str, session_id: UUID, current_id: str) -> None:
    """End one session. Raises NotFound."""
    because = LOGOUT if str(session_id) == current_id else ENDED_ELSEWHERE
    _end([_own(customer_id, session_id)], because)


def end_all(customer_id: str) -> None:
    """End every session, that which asks too."""
    _end(_live_of(customer_id), EVERYWHERE)


def _own(customer_id: str, session_id: UUID) -> UserLoginToken:
    session = _live_of(customer_id).where(UserLoginToken.id == session_id).first()
    if session is None:
        raise NotFound("session")
    return session


def _live() -> Any:
    return UserLoginToken.select().where(
        UserLoginToken.revoked_at.is_null(), UserLoginToken.expires_at > clock.now()
    )


def _live_of(customer_id: UUID | str) -> Any:
    mine = _live().where(UserLoginToken.customer_id == customer_id)
    return mine.order_by(UserLoginToken.last_used_at.desc(), UserLoginToken.id.desc())


def _end(sessions: Iterable[UserLoginToken], because: str) -> None:
    for session in sessions:
        session.change(revoked_at=clock.now(), ended_because=because)
        audit.record(
            "session.ended", "user_login_token", session.id, subject_id=session.customer_id, reason=because
        )


def _meet_device(customer: Customer, device_hash: str | None, name: str | None) -> bool:
    """Remember the device. Whether the customer used it before; one that is not named is never known."""
    if device_hash is None:
        return False
    device, is_new = CustomerDevice.get_or_create(
        customer_id=customer.id, device_hash=device_hash, defaults={"name": name}
    )
    if name and not is_new and device.name is None:
        device.change(name=name)
    return not is_new


def _tell(customer: Customer, device_name: str | None) -> None:
    at = clock.now().astimezone(clock.INDIA)
    messaging.notify(
        customer.id, "new_device", device=device_name or "a device without a name", at=f"{at:%d-%m-%Y %H:%M}"
    )


def _hash_of(device_id: str | None) -> str | None:
    return lookup_hash("device", device_id) if device_id else None


def _where_from() -> dict[str, str | None]:
    return {"ip": request.remote_addr, "user_agent": request.user_agent.string[:200]}
