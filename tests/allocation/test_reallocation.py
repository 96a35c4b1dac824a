"""Whoever may no longer do the work they have loses it to somebody who may; nothing is forgotten."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.identity import Role
from app.core.scheduler import tick
from app.demo.client import Portal
from tests.platform import Platform
from tests.staff.people import Person, somebody

BRAND = "salary4sure"
BODY = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}
AWAY = """
INSERT INTO partner_unavailability_date (id, brand_id, partner_user_id, day, reason)
SELECT gen_random_uuid(), brand_id, partner_user_id, (now() AT TIME ZONE 'Asia/Kolkata')::date, 'test'
FROM partner_user_brand_role WHERE brand_id = %s AND role = 'CREDIT_EXECUTIVE'"""
GONE = """
DELETE FROM partner_user_brand_role r USING partner_user u
WHERE u.id = r.partner_user_id AND r.brand_id = %s AND u.email LIKE '%%@staff.example'"""


@pytest.fixture
def admin(platform: Platform) -> Iterator[Portal]:
    """An administrator, while nobody is there but whom the test brings."""
    platform.sql(AWAY, BRAND)
    yield platform.staff(Role.ADMIN, BRAND)
    platform.sql("DELETE FROM partner_unavailability_date WHERE brand_id = %s AND reason = 'test'", BRAND)
    platform.sql(GONE, BRAND)


def executive(platform: Platform) -> Person:
    return somebody(platform, Role.CREDIT_EXECUTIVE, brand_id=BRAND)


def apply(platform: Platform) -> str:
    return platform.customer(brand_id=BRAND).post("/web/loans", once=True, expect=201, json=BODY)["id"]


def owners(admin: Portal, loan_id: str) -> list[str]:
    """Everybody who assessed the loan, oldest first."""
    return [row["partnerUserId"] for row in rows(admin, loan_id)]


def rows(admin: Portal, loan_id: str) -> list[dict[str, Any]]:
    """Who assesses and assessed the loan, oldest first."""
    return [row for row in admin.get(f"/loans/{loan_id}/allotments") if row["kind"] == "CREDIT"]


def deactivate(platform: Platform, admin: Portal, person: Person) -> None:
    admin.post(f"/staff/{person.id}/deactivate", json={"reason": "Left the firm"})
    platform.drain()


def test_the_work_of_who_is_deactivated_goes_to_others(platform: Platform, admin: Portal) -> None:
    first = executive(platform)
    loans = [apply(platform) for _ in range(2)]
    second = executive(platform)
    deactivate(platform, admin, first)
    for loan_id in loans:
        before, after = rows(admin, loan_id)
        assert (before["partnerUserId"], before["isActive"]) == (first.id, False)
        assert (before["endReason"], after["endReason"]) == ("STAFF_GONE", None)
        assert (after["partnerUserId"], after["isActive"]) == (second.id, True)
    platform.sql(
        "UPDATE outbox SET available_at = now() WHERE job = 'allocation.tell' AND status = 'PENDING'"
    )
    (mail,) = second.mails()
    assert "2 loans to assess" in mail["text"]
    told = platform.sql(
        "SELECT before->>'partnerUserId', after->>'partnerUserId' FROM audit_event "
        "WHERE action = 'loan.reallotted' AND entity_id = ANY(%s::uuid[])",
        loans,
    )
    assert told == [(first.id, second.id)] * 2


def test_a_role_taken_away_gives_its_work_away(platform: Platform, admin: Portal) -> None:
    first = executive(platform)
    loan_id = apply(platform)
    second = executive(platform)
    admin.send("PUT", f"/staff/{first.id}/roles", json={"roles": ["LOAN_EXECUTIVE"]})
    platform.drain()
    assert owners(admin, loan_id) == [first.id, second.id]


def test_with_nobody_there_the_work_stays_until_somebody_is(platform: Platform, admin: Portal) -> None:
    first = executive(platform)
    loan_id = apply(platform)
    deactivate(platform, admin, first)
    assert owners(admin, loan_id) == [first.id]
    second = executive(platform)
    tick("allocation.reallocate")
    platform.drain()
    assert owners(admin, loan_id) == [first.id, second.id]


def test_the_job_twice_moves_nothing_twice(platform: Platform, admin: Portal) -> None:
    first = executive(platform)
    loan_id = apply(platform)
    second = executive(platform)
    deactivate(platform, admin, first)
    for _ in range(2):
        tick("allocation.reallocate")
    platform.drain()
    assert owners(admin, loan_id) == [first.id, second.id]


def test_a_closed_loan_stays_with_who_had_it(platform: Platform, admin: Portal) -> None:
    first = executive(platform)
    loan_id = apply(platform)
    platform.sql("UPDATE loan SET status = 'REJECTED' WHERE id = %s", loan_id)
    executive(platform)
    deactivate(platform, admin, first)
    assert owners(admin, loan_id) == [first.id]


def test_the_better_rated_of_two_is_given_the_loan(platform: Platform, admin: Portal) -> None:
    people = [executive(platform) for _ in range(2)]
    for person, score in zip(people, (2, 5), strict=True):
        body = {"month": "2026-10-01", "scores": {"CONDUCT": score, "TURNAROUND": score}}
        admin.post(f"/staff/{person.id}/ratings", expect=201, json=body)
    assert owners(admin, apply(platform)) == [people[1].id]
