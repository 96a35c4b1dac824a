"""Every route says who may call it, and every role is held to the matrix."""

from pathlib import Path
from uuid import uuid4

import pytest

from app import create_app
from app.core.identity import STAFF_ROLES, Role
from app.demo.client import Portal
from app.routes import endpoints, table
from app.seed import DEMO_PASSWORD
from app.staff.permissions import _FEATURES, GRANTS, MATRIX, Permission
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.staff.people import somebody

GRANTED = {
    role: {f"staff:{permission.value}" for permission, roles in GRANTS.items() if role in roles}
    for role in STAFF_ROLES
}


@pytest.fixture(scope="module")
def routes(platform: Platform) -> list[tuple[str, str, str | None]]:
    return [(e.method, e.path, e.access) for e in endpoints(create_app(platform.settings))]


def test_every_route_declares_its_access(routes: list) -> None:
    assert len(routes) > 40
    assert [route for route in routes if route[2] is None] == []


def test_every_permission_asked_for_is_granted_to_somebody(routes: list) -> None:
    asked = {access.removeprefix("staff:") for _, _, access in routes if access.startswith("staff:")}
    assert asked <= {permission.value for permission in Permission}
    assert all(GRANTS[Permission(name)] for name in asked)


def path_of(rule: str, brand_id: str) -> str:
    path = rule.replace("<brand_id>", brand_id)
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        path = path[:start] + (str(uuid4()) if path[start:].startswith("<uuid:") else "x") + path[end + 1 :]
    return path


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_without_the_permission_is_refused(platform: Platform, routes: list, role: Role) -> None:
    portal = platform.staff(role)
    let_in = set()
    for method, rule, access in routes:
        allowed = access in GRANTED[role]
        # one route shows that a permission is had; every route shows that it is asked for
        if access.startswith("staff:") and not (allowed and access in let_in):
            status = _status(portal, method, path_of(rule, BRAND))
            assert (status == 403) is not allowed, f"{role} {method} {rule} answered {status}"
            let_in.add(access)


def _status(portal: object, method: str, path: str) -> int:
    session = portal.api._session
    url = portal.api.base_url + path
    return session.request(method, url, headers=portal._headers, json={}, timeout=30).status_code


def test_another_brands_staff_find_nothing(platform: Platform, routes: list) -> None:
    stranger = platform.staff(Role.SUPER_ADMIN, OTHER_BRAND)
    for method, rule, access in routes:
        if access.startswith("staff:") and "<brand_id>" in rule:
            assert _status(stranger, method, path_of(rule, BRAND)) == 404, rule


def test_without_a_token_nothing_opens(platform: Platform, routes: list) -> None:
    for method, rule, access in routes:
        if access.startswith(("staff", "customer")):
            url = platform.api.base_url + path_of(rule, BRAND)
            assert platform.api._session.request(method, url, json={}, timeout=30).status_code == 401, rule


def test_the_two_worlds_tokens_do_not_work_in_each_other(platform: Platform, routes: list) -> None:
    customer, portal = platform.customer(), platform.staff()
    for method, rule, access in routes:
        headers = portal._headers if access == "customer" else customer._headers
        if access.startswith(("staff", "customer")):
            url = platform.api.base_url + path_of(rule, BRAND)
            answer = platform.api._session.request(method, url, headers=headers, json={}, timeout=30)
            assert answer.status_code == 401, rule


def test_a_role_that_was_taken_away_stops_working_at_the_next_call(platform: Platform) -> None:
    portal = Portal(platform.api, somebody(platform, Role.SANCTION_MANAGER).email, DEMO_PASSWORD, BRAND)
    portal.get("/loans")
    platform.sql("DELETE FROM partner_user_brand_role WHERE partner_user_id = %s", portal.user["id"])
    portal.get("/loans", expect=403)


def test_logout_ends_a_session(platform: Platform) -> None:
    portal = Portal(platform.api, somebody(platform, Role.LOAN_EXECUTIVE).email, DEMO_PASSWORD, BRAND)
    portal.call("POST", "/partner/auth/logout", expect=204)
    portal.get("/loans", expect=401)


COLUMNS = [
    Role.SUPER_ADMIN, Role.ADMIN, Role.LOAN_EXECUTIVE, Role.CREDIT_EXECUTIVE, Role.SANCTION_MANAGER,
    Role.SANCTION_HEAD, Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD,
]  # fmt: skip
THE_PLATFORMS = {
    "Dashboard": "+++++++++",
    "Customer List": "++++-----",
    "Loans List": "++++-----",
    "Sanction Manager View": "++--++---",
    "Credit Executive View": "++-+-----",
    "Collections": "++----+++",
    "Pre-Collection": "++----+++",
    "Write-Off Authority": "++------+",
    "Loan Ops": "++-------",
    "Settings": "++-------",
    "Reports": "++-----++",
    "Staff Management": "++-------",
}


def test_the_matrix_is_the_platforms() -> None:
    assert set(COLUMNS) == set(STAFF_ROLES)
    assert {
        feature: "".join("+" if role in roles else "-" for role in COLUMNS)
        for feature, roles in MATRIX.items()
    } == THE_PLATFORMS


def test_a_permission_is_given_to_nobody_who_sees_none_of_its_features() -> None:
    for permission, roles in GRANTS.items():
        seen = set().union(*(MATRIX[feature] for feature in _FEATURES[permission]))
        assert roles <= seen, permission
        assert roles, permission


def test_wrong_passwords_lock_the_account(platform: Platform) -> None:
    body = {"email": somebody(platform, Role.LOAN_EXECUTIVE).email, "password": "wrong"}
    for _ in range(4):
        platform.api.call("POST", "/partner/auth/login", expect=401, json=body)
    platform.api.call("POST", "/partner/auth/login", expect=429, json=body)
    right = body | {"password": "Lending-Demo-1"}
    platform.api.call("POST", "/partner/auth/login", expect=429, json=right)


def test_an_unknown_email_is_answered_like_a_wrong_password(platform: Platform) -> None:
    body = {"email": "nobody@nowhere.example", "password": "wrong"}
    refused = platform.api.call("POST", "/partner/auth/login", expect=401, json=body)
    assert refused["error"]["code"] == "BAD_CREDENTIALS"


def test_the_documentation_lists_every_endpoint(platform: Platform) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    assert documented.endswith(table(create_app(platform.settings)) + "\n"), "run `los routes` again"
