"""The staff of a brand: invited, given roles, away, rated, deactivated; nobody decides over who is above them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from app.core.identity import Role
from app.demo.client import Portal
from tests.platform import OTHER_BRAND, Platform
from tests.policies.desk import Desk
from tests.staff.people import Person, somebody

GOOD = "Nilgiri tea at seven"


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture
def admin(desk: Desk) -> Portal:
    return desk.portal(Role.ADMIN)


@pytest.fixture
def chief(desk: Desk) -> Portal:
    return desk.portal(Role.SUPER_ADMIN)


def member(desk: Desk, *roles: Role) -> Person:
    """Somebody new in the desk's brand."""
    return somebody(desk.platform, *roles, brand_id=desk.brand)


def on(portal: Portal, person: Person, method: str, rest: str = "", expect: int = 200, **body: Any) -> Any:
    """A call about a person."""
    return portal.send(method, f"/staff/{person.id}{rest}", expect=expect, **({"json": body} if body else {}))


def code(answer: dict[str, Any]) -> str:
    return answer["error"]["code"]


def audited(desk: Desk, person: Person, action: str) -> list[tuple]:
    return desk.platform.sql(
        "SELECT before, after FROM audit_event WHERE entity_id = %s AND action = %s ORDER BY id",
        person.id,
        f"staff.{action}",
    )


def test_an_invited_person_chooses_a_password_and_works(desk: Desk, admin: Portal) -> None:
    email = f"{uuid4().hex}@staff.example"
    body = {"email": email, "name": "Nisha Rao", "roles": ["LOAN_EXECUTIVE"], "pincode": "560034"}
    made = admin.post("/staff", expect=201, json=body)
    assert (made["roles"], made["isActive"]) == (["LOAN_EXECUTIVE"], True)
    assert not any("assword" in name or "oken" in name for name in made)
    person = Person(desk.platform, email, made["id"])
    person.login("anything at all", expect=401)
    link = {"token": person.link(), "password": GOOD}
    desk.platform.api.call("POST", "/partner/auth/set-password", expect=204, json=link)
    person.sign_in(GOOD).call("GET", f"/partner/brand/{desk.brand}/loans")
    assert code(admin.post("/staff", expect=409, json=body)) == "ALREADY_STAFF"
    assert audited(desk, person, "invited")[0][1]["roles"] == ["LOAN_EXECUTIVE"]
    on(admin, person, "POST", "/invite", expect=409)


def test_an_open_invitation_is_corrected_and_sent_again(desk: Desk, admin: Portal) -> None:
    wrong, right = (f"{uuid4().hex}@staff.example" for _ in range(2))
    body = {"email": wrong, "name": "Nisha Rao", "roles": ["LOAN_EXECUTIVE"]}
    made = admin.post("/staff", expect=201, json=body)
    person = Person(desk.platform, wrong, made["id"])
    first = person.link()
    assert on(admin, person, "PATCH", email=right)["email"] == right
    person.email = right
    link = {"token": first, "password": GOOD}
    desk.platform.api.call("POST", "/partner/auth/set-password", expect=401, json=link)
    link["token"] = person.link()
    desk.platform.api.call("POST", "/partner/auth/set-password", expect=204, json=link)
    assert code(on(admin, person, "PATCH", expect=409, email=wrong)) == "EMAIL_STAYS"
    assert on(admin, person, "PATCH", name="Nisha R. Rao")["name"] == "Nisha R. Rao"


def test_somebody_of_another_brand_keeps_their_password(desk: Desk, admin: Portal) -> None:
    person = somebody(desk.platform, Role.LOAN_EXECUTIVE, brand_id=OTHER_BRAND).sign_in()
    body = {"email": person.email, "name": "Somebody Else", "roles": ["LOAN_EXECUTIVE"]}
    made = admin.post("/staff", expect=201, json=body)
    assert made["id"] == person.id
    assert "#token=" not in person.mails()[0]["text"]
    person.tokens = person.refresh(person.tokens["refreshToken"])
    person.call("GET", f"/partner/brand/{desk.brand}/loans")
    person.call("GET", f"/partner/brand/{OTHER_BRAND}/loans")


