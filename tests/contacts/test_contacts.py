"""The one place that lets a contact happen: what it counts, what it refuses, and what messages do then."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.brands.contacting import ContactRules
from app.contacts import service
from app.contacts.service import ContactRefused
from app.core import clock
from app.core.identity import Role
from app.messaging import service as messaging
from app.messaging.delivery import gates
from tests.lending import at_work, noon
from tests.platform import Platform

NOON = noon(clock.today())


@pytest.fixture(scope="module")
def customer_id(platform: Platform) -> str:
    return platform.customer().get("/web/me")["id"]


def list_customer(platform: Platform, customer_id: str, **changes: Any) -> dict[str, Any]:
    told = {"channels": ["CALL"], "reason": "BEREAVEMENT", "remark": "Asked for quiet"} | changes
    staff = platform.staff(Role.COLLECTION_EXECUTIVE)
    return staff.post(f"/customers/{customer_id}/no-contact", expect=201, json=told)


def refused(customer_id: str, channel: str = "CALL") -> str | None:
    with at_work():
        found = service.find_refusal(customer_id, channel, NOON)
    return found and found.rule.value


def test_the_fourth_call_of_a_day_is_refused_and_on_the_trail(platform: Platform):
    customer = platform.customer().get("/web/me")["id"]
    for minute in range(3):
        with at_work():
            service.attempt(customer, "CALL", at=NOON + timedelta(minutes=minute))
    with pytest.raises(ContactRefused) as told, at_work():
        service.attempt(customer, "VISIT", at=NOON + timedelta(minutes=5))
    assert told.value.code == "CONTACT_DAILY_LIMIT"
    with at_work():
        service.attempt(customer, "SMS", at=NOON)
    assert platform.sql("SELECT count(*) FROM contact_attempt WHERE customer_id = %s", customer) == [(4,)]


def test_of_a_batch_what_is_counted_first_counts_for_the_next(platform: Platform):
    somebody, other = (UUID(platform.customer().get("/web/me")["id"]) for _ in range(2))
    whom = [service.Contact(each, "SMS") for each in (somebody, somebody, other, somebody, somebody)]
    with at_work():
        found = service.begin_all(whom, NOON)
    assert [each and each.rule.value for each in found] == [None, None, None, None, "CONTACT_DAILY_LIMIT"]
    assert found[-1].until > NOON


def test_who_asks_not_to_be_contacted_is_not(platform: Platform, customer_id: str):
    entry = list_customer(platform, customer_id)
    assert refused(customer_id) == "CONTACT_NO_CONTACT_LIST"
    assert refused(customer_id, "SMS") is None
    staff = platform.staff(Role.COLLECTION_EXECUTIVE)
    shown = staff.get(f"/customers/{customer_id}/contact")
    (call,) = [one for one in shown["channels"] if one["channel"] == "CALL"]
    assert (call["allowed"], call["rule"]) == (False, "CONTACT_NO_CONTACT_LIST")
    assert staff.post(f"/no-contact/{entry['id']}/end")["endedBy"]
    staff.post(f"/no-contact/{entry['id']}/end", expect=409)
    assert refused(customer_id) is None


def test_an_entry_holds_on_its_days(platform: Platform, customer_id: str):
    tomorrow = clock.today() + timedelta(days=1)
    list_customer(platform, customer_id, fromDate=f"{tomorrow}", untilDate=f"{tomorrow}")
    assert refused(customer_id) is None
    before = {"fromDate": f"{tomorrow}", "untilDate": f"{clock.today()}", "remark": "x", "reason": "ILLNESS"}
    staff = platform.staff(Role.COLLECTION_EXECUTIVE)
    answer = staff.post(
        f"/customers/{customer_id}/no-contact", expect=422, json={"channels": ["CALL"]} | before
    )
    assert "untilDate" in answer["error"]["fields"]


def test_a_message_about_a_debt_waits_and_is_dropped_where_no_time_helps(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gates, "opens_at", lambda _hours, now: now)
    customer = platform.customer().get("/web/me")["id"]
    until = clock.today() + timedelta(days=3)
    list_customer(platform, customer, channels=["SMS"], untilDate=f"{until}")
    say(customer)
    platform.drain()
    assert statuses(platform, customer) == ["PENDING"]
    due = "SELECT due_at FROM user_notification WHERE event = 'demand_notice' AND customer_id = %s"
    ((due_at,),) = platform.sql(due, customer)
    assert due_at - clock.start_of(until + timedelta(days=1)) < timedelta(seconds=1)
    list_customer(platform, customer, channels=["SMS"], reason="DECEASED")
    say(customer)
    platform.drain()
    assert sorted(statuses(platform, customer)) == ["PENDING", "SUPPRESSED"]


def say(customer_id: str) -> None:
    """A message about what is owed, in words that need nothing else."""
    with at_work():
        messaging.notify(customer_id, "demand_notice", loan_no="QUA-L-1", number="1")


def statuses(platform: Platform, customer_id: str) -> list[str]:
    told = "SELECT status FROM user_notification WHERE event = 'demand_notice' AND customer_id = %s"
    return [row[0] for row in platform.sql(told, customer_id)]


def test_hours_of_a_brand_lie_within_those_of_the_rbi(platform: Platform):
    told = platform.staff(Role.ADMIN).call("GET", "/settings/brand")["settings"]["contactRules"]
    assert (told["opens"], told["closes"]) == ("08:00", "19:00")
    wider = told | {"closes": "19:01"}
    assert "closes" in ContactRules().validate(wider)
    assert "opens" in ContactRules().validate(told | {"opens": "18:00", "closes": "09:00"})
