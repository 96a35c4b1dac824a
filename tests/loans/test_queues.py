"""What waits at each step is listed with its age; nobody has to ask whose turn it is."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.identity import Role
from tests.platform import Platform
from tests.sanction.files import File, recommended


@pytest.fixture(scope="module")
def late(platform: Platform) -> File:
    """A file that has waited for the manager since yesterday."""
    file = recommended(platform)
    since = clock.now() - timedelta(hours=30)
    platform.sql("UPDATE loan SET status_since = %s WHERE id = %s", since, file.id)
    return file


def test_it_waits_in_the_queue_of_the_managers_role(platform: Platform, late: File) -> None:
    loan_no = late.loan["loanNo"]
    (row,) = platform.staff(Role.SANCTION_MANAGER).get(f"/sanction/queue?search={loan_no}")["items"]
    assert (row["id"], row["breached"], row["waitingHours"]) == (late.id, True, 30)
    assert row["createdAt"] == late.loan["createdAt"]
    assert platform.staff(Role.SANCTION_HEAD).get(f"/sanction/queue?search={loan_no}")["items"] == []


@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        ("breached=true", True),
        ("breached=false", False),
        ("minAmount=20000", True),
        ("maxAmount=19999", False),
        ("sentBack=true", False),
        ("sort=-appliedAmount", True),
    ],
)
def test_queues_are_narrowed(platform: Platform, late: File, narrowing: str, found: bool) -> None:
    path = f"/sanction/queue?queue=MANAGER&search={late.loan['loanNo']}&{narrowing}"
    assert bool(platform.staff().get(path)["items"]) is found


def test_mine_are_those_that_i_was_given(platform: Platform, late: File) -> None:
    given = {one["role"]: one["partnerUserId"] for one in late.loan["executives"]}
    path = f"/sanction/queue?queue=MANAGER&search={late.loan['loanNo']}&mine=true"
    for role in (Role.CREDIT_EXECUTIVE, Role.SANCTION_MANAGER):
        staff = platform.staff(role)
        assert bool(staff.get(path)["items"]) is (given.get(role.value) == staff.user["id"])


def test_the_dashboard_counts_what_waits_too_long(platform: Platform, late: File) -> None:
    tiles = {tile["name"]: tile for tile in platform.staff(Role.SANCTION_HEAD).get("/dashboard")["tiles"]}
    figures = {one["label"]: one["count"] for one in tiles["PAST_HOURS"]["figures"]}
    assert figures["MANAGER"] >= 1
    assert set(figures) == {"CREDIT", "MANAGER", "HEAD"}


def test_the_longest_waiting_comes_first(platform: Platform, late: File) -> None:
    rows = platform.staff().get("/sanction/queue?queue=MANAGER&pageSize=100")["items"]
    assert [row["statusSince"] for row in rows] == sorted(row["statusSince"] for row in rows)


def test_counts_tell_what_waits_too_long(platform: Platform, late: File) -> None:
    counts = {one["queue"]: one for one in platform.staff().get("/sanction/queue/counts")}
    manager = counts["MANAGER"]
    assert manager["waiting"] >= manager["breached"] >= 1
    assert manager["hours"] == 8
    assert manager["oldestSince"] <= late.loan["statusSince"]
    assert (counts["HELD"]["breached"], counts["HELD"]["hours"]) == (0, None)
