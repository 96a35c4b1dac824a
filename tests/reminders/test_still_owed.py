"""A reminder is asked once more when it leaves whether anything is owed: who paid overnight is not reminded."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.collections import promises
from app.contacts import service as contacts
from app.core.clock import today
from app.core.outbox import enqueue
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.listing import owing_among
from app.messaging import service as messaging
from app.messaging.delivery import gates
from app.messaging.service import To
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import BRAND, Platform
from tests.reminders.test_reminders import fall_due, looked_at, made, texts, tick

TODAY = today()


@pytest.fixture(scope="module")
def two(platform: Platform) -> list[Case]:
    """One who will have paid, and one who will not, both overdue."""
    return [active(platform, days_ago=35) for _ in range(2)]


@pytest.fixture
def night() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, noon(TODAY).replace(hour=22), contacts, gates)
        yield patch


def pay(case: Case, amount: Decimal) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, amount, TODAY, f"{loan.loan_no}:{amount}")


def morning(platform: Platform, night: pytest.MonkeyPatch, message_ids: list[str]) -> None:
    set_clock(night, noon(TODAY), contacts, gates)
    platform.sql("UPDATE user_notification SET due_at = now() WHERE id = ANY(%s::uuid[])", message_ids)
    with at_work():
        enqueue("messaging.deliver_many", brand_id=BRAND, message_ids=message_ids)
    platform.drain()


def test_who_paid_overnight_is_not_reminded(
    platform: Platform, two: list[Case], night: pytest.MonkeyPatch
) -> None:
    reminders = [made(case) for case in two]
    for reminder in reminders:
        fall_due(platform, reminder)
    tick(platform)
    assert [looked_at(case, one)["status"] for case, one in zip(two, reminders, strict=True)] == [
        "PENDING"
    ] * 2
    paid, other = two
    pay(paid, paid.outstanding)
    ids = [str(row[0]) for case in two for row in waiting(platform, case)]
    before = [len(texts(case)) for case in two]
    morning(platform, night, ids)
    first, second = (looked_at(case, one) for case, one in zip(two, reminders, strict=True))
    assert (first["status"], first["reason"]) == ("CANCELLED", "WITHDRAWN: NOTHING_OWED")
    assert second["status"] == "SENT"
    assert [len(texts(case)) for case in two] == [before[0], before[1] + 1]
    listed = paid.staff.get(f"/messages?customerId={paid.customer_id}&status=SUPPRESSED")["items"]
    assert [message["reason"] for message in listed] == ["WITHDRAWN: NOTHING_OWED"]
    counted = "SELECT count(*) FROM contact_attempt WHERE customer_id = %s"
    assert platform.sql(counted, str(paid.customer_id)) == [(0,)], "nobody was contacted"
    with at_work():
        assert owing_among([case.loan_id for case in two]) == {other.loan_id}


def waiting(platform: Platform, case: Case) -> list[tuple]:
    return platform.sql(
        "SELECT id FROM user_notification WHERE customer_id = %s AND status = 'PENDING' AND kind = 'DUES'",
        str(case.customer_id),
    )


def test_a_reminder_of_a_promise_is_neither_for_who_paid_it_nor_for_another_day(
    platform: Platform, two: list[Case], night: pytest.MonkeyPatch
) -> None:
    _, case = two
    told = {"amount": "5000.00", "dueOn": f"{TODAY}", "mode": "UPI"}
    case.staff.post(f"/loans/{case.loan_id}/promises", expect=201, json=told)
    pay(case, Decimal(4750))
    with at_work():
        promises.remind(TODAY)
    assert waiting(platform, case) == []
    with at_work():
        to = To(case.customer_id, f"promise:{case.loan_id}", {"loan_no": "L", "amount": "1"}, case.loan_id)
        (message_id,) = messaging.send_all("promise_due", "SMS", [to]).values()
    platform.drain()
    earlier = "UPDATE user_notification SET created_at = created_at - interval '1 day' WHERE id = %s"
    platform.sql(earlier, str(message_id))
    morning(platform, night, [str(message_id)])
    assert platform.sql("SELECT status, reason FROM user_notification WHERE id = %s", str(message_id)) == [
        ("SUPPRESSED", "TOO_LATE")
    ]


def test_what_was_written_off_is_owed_until_it_came_back(platform: Platform) -> None:
    case = active(platform, days_ago=130, amount="8000.00")
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
        ledger.write_off(loans.get(case.loan_id), TODAY, "lost")
        lost = ledger.outstanding_as_of(case.loan_id, TODAY).lost
    platform.sql("UPDATE loan SET status = 'WRITE_OFF', closed_at = now() WHERE id = %s", str(case.loan_id))
    with at_work():
        assert owing_among([case.loan_id]) == {case.loan_id}
    pay(case, lost)
    with at_work():
        assert owing_among([case.loan_id]) == set()
