"""What the end of a day prepares for the next ones: reminders and presentations, each once, none for days gone by."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core import clock
from app.core.clock import today
from app.core.ids import new_id
from app.end_of_day import closing
from app.ledger import service as ledger
from app.loans import service as loans
from app.mandates.models import Mandate
from app.reminders import sending
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform

TODAY = today()


@dataclass
class Evening:
    """A loan that is reminded tomorrow, one whose mandate is presented the day after; the day was closed twice."""

    reminded: Case
    debited: Case


@pytest.fixture(scope="module")
def evening(platform: Platform) -> Evening:
    found = Evening(active(platform, days_ago=26), active(platform, days_ago=28))
    allow_debits(found.debited)
    for day in (TODAY - timedelta(days=3), TODAY, TODAY):
        closing.close(BRAND, day)
    return found


def allow_debits(case: Case) -> None:
    with at_work():
        Mandate.create(
            loan_id=case.loan_id,
            customer_id=case.customer_id,
            status="ACTIVE",
            provider="razorpay",
            method="upi",
            amount_max=Decimal(25_000),
            valid_until=TODAY + timedelta(days=90),
            open_until=clock.now(),
            provider_request_id=str(new_id()),
            active_at=clock.now(),
        )


def reminders(case: Case) -> list[dict[str, Any]]:
    return case.staff.get(f"/user-reminders?userId={case.customer_id}")["items"]


def test_who_has_to_pay_soon_is_reminded_once(evening: Evening):
    (told,) = reminders(evening.reminded)
    tomorrow = clock.start_of(TODAY + timedelta(days=1))
    assert (told["channel"], told["templateCode"], told["status"]) == ("SMS", "due_reminder", "PENDING")
    assert clock.datetime.fromisoformat(told["scheduledAt"]) == tomorrow + timedelta(hours=10)


def test_who_has_paid_is_reminded_no_more(platform: Platform, evening: Evening):
    case = active(platform, days_ago=26)
    closing.close(BRAND, TODAY)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(30_000), TODAY, f"{loan.loan_no}:early")
    (told,) = reminders(case)
    platform.sql("UPDATE user_reminder SET scheduled_at = now() WHERE id = %s", told["id"])
    sending.send_due(BRAND)
    (told,) = reminders(case)
    assert (told["status"], told["reason"]) == ("CANCELLED", "Nothing is owed any more.")


def test_the_mandate_is_planned_once_and_in_time(evening: Evening):
    (planned,) = evening.debited.staff.get(f"/loans/{evening.debited.loan_id}/presentations")
    due = TODAY + timedelta(days=2)
    assert (planned["presentOn"], planned["status"], planned["attempt"]) == (f"{due}", "PENDING", 1)
    # no more than the mandate allows
    assert planned["amount"] == "25000.00"
    assert evening.reminded.staff.get(f"/loans/{evening.reminded.loan_id}/presentations") == []


def test_the_file_of_the_debits_is_kept(platform: Platform, evening: Evening):
    platform.drain()
    due = {"presentOn": f"{TODAY + timedelta(days=2)}"}
    (planned,) = evening.debited.staff.get(f"/loans/{evening.debited.loan_id}/presentations")
    assert planned["id"].encode() in evening.debited.staff.get("/presentations/file", params=due)
    files = evening.debited.staff.get("/presentation-files", params=due | {"format": "CSV"})["items"]
    # the day was closed twice, and nothing had changed
    assert len({file["checksum"] for file in files}) == len(files)
    assert [file["status"] for file in files].count("MADE") == 1
