"""Staff, as other domains ask: who may do what in a brand, who is there, how to reach them."""

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from app.core import clock
from app.core.database import brand_scope, role_scope
from app.core.errors import Forbidden, Unauthenticated
from app.core.identity import Actor, Role
from app.staff import passwords, ratings, second_factor, sessions, work
from app.staff.models import PartnerUser, PartnerUserBrandRole
from app.staff.permissions import GRANTS, Permission
from app.staff.work import Colleague

hash_password = passwords.hash_password
SECOND_FACTOR_ROLES = second_factor.REQUIRED_OF


def authorise(claims: dict[str, Any], brand_id: str, permission: Permission) -> Actor:
    """The actor behind a token, with the roles that this brand gives them today.

    Raises Unauthenticated if the session has ended or was opened without the second factor that their roles ask
    for by now, Forbidden if no role of theirs has `permission`.
    """
    session = sessions.check(claims)
    roles = sessions.roles_by_brand(claims["sub"]).get(brand_id, frozenset())
    if not roles & GRANTS[permission]:
        raise Forbidden(f"Your roles in {brand_id} do not include {permission.value}.")
    if roles & second_factor.REQUIRED_OF and not session.second_factor:
        raise Unauthenticated(
            "Your roles ask for a second factor. Sign in again.", code="SECOND_FACTOR_REQUIRED"
        )
    return Actor(claims["sub"], roles)


def check_session(claims: dict[str, Any]) -> None:
    """Raises Unauthenticated if the session behind a token has ended; asked outside of any scope."""
    with role_scope("los_identity"):
        sessions.check(claims)


def logout(claims: dict[str, Any]) -> None:
    """End this session: its token stops working at the next call."""
    with role_scope("los_identity"):
        sessions.end_one(claims["sub"], claims["sid"], "LOGOUT")


def working(role: Role) -> list[UUID]:
    """Active staff of this brand with `role`, on leave or not, in a stable order."""
    rows = (
        PartnerUserBrandRole.select(PartnerUserBrandRole.partner_user_id)
        .join(PartnerUser, on=(PartnerUser.id == PartnerUserBrandRole.partner_user_id))
        .where(PartnerUserBrandRole.role == role.value, PartnerUser.is_active)
        .order_by(PartnerUserBrandRole.partner_user_id)
    )
    return [row.partner_user_id for row in rows]


def colleagues(role: Role) -> list[Colleague]:
    """Active staff of this brand with `role` and what work they are fit for, those on leave today too."""
    return work.colleagues(role, clock.today())


def ratings_of(
    user_ids: list[UUID], bucket: str | None = None, ticket_class: str | None = None
) -> dict[UUID, Decimal]:
    """How well each did of late, 0 to 1, on such loans if that was rated; whoever was never rated is absent."""
    return ratings.shares(user_ids, bucket, ticket_class)


def names(user_ids: set[UUID]) -> dict[UUID, str]:
    """Display names by id."""
    rows = PartnerUser.select(PartnerUser.id, PartnerUser.name).where(PartnerUser.id.in_(list(user_ids)))
    return {row.id: row.name for row in rows}


class Contact(NamedTuple):
    name: str
    email: str


def contact(user_id: UUID) -> Contact:
    """How to reach somebody."""
    row = PartnerUser.select(PartnerUser.name, PartnerUser.email).where(PartnerUser.id == user_id).get()
    return Contact(row.name, row.email)


def create(
    email: str,
    name: str,
    password_hash: str,
    assignments: list[tuple[str, Role]],
    second_factor_seed: str | None = None,
) -> UUID:
    """A new member of staff with roles in brands; an existing e-mail keeps its password and gains the roles.

    For the command line and the seed, which act under no brand; the portal invites (`app.staff.team`).
    """
    with role_scope("los_identity"):
        user = PartnerUser.get_or_none(PartnerUser.email == email)
        if user is None:
            user = PartnerUser.create(
                email=email,
                name=name,
                password_hash=password_hash,
                second_factor=second_factor_seed,
                second_factor_since=clock.now() if second_factor_seed else None,
            )
    for brand_id, role in assignments:
        with brand_scope(brand_id):
            PartnerUserBrandRole.get_or_create(partner_user_id=user.id, role=role.value)
    return user.id


def is_super_admin(claims: dict[str, Any]) -> bool:
    """Whether somebody is a Super Admin of some brand now, signed in as one; asked outside of any scope.

    Raises Unauthenticated if the session has ended.
    """
    with role_scope("los_identity"):
        strong = sessions.check(claims).second_factor
        held = sessions.roles_by_brand(claims["sub"]).values()
        return strong and any(Role.SUPER_ADMIN in roles for roles in held)
