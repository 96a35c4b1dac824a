"""What is debited once more, by itself or by hand, and what never is."""

from datetime import timedelta
from typing import Any

from app.core.clock import now, today
from app.core.outbox import enqueue
from app.payments import service
from app.payments.presentations.service import BANK
from app.providers import money
from tests.lending import Case, active, at_work
from tests.payments.desk import approve, books_hold, told
from tests.payments.policies import repaid_by
from tests.payments.test_payments import captured
from tests.payments.test_presentation_files import SPONSOR, allow_debits, newest
from tests.platform import Platform

DAY = today() + timedelta(days=4)


def plan(case: Case, expect: int = 201, **more: Any) -> dict[str, Any]:
    path, body = f"/loans/{case.loan_id}/presentations", {"presentOn": DAY.isoformat()} | more
    return case.staff.post(path, once=True, expect=expect, json=body)


def announced(case: Case) -> dict[str, Any]:
    """The request of the newest debit, once it is announced."""
    with at_work():
        enqueue("payments.announce_presentation", presentation_id=newest(case)["id"])
    case.platform.drain()
    return case.staff.get(f"/loans/{case.loan_id}/payment-requests")[0]


def returned(case: Case, code: str) -> str:
    """The bank returned the newest debit, and told so before we had kept that it was made; what follows of it."""
    with at_work():
        (request, *_) = service.requests_of(case.loan_id)
        failed = captured(f"{request.amount}", None, request.reference)
        failed = money.Payment(
            **vars(failed) | {"status": "failed", "error_reason": code, "notes": {"debit": request.reference}}
        )
        service.hear(money.PaymentEvent("presentation.response", now(), failed), BANK)
    case.platform.drain()
    (found,) = [
        each
        for each in case.staff.get(f"/loans/{case.loan_id}/presentations")
        if each["attempt"] == int(request.reference.rpartition("P")[2])
    ]
    assert (found["status"], found["code"]) == ("RETURNED", code)
    return found["action"]


def test_what_is_left_of_a_debit_is_debited_later(platform: Platform, admin: Any):
    case = active(platform, days_ago=26)
    allow_debits(case)
    with repaid_by(platform, nach=SPONSOR):
        plan(case)
        assert announced(case)["amount"] == "26000.00"
        approve(admin, told(case, amount="6000.00"))
        admin.post("/presentation-files", json={"presentOn": DAY.isoformat()})
        platform.drain()
        made = case.staff.get(f"/loans/{case.loan_id}/presentations")
    # that day has files of its own in other tests
    platform.sql("DELETE FROM mandate_presentation WHERE loan_id = %s", str(case.loan_id))
    assert [(each["attempt"], each["status"]) for each in made] == [(2, "PENDING"), (1, "FAILED")]
    assert made[0]["presentOn"] == (today() + timedelta(days=2)).isoformat()
    books_hold(case)


def test_what_the_bank_says_decides_whether_it_is_debited_again(platform: Platform):
    case = active(platform, days_ago=26)
    allow_debits(case)
    with repaid_by(platform, nach=SPONSOR, presentationsMax=10):
        plan(case)
        announced(case)
        assert returned(case, "57") == "LOWER"
        # nothing follows by itself; by hand it is so much as the account allows
        assert newest(case)["attempt"] == 1
        assert plan(case, amount="5000.00")["amount"] == "5000.00"
        assert announced(case)["amount"] == "5000.00"
        assert returned(case, "53") == "CUSTOMER"
        plan(case)
        announced(case)
        assert returned(case, "04") == "RETRY"
        assert (newest(case)["attempt"], newest(case)["status"]) == (4, "PENDING")
        announced(case)
        assert returned(case, "06") == "STOP"
        assert plan(case, expect=409)["error"]["code"] == "NEVER_AGAIN"
        platform.sql("UPDATE mandate SET status = 'CANCELLED' WHERE loan_id = %s", str(case.loan_id))
        allow_debits(case)
        plan(case)
    books_hold(case)
