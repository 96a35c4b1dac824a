"""What was written off is still worked: asked for by law, settled for less, or not asked for any more."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.closure import service as closure
from app.collections.concessions import settling
from app.collections.models import Concession
from app.core.clock import now, today
from app.core.identity import Role
from app.core.outbox import enqueue
from app.ledger import service as ledger
from app.loans import service as loans
from app.payments import booking
from app.payments.suspense import service as suspense
from tests.collections.test_concessions import approve, propose
from tests.lending import Case, active, at_work
from tests.platform import Platform

TODAY = today()
MANAGER, HEAD, ADMIN = Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD, Role.ADMIN


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return written_off(platform)


def written_off(platform: Platform) -> Case:
    """8,000 of principal and 10,000 of interest were lost five days ago."""
    case = active(platform, days_ago=130, amount="8000.00")
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    with at_work(role=HEAD):
        ledger.write_off(loans.get(case.loan_id), TODAY - timedelta(days=5), f"WO-{case.loan_id}")
        closure.end_in(loans.get(case.loan_id), "WRITE_OFF")
    return case


def lost(case: Case) -> str:
    """As the ledger tells it, once the journal is proven to add up."""
    with at_work():
        assert ledger.differences(case.loan_id) == {}
    return case.ledger()["outstanding"]["lost"]


def pay(case: Case, amount: str) -> None:
    told = {"amount": amount, "method": "UPI", "reference": f"{uuid4().int % 10**12:012d}"}
    told |= {"receivedOn": f"{TODAY}"}
    path = f"/loans/{case.loan_id}/manual-payments"
    made = case.platform.staff(ADMIN).post(path, once=True, expect=201, json=told)
    checker = case.platform.staff(Role.SUPER_ADMIN)
    checker.post(f"/payment-approval/{made['id']}/approve", once=True, json={"remark": "Found"})
    look_at_settlements(case)


def look_at_settlements(case: Case) -> None:
    with at_work():
        enqueue("collections.conclude_settlements")
    case.platform.drain()


def settlements(case: Case) -> list[str]:
    path = f"/collections/concessions?loanId={case.loan_id}&kind=SETTLEMENT&sort=createdAt"
    return [one["status"] for one in case.platform.staff(HEAD).get(path)["items"]]


def messages(case: Case, event: str) -> int:
    told = "SELECT count(*) FROM user_notification WHERE loan_id = %s AND event = %s AND channel = 'SMS'"
    return case.platform.sql(told, str(case.loan_id), event)[0][0]


def refused(case: Case, path: str, role: Role, **told: Any) -> str:
    return case.platform.staff(role).post(f"/loans/{case.loan_id}/{path}", expect=409, json=told)["error"][
        "code"
    ]


def test_it_is_asked_for_by_law(case: Case):
    lead = case.platform.staff(MANAGER)
    notice = lead.post(f"/loans/{case.loan_id}/legal-notices", expect=201, json={})
    assert (notice["totalDue"], notice["daysPastDue"]) == ("18000.00", 100)
    file = f"/loans/{case.loan_id}/documents/{notice['documentId']}/file"
    assert lead.get(file).startswith(b"%PDF-")
    told = {"court": "Civil Court", "caseNumber": "1/2026", "filedOn": f"{TODAY}"}
    assert lead.post(f"/loans/{case.loan_id}/suits", expect=201, json=told)["status"] == "FILED"


def test_money_in_suspense_is_placed_on_it_and_the_receipt_tells_what_is_lost_still(case: Case):
    came = booking.Received("razorpay", f"pay_{uuid4().hex[:14]}", Decimal(500), now(), TODAY)
    with at_work():
        item = suspense.take_in(came)
    told = {"loanId": str(case.loan_id), "remark": "Of this customer"}
    case.platform.staff(ADMIN).post(f"/suspense/{item.id}/place", once=True, json=told)
    case.platform.staff(Role.SUPER_ADMIN).post(f"/suspense/{item.id}/approve", once=True, json={})
    case.platform.drain()
    path = f"/collections/written-off?search={case.loan['loanNo']}"
    (listed,) = case.platform.staff(HEAD).get(path)["items"]
    assert (listed["recovered"], listed["lost"], lost(case)) == ("500.00", "17500.00", "17500.00")
    for address in (case.app.person["phone"], f"{case.customer_id}@mail.example"):
        said = [f"{each}" for each in case.app.sandbox.messages(address)]
        assert any("500.00" in text and "Rs 17500.00" in text for text in said), address


def test_it_is_settled_for_less_and_lost_again_when_that_payment_comes_back(case: Case):
    assert propose(case, "WRITE_OFF", expect=409)["error"]["code"] == "WRITTEN_OFF_ALREADY"
    assert "amount" in propose(case, "SETTLEMENT", expect=422, amount="17500.00")["error"]["fields"]
    asked = propose(case, "SETTLEMENT", amount="9000.00")
    assert (asked["totalDue"], asked["waived"]) == ("17500.00", {"INTEREST": "8500.00"})
    assert (asked["authority"], asked["daysPastDue"]) == ("COLLECTION_HEAD_AND_ADMIN", 100)
    approve(case, asked, HEAD)
    assert approve(case, asked, ADMIN)["status"] == "OFFERED"
    pay(case, "9000.00")
    assert (settlements(case), lost(case), case.loan["status"]) == (["DONE"], "0.00", "WRITE_OFF")
    assert messages(case, "loan_settled") == 1 == messages(case, "payment_received") - 1
    case.platform.staff(ADMIN).post(f"/loans/{case.loan_id}/payment-link", once=True, expect=409, json={})
    ended = {"concessions": {"kind": "WAIVER", "reason": "Again"}, "legal-notices": {}}
    ended["visits"] = {"visitType": "RESIDENCE", "reason": "To see them"}
    assert {refused(case, path, MANAGER, **told) for path, told in ended.items()} == {"NOTHING_TO_COLLECT"}
    came = case.staff.get(f"/loans/{case.loan_id}/payments")
    (paid,) = [payment for payment in came if payment["amount"] == "9000.00"]
    path = f"/loans/{case.loan_id}/payments/{paid['id']}/reversals"
    told = {"kind": "RETURNED", "reason": "The bank gave it back"}
    back = case.platform.staff(ADMIN).post(path, once=True, expect=201, json=told)
    agreed = f"/payment-reversals/{back['id']}/approve"
    case.platform.staff(Role.SUPER_ADMIN).post(agreed, once=True, json={"remark": "So it is"})
    case.platform.drain()
    assert (settlements(case), lost(case), case.loan["status"]) == (["LAPSED"], "17500.00", "WRITE_OFF")


def test_all_of_it_is_waived_or_none(case: Case):
    asked = propose(case, "WAIVER", expect=409, waived={"interest": "100.00"})
    assert asked["error"]["code"] == "ALL_OR_SETTLE"
    asked = propose(case, "WAIVER")
    assert asked["waived"] == {"PRINCIPAL": "8000.00", "INTEREST": "9500.00"}
    assert asked["authority"] == "COLLECTION_HEAD_AND_ADMIN"
    approve(case, asked, HEAD)
    assert approve(case, asked, ADMIN)["status"] == "DONE"
    assert (lost(case), case.loan["status"]) == ("0.00", "WRITE_OFF")


def test_what_was_settled_before_a_write_off_does_not_come_back_after_it(case: Case):
    with at_work():
        loan = loans.get(case.loan_id)
        terms = {"loan_id": loan.id, "customer_id": loan.customer_id, "waived": {}, "total_due": 1}
        terms |= {"days_past_due": 1, "authority": "COLLECTION_HEAD", "ruleset_hash": "", "reason": "x"}
        terms |= {"proposed_by": "somebody"}
        before = Concession.create(kind="SETTLEMENT", status="LAPSED", amount=1, **terms)
        assert not settling._has_another(loan, before)
        Concession.create(kind="WRITE_OFF", status="DONE", **terms)
        assert settling._has_another(loan, before)
