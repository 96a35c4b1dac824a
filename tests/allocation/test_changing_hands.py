"""Work moves on leave and back, by hand, and waits where the brand gives nothing out by itself."""

from uuid import uuid4

import pytest

from app.core.clock import today
from app.core.identity import Role
from tests import lending
from tests.allocation.conftest import Team
from tests.allocation.test_collections import EXECUTIVE, MANAGER, collect, history
from tests.platform import Platform
from tests.staff.people import Person


def overdue(platform: Platform) -> lending.Case:
    """A loan that somebody collects."""
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    return case


@pytest.fixture
def collectors(team: Team) -> list[Person]:
    team(MANAGER, 1)
    return team(EXECUTIVE, 2)


def owner(case: lending.Case) -> str:
    return next(row["partnerUserId"] for row in history(case) if row["isActive"])


def other_than(owner_id: str, people: list[Person]) -> str:
    return next(person.id for person in people if person.id != owner_id)


def test_collections_move_on_leave_and_come_back(platform: Platform, collectors: list[Person]) -> None:
    case, admin = overdue(platform), platform.staff(Role.SUPER_ADMIN)
    first = owner(case)
    day = {"fromDate": today().isoformat(), "toDate": today().isoformat()}
    admin.post(f"/staff/{first}/unavailability", expect=201, json=day)
    platform.drain()
    assert owner(case) == other_than(first, collectors)
    admin.send("DELETE", f"/staff/{first}/unavailability", params=day)
    platform.drain()
    assert owner(case) == first
    assert [row["endReason"] for row in history(case)] == ["ON_LEAVE", "OWNER_BACK", None]
    assert [row["allocationType"] for row in history(case)] == ["AUTO", "REALLOCATED", "REALLOCATED"]


def test_by_hand_each_thing_for_itself(platform: Platform, collectors: list[Person]) -> None:
    case, head = overdue(platform), platform.staff(Role.COLLECTION_HEAD)
    first, nobodys = owner(case), str(uuid4())
    to = other_than(first, collectors)
    body = {
        "kind": "COLLECTION",
        "subjectIds": [str(case.loan_id), nobodys],
        "to": to,
        "reason": "Speaks Tamil",
    }
    answer = head.post("/allocations/move", json=body)
    moved, failed = answer["results"]
    assert (answer["moved"], moved["status"], moved["partnerUserId"]) == (1, "MOVED", to)
    assert (failed["subjectId"], failed["status"], failed["code"]) == (nobodys, "FAILED", "NOT_FOUND")
    before, after = history(case)
    assert (before["endReason"], before["endedBy"]) == ("Speaks Tamil", head.user["id"])
    assert (after["allocationType"], after["reason"]) == ("MANUAL", "Speaks Tamil")
    assert head.post("/allocations/move", json=body)["results"][0]["code"] == "THEIRS_ALREADY"


def test_all_of_somebody_to_whoever_should_have_it(platform: Platform, collectors: list[Person]) -> None:
    cases = [overdue(platform) for _ in range(3)]
    head, first = platform.staff(Role.COLLECTION_HEAD), owner(cases[0])
    theirs = [case for case in cases if owner(case) == first]
    body = {"kind": "COLLECTION", "from": first, "to": "auto", "reason": "Left early"}
    assert head.post("/allocations/move", json=body)["moved"] == len(theirs)
    assert {owner(case) for case in cases} == {other_than(first, collectors)}


def test_nobody_is_given_more_than_fits_or_while_away(platform: Platform, collectors: list[Person]) -> None:
    case, admin = overdue(platform), platform.staff(Role.SUPER_ADMIN)
    to = other_than(owner(case), collectors)
    body = {"kind": "COLLECTION", "subjectIds": [str(case.loan_id)], "to": to, "reason": "To try"}

    def refused() -> str:
        return admin.post("/allocations/move", json=body)["results"][0]["code"]

    work = [{"role": EXECUTIVE.value, "capacity": 0}]
    admin.send("PATCH", f"/staff/{to}", json={"work": work})
    assert refused() == "FULL"
    platform.sql(
        "INSERT INTO partner_unavailability_date (id, brand_id, partner_user_id, day, reason) "
        "VALUES (gen_random_uuid(), 'qualoan', %s, %s, 'another test')",
        to,
        today(),
    )
    assert refused() == "AWAY"
    body["to"] = str(uuid4())
    assert refused() == "NOT_THEIR_WORK"


def test_a_lead_gives_out_only_what_they_lead(platform: Platform, collectors: list[Person]) -> None:
    case = overdue(platform)
    body = {"kind": "COLLECTION", "subjectIds": [str(case.loan_id)], "to": "auto", "reason": "To try"}
    platform.staff(Role.SANCTION_HEAD).post("/allocations/move", expect=403, json=body)
    platform.staff(EXECUTIVE).post("/allocations/move", expect=403, json=body)
    allotment = f"/allocations/{history(case)[0]['id']}"
    platform.staff(Role.SANCTION_HEAD).get(allotment, expect=404)


def test_who_has_it_sees_it_in_their_queue(platform: Platform, collectors: list[Person]) -> None:
    case = overdue(platform)
    person = next(one for one in collectors if one.id == owner(case)).sign_in()
    page = person.call("GET", "/partner/brand/qualoan/allocations/mine?kind=COLLECTION")
    (item,) = page["items"]
    assert (item["loanNo"], item["ageingHours"], item["daysHeld"]) == (case.loan["loanNo"], 0, 0)
    board = platform.staff(Role.COLLECTION_MANAGER).get("/allocations/load")
    mine = next(row for row in board if row["partnerUserId"] == person.id)
    assert (mine["inHand"], mine["capacity"], mine["present"], mine["standing"]) == (1, 150, True, "ELIGIBLE")
    assert {row["role"] for row in board} == {EXECUTIVE.value}
    query = f"/allocations?executiveId={person.id}&active=true"
    assert platform.staff(Role.COLLECTION_HEAD).get(query)["pagination"]["total"] == 1


def test_one_mail_tells_of_all_that_came(platform: Platform, team: Team) -> None:
    team(MANAGER, 1)
    (person,) = team(EXECUTIVE, 1)
    for _ in range(2):
        overdue(platform)
    platform.sql(
        "UPDATE outbox SET available_at = now() WHERE job = 'allocation.tell' AND status = 'PENDING'"
    )
    (mail,) = person.mails()
    assert "2 loans to collect" in mail["text"]


def test_switched_off_it_waits_for_a_lead(platform: Platform, collectors: list[Person]) -> None:
    features = "UPDATE brand SET settings = jsonb_set(settings, '{features,autoAllocation}', %s) WHERE id = 'qualoan'"
    platform.sql(features, "false")
    try:
        case = overdue(platform)
        assert history(case) == []
    finally:
        platform.sql(features, "true")
    head = platform.staff(Role.COLLECTION_HEAD)
    newest = head.get("/allocations/waiting?kind=COLLECTION&sort=-createdAt")["items"][0]
    assert (newest["loanId"], newest["why"]) == (str(case.loan_id), "SWITCHED_OFF")
    body = {
        "kind": "COLLECTION",
        "subjectIds": [str(case.loan_id)],
        "to": collectors[0].id,
        "reason": "By hand",
    }
    assert head.post("/allocations/move", json=body)["moved"] == 1
    assert owner(case) == collectors[0].id
