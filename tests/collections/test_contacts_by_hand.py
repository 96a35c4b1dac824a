"""What an agent writes down by hand is a contact: it counts, is refused where it may not be, and is kept as it was."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.calls.models import UserCall
from app.contacts import service as contacts
from app.core import clock
from app.core.clock import now, today
from app.core.identity import Role
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import Platform

YESTERDAY = today() - timedelta(days=1)
NOON = noon(YESTERDAY)
NIGHT = NOON.replace(hour=21)


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return active(platform, days_ago=35)


def note(case: Case, expect: int = 201, **told: Any) -> dict[str, Any]:
    told = {"code": "BUSY", "channel": "CALL", "remark": "Called"} | told
    path = f"/loans/{case.loan_id}/dispositions"
    return case.platform.staff(Role.COLLECTION_EXECUTIVE).post(path, expect=expect, json=told)


def counted(case: Case) -> list[tuple[str, str | None]]:
    """Channel and broken rule of each attempt, by instant."""
    query = "SELECT channel, broke FROM contact_attempt WHERE customer_id = %s ORDER BY made_at, id"
    return case.platform.sql(query, str(case.customer_id))


def test_a_call_of_this_moment_counts_and_is_refused_at_night(case: Case, monkeypatch: pytest.MonkeyPatch):
    set_clock(monkeypatch, noon(today()).replace(hour=20), contacts)
    refused = note(case, expect=409)["error"]
    assert refused["code"] == "CONTACT_OUTSIDE_HOURS"
    assert counted(case) == []
    set_clock(monkeypatch, noon(today()).replace(hour=9), contacts)
    assert note(case)["broke"] is None
    assert counted(case) == [("CALL", None)]


def test_the_first_and_the_last_minute_of_a_day_and_one_contact_too_many(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    case, day = active(platform, days_ago=35), noon(today())
    said = []
    for hour, minute in ((7, 59), (8, 0), (12, 0), (18, 58), (18, 59), (19, 0)):
        set_clock(monkeypatch, day.replace(hour=hour, minute=minute, second=0), contacts)
        allowed = (hour, minute) in ((8, 0), (12, 0), (18, 58))
        answer = note(case, expect=201 if allowed else 409)
        said.append(answer["error"]["code"] if not allowed else answer["broke"])
    hours, limit = "CONTACT_OUTSIDE_HOURS", "CONTACT_DAILY_LIMIT"
    assert said == [hours, None, None, None, limit, hours]
    assert [channel for channel, _ in counted(case)] == ["CALL"] * 3


def test_what_happened_is_written_down_with_the_rule_that_it_broke(platform: Platform):
    case = active(platform, days_ago=35)
    late = note(case, contactedAt=NIGHT.isoformat())
    assert late["broke"] == "CONTACT_OUTSIDE_HOURS"
    for minute in range(3):
        told = note(case, contactedAt=(NOON + timedelta(minutes=minute)).isoformat())
    assert told["broke"] == "CONTACT_DAILY_LIMIT", "with the one of the evening it is the fourth of its day"
    future = (now() + timedelta(minutes=5)).isoformat()
    assert "contactedAt" in note(case, expect=422, contactedAt=future)["error"]["fields"]
    assert note(case, contactedAt=NIGHT.isoformat(), inbound=True)["broke"] is None
    assert len(counted(case)) == 4
    path = f"/contacts/breaches?customerId={case.customer_id}&fromDate={YESTERDAY}&toDate={YESTERDAY}"
    head = platform.staff(Role.COLLECTION_HEAD)
    listed = head.get(path)["items"]
    assert {one["rule"] for one in listed} == {"CONTACT_OUTSIDE_HOURS", "CONTACT_DAILY_LIMIT"}
    (night,) = head.get(f"{path}&rule=CONTACT_OUTSIDE_HOURS&channel=CALL")["items"]
    assert datetime.fromisoformat(night["madeAt"]) == NIGHT
    assert night["madeBy"] == platform.staff(Role.COLLECTION_EXECUTIVE).user["id"]
    platform.staff(Role.COLLECTION_MANAGER).get(path, expect=403)


def test_days_out_of_the_calendar_are_refused(case: Case):
    head = case.platform.staff(Role.COLLECTION_HEAD)
    told = {"channels": ["CALL"], "reason": "ILLNESS", "remark": "In hospital", "untilDate": "9999-12-31"}
    answer = head.post(f"/customers/{case.customer_id}/no-contact", expect=422, json=told)
    assert "untilDate" in answer["error"]["fields"]
    answer = head.get("/contacts/breaches?fromDate=0001-01-01&toDate=9999-12-31", expect=422)
    assert {*answer["error"]["fields"]} == {"fromDate", "toDate"}


def test_of_the_no_contact_list_what_was_on_it_then_counts(platform: Platform):
    case = active(platform, days_ago=35)
    with at_work():
        entry = contacts.list_customer(case.customer_id, ["CALL"], "ILLNESS", "In hospital", YESTERDAY)
        assert contacts.record(case.customer_id, "CALL", at=NOON) is None, "it was not known then"
    before = NOON - timedelta(days=1)
    platform.sql("UPDATE no_contact SET created_at = %s WHERE id = %s", before, str(entry.id))
    assert note(case, contactedAt=NOON.isoformat())["broke"] == "CONTACT_NO_CONTACT_LIST"


def test_what_left_through_us_is_not_counted_again(case: Case):
    before = len(counted(case))
    with at_work():
        call = UserCall.create(
            customer_id=case.customer_id,
            loan_id=case.loan_id,
            partner_user_id=case.platform.staff().user["id"],
            extension="1001",
            status="ANSWERED",
            provider_call_id=f"AC-{uuid4()}",
            dialled_at=clock.now(),
        )
    for reference in (str(call.id), call.provider_call_id):
        assert note(case, callRef=reference, contactedAt=NIGHT.isoformat())["broke"] is None
    assert len(counted(case)) == before
    unknown = note(case, callRef="no such call", contactedAt=NIGHT.isoformat())
    assert unknown["broke"] == "CONTACT_OUTSIDE_HOURS"