def test_the_list_is_searched_filtered_sorted_and_paged(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.CREDIT_EXECUTIVE)
    found = admin.get("/staff", params={"search": person.email.upper()[:12].lower()})
    assert [row["id"] for row in found["items"]] == [person.id]
    for params in ({"role": "CREDIT_EXECUTIVE"}, {"active": "true"}):
        rows = admin.get("/staff", params={**params, "pageSize": 100})["items"]
        assert person.id in {row["id"] for row in rows}
    heads = admin.get("/staff", params={"role": "SANCTION_HEAD"})["items"]
    assert [row["roles"] for row in heads] == [["SANCTION_HEAD"]]
    page = admin.get("/staff", params={"pageSize": 2, "sort": "-email"})
    emails = [row["email"] for row in page["items"]]
    assert (len(emails), emails) == (2, sorted(emails, reverse=True))
    assert page["pagination"]["total"] >= 10


def test_roles_are_given_and_taken(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.LOAN_EXECUTIVE).sign_in()
    person.call("GET", f"/partner/brand/{desk.brand}/customers")
    on(admin, person, "PUT", "/roles", roles=["COLLECTION_EXECUTIVE"])
    person.call("GET", f"/partner/brand/{desk.brand}/customers", expect=403)
    before, after = audited(desk, person, "roles_set")[0]
    assert (before["roles"], after["roles"]) == (["LOAN_EXECUTIVE"], ["COLLECTION_EXECUTIVE"])
    assert on(admin, person, "PUT", "/roles", roles=[]) == {"roles": []}
    on(admin, person, "GET", expect=404)
    person.call("GET", f"/partner/brand/{desk.brand}/dashboard", expect=403)


@pytest.mark.parametrize("role", ["SUPER_ADMIN", "ADMIN"])
def test_an_admin_makes_and_touches_no_administrator(desk: Desk, admin: Portal, role: str) -> None:
    above, below = member(desk, Role(role)), member(desk, Role.LOAN_EXECUTIVE)
    body = {"email": f"{uuid4().hex}@staff.example", "name": "Some One", "roles": [role]}
    assert code(admin.post("/staff", expect=403, json=body)) == "ABOVE_YOU"
    on(admin, below, "PUT", "/roles", expect=403, roles=["LOAN_EXECUTIVE", role])
    on(admin, above, "PUT", "/roles", expect=403, roles=["LOAN_EXECUTIVE"])
    on(admin, above, "PATCH", expect=403, name="Another Name")
    on(admin, above, "POST", "/deactivate", expect=403, reason="Because")
    on(admin, above, "POST", "/second-factor/remove", expect=403, reason="Because")
    on(admin, above, "DELETE", "/sessions", expect=403)


def test_a_super_admin_makes_an_admin(desk: Desk, chief: Portal) -> None:
    person = member(desk, Role.LOAN_EXECUTIVE).sign_in()
    on(chief, person, "PUT", "/roles", roles=["ADMIN"])
    refused = person.call("GET", f"/partner/brand/{desk.brand}/staff", expect=401)
    assert code(refused) == "SECOND_FACTOR_REQUIRED"


def test_an_account_that_works_above_in_another_brand_is_not_touched_here(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.LOAN_EXECUTIVE)
    desk.platform.sql(
        "INSERT INTO partner_user_brand_role (id, brand_id, partner_user_id, role) "
        "VALUES (gen_random_uuid(), %s, %s, 'LOAN_EXECUTIVE')",
        OTHER_BRAND,
        person.id,
    )
    on(admin, person, "POST", "/deactivate", expect=403, reason="Left the firm")
    on(admin, person, "PATCH", expect=403, name="Another Name")
    # their place here is this brand's own
    on(admin, person, "PUT", "/roles", roles=[])


