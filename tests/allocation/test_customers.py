"""Who registers is looked after by a loan executive, until they apply."""

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core.identity import Role
from app.core.outbox import enqueue
from tests import lending
from tests.allocation.conftest import Team
from tests.platform import Platform

BRAND = "salary4sure"
BODY = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}


def registered(platform: Platform) -> str:
    """The id of somebody who proved their phone now."""
    return platform.customer(brand_id=BRAND).get("/web/me")["id"]


def given(platform: Platform, customer_id: str) -> list[tuple[str, str, bool]]:
    """Kind, owner and whether there is work to do, of all that was given out of a customer."""
    rows = platform.staff(Role.ADMIN, BRAND).get(f"/customers/{customer_id}/allotments")
    return [(row["kind"], row["partnerUserId"], row["inHand"]) for row in rows]


def test_who_registers_is_given_to_somebody(platform: Platform, team: Team) -> None:
    people = team(Role.LOAN_EXECUTIVE, 2, BRAND)
    given_to = {given(platform, registered(platform))[0][:2] for _ in range(2)}
    assert given_to == {("CUSTOMER", person.id) for person in people}


def test_once_they_apply_the_application_takes_the_room(platform: Platform, team: Team) -> None:
    (person,) = team(Role.LOAN_EXECUTIVE, 1, BRAND)
    app = platform.customer(brand_id=BRAND)
    customer_id = app.get("/web/me")["id"]
    assert given(platform, customer_id) == [("CUSTOMER", person.id, True)]
    app.post("/web/loans", once=True, expect=201, json=BODY)
    rows = given(platform, customer_id)
    assert ("CUSTOMER", person.id, False) in rows
    assert ("LOAN", person.id, True) in rows
    (mine,) = [
        row
        for row in platform.staff(Role.ADMIN, BRAND).get("/allocations/load?kind=LOAN")
        if row["partnerUserId"] == person.id
    ]
    assert mine["inHand"] == 1


def test_a_customer_who_applied_meanwhile_is_not_given_out(platform: Platform, team: Team) -> None:
    team(Role.LOAN_EXECUTIVE, 0, BRAND)
    app = platform.customer(brand_id=BRAND)
    app.post("/web/loans", once=True, expect=201, json=BODY)
    customer_id = app.get("/web/me")["id"]
    team(Role.LOAN_EXECUTIVE, 1, BRAND)
    with lending.at_work(BRAND):
        enqueue("allocation.allot_customer", customer_id=customer_id)
        enqueue("allocation.allot_waiting")
    platform.drain()
    assert "CUSTOMER" not in {kind for kind, *_ in given(platform, customer_id)}


@pytest.fixture
def waiting(platform: Platform, team: Team) -> str:
    """A customer who waits while nobody is there, and then somebody is."""
    team(Role.LOAN_EXECUTIVE, 0, BRAND)
    customer_id = registered(platform)
    team(Role.LOAN_EXECUTIVE, 1, BRAND)
    return customer_id


def allocate(*options: str) -> str:
    answer = CliRunner().invoke(main, ["allocate", "--brand", BRAND, "--pending", *options])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_command_tells_who_would_get_what(platform: Platform, waiting: str) -> None:
    number = platform.staff(Role.ADMIN, BRAND).get(f"/customers/{waiting}")["customerNo"]
    told = allocate("--dry-run")
    assert f"customer {number} to Somebody New: score " in told
    assert told.endswith("nothing was changed\n")
    assert given(platform, waiting) == []
    assert f"customer {number} to Somebody New" in allocate()
    assert len(given(platform, waiting)) == 1
    assert number not in allocate()
