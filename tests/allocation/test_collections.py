"""A loan near its due date or overdue goes to the collector who should have it, and changes hands with its bucket."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.allocation import collecting
from app.core.clock import today
from app.core.identity import Role
from app.core.outbox import enqueue
from app.loans import service as loans
from tests import lending
from tests.allocation.conftest import Team
from tests.platform import Platform
from tests.staff.people import Person

EXECUTIVE, MANAGER = Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER


@pytest.fixture
def collectors(team: Team) -> list[Person]:
    """Two collectors and who supervises them."""
    team(MANAGER, 1)
    return team(EXECUTIVE, 2)


def profile(platform: Platform, person: Person, **changes: Any) -> None:
    platform.staff(Role.SUPER_ADMIN).send("PATCH", f"/staff/{person.id}", json=changes)


def collect(case: lending.Case) -> None:
    """What the end of a day does with a loan."""
    with lending.at_work():
        enqueue("allocation.allot_collection", loan_id=case.loan_id)
    case.platform.drain()


def history(case: lending.Case, kind: str = "COLLECTION") -> list[dict[str, Any]]:
    return [row for row in case.staff.get(f"/loans/{case.loan_id}/allotments") if row["kind"] == kind]


def pass_days(case: lending.Case, days: int) -> None:
    """The loan becomes so much older."""
    with lending.at_work():
        loan = loans.get(case.loan_id)
        loan.change(due_date=loan.due_date - timedelta(days=days))


def test_the_nearest_collector_has_it_and_a_supervisor(platform: Platform, collectors: list[Person]) -> None:
    far, near = collectors
    profile(platform, near, pincode="560001", city="Bengaluru", state="Karnataka")
    profile(platform, far, pincode="110001", city="Delhi", state="Delhi")
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    collect(case)
    (row,) = history(case)
    assert row["partnerUserId"] == near.id
    assert (row["allocationType"], row["bucket"], row["geoScore"]) == ("AUTO", "DPD_1_30", "1.00")
    assert (row["ticketClass"], Decimal(row["amount"])) == ("MIDDLE", case.outstanding)
    (supervisor,) = history(case, "SUPERVISION")
    assert supervisor["role"] == "COLLECTION_MANAGER"


def test_why_it_went_to_them_is_kept(platform: Platform, collectors: list[Person]) -> None:
    case = lending.active(platform, days_ago=33, days=30)
    profile(platform, collectors[0], work=[{"role": EXECUTIVE.value, "buckets": ["DPD_31_60"]}])
    collect(case)
    (row,) = history(case)
    shown = platform.staff(Role.COLLECTION_HEAD).get(f"/allocations/{row['id']}")
    first, *others = shown["candidates"]
    assert (first["partnerUserId"], first["standing"]) == (collectors[1].id, "ELIGIBLE")
    assert (shown["score"], shown["loanNo"]) == (first["score"], case.loan["loanNo"])
    standings = {other["partnerUserId"]: other["standing"] for other in others}
    assert standings[collectors[0].id] == "OTHER_CLASS"
    assert "AWAY" in standings.values()


def test_another_bucket_is_another_choice(platform: Platform, collectors: list[Person]) -> None:
    case = lending.active(platform, days_ago=20, days=30)
    collect(case)
    (early,) = history(case)
    assert early["bucket"] == "CURRENT"
    other = next(person for person in collectors if person.id != early["partnerUserId"])
    for person, buckets in ((other, ["DPD_1_30"]), *((p, ["CURRENT"]) for p in collectors if p is not other)):
        profile(platform, person, work=[{"role": EXECUTIVE.value, "buckets": buckets}])
    pass_days(case, 11)
    with lending.at_work():
        assert case.loan_id in collecting.due()
    collect(case)
    before, after = history(case)
    assert (before["isActive"], before["endReason"], before["endedBy"]) == (False, "BUCKET_CHANGED", "system")
    assert (after["partnerUserId"], after["bucket"], after["allocationType"]) == (
        other.id,
        "DPD_1_30",
        "REALLOCATED",
    )
    with lending.at_work():
        assert case.loan_id not in collecting.due()


def test_a_loan_that_is_not_due_for_long_waits_for_its_time(platform: Platform) -> None:
    case = lending.active(platform, days=40)
    with lending.at_work():
        assert case.loan_id not in collecting.due()


def test_a_rating_of_such_loans_counts_before_the_overall_one(
    platform: Platform, collectors: list[Person]
) -> None:
    admin, month = platform.staff(Role.SUPER_ADMIN), today().replace(day=1).isoformat()
    for person, overall, such in ((collectors[0], 5, 1), (collectors[1], 2, 5)):
        body = {"month": month, "scores": {"RECOVERY": overall}}
        admin.post(f"/staff/{person.id}/ratings", expect=201, json=body)
        narrow = body | {"scores": {"RECOVERY": such}, "bucket": "DPD_1_30", "ticketClass": "MIDDLE"}
        admin.post(f"/staff/{person.id}/ratings", expect=201, json=narrow)
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    assert history(case)[0]["partnerUserId"] == collectors[1].id


def test_the_next_loan_of_a_customer_goes_to_who_collected_the_last(
    platform: Platform, collectors: list[Person]
) -> None:
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    first = history(case)[0]["partnerUserId"]
    near = next(person for person in collectors if person.id != first)
    profile(platform, near, pincode="560001")
    with lending.at_work():
        for state in ("PAID", "COMPLETED"):
            loans.move(case.loan_id, state)
        second = lending.applied(case.customer_id)
        second.change(status="OVERDUE", due_date=today() - timedelta(days=3))
    again = replace(case, loan_id=second.id)
    collect(again)
    assert history(again)[0]["partnerUserId"] == first


def test_what_is_repaid_takes_no_room_any_more(platform: Platform, collectors: list[Person]) -> None:
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    with lending.at_work():
        loans.move(case.loan_id, "PAID")
    (row,) = history(case)
    assert (row["isActive"], row["inHand"]) == (True, False)


def test_nobody_there_and_it_waits_until_somebody_is(platform: Platform, team: Team) -> None:
    team(EXECUTIVE, 0)
    case = lending.active(platform, days_ago=33, days=30)
    collect(case)
    assert history(case) == []
    head = platform.staff(Role.COLLECTION_HEAD)
    newest = head.get("/allocations/waiting?kind=COLLECTION&sort=-createdAt")["items"][0]
    assert (newest["loanId"], newest["why"]) == (str(case.loan_id), "NOBODY_PRESENT")
    (person,) = team(EXECUTIVE, 1)
    with lending.at_work():
        enqueue("allocation.allot_waiting")
    platform.drain()
    assert [row["partnerUserId"] for row in history(case)] == [person.id]
    assert str(case.loan_id) not in {
        row["loanId"] for row in head.get("/allocations/waiting?kind=COLLECTION&sort=-createdAt")["items"]
    }