def test_nobody_decides_over_themselves(desk: Desk, chief: Portal) -> None:
    myself = Person(desk.platform, chief.email, chief.user["id"])
    assert code(on(chief, myself, "PUT", "/roles", expect=409, roles=["ADMIN"])) == "ONESELF"
    assert code(on(chief, myself, "POST", "/deactivate", expect=409, reason="Because")) == "ONESELF"
    on(chief, myself, "POST", "/ratings", expect=409, month="2026-01-01", scores={"CONDUCT": 5})


def test_the_last_super_admin_stays(platform: Platform) -> None:
    """Somebody from above the brand takes neither the role nor the account of its only one."""
    desk = Desk(platform)
    chief = desk.portal(Role.SUPER_ADMIN)
    last = Person(platform, chief.email, chief.user["id"])
    second = member(desk, Role.SUPER_ADMIN)
    above = desk.platform.staff(Role.SUPER_ADMIN, OTHER_BRAND)
    scope = {"reason": "To tidy up", "minutes": 5}
    above.call("POST", f"/partner/admin/brands/{desk.brand}/scope", expect=201, json=scope)
    path = f"/partner/brand/{desk.brand}/staff"
    above.call("POST", f"{path}/{second.id}/deactivate", json={"reason": "Left the firm"})
    for method, rest, body in (
        ("PUT", "roles", {"roles": ["ADMIN"]}),
        ("POST", "deactivate", {"reason": "Left"}),
    ):
        refused = above.call(method, f"{path}/{last.id}/{rest}", expect=409, json=body)
        assert code(refused) == "LAST_SUPER_ADMIN"


def test_two_super_admins_do_not_take_each_other_away(platform: Platform) -> None:
    desk = Desk(platform)
    one, other = (member(desk, Role.SUPER_ADMIN).sign_in() for _ in range(2))
    platform.sql(
        "DELETE FROM partner_user_brand_role WHERE brand_id = %s AND role = 'SUPER_ADMIN' "
        "AND partner_user_id NOT IN (%s, %s)",
        desk.brand,
        one.id,
        other.id,
    )

    def deactivate(by: Person, whom: Person) -> int:
        url = f"{platform.api.base_url}/partner/brand/{desk.brand}/staff/{whom.id}/deactivate"
        headers = {"Authorization": f"Bearer {by.tokens['accessToken']}"}
        return requests.post(url, headers=headers, json={"reason": "Left"}, timeout=30).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(deactivate, (one, other), (other, one)))
    assert sorted(answers) in ([200, 401], [200, 409])


def test_a_deactivated_person_is_out_at_once_and_may_come_back(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.LOAN_EXECUTIVE).sign_in()
    old = person.tokens
    gone = on(admin, person, "POST", "/deactivate", reason="Left the firm")
    assert gone["isActive"] is False
    person.call("GET", f"/partner/brand/{desk.brand}/loans", expect=401)
    person.login(expect=401)
    assert code(on(admin, person, "POST", "/deactivate", expect=409, reason="Again")) == "DEACTIVATED"
    on(admin, person, "POST", "/reactivate", reason="Came back")
    person.refresh(old["refreshToken"], expect=401)
    person.sign_in().call("GET", f"/partner/brand/{desk.brand}/loans")
    assert audited(desk, person, "deactivated") == [({"isActive": True}, {"isActive": False})]


def test_an_administrator_logs_somebody_out(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.LOAN_EXECUTIVE).sign_in()
    first = person.tokens
    person.sign_in()
    newest, older = on(admin, person, "GET", "/sessions")
    on(admin, person, "DELETE", f"/sessions/{older['id']}", expect=204)
    person.refresh(first["refreshToken"], expect=401)
    person.call("GET", "/partner/me")
    on(admin, person, "DELETE", f"/sessions/{uuid4()}", expect=404)
    on(admin, person, "DELETE", "/sessions", expect=204)
    person.call("GET", "/partner/me", expect=401)
    events = [row["event"] for row in on(admin, person, "GET", "/logins")["items"]]
    assert events == ["SIGNED_IN", "SIGNED_IN"]
    assert newest["secondFactor"] is False


