"""Who may decide over whom: nobody gives or takes what is above them, nobody decides over themselves."""

from uuid import UUID

from app.core import identity
from app.core.database import current_brand, db, taking_role
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.identity import STAFF_ROLES, Role
from app.staff import sessions
from app.staff.models import PartnerUser, PartnerUserBrandRole
from app.staff.sessions import RolesByBrand

_ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
_ABOVE_ALL = frozenset({Role.SUPER_ADMIN})

# role -> the roles of whoever may give and take it
GIVEN_BY = {role: _ABOVE_ALL if role in _ADMINS else _ADMINS for role in STAFF_ROLES}


def roles_of(user_id: UUID | str) -> RolesByBrand:
    """All roles of somebody of this brand, in all brands. Raises NotFound if they have none here."""
    with taking_role("los_identity"):
        held = sessions.roles_by_brand(user_id)
    if current_brand() not in held:
        raise NotFound("member of staff")
    return held


def may_give(roles: frozenset[Role]) -> None:
    """Raises Forbidden if the actor may not give and take all of `roles` here."""
    above = sorted(role.value for role in roles if not identity.actor().roles & GIVEN_BY[role])
    if above:
        raise Forbidden(
            f"Only a Super Admin gives or takes {', '.join(above)}.", field="roles", code="ABOVE_YOU"
        )


def not_oneself(user_id: UUID | str) -> None:
    """Raises Conflict where somebody would decide over themselves."""
    if str(user_id) == identity.actor().id:
        raise Conflict("Somebody else must do this to your account.", code="ONESELF")


def may_decide_over(user_id: UUID | str) -> RolesByBrand:
    """The roles of somebody over whose account the actor may decide: it is one account in all their brands.

    Raises NotFound, Conflict for oneself, Forbidden when they have a role somewhere that the actor may not take.
    """
    theirs = roles_of(user_id)
    not_oneself(user_id)
    mine = _own_roles()
    if any(Role.SUPER_ADMIN in roles for roles in mine.values()):
        return theirs
    for brand_id, roles in theirs.items():
        if not all(mine.get(brand_id, frozenset()) & GIVEN_BY[role] for role in roles):
            raise Forbidden(
                "They have a role here or in another brand that you may not take.", code="ABOVE_YOU"
            )
    return theirs


def _own_roles() -> RolesByBrand:
    actor = identity.actor()
    with taking_role("los_identity"):
        return sessions.roles_by_brand(actor.id) | {current_brand(): actor.roles}


def keep_a_super_admin(user_id: UUID | str, brand_ids: set[str]) -> None:
    """Raises Conflict if one of these brands would be left without an active Super Admin other than `user_id`.

    Waits for whoever else takes a Super Admin away, so that two do not take away each other.
    """
    with taking_role("los_identity"):
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended('super-admins', 0))")
        others = (
            PartnerUserBrandRole.select(PartnerUserBrandRole.brand_id)
            .join(PartnerUser, on=(PartnerUser.id == PartnerUserBrandRole.partner_user_id))
            .where(
                PartnerUserBrandRole.role == Role.SUPER_ADMIN.value,
                PartnerUserBrandRole.partner_user_id != user_id,
                PartnerUser.is_active,
            )
        )
        kept = {row.brand_id for row in others}
    if brand_ids - kept:
        raise Conflict("The last Super Admin of a brand stays.", code="LAST_SUPER_ADMIN")
