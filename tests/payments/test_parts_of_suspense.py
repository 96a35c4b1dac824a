"""A part of what waits is placed or given back, and the rest waits on."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from app.core import identity
from app.core.clock import now, today
from app.core.identity import Actor, Role
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.payments.reconciliation import service as reconciling
from app.payments.reversals import disputes
from app.payments.suspense import refunds
from app.payments.suspense import service as suspense
from app.providers import money
from tests.lending import Case, active, at_work
from tests.payments.desk import approve, books_hold, told, waiting
from tests.payments.test_payments import captured, heard
from tests.platform import Platform

CHECKER = Actor("checker", frozenset({Role.ADMIN}))


def test_a_part_goes_back_a_part_pays_another_loan_and_the_rest_waits(
    platform: Platform, admin: Any, second: Any
):
    case, other = active(platform), active(platform)
    approve(admin, told(case, amount="20700.00"))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    path, back = f"/suspense/{item['id']}", {"remark": "Theirs", "bankReference": "UTR12345678"}
    for amount in ("700.01", "0.00", "-1.00"):
        refused = admin.post(f"{path}/refund", once=True, expect=422, json=back | {"amount": amount})
        assert "amount" in refused["error"]["fields"]
    # nobody agrees: it is whole
    asked = admin.post(f"{path}/refund", once=True, json=back | {"amount": "200.00"})
    assert (asked["proposedAmount"], asked["amount"]) == ("200.00", "700.00")
    second.post(f"{path}/reject", json={"remark": "No"})
    assert [each["amount"] for each in waiting(admin, loanId=str(case.loan_id))] == ["700.00"]
    admin.post(f"{path}/refund", once=True, json=back | {"amount": "200.00"})
    given = second.post(f"{path}/approve", once=True, json={})
    assert (given["status"], given["amount"]) == ("REFUNDED", "200.00")
    (rest,) = waiting(admin, loanId=str(case.loan_id))
    assert (rest["restOf"], rest["amount"], rest["paymentAmount"]) == (item["id"], "500.00", "20700.00")
    place = {"loanId": str(other.loan_id), "remark": "Of the same family", "amount": "150.00"}
    too_much = place | {"amount": "500.01"}
    refused = admin.post(f"/suspense/{rest['id']}/place", once=True, expect=422, json=too_much)
    assert "amount" in refused["error"]["fields"]
    admin.post(f"/suspense/{rest['id']}/place", once=True, json=place)
    second.post(f"/suspense/{rest['id']}/approve", once=True, json={})
    assert other.outstanding == Decimal("19850.00")
    (last,) = waiting(admin, loanId=str(case.loan_id))
    assert (last["amount"], last["provider"]) == ("350.00", "manual")
    (refund,) = admin.get(f"/refunds?suspenseId={item['id']}")["items"]
    assert (refund["amount"], refund["status"]) == ("200.00", "PROCESSED")
    # it is in the ledger of the loan, which owes no more for it
    (entry,) = [each for each in case.ledger()["entries"] if each["kind"] == "REFUND"]
    assert (entry["reference"], entry["debit"], entry["credit"]) == (refund["id"], "0.00", "0.00")
    with at_work():
        (event,) = [each for each in ledger.events_of(case.loan_id) if each.kind == Kind.REFUND]
        assert event.amount == Decimal("200.00")
    books_hold(case, other)


def of_nobody(payment: str) -> dict[str, str]:
    return {f"{item.amount}": item.status for item in suspense.of_nobody("razorpay", payment)}


def ends(refund_id: Any, status: str) -> None:
    refund = refunds._locked(refunds.PaymentRefund.find(refund_id))
    refunds._take_over(
        refund, money.Refund(f"rf_{refund.id}", "pay", None, refund.amount, status, None, now())
    )


def lost(payment: str, amount: str) -> None:
    told = money.Dispute(f"disp_{uuid4()}", payment, Decimal(amount), "lost", None, None, None, None)
    disputes.hear(told, "razorpay")


def owed(case: Case) -> Decimal:
    return ledger.outstanding_as_of(case.loan_id, today()).total


def test_money_for_nobody_known_is_of_several_and_all_of_it_is_one_payment(platform: Platform):
    cases, payment = (active(platform), active(platform)), f"pay_{uuid4().hex[:14]}"
    heard(captured("1000.00", None, payment))
    with at_work(), identity.acting(CHECKER):
        (item,) = suspense.of_nobody("razorpay", payment)
        refund = refunds.ask(item.id, "Theirs", amount=Decimal("300.00"))
        assert of_nobody(payment) == {"300.00": "REFUNDING", "700.00": "OPEN"}
        # of what a dispute takes nothing is taken while some of it is on its way
        with identity.acting(identity.SYSTEM):
            lost(payment, "50.00")
            assert of_nobody(payment) == {"300.00": "REFUNDING", "700.00": "OPEN"}
            ends(refund.id, "failed")
        assert of_nobody(payment) == {"250.00": "OPEN", "700.00": "OPEN"}
        again = refunds.ask(item.id, "Theirs", amount=Decimal("100.00"))
        with identity.acting(identity.SYSTEM):
            ends(again.id, "processed")
        assert of_nobody(payment) == {"100.00": "REFUNDED", "150.00": "OPEN", "700.00": "OPEN"}
        for case, amount in zip(cases, ("150.00", "700.00"), strict=True):
            (part,) = [each for each in suspense.of_nobody("razorpay", payment) if f"{each.amount}" == amount]
            suspense.place(part.id, case.loan_id, "Theirs", Decimal("100.00"))
        assert of_nobody(payment).keys() == {"100.00", "50.00", "600.00"}
        assert [owed(case) for case in cases] == [Decimal("19900.00")] * 2
        assert reconciling._booked("razorpay", [payment]) == {payment: Decimal("1000.00")}
        # and what is lost is taken from what waits, then from both loans
        with identity.acting(identity.SYSTEM):
            lost(payment, "810.00")
        assert [owed(case) for case in cases] == [Decimal("20000.00"), Decimal("19960.00")]
    books_hold(*cases)
