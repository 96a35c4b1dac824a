"""Staff: signing in with e-mail and password, and what a signed-in person may do in a brand."""

from collections import defaultdict
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import bcrypt

from app.core import clock
from app.core.database import brand_scope, role_scope
from app.core.errors import Forbidden, TooMany, Unauthenticated
from app.core.identity import Actor, Role, World, issue_token
from app.staff.models import (
    PartnerLoginToken,
    PartnerUnavailabilityDate,
    PartnerUser,
    PartnerUserBrandRole,
    PartnerUserLoginLog,
)
from app.staff.permissions import GRANTS, Permission, permissions_of

SESSION_HOURS = 12
FAILED_LOGINS_MAX = 5
LOCKED_MINUTES = 15


def login(email: str, password: str, **device: str | None) -> dict[str, Any]:
    """A session and its access token, for every brand of this person.

    Raises Unauthenticated (the same for an unknown e-mail and a wrong password), TooMany after
    FAILED_LOGINS_MAX wrong passwords. Every attempt is logged.
    """
    with role_scope("los_identity"):
        user = PartnerUser.get_or_none(PartnerUser.email == email.strip().lower())
        allowed = _may_sign_in(user, password)
        PartnerUserLoginLog.create(
            email=email.strip().lower(), partner_user_id=user.id if user else None, success=allowed, **device
        )
        if allowed:
            return _open_session(user)
    # outside of the scope: the failed attempt stays counted
    if user and user.locked_until and user.locked_until > clock.now():
        raise TooMany("Too many wrong passwords. Try again in a quarter of an hour.", code="LOCKED")
    raise Unauthenticated("E-mail or password is not right.", code="BAD_CREDENTIALS")


def _may_sign_in(user: PartnerUser | None, password: str) -> bool:
    stored = user.password_hash.encode() if user else _nobodys_hash()
    matches = bcrypt.checkpw(password.encode()[:72], stored)
    if user is None or not user.is_active or (user.locked_until and user.locked_until > clock.now()):
        return False
    user.failed_logins = 0 if matches else user.failed_logins + 1
    if user.failed_logins >= FAILED_LOGINS_MAX:
        user.locked_until = clock.now() + timedelta(minutes=LOCKED_MINUTES)
        user.failed_logins = 0
    user.save(only=[PartnerUser.failed_logins, PartnerUser.locked_until])
    return matches


@cache
def _nobodys_hash() -> bytes:
    """Compared against when the e-mail is unknown, so that both cases take the same time."""
    return hash_password("nobody").encode()


def _open_session(user: PartnerUser) -> dict[str, Any]:
    session = PartnerLoginToken.create(
        partner_user_id=user.id, expires_at=clock.now() + timedelta(hours=SESSION_HOURS)
    )
    brands = _roles_by_brand(user.id)
    roles = sorted({role.value for granted in brands.values() for role in granted})
    permissions = permissions_of(frozenset(Role(role) for role in roles))
    token = issue_token(
        World.STAFF, user.id, session.id, brandIds=sorted(brands), roles=roles, permissions=permissions
    )
    return {"access_token": token, "user": _profile(user, brands)}


def _roles_by_brand(user_id: UUID) -> dict[str, frozenset[Role]]:
    grouped = defaultdict(set)
    for row in PartnerUserBrandRole.select().where(PartnerUserBrandRole.partner_user_id == user_id):
        grouped[row.brand_id].add(Role(row.role))
    return {brand: frozenset(roles) for brand, roles in grouped.items()}


def _profile(user: PartnerUser, brands: dict[str, frozenset[Role]]) -> dict[str, Any]:
    described = [
        {"brand_id": brand, "roles": sorted(roles), "permissions": permissions_of(roles)}
        for brand, roles in sorted(brands.items())
    ]
    return {"id": user.id, "email": user.email, "name": user.name, "brands": described}


def me(claims: dict[str, Any]) -> dict[str, Any]:
    """The signed-in person as they are now, not as the token remembers them."""
    with role_scope("los_identity"):
        _live_session(claims)
        user = PartnerUser.get_by_id(claims["sub"])
        return _profile(user, _roles_by_brand(user.id))


def logout(claims: dict[str, Any]) -> None:
    """End this session: its token stops working at the next call."""
    with role_scope("los_identity"):
        PartnerLoginToken.update(revoked_at=clock.now()).where(
            PartnerLoginToken.id == claims["sid"]
        ).execute()


def authorise(claims: dict[str, Any], brand_id: str, permission: Permission) -> Actor:
    """The actor behind a token, with the roles that this brand gives them today.

    Raises Unauthenticated if the session has ended, Forbidden if no role of theirs has `permission`.
    """
    _live_session(claims)
    rows = PartnerUserBrandRole.select().where(PartnerUserBrandRole.partner_user_id == claims["sub"])
    roles = frozenset(Role(row.role) for row in rows)
    if not roles & GRANTS[permission]:
        raise Forbidden(f"Your roles in {brand_id} do not include {permission.value}.")
    return Actor(claims["sub"], roles)


def _live_session(claims: dict[str, Any]) -> None:
    live = PartnerLoginToken.id == claims["sid"], PartnerLoginToken.expires_at > clock.now()
    if not PartnerLoginToken.select().where(*live, PartnerLoginToken.revoked_at.is_null()).exists():
        raise Unauthenticated("This session has ended. Sign in again.")


def available(role: Role) -> list[UUID]:
    """Active staff of this brand with `role` who are not on leave today, in a stable order."""
    away = PartnerUnavailabilityDate.select(PartnerUnavailabilityDate.partner_user_id).where(
        PartnerUnavailabilityDate.day == clock.today()
    )
    rows = (
        PartnerUserBrandRole.select(PartnerUserBrandRole.partner_user_id)
        .join(PartnerUser, on=(PartnerUser.id == PartnerUserBrandRole.partner_user_id))
        .where(
            PartnerUserBrandRole.role == role.value,
            PartnerUser.is_active,
            PartnerUserBrandRole.partner_user_id.not_in(away),
        )
        .order_by(PartnerUserBrandRole.partner_user_id)
    )
    return [row.partner_user_id for row in rows]


def names(user_ids: set[UUID]) -> dict[UUID, str]:
    """Display names by id."""
    rows = PartnerUser.select(PartnerUser.id, PartnerUser.name).where(PartnerUser.id.in_(list(user_ids)))
    return {row.id: row.name for row in rows}


def hash_password(password: str) -> str:
    """bcrypt, which reads 72 bytes at most."""
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(12)).decode()


def create(email: str, name: str, password_hash: str, assignments: list[tuple[str, Role]]) -> UUID:
    """A new member of staff with roles in brands; an existing e-mail keeps its password and gains the roles."""
    with role_scope("los_identity"):
        user = PartnerUser.get_or_none(PartnerUser.email == email)
        if user is None:
            user = PartnerUser.create(email=email, name=name, password_hash=password_hash)
    for brand_id, role in assignments:
        with brand_scope(brand_id):
            PartnerUserBrandRole.get_or_create(partner_user_id=user.id, role=role.value)
    return user.id


def assign(user_id: UUID, role: Role) -> None:
    """Give somebody a role in the brand of this transaction."""
    PartnerUserBrandRole.get_or_create(partner_user_id=user_id, role=role.value)


def is_super_admin(claims: dict[str, Any]) -> bool:
    """Whether somebody is a Super Admin of some brand now; asked outside of any scope.

    Raises Unauthenticated if the session has ended.
    """
    with role_scope("los_identity"):
        _live_session(claims)
        return any(Role.SUPER_ADMIN in roles for roles in _roles_by_brand(claims["sub"]).values())
