"""A reminder is said once at its time, whoever many schedulers look."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core.clock import now, today
from app.core.outbox import enqueue
from app.messaging.delivery import gates
from app.reminders import sending
from app.reminders import service as reminders
from tests.hours import all_reachable
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform


@pytest.fixture(autouse=True, scope="module")
def any_hour() -> Iterator[None]:
    with all_reachable():
        yield


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return active(platform)


def later(**how_long: float) -> str:
    return (now() + timedelta(**how_long)).isoformat()


def asked(case: Case, **more: Any) -> dict[str, Any]:
    return {
        "userId": str(case.customer_id),
        "loanId": str(case.loan_id),
        "channel": "SMS",
        "templateCode": "due_reminder",
        "scheduledAt": later(days=1),
    } | more


def made(case: Case, **more: Any) -> dict[str, Any]:
    return case.staff.post("/user-reminders", expect=201, json=asked(case, **more))


def looked_at(case: Case, reminder: dict[str, Any]) -> dict[str, Any]:
    return case.staff.get(f"/user-reminders/{reminder['id']}")


def fall_due(platform: Platform, reminder: dict[str, Any]) -> None:
    """Its time has come."""
    platform.sql("UPDATE user_reminder SET scheduled_at = now() WHERE id = %s", reminder["id"])


def tick(platform: Platform) -> None:
    """What the scheduler does every minute, and the workers after it; twice, so that ends are brought back."""
    for _ in range(2):
        with at_work():
            enqueue("reminders.dispatch")
        platform.drain()


def texts(case: Case) -> list[str]:
    return [message["text"] for message in case.platform.sandbox.messages(case.app.person["phone"])]


def steps(case: Case, reminder: dict[str, Any]) -> list[tuple[str, str]]:
    path = f"/user-reminders/{reminder['id']}/audit-logs"
    found = case.staff.get(path, params={"sort": "createdAt"})["items"]
    return [(event["action"], event["actorRole"]) for event in found]


def test_it_is_sent_at_its_time_in_the_words_of_its_template(platform: Platform, case: Case) -> None:
    reminder = made(case)
    assert (reminder["status"], reminder["payload"], reminder["customerName"]) == (
        "PENDING",
        {},
        "ASHA VERMA",
    )
    tick(platform)
    assert looked_at(case, reminder)["status"] == "PENDING"
    fall_due(platform, reminder)
    tick(platform)
    sent = looked_at(case, reminder)
    assert (sent["status"], sent["provider"]) == ("SENT", "msg91")
    assert sent["providerMessageId"]
    assert sent["sentAt"]
    assert f"loan {case.loan['loanNo']} is due on {case.loan['dueDate']}" in texts(case)[0]
    assert f"Rs {case.outstanding}" in texts(case)[0]
    assert steps(case, reminder) == [("user_reminder.pending", "ADMIN"), ("user_reminder.sent", "SYSTEM")]


def test_one_that_cannot_be_sent_has_failed_with_the_reason(platform: Platform, case: Case) -> None:
    nobody = platform.customer().get("/web/me")["id"]
    values = {"loan_no": "L", "outstanding": "1", "due_date": "tomorrow"}
    reminder = made(case, userId=nobody, loanId=None, channel="EMAIL", payload=values)
    fall_due(platform, reminder)
    tick(platform)
    failed = looked_at(case, reminder)
    assert (failed["status"], failed["reason"]) == ("FAILED", "The customer has no address on this channel.")
    assert steps(case, reminder)[-1] == ("user_reminder.failed", "SYSTEM")


def test_what_must_not_be_said_has_failed_too(platform: Platform, case: Case) -> None:
    reminder = made(case)
    fall_due(platform, reminder)
    with pytest.MonkeyPatch.context() as patch:
        refused = gates.Verdict("DO_NOT_DISTURB")
        patch.setattr(gates, "ask", lambda messages: {message.id: refused for message in messages})
        tick(platform)
    failed = looked_at(case, reminder)
    assert (failed["status"], failed["reason"]) == ("FAILED", "DO_NOT_DISTURB")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "PIGEON"}, "channel"),
        ({"templateCode": "nothing"}, "templateCode"),
        ({"templateCode": "otp", "payload": {"code": "1"}}, "templateCode"),
        ({"payload": {"strange": "1"}}, "payload"),
        ({"loanId": None}, "payload"),
        ({"scheduledAt": "2020-01-01T00:00:00+05:30"}, "scheduledAt"),
        ({"scheduledAt": "2099-01-01T00:00:00+05:30"}, "scheduledAt"),
        ({"scheduledAt": "2030-01-01T00:00:00"}, "scheduledAt"),
    ],
)
def test_what_does_not_fit_is_named(case: Case, change: dict[str, Any], field: str) -> None:
    refused = case.staff.post("/user-reminders", expect=422, json=asked(case, **change))
    assert list(refused["error"]["fields"]) == [field]


def test_whom_there_is_not_gets_none(case: Case) -> None:
    case.staff.post("/user-reminders", expect=404, json=asked(case, userId=str(uuid4())))
    case.staff.post("/user-reminders", expect=404, json=asked(case, loanId=str(uuid4())))


def test_the_list_is_narrowed_by_every_filter(case: Case) -> None:
    own = made(case, providerMessageId="given-1", scheduledAt=later(days=40))
    first, last = ((today() + timedelta(days=days)).isoformat() for days in (39, 41))
    same = {
        "userId": str(case.customer_id),
        "channel": "SMS",
        "status": "PENDING",
        "fromDate": first,
        "toDate": last,
    }
    found = case.staff.get("/user-reminders", params=same | {"search": case.loan["loanNo"]})["items"]
    assert [(row["id"], row["providerMessageId"]) for row in found] == [(own["id"], "given-1")]
    for other in ({"channel": "EMAIL"}, {"status": "SENT"}, {"search": "nobody at all"}, {"fromDate": last}):
        assert case.staff.get("/user-reminders", params=same | other)["items"] == []
    case.staff.get("/user-reminders", params={"fromDate": last, "toDate": first}, expect=422)


def test_it_is_moved_and_cancelled_while_nothing_has_left(platform: Platform, case: Case) -> None:
    reminder = made(case)
    path = f"/user-reminders/{reminder['id']}"
    moved = case.staff.post(f"{path}/reschedule", json={"scheduledAt": later(days=3)})
    assert moved["scheduledAt"] > reminder["scheduledAt"]
    case.staff.post(f"{path}/reschedule", json={"scheduledAt": later(days=-1)}, expect=422)
    cancelled = case.staff.post(f"{path}/cancel", json={"reason": "Paid by phone"})
    assert (cancelled["status"], cancelled["reason"]) == ("CANCELLED", "Paid by phone")
    did = [action.removeprefix("user_reminder.") for action, _ in steps(case, reminder)]
    assert did == ["pending", "rescheduled", "cancelled"]
    for step, body in {"cancel": {"reason": "Again"}, "reschedule": {"scheduledAt": later(days=1)}}.items():
        refused = case.staff.post(f"{path}/{step}", json=body, expect=409)
        assert refused["error"]["code"] == "REMINDER_IS_OVER"
    fall_due(platform, reminder)
    before = texts(case)
    tick(platform)
    assert texts(case) == before


def test_what_is_on_its_way_is_not_called_back(platform: Platform, case: Case) -> None:
    reminder = made(case)
    fall_due(platform, reminder)
    with at_work():
        sending.hand_over()
    path = f"/user-reminders/{reminder['id']}/cancel"
    refused = case.staff.post(path, json={"reason": "Late"}, expect=409)
    assert refused["error"]["code"] == "REMINDER_ON_ITS_WAY"
    tick(platform)
    assert looked_at(case, reminder)["status"] == "SENT"


def test_two_schedulers_at_once_send_each_once(platform: Platform) -> None:
    app, count = platform.customer(), 40
    whom = UUID(app.get("/web/me")["id"])
    same = {"channel": "SMS", "template_code": "closure_noc", "payload": {"loan_no": "X"}}
    with at_work():
        rows = [{"customer_id": whom, "loan_id": None}] * count
        ids = reminders.create_all(rows, **same, scheduled_at=now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "BATCH", 7)
        threads = [threading.Thread(target=sending.send_due, args=(BRAND,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sending.send_due(BRAND)
        platform.drain()
    ended = "SELECT status, count(*) FROM user_reminder WHERE id = ANY(%s::uuid[]) GROUP BY 1"
    assert platform.sql(ended, [str(one) for one in ids]) == [("SENT", count)]
    said = platform.sandbox.messages(app.person["phone"])
    assert sum("loan X is closed" in message["text"] for message in said) == count


def test_a_worker_that_dies_before_its_commit_loses_and_doubles_nothing(
    platform: Platform, case: Case
) -> None:
    reminder = made(case)
    fall_due(platform, reminder)
    with pytest.raises(KeyboardInterrupt), at_work():
        sending.hand_over()
        raise KeyboardInterrupt
    before = len(texts(case))
    tick(platform)
    assert (looked_at(case, reminder)["status"], len(texts(case))) == ("SENT", before + 1)
