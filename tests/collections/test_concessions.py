"""What is given up, by whose authority: a waiver, a settlement, a write-off and what is recovered after it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.collections import settling
from app.core.clock import today
from app.core.identity import Role
from app.end_of_day import closing
from app.ledger import service as ledger
from app.loans import service as loans
from tests.lending import Case, active, at_work
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


def test_too_early_for_a_write_off(platform: Platform):
    case = active(platform, days_ago=60)
    assert propose(case, "WRITE_OFF", expect=409)["error"]["code"] == "AGAINST_POLICY"
