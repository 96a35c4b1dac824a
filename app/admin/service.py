"""What a Super Admin does above the brands: make one, see how all of them are, be at work in one for a while."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.admin.models import AdminScope
from app.brands import service as brands
from app.core import audit, clock, identity
from app.core.database import brand_scope
from app.core.errors import NotFound
from app.core.identity import Actor, Role
from app.policies import brand_files
from app.staff import service as staff
from app.staff import team
from app.staff.permissions import GRANTS, Permission


def create_brand(brand_id: str, name: str, settings: dict[str, Any], administrator: dict[str, str]) -> None:
    """A brand with its settings and its first administrator, who is invited by mail; its rule files are on disk.

    Raises Conflict if there is one of that id, UnsoundRules if its rule files are not all there and sound.
    """
    brands.refuse_taken(brand_id)
    brand_files.refuse_unsound(brand_id)
    with brand_scope(brand_id):
        brands.make(name, settings)
        first = team.invite_first(administrator["email"], administrator["name"])
        audit.record("brand.made", "brand", None, after={"name": name, "administrator": str(first.id)})


def open_scope(brand_id: str, reason: str, minutes: int) -> AdminScope:
    """Let the acting Super Admin work in a brand for some minutes. Raises NotFound if there is none of that id."""
    with brand_scope(brand_id):
        brands.current()
        scope = AdminScope.create(
            partner_user_id=identity.actor().id,
            reason=reason,
            expires_at=clock.now() + timedelta(minutes=minutes),
        )
        told = {"minutes": minutes, "expiresAt": scope.expires_at.isoformat()}
        audit.record("admin_scope.opened", "admin_scope", scope.id, after=told, reason=reason)
        return scope


def end_scope(brand_id: str) -> None:
    """End every scope of the acting Super Admin in a brand. Raises NotFound if none is open."""
    with brand_scope(brand_id):
        ended = list(_open(identity.actor().id))
        if not ended:
            raise NotFound("scope")
        for scope in ended:
            scope.change(ended_at=clock.now())
            audit.record("admin_scope.ended", "admin_scope", scope.id)


def enter(claims: dict[str, Any]) -> None:
    """Raises NotFound unless a token is of somebody who may open scopes. Asked outside of any brand."""
    if Role.SUPER_ADMIN.value not in claims["roles"] or not staff.is_super_admin(claims):
        raise NotFound("brand")


def authorise(claims: dict[str, Any], permission: Permission, act: dict[str, str]) -> Actor:
    """The Super Admin in their open scope in this brand. `act` is what they do: it is marked in the audit trail.

    Raises NotFound without a scope: the brand looks as if it were not there.
    """
    scope = _open(claims["sub"]).order_by(AdminScope.expires_at.desc()).first()
    if scope is None or Role.SUPER_ADMIN not in GRANTS[permission]:
        raise NotFound("brand")
    actor = Actor(claims["sub"], frozenset({Role.SUPER_ADMIN}), scope_id=str(scope.id))
    with identity.acting(actor):
        audit.record("admin_scope.used", "admin_scope", scope.id, after=act, reason=scope.reason)
    return actor


def is_at_work(user_id: UUID) -> bool:
    """Whether somebody has an open scope in this brand."""
    return _open(str(user_id)).exists()


def _open(user_id: str) -> Any:
    lasting = AdminScope.expires_at > clock.now(), AdminScope.ended_at.is_null()
    return AdminScope.select().where(AdminScope.partner_user_id == user_id, *lasting)
