"""Collectors go on leave, come back, leave for good and are full: each loan is with one of them, or visibly waits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.allocation import collecting, moving
from app.core.clock import today
from app.core.identity import Role
from app.core.scheduler import tick
from tests import lending
from tests.allocation.conftest import Team
from tests.allocation.test_changing_hands import other_than, owner
from tests.allocation.test_collections import EXECUTIVE, MANAGER, collect, history
from tests.platform import Platform
from tests.staff.people import Person

TODAY = today()


@pytest.fixture
def collectors(team: Team) -> list[Person]:
    team(MANAGER, 1)
    return team(EXECUTIVE, 2)


def run(platform: Platform, job: str) -> None:
    tick(job)
    platform.drain()


def capacity(platform: Platform, person_id: str, most: int | None) -> None:
    work = [{"role": EXECUTIVE.value, "capacity": most}]
    platform.staff(Role.SUPER_ADMIN).send("PATCH", f"/staff/{person_id}", json={"work": work})


def test_leave_to_come_moves_work_on_its_morning_and_back_once_there_is_room(
    platform: Platform, collectors: list[Person]
) -> None:
    case, admin = lending.active(platform, days_ago=33, days=30), platform.staff(Role.SUPER_ADMIN)
    collect(case)
    first = owner(case)
    second, tomorrow = other_than(first, collectors), (TODAY + timedelta(days=1)).isoformat()
    admin.post(f"/staff/{first}/unavailability", expect=201, json={"fromDate": tomorrow, "toDate": tomorrow})
    run(platform, "allocation.cover_leave")
    assert owner(case) == first, "not before the day"
    day = "UPDATE partner_unavailability_date SET day = %s WHERE partner_user_id = %s"
    platform.sql(day, TODAY, first)
    for _ in range(2):
        run(platform, "allocation.cover_leave")
    assert owner(case) == second
    capacity(platform, first, 0)
    platform.sql(day, TODAY - timedelta(days=1), first)
    run(platform, "allocation.cover_leave")
    assert owner(case) == second, "the owner has no room"
    capacity(platform, first, 1)
    run(platform, "allocation.cover_leave")
    assert owner(case) == first
    told = platform.sql(
        """SELECT before->>'partnerUserId', after->>'partnerUserId', reason, actor_id FROM audit_event
        WHERE action = 'loan.reallotted' AND entity_id = %s ORDER BY id""",
        str(case.loan_id),
    )
    assert told == [(first, second, "ON_LEAVE", "system"), (second, first, "OWNER_BACK", "system")]


def test_who_is_deactivated_on_leave_gets_nothing_back(platform: Platform, collectors: list[Person]) -> None:
    case, admin = lending.active(platform, days_ago=33, days=30), platform.staff(Role.SUPER_ADMIN)
    collect(case)
    first = owner(case)
    second = other_than(first, collectors)
    day = {"fromDate": TODAY.isoformat(), "toDate": TODAY.isoformat()}
    admin.post(f"/staff/{first}/unavailability", expect=201, json=day)
    platform.drain()
    admin.post(f"/staff/{first}/deactivate", json={"reason": "Left the firm"})
    platform.sql("DELETE FROM partner_unavailability_date WHERE partner_user_id = %s", first)
    for job in ("allocation.reallocate", "allocation.cover_leave"):
        run(platform, job)
    assert (owner(case), [row["endReason"] for row in history(case)]) == (second, ["ON_LEAVE", None])
    admin.post(f"/staff/{second}/deactivate", json={"reason": "Left the firm"})
    platform.drain()
    head = platform.staff(Role.COLLECTION_HEAD)
    load = {row["partnerUserId"]: row for row in head.get("/allocations/load?kind=COLLECTION")}
    # they may have been given what others of the brand left behind
    assert (load[second]["standing"], load[second]["inHand"] >= 1) == ("GONE", True), "nobody else is there"
    assert owner(case) == second
    assert first not in load


def test_with_all_full_it_waits_and_is_seen_until_there_is_room(
    platform: Platform, collectors: list[Person]
) -> None:
    for person in collectors:
        capacity(platform, person.id, 0)
    case = lending.active(platform, days_ago=33, days=30)
    for _ in range(2):
        collect(case)
    assert (history(case), waiting(platform, case)) == ([], ["ALL_FULL"])
    capacity(platform, collectors[1].id, 1_000)
    for _ in range(2):
        run(platform, "allocation.allot_waiting")
    assert [row["partnerUserId"] for row in history(case)] == [collectors[1].id]
    assert waiting(platform, case) == []


def waiting(platform: Platform, case: lending.Case) -> list[Any]:
    path = "/allocations/waiting?kind=COLLECTION&sort=-createdAt&pageSize=100"
    items = platform.staff(Role.COLLECTION_HEAD).get(path)["items"]
    return [row["why"] for row in items if row["loanId"] == str(case.loan_id)]


def test_jobs_at_once_give_each_loan_to_one(platform: Platform, collectors: list[Person]) -> None:
    cases = [lending.active(platform, days_ago=33, days=30) for _ in range(2)]

    def allot(loan_id: Any) -> None:
        with lending.at_work():
            collecting.allot_collection(loan_id)

    def move(_: int) -> None:
        with lending.at_work():
            moving.from_who_is_gone()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(allot, [case.loan_id for case in cases] * 3))
    assert Counter(owner(case) for case in cases) == {person.id: 1 for person in collectors}
    gone, stays = (person.id for person in collectors)
    platform.sql("UPDATE partner_user SET is_active = false WHERE id = %s", gone)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(move, range(3)))
    assert [owner(case) for case in cases] == [stays, stays]
    rows = [row for case in cases for row in history(case)]
    assert sum(row["isActive"] for row in rows) == 2
    assert len(rows) == 3