def test_a_lost_phone(desk: Desk, chief: Portal) -> None:
    person = member(desk, Role.COLLECTION_HEAD).sign_in()
    on(chief, person, "POST", "/second-factor/remove", expect=204, reason="Lost the phone")
    person.call("GET", "/partner/me", expect=401)
    assert person.login()["next"] == "ENROL_SECOND_FACTOR"
    assert "removed by an administrator" in person.mails()[0]["text"]


def test_leave_is_ranges(desk: Desk, admin: Portal) -> None:
    person = member(desk, Role.CREDIT_EXECUTIVE)
    start = date(2027, 3, 1)
    span = {"fromDate": start.isoformat(), "toDate": (start + timedelta(days=9)).isoformat()}
    on(admin, person, "POST", "/unavailability", expect=201, **span, reason="Holi")
    on(admin, person, "POST", "/unavailability", expect=201, **span, reason="Twice changes nothing")
    middle = {"fromDate": "2027-03-04", "toDate": "2027-03-05"}
    left = admin.send("DELETE", f"/staff/{person.id}/unavailability", params=middle)
    assert left == [
        {"fromDate": "2027-03-01", "toDate": "2027-03-03", "reason": "Holi"},
        {"fromDate": "2027-03-06", "toDate": "2027-03-10", "reason": "Holi"},
    ]
    assert on(admin, person, "GET", "/unavailability") == left
    backwards = {"fromDate": "2027-03-05", "toDate": "2027-03-04"}
    refused = on(admin, person, "POST", "/unavailability", expect=422, **backwards)
    assert "toDate" in refused["error"]["fields"]
    on(admin, person, "POST", "/unavailability", expect=422, fromDate="2027-01-01", toDate="2029-01-01")


def test_ratings_average_and_replace(desk: Desk, chief: Portal) -> None:
    person, head = member(desk, Role.COLLECTION_EXECUTIVE), desk.portal(Role.COLLECTION_HEAD)
    on(head, person, "POST", "/ratings", expect=201, month="2026-10-15", scores={"CONDUCT": 1})
    scores = {"CONDUCT": 5, "RECOVERY": 4, "PROMISES_KEPT": 4}
    rated = on(head, person, "POST", "/ratings", expect=201, month="2026-10-02", scores=scores)
    assert (rated["average"], rated["month"]) == ("4.33", "2026-10-01")
    on(chief, person, "POST", "/ratings", expect=201, month="2026-10-02", scores={"CONDUCT": 3})
    page = on(chief, person, "GET", "/ratings")
    assert sorted(row["average"] for row in page["items"]) == ["3.00", "4.33"]
    for bad in ({"CONDUCT": 6}, {"CHARM": 3}, {}, {"CONDUCT": "4"}):
        on(head, person, "POST", "/ratings", expect=422, month="2026-10-02", scores=bad)
    on(head, person, "POST", "/ratings", expect=422, month="2126-10-02", scores={"CONDUCT": 3})


def test_another_brands_staff_are_not_found(desk: Desk, chief: Portal) -> None:
    stranger = somebody(desk.platform, Role.LOAN_EXECUTIVE, brand_id=OTHER_BRAND)
    for method, rest, body in (
        ("GET", "", {}),
        ("PATCH", "", {"name": "Another Name"}),
        ("PUT", "/roles", {"roles": ["LOAN_EXECUTIVE"]}),
        ("POST", "/deactivate", {"reason": "Because"}),
        ("POST", "/invite", {}),
        ("GET", "/sessions", {}),
        ("DELETE", "/sessions", {}),
        ("GET", "/logins", {}),
        ("GET", "/unavailability", {}),
        ("GET", "/ratings", {}),
    ):
        on(chief, stranger, method, rest, expect=404, **body)
