"""Personal data is masked for everybody; it is revealed to those who may, for a reason, and not often."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from app.core.identity import STAFF_ROLES, Role
from app.demo.client import CustomerApp, Portal
from app.staff.permissions import GRANTS, Permission
from tests.keys.test_encryption import settings_with
from tests.kyc.test_bank_account import with_pan
from tests.platform import BRAND, OTHER_BRAND, Platform

APPLICATION = {"amount": "10000.00", "tenureDays": 20, "purpose": "OTHER"}
REASON = "Called back about the address"


@pytest.fixture(scope="module")
def app(platform: Platform) -> CustomerApp:
    """Somebody whose phone, e-mail, PAN and account are known."""
    app = with_pan(platform, "GOO", BRAND)
    person = app.person
    app.patch("/web/profile", json={"email": person["email"]})
    account = {"accountNumber": person["accountNumber"], "ifsc": person["ifsc"]}
    with platform.working():
        app.post("/web/kyc/bank-account", expect=201, json=account)
    return app


def path(app: CustomerApp) -> str:
    return f"/customers/{app.get('/web/me')['id']}"


def reveal(portal: Portal, app: CustomerApp, *fields: str, expect: int = 200, reason: str = REASON) -> Any:
    body = {"fields": list(fields), "reason": reason}
    return portal.post(f"{path(app)}/reveal", expect=expect, json=body)


def events(platform: Platform, app: CustomerApp) -> list[tuple]:
    find = "SELECT actor_id, after::text, reason FROM audit_event WHERE action = %s AND entity_id = %s ORDER BY id"
    return platform.sql(find, "personal_data.revealed", app.get("/web/me")["id"])


@pytest.mark.parametrize("role", sorted(GRANTS[Permission.CUSTOMERS_VIEW]))
def test_list_and_detail_are_masked_for_every_role(platform: Platform, app: CustomerApp, role: Role) -> None:
    portal, person = platform.staff(role), app.person
    (listed,) = portal.get("/customers", params={"search": person["pan"]})["items"]
    for shown in (listed, portal.get(path(app)), portal.get(f"{path(app)}/kyc")["customer"]):
        assert shown["phone"] == f"{person['phone'][:2]}xxxxxx{person['phone'][-2:]}"
        assert shown["pan"] == f"{person['pan'][:3]}xxxxx{person['pan'][-2:]}"
        assert shown["email"] == f"{person['email'][0]}***@{person['email'].partition('@')[2]}"
        assert shown["dob"].endswith("-xx-xx")


def test_it_is_revealed_and_audited_by_name_alone(platform: Platform, app: CustomerApp) -> None:
    portal, person = platform.staff(), app.person
    shown = reveal(portal, app, "phone", "email", "pan", "accountNumber", "dob", "address")
    assert {name: shown[name] for name in ("phone", "email", "pan", "accountNumber")} == {
        name: person[name] for name in ("phone", "email", "pan", "accountNumber")
    }
    actor, after, reason = events(platform, app)[-1]
    assert (actor, reason) == (portal.user["id"], REASON)
    assert json.loads(after) == {
        "fields": sorted(["phone", "email", "pan", "accountNumber", "dob", "address"])
    }


def test_only_what_was_asked_for_is_shown(platform: Platform, app: CustomerApp) -> None:
    assert reveal(platform.staff(), app, "pan", "pan") == {"pan": app.person["pan"]}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_others_are_refused(platform: Platform, app: CustomerApp, role: Role) -> None:
    if role in GRANTS[Permission.CUSTOMERS_REVEAL]:
        return
    before = events(platform, app)
    reveal(platform.staff(role), app, "pan", expect=403)
    assert events(platform, app) == before


def test_another_brands_customer_is_not_there(platform: Platform, app: CustomerApp) -> None:
    reveal(platform.staff(Role.ADMIN, OTHER_BRAND), app, "pan", expect=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fields": ["pan"]}, "reason"),
        ({"fields": ["pan"], "reason": "x"}, "reason"),
        ({"fields": [], "reason": REASON}, "fields"),
        ({"fields": ["aadhaar"], "reason": REASON}, "fields"),
    ],
)
def test_what_is_missing_is_named(platform: Platform, app: CustomerApp, body: dict, field: str) -> None:
    refused = platform.staff().post(f"{path(app)}/reveal", expect=422, json=body)
    assert list(refused["error"]["fields"]) == [field]


def test_so_many_an_hour_also_at_once(platform: Platform, app: CustomerApp) -> None:
    portal = platform.staff(Role.CREDIT_EXECUTIVE)
    seen = "SELECT count(*) FROM audit_event WHERE action = 'personal_data.revealed' AND actor_id = %s"
    ((before,),) = platform.sql(seen, portal.user["id"])

    def ask(_: int) -> int:
        url = f"{portal.api.base_url}/partner/brand/{BRAND}{path(app)}/reveal"
        body = {"fields": ["pan"], "reason": REASON}
        return portal.api._session.post(url, headers=portal._headers, json=body, timeout=30).status_code

    with settings_with(platform, reveals_per_hour=before + 2), ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [200, 200, 429, 429]
    assert platform.sql(seen, portal.user["id"]) == [(before + 2,)]


@pytest.mark.parametrize("what", ["phone", "pan", "email", "accountNumber", "customerNo", "loanNo"])
def test_customers_are_found_by_what_is_in_hand(platform: Platform, app: CustomerApp, what: str) -> None:
    me = app.get("/web/me")
    loans = app.get("/web/loans") or [app.post("/web/loans", expect=201, once=str(uuid4()), json=APPLICATION)]
    known = app.person | {"customerNo": me["customerNo"], "loanNo": loans[0]["loanNo"]}
    for text in (known[what], known[what].lower(), f" {known[what]} "):
        found = platform.staff().get("/customers", params={"search": text})["items"]
        assert me["id"] in [one["id"] for one in found]
    nobody = platform.staff(Role.ADMIN, OTHER_BRAND).get("/customers", params={"search": known[what]})[
        "items"
    ]
    assert me["id"] not in [one["id"] for one in nobody]


def test_a_phone_is_found_as_people_write_it(platform: Platform, app: CustomerApp) -> None:
    phone = app.person["phone"]
    for text in (f"+91 {phone[:5]} {phone[5:]}", f"{phone[:5]}-{phone[5:]}"):
        assert platform.staff().get("/customers", params={"search": text})["pagination"]["total"] == 1
