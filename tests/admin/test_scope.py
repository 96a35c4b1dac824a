"""A Super Admin is nobody in a brand that gave them no role, until they open a scope there and say why."""

from typing import Any

import pytest

from app.core.identity import STAFF_ROLES, Role
from app.demo.client import Portal
from tests.platform import BRAND, OTHER_BRAND, Platform

BRANDS = "/partner/admin/brands"
WHY = "Complaint 4711: the customer says that the receipt is wrong"
ABROAD = "salarybolt"


@pytest.fixture
def visitor(platform: Platform) -> Portal:
    """A Super Admin of another brand, without a scope here."""
    portal = platform.staff(Role.SUPER_ADMIN, OTHER_BRAND)
    platform.sql("UPDATE admin_scope SET ended_at = now() WHERE partner_user_id = %s", portal.user["id"])
    return portal


def look(visitor: Portal, rest: str, expect: int = 200, brand_id: str = ABROAD) -> Any:
    return visitor.call("GET", f"/partner/brand/{brand_id}{rest}", expect=expect)


def enter(visitor: Portal, expect: int = 201, **body: Any) -> dict[str, Any]:
    return visitor.call("POST", f"{BRANDS}/{ABROAD}/scope", expect=expect, json={"reason": WHY} | body)


def events(platform: Platform, scope: dict[str, Any]) -> list[tuple]:
    return platform.sql(
        """SELECT action, actor_role, reason, after ->> 'path' FROM audit_event
           WHERE brand_id = %s AND entity_id = %s ORDER BY created_at, id""",
        ABROAD,
        scope["id"],
    )


def test_it_works(platform: Platform, visitor: Portal) -> None:
    look(visitor, "/loans", expect=404)
    scope = enter(visitor, minutes=30)
    look(visitor, "/loans")
    visitor.call("DELETE", f"{BRANDS}/{ABROAD}/scope", expect=204)
    look(visitor, "/loans", expect=404)
    inside = f"SUPER_ADMIN in scope {scope['id']}"
    assert events(platform, scope) == [
        ("admin_scope.opened", "SUPER_ADMIN", WHY, None),
        ("admin_scope.used", inside, WHY, f"/partner/brand/{ABROAD}/loans"),
        ("admin_scope.ended", "SUPER_ADMIN", None, None),
    ]


def test_what_is_done_in_a_scope_is_marked(platform: Platform, visitor: Portal) -> None:
    scope = enter(visitor)
    headers = visitor._headers | {"X-Brand-Id": ABROAD}
    session, url = visitor.api._session, f"{visitor.api.base_url}/settings/brand"
    etag = session.get(url, headers=headers, timeout=30).headers["ETag"]
    body = {"remark": "Asked for by the brand", "settings": {"bankData": {"statementDaysKept": 200}}}
    changed = session.patch(url, headers=headers | {"If-Match": etag}, json=body, timeout=30)
    assert changed.status_code == 200
    roles = platform.sql(
        "SELECT actor_role FROM audit_event WHERE brand_id = %s AND action = 'brand_settings.changed'", ABROAD
    )
    assert (f"SUPER_ADMIN in scope {scope['id']}",) in roles


def test_a_scope_is_of_one_brand(visitor: Portal) -> None:
    enter(visitor)
    look(visitor, "/loans", expect=404, brand_id="fastsalary")


def test_a_scope_is_of_one_person(platform: Platform, visitor: Portal) -> None:
    enter(visitor)
    look(platform.staff(Role.SUPER_ADMIN, "salary4sure"), "/loans", expect=404)


def test_a_scope_ends_by_itself(platform: Platform, visitor: Portal) -> None:
    scope = enter(visitor)
    platform.sql("UPDATE admin_scope SET expires_at = now() - interval '1 second' WHERE id = %s", scope["id"])
    look(visitor, "/loans", expect=404)


@pytest.mark.parametrize("body", [{"reason": "because"}, {"minutes": 481}, {"minutes": 1}, {"reason": None}])
def test_a_scope_needs_a_reason_and_has_a_limit(visitor: Portal, body: dict[str, Any]) -> None:
    enter(visitor, expect=422, **body)


def test_a_scope_in_no_brand(visitor: Portal) -> None:
    for method in ("POST", "DELETE"):
        visitor.call(method, f"{BRANDS}/nosuchbrand/scope", expect=404, json={"reason": WHY})
    visitor.call("DELETE", f"{BRANDS}/{ABROAD}/scope", expect=404)


def test_who_is_no_super_admin_any_more_has_no_scope(platform: Platform) -> None:
    portal = Portal(platform.api, "super.admin@fastsalary.example", "Lending-Demo-1", "fastsalary")
    enter(portal)
    look(portal, "/loans")
    mine = "partner_user_id = %s AND role = 'SUPER_ADMIN'"
    platform.sql(f"UPDATE partner_user_brand_role SET role = 'ADMIN' WHERE {mine}", portal.user["id"])
    look(portal, "/loans", expect=404)
    portal.call("GET", BRANDS, expect=403)
    mine = "partner_user_id = %s AND role = 'ADMIN'"
    platform.sql(f"UPDATE partner_user_brand_role SET role = 'SUPER_ADMIN' WHERE {mine}", portal.user["id"])


@pytest.mark.parametrize("role", [role for role in STAFF_ROLES if role != Role.SUPER_ADMIN])
def test_everybody_else_is_refused(platform: Platform, role: Role) -> None:
    portal = platform.staff(role)
    portal.call("GET", BRANDS, expect=403)
    enter(portal, expect=403)
    look(portal, "/loans", expect=404)


def test_brands_in_numbers(platform: Platform, visitor: Portal) -> None:
    page = visitor.call("GET", f"{BRANDS}?search=qualoan&sort=id")
    assert [row["id"] for row in page["items"]] == [BRAND]
    assert page["items"][0]["staff"] >= len(STAFF_ROLES)
    assert len(visitor.call("GET", f"{BRANDS}?pageSize=2")["items"]) == 2


def test_the_role_behind_it_reads_numbers_alone(platform: Platform) -> None:
    granted = platform.sql(
        """SELECT table_name || '.' || column_name, privilege_type FROM information_schema.column_privileges
           WHERE grantee = 'los_admin'"""
    )
    assert {privilege for _, privilege in granted} == {"SELECT"}
    assert {column for column, _ in granted} == {
        "brand.id", "brand.name", "brand.settings_number", "brand.created_at",
        "partner_user_brand_role.brand_id", "partner_user_brand_role.partner_user_id",
        "partner_user_brand_role.role", "customer.brand_id", "customer.id", "loan.brand_id", "loan.status",
        "outbox.brand_id", "outbox.status", "outbox.available_at", "admin_scope.brand_id",
        "admin_scope.partner_user_id", "admin_scope.ended_at", "admin_scope.expires_at",
    }  # fmt: skip
