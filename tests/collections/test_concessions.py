"""What is given up, by whose authority: a waiver, a settlement, a write-off and what is recovered after it."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import rules
from app.collections import promises
from app.collections.concessions import service as concessions
from app.collections.concessions import settling
from app.core.clock import today
from app.core.identity import Role
from app.core.share import Share
from app.end_of_day import closing
from app.ledger import service as ledger
from app.loans import service as loans
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import BRAND, Platform

TODAY = today()
EXECUTIVE, MANAGER, HEAD = Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD


@pytest.fixture(scope="module")
def lost(platform: Platform) -> Case:
    """20,000 of principal, 125 days after the payout, 95 past due."""
    case = active(platform, days_ago=125)
    closing.close(BRAND, TODAY)
    return case


def propose(case: Case, kind: str, role: Role = EXECUTIVE, expect: int = 201, **more: Any) -> dict[str, Any]:
    told = {"kind": kind, "reason": "Lost the job"} | more
    return case.platform.staff(role).post(f"/loans/{case.loan_id}/concessions", expect=expect, json=told)


def approve(case: Case, concession: dict[str, Any], role: Role, expect: int = 200) -> dict[str, Any]:
    path = f"/concessions/{concession['id']}/approve"
    return case.platform.staff(role).post(path, expect=expect)


def pay(case: Case, amount: Decimal | int) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(amount), TODAY, f"{loan.loan_no}:{amount}")


def outstanding(case: Case) -> dict[str, Any]:
    return case.ledger()["outstanding"]


def test_a_waiver_by_the_authority_of_the_policy(platform: Platform):
    case = active(platform, days_ago=40)
    assert "waived" in propose(case, "WAIVER", expect=422)["error"]["fields"]
    assert "waived" in propose(case, "WAIVER", expect=422, waived={"penal": "1.00"})["error"]["fields"]
    small = propose(case, "WAIVER", waived={"interest": "500.00"})
    assert small["authority"] == "COLLECTION_MANAGER"
    propose(case, "WAIVER", expect=409, waived={"interest": "1.00"})
    approve(case, small, EXECUTIVE, expect=403)
    done = approve(case, small, MANAGER)
    assert (done["status"], outstanding(case)["interest"]) == ("DONE", "7500.00")
    approve(case, small, MANAGER, expect=409)
    large = propose(case, "WAIVER", waived={"interest": "1000.00"}, role=MANAGER)
    assert large["authority"] == "COLLECTION_HEAD"
    assert approve(case, large, MANAGER, expect=403)["error"]["code"] == "NEEDS_ANOTHER_PERSON"
    assert approve(case, large, HEAD)["status"] == "DONE"
    no = propose(case, "WAIVER", waived={"interest": "10.00"})
    rejected = platform.staff(HEAD).post(f"/concessions/{no['id']}/reject", json={"remark": "Enough"})
    assert rejected["remark"] == "Enough"
    assert outstanding(case)["interest"] == "6500.00"


def test_the_authority_at_each_limit_and_one_paisa_over(platform: Platform):
    case, head = active(platform, days_ago=40), platform.staff(HEAD)

    def asked(interest: str) -> str:
        made = propose(case, "WAIVER", waived={"interest": interest})
        head.post(f"/concessions/{made['id']}/reject", json={"remark": "To see who is asked"})
        return made["authority"]

    assert (asked("800.00"), asked("800.01")) == ("COLLECTION_MANAGER", "COLLECTION_HEAD")
    assert (asked("7000.00"), asked("7000.01")) == ("COLLECTION_HEAD", "COLLECTION_HEAD_AND_ADMIN")
    approve(case, propose(case, "WAIVER", waived={"interest": "800.00"}), MANAGER)
    over = propose(case, "WAIVER", waived={"interest": "0.01"})
    assert over["authority"] == "COLLECTION_HEAD", "what was waived before counts with it"
    assert approve(case, over, MANAGER, expect=403)["error"]["code"] == "NEEDS_COLLECTION_HEAD"


@pytest.mark.parametrize(
    ("lost", "authority"), [("25000.00", "COLLECTION_HEAD"), ("25000.01", "COLLECTION_HEAD_AND_ADMIN")]
)
def test_how_much_a_head_alone_writes_off(lost: str, authority: str):
    given = {"principal_due": Decimal(lost), "principal_waived": Decimal(lost)}
    zero = dict.fromkeys(("interest_due", "penal_due", "interest_waived", "penal_waived"), Decimal(0))
    inputs = {"decision_date": TODAY, "request": "WRITE_OFF", "days_past_due": 91, **given, **zero}
    said = rules.decide(rules.load("qualoan", "waiver"), inputs)
    assert said.derived["authority"] == authority


def test_a_settlement_is_done_once_it_was_paid(platform: Platform):
    case = active(platform, days_ago=60)
    closing.close(BRAND, TODAY)
    assert "amount" in propose(case, "SETTLEMENT", expect=422)["error"]["fields"]
    offer = propose(case, "SETTLEMENT", amount="26000.00")
    assert offer["authority"] == "COLLECTION_HEAD"
    assert approve(case, offer, HEAD)["status"] == "OFFERED"
    pay(case, 20_000)
    conclude()
    assert case.loan["status"] != "SETTLED"
    pay(case, 6_000)
    conclude()
    conclude()
    assert (case.loan["status"], outstanding(case)["total"]) == ("SETTLED", "0.00")
    assert case.loan["closedAt"]
    with at_work():
        assert ledger.differences(case.loan_id) == {}
        assert loans.facts(loans.get(case.loan_id))["lost_loan_count"] == 0, "of the others"


def conclude(days: int = 0) -> None:
    with at_work():
        for concession_id in settling.standing():
            settling.conclude(concession_id, TODAY + timedelta(days=days))


def test_a_settlement_that_is_not_paid_lapses(platform: Platform):
    case = active(platform, days_ago=60)
    offer = propose(case, "SETTLEMENT", amount="30000.00")
    approve(case, offer, HEAD)
    before = outstanding(case)["total"]
    conclude(days=7)
    conclude(days=8)
    listed = platform.staff(HEAD).get(f"/collections/concessions?loanId={case.loan_id}")["items"]
    assert [one["status"] for one in listed] == ["LAPSED"]
    assert outstanding(case)["total"] == before


def test_below_the_principal_the_highest_authority_is_asked(platform: Platform):
    case = active(platform, days_ago=60)
    offer = propose(case, "SETTLEMENT", amount="15000.00")
    assert (offer["authority"], len(offer["warnings"])) == ("COLLECTION_HEAD_AND_ADMIN", 1)
    assert approve(case, offer, HEAD)["status"] == "PROPOSED"
    assert approve(case, offer, HEAD, expect=403)["error"]["code"] == "NEEDS_ANOTHER_PERSON"
    assert approve(case, offer, MANAGER, expect=403)["error"]["code"] == "NEEDS_ADMIN"
    assert approve(case, offer, Role.ADMIN)["status"] == "OFFERED"


def test_a_write_off_takes_a_head_and_money_after_it_is_a_recovery(lost: Case):
    request = propose(lost, "WRITE_OFF", role=MANAGER)
    assert request["authority"] == "COLLECTION_HEAD_AND_ADMIN"
    approve(lost, request, MANAGER, expect=403)
    approve(lost, request, HEAD)
    assert approve(lost, request, Role.ADMIN)["status"] == "DONE"
    assert (lost.loan["status"], outstanding(lost)["total"]) == ("WRITE_OFF", "0.00")
    pay(lost, 1_000)
    with at_work():
        owed = ledger.outstanding_as_of(lost.loan_id, TODAY)
        assert ledger.differences(lost.loan_id) == {}
    assert owed.lost == Decimal(request["totalDue"]) - 1_000
    propose(lost, "WAIVER", expect=409, waived={"interest": "1.00"})


def test_what_comes_back_of_a_loan_that_was_written_off(platform: Platform):
    case = active(platform, days_ago=130, amount="8000.00")
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    request = propose(case, "WRITE_OFF")
    assert request["authority"] == "COLLECTION_HEAD"
    assert approve(case, request, MANAGER, expect=403)["error"]["code"] == "NEEDS_COLLECTION_HEAD"
    assert approve(case, request, HEAD)["status"] == "DONE"
    executive = platform.staff(EXECUTIVE)
    listed = f"/collections/written-off?search={case.loan['loanNo']}"
    (row,) = executive.get(listed)["items"]
    assert (row["lost"], row["recovered"]) == (request["totalDue"], "0.00")
    executive.get("/collections/written-off?sort=city", expect=422)
    promise = {"amount": "1000.00", "dueOn": f"{TODAY}", "mode": "UPI"}
    executive.post(f"/loans/{case.loan_id}/promises", expect=201, json=promise)
    told = {"amount": "1000.00", "method": "UPI", "reference": f"{uuid4().int % 10**12:012d}"}
    told |= {"receivedOn": f"{TODAY}"}
    made = executive.post(f"/loans/{case.loan_id}/manual-payments", once=True, expect=201, json=told)
    platform.staff(Role.ADMIN).post(f"/payment-approval/{made['id']}/approve", once=True, json={})
    (row,) = executive.get(listed)["items"]
    assert (Decimal(row["lost"]), row["recovered"]) == (Decimal(request["totalDue"]) - 1000, "1000.00")
    with at_work():
        promises.judge(TODAY, Share())
    (kept,) = executive.get(f"/loans/{case.loan_id}/promises")["items"]
    assert (kept["status"], case.loan["status"]) == ("KEPT", "WRITE_OFF")


def test_a_debt_that_has_grown_takes_a_higher_yes(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    case = active(platform, days_ago=130, amount="8000.00")
    request = propose(case, "WRITE_OFF")
    set_clock(monkeypatch, noon(TODAY + timedelta(days=200)), concessions)
    assert approve(case, request, HEAD, expect=409)["error"]["code"] == "OUTGROWN"


def test_a_write_off_takes_a_head_whatever_the_policy_says():
    said = SimpleNamespace(outcome=rules.APPROVE, derived={"authority": "COLLECTION_MANAGER"})
    assert concessions._authority("WRITE_OFF", said) == "COLLECTION_HEAD"
    assert concessions._authority("WAIVER", said) == "COLLECTION_MANAGER"


def test_too_early_for_a_write_off(platform: Platform):
    case = active(platform, days_ago=60)
    assert propose(case, "WRITE_OFF", expect=409)["error"]["code"] == "AGAINST_POLICY"
