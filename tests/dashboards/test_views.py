"""Saved views: made, shared, started with, and what they say when they do not fit any more."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from app.core.database import brand_scope
from app.core.identity import Role
from app.dashboards.models import SavedView
from app.demo.client import Portal
from tests.platform import BRAND, Platform

# nobody else's tests save views here
HERE = "fastsalary"


@pytest.fixture
def credit(platform: Platform) -> Iterator[Portal]:
    portal = platform.staff(Role.CREDIT_EXECUTIVE, HERE)
    yield portal
    clear(platform)


def clear(platform: Platform) -> None:
    platform.sql("DELETE FROM saved_view WHERE brand_id = %s", HERE)


def view(**changes: Any) -> dict[str, Any]:
    wanted = {
        "name": f"Old and large {uuid4().hex[:6]}",
        "stage": "APPLIED",
        "filters": {"amountMin": "20000.00", "ageMinDays": 3},
        "sort": "-amount",
        "columns": ["loanNo", "customerName", "amount", "ageDays"],
    }
    return wanted | changes


def saved(portal: Portal, expect: int = 201, **changes: Any) -> dict[str, Any]:
    return portal.post("/views", expect=expect, json=view(**changes))


def names(portal: Portal) -> list[str]:
    return [known["name"] for known in portal.get("/views")["items"]]


def test_a_view_comes_back_as_it_was_saved(credit: Portal) -> None:
    wanted = view()
    made = credit.post("/views", expect=201, json=wanted)
    assert wanted.items() <= made.items()
    assert (made["isMine"], made["isShared"], made["isDefault"], made["problem"]) == (
        True,
        False,
        False,
        None,
    )
    assert credit.get(f"/views/{made['id']}") == made
    assert credit.get("/views?stage=APPLIED")["items"] == [made]
    assert credit.get("/views?stage=CREDIT")["items"] == []
    assert (
        credit.get(f"/stages/{made['stage']}/loans", params=made["filters"] | {"sort": made["sort"]})["items"]
        == []
    )


def test_a_view_is_renamed_changed_and_deleted(credit: Portal) -> None:
    made = saved(credit)
    changed = credit.call("PATCH", credit.path(f"/views/{made['id']}"), json={"name": "Mine", "filters": {}})
    assert (changed["name"], changed["filters"], changed["sort"]) == ("Mine", {}, "-amount")
    credit.call("DELETE", credit.path(f"/views/{made['id']}"), expect=204)
    credit.get(f"/views/{made['id']}", expect=404)


def test_a_name_is_once_a_persons(platform: Platform, credit: Portal) -> None:
    made, other = saved(credit, name="Large"), saved(credit, name="Small")
    assert saved(credit, expect=409, name="Large")["error"]["code"] == "NAME_TAKEN"
    credit.call("PATCH", credit.path(f"/views/{other['id']}"), expect=409, json={"name": "Large"})
    saved(platform.staff(Role.LOAN_EXECUTIVE, HERE), name=made["name"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stage": "NOWHERE"}, "stage"),
        ({"filters": {"dueFrom": "2026-01-01"}}, "dueFrom"),
        ({"filters": {"status": "ACTIVE"}}, "status"),
        ({"sort": "dueDate"}, "sort"),
        ({"columns": ["colour"]}, "columns"),
        ({"name": ""}, "name"),
    ],
)
def test_what_the_stage_does_not_have_is_refused_by_name(
    credit: Portal, changes: dict[str, Any], field: str
) -> None:
    assert field in saved(credit, expect=422, **changes)["error"]["fields"]
    assert credit.get("/views")["items"] == []


def test_a_stage_that_one_does_not_see_cannot_be_saved(credit: Portal) -> None:
    saved(credit, expect=403, stage="OVERDUE", filters={}, sort=None, columns=[])


def test_who_leads_shares_with_who_sees_the_stage(platform: Platform, credit: Portal) -> None:
    assert saved(credit, expect=403, isShared=True)["error"]["code"] == "MAY_NOT_SHARE"
    head = platform.staff(Role.SANCTION_HEAD, HERE)
    shared = saved(
        head, stage="SANCTION", filters={"amountMin": "50000.00"}, isShared=True, name="Large ones"
    )
    private = saved(head, stage="SANCTION", filters={}, name="Head's own")
    assert names(credit) == ["Large ones"]
    assert names(platform.staff(Role.COLLECTION_HEAD, HERE)) == []
    seen = credit.get(f"/views/{shared['id']}")
    assert (seen["isMine"], seen["isShared"]) == (False, True)
    credit.get(f"/views/{private['id']}", expect=404)
    credit.call("PATCH", credit.path(f"/views/{shared['id']}"), expect=403, json={"name": "Mine now"})
    credit.call("DELETE", credit.path(f"/views/{shared['id']}"), expect=403)
    admin = platform.staff(brand_id=HERE)
    admin.call("DELETE", admin.path(f"/views/{shared['id']}"), expect=204)
    assert names(credit) == []


def test_one_view_a_stage_is_what_somebody_starts_with(platform: Platform, credit: Portal) -> None:
    first, second = saved(credit, name="A"), saved(credit, name="B")
    for chosen in (first, second, second):
        put = credit.call("PUT", credit.path(f"/views/{chosen['id']}/default"))
        assert put["isDefault"] is True
    assert {known["name"]: known["isDefault"] for known in credit.get("/views")["items"]} == {
        "A": False,
        "B": True,
    }
    credit.call("DELETE", credit.path(f"/views/{second['id']}/default"))
    assert not any(known["isDefault"] for known in credit.get("/views")["items"])
    credit.call("PUT", credit.path(f"/views/{first['id']}/default"))
    credit.call("DELETE", credit.path(f"/views/{first['id']}"), expect=204)
    assert names(credit) == ["B"]


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("stage", "GONE", "No such stage"),
        ("filters", {"dueFrom": "2026-01-01"}, "dueFrom"),
        ("filters", {"colour": "red"}, "colour"),
        ("sort", "colour", "sort"),
        ("columns", ["colour"], "colour"),
    ],
)
def test_a_view_that_no_longer_fits_says_why(credit: Portal, column: str, value: Any, told: str) -> None:
    made = saved(credit)
    with brand_scope(HERE):
        SavedView.find(made["id"]).change(**{column: value})
    known = credit.get(f"/views/{made['id']}")
    assert told in known["problem"]
    refused = credit.call("PUT", credit.path(f"/views/{made['id']}/default"), expect=409)
    assert refused["error"]["code"] == "VIEW_DOES_NOT_FIT"
    credit.call("DELETE", credit.path(f"/views/{made['id']}"), expect=204)


def test_views_are_the_brands(platform: Platform, credit: Portal) -> None:
    head = platform.staff(Role.SANCTION_HEAD, HERE)
    shared = saved(head, stage="SANCTION", filters={}, isShared=True)
    platform.staff(Role.CREDIT_EXECUTIVE, BRAND).get(f"/views/{shared['id']}", expect=404)


def test_nobody_keeps_too_many(platform: Platform, credit: Portal) -> None:
    made = saved(credit)
    platform.sql(
        """INSERT INTO saved_view (brand_id, id, owner_id, name, stage)
           SELECT brand_id, gen_random_uuid(), owner_id, 'n' || n, stage FROM saved_view, generate_series(1, 49) n
           WHERE id = %s""",
        made["id"],
    )
    assert saved(credit, expect=409)["error"]["code"] == "TOO_MANY_VIEWS"
