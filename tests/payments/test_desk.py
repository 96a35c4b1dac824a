"""Payments that somebody has to look at: told by hand, in suspense, given back, in a race."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.closure import service as closure
from app.core.clock import today
from app.core.identity import Role
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans import service as loans
from tests.lending import Case, active, at_work, noon
from tests.mandates.test_mandates import policy
from tests.payments.desk import approve, books_hold, told, waiting
from tests.payments.policies import repaid_by
from tests.payments.test_payments import begin, captured, heard, pay, received, until, until_request
from tests.platform import BRAND, Platform


def test_a_payment_told_by_hand_is_checked_by_another_person(platform: Platform, admin: Any):
    case = active(platform, days_ago=18)
    day = today() - timedelta(days=8)
    payment = told(case, amount="12000.00", receivedOn=day.isoformat())
    assert case.outstanding == Decimal("23600.00")
    again = told(case, expect=409, reference=payment["reference"].lower())
    assert again["error"]["code"] == "DUPLICATE_REFERENCE"
    assert told(case, expect=422, receivedOn="2020-01-01")["error"]["fields"]["receivedOn"]
    assert payment["id"] in [each["id"] for each in admin.get("/payment-approval?pageSize=100")["items"]]
    executive = platform.staff(Role.COLLECTION_EXECUTIVE)
    executive.post(f"/payment-approval/{payment['id']}/approve", once=True, expect=403, json={})
    approve(admin, payment)
    # from its day on: 10,000 of principal were left
    assert case.outstanding == Decimal("10800.00")
    assert (received(case)[0]["provider"], received(case)[0]["receivedOn"]) == ("manual", day.isoformat())
    assert approve(admin, payment, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"
    books_hold(case)


def test_whoever_tells_of_a_payment_does_not_check_it(platform: Platform, admin: Any):
    case = active(platform)
    body = {"amount": "1.00", "method": "CASH", "reference": uuid4().hex[:12], "receivedOn": str(today())}
    payment = admin.post(f"/loans/{case.loan_id}/manual-payments", once=True, expect=201, json=body)
    assert approve(admin, payment, expect=403)["error"]["code"] == "MAKER_IS_CHECKER"
    other = platform.staff(Role.SUPER_ADMIN)
    other.post(f"/payment-approval/{payment['id']}/reject", json={"remark": "Not in the bank"})
    assert case.outstanding == Decimal("20000.00")
    told(case, reference=payment["reference"])  # what was rejected may be told again


def cheque(case: Case, **changes: Any) -> dict[str, Any]:
    number = f"{uuid4().int % 10**6:06d}/{uuid4().int % 10**9:09d}"
    return told(case, **{"method": "CHEQUE", "amount": "12000.00", "reference": number} | changes)


def test_a_cheque_is_money_once_it_has_cleared(platform: Platform, admin: Any, second: Any):
    case = active(platform, days_ago=18)
    handed_in, cleared = (today() - timedelta(days=days) for days in (9, 8))
    assert cheque(case, expect=422, reference="123456")["error"]["fields"]["reference"]
    waits = cheque(case, receivedOn=f"{handed_in}")
    assert case.outstanding == Decimal("23600.00")
    path = f"/payment-approval/{waits['id']}/approve"
    early = admin.post(path, once=True, expect=422, json={"clearedOn": f"{handed_in - timedelta(days=1)}"})
    assert early["error"]["fields"]["clearedOn"]
    admin.post(path, once=True, json={"clearedOn": f"{cleared}"})
    assert (received(case)[0]["method"], received(case)[0]["receivedOn"]) == ("cheque", f"{cleared}")
    assert case.outstanding == Decimal("10800.00")
    # the bank took it back after all: that is charged
    body = {"kind": "RETURNED", "reason": "Funds insufficient after all"}
    path = f"/loans/{case.loan_id}/payments/{received(case)[0]['id']}/reversals"
    reversal = admin.post(path, once=True, expect=201, json=body)
    second.post(f"/payment-reversals/{reversal['id']}/approve", once=True, json={})
    assert case.outstanding == Decimal("24780.00")
    books_hold(case)


def test_a_cheque_that_bounces_costs_where_its_drawer_is_at_fault(platform: Platform, admin: Any):
    case = active(platform, days_ago=18)
    for reason, charges in (("TECHNICAL", "0.00"), ("FUNDS_INSUFFICIENT", "1180.00")):
        # the same cheque may be presented again
        waits = cheque(case, reference="004711/400240015")
        path, body = (
            f"/payment-approval/{waits['id']}/bounce",
            {"reason": reason, "remark": "As the bank says"},
        )
        platform.staff(Role.COLLECTION_EXECUTIVE).post(path, once=True, expect=403, json=body)
        done = admin.post(path, once=True, json=body)
        assert (done["status"], done["bounceReason"]) == ("BOUNCED", reason)
        assert case.app.get(f"/web/loans/{case.loan_id}/outstanding")["charges"] == charges
    assert admin.post(path, once=True, expect=409, json=body)["error"]["code"] == "ILLEGAL_TRANSITION"
    assert received(case) == []
    cash = told(case)
    refused = admin.post(f"/payment-approval/{cash['id']}/bounce", once=True, expect=409, json=body)
    assert refused["error"]["code"] == "NOT_A_CHEQUE"
    platform.drain()
    told_so = [message["text"] for message in case.app.sandbox.messages(case.app.person["phone"])]
    assert len([text for text in told_so if "cheque" in text]) == 2
    books_hold(case)


def test_money_for_nobody_known_is_placed_by_two_people(platform: Platform, admin: Any, second: Any):
    case = active(platform, days_ago=10)
    payment_id = f"pay_{uuid4().hex[:14]}"
    heard(captured("22500.00", None, payment_id))
    heard(captured("22500.00", None, payment_id))
    (item,) = waiting(admin, providerPaymentId=payment_id)
    path, body = f"/suspense/{item['id']}", {"loanId": str(case.loan_id), "remark": "The customer called."}
    proposed = admin.post(f"{path}/place", once=True, json=body)
    assert (proposed["status"], proposed["proposedAction"], case.outstanding) == (
        "PROPOSED",
        "PLACE",
        Decimal("22000.00"),
    )
    alone = admin.post(f"{path}/approve", once=True, expect=403, json={})
    assert alone["error"]["code"] == "MAKER_IS_CHECKER"
    assert second.post(f"{path}/reject", json={"remark": "Ask again"})["status"] == "OPEN"
    admin.post(f"{path}/place", once=True, json=body)
    placed = second.post(f"{path}/approve", once=True, json={})
    assert (placed["status"], placed["decisionRemark"]) == ("PLACED", "The customer called.")
    until(case, "COMPLETED")
    for action, said, code in (("place", body, "NOT_IN_SUSPENSE"), ("approve", {}, "NOTHING_PROPOSED")):
        again = second.post(f"{path}/{action}", once=True, expect=409, json=said)
        assert again["error"]["code"] == code
    # what is beyond the debt waits again, as the excess of the loan
    (rest,) = waiting(admin, loanId=str(case.loan_id))
    assert (rest["kind"], rest["amount"]) == ("OVERPAYMENT", "500.00")
    books_hold(case)


def test_money_for_nobody_known_is_recovered_from_a_loan_that_was_written_off(
    platform: Platform, admin: Any, second: Any
):
    case, payment_id = active(platform, days_ago=40), f"pay_{uuid4().hex[:14]}"
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    with at_work(role=Role.COLLECTION_HEAD):
        loan = loans.get(case.loan_id)
        ledger.write_off(loan, today() - timedelta(days=5), f"{loan.loan_no}-WO")
        closure.end_in(loan, "WRITE_OFF")
    heard(captured("9000.00", None, payment_id, noon(today() - timedelta(days=2))))
    (item,) = waiting(admin, providerPaymentId=payment_id)
    body = {"loanId": str(case.loan_id), "remark": "The customer called."}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    told = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    # 35 days of interest were lost beside the principal
    assert (case.loan["status"], told["total"], told["lost"]) == ("WRITE_OFF", "0.00", "18000.00")
    # it left the books of nobody known on the day from which it counts: on no day it is there twice
    told = admin.get("/ledger/journal", params={"reference": item["id"]})["items"]
    assert {entry["date"] for entry in told} == {f"{today() - timedelta(days=2)}"}
    books_hold(case)


def test_of_what_waits_its_own_loan_takes_what_it_owes(platform: Platform, admin: Any, second: Any):
    case = active(platform, days_ago=10)
    with at_work():
        ledger.charge(loans.get(case.loan_id), Kind.PENAL_CHARGE, Decimal("300.00"), today(), f"{uuid4()}")
    # 21,000 were owed on its day, and the charge was not made yet
    day = today() - timedelta(days=5)
    approve(admin, told(case, amount="21500.00", receivedOn=day.isoformat()))
    assert (case.loan["status"], case.outstanding) == ("PARTIALLY_PAID", Decimal("300.00"))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    assert item["amount"] == "500.00"
    body = {"loanId": str(case.loan_id), "remark": "For the charge"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    placed = second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    assert (placed["status"], placed["amount"]) == ("PLACED", "300.00")
    until(case, "COMPLETED")
    (rest,) = waiting(admin, loanId=str(case.loan_id))
    assert (rest["amount"], case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"]) == (
        "200.00",
        "200.00",
    )
    books_hold(case)


def test_a_later_event_that_knows_the_request_takes_it_out_of_suspense(platform: Platform, admin: Any):
    case = active(platform)
    request, payment_id = begin(case, amount="5000.00"), f"pay_{uuid4().hex[:14]}"
    heard(captured("5000.00", None, payment_id))
    assert waiting(admin, providerPaymentId=payment_id)
    heard(captured("5000.00", request["id"], payment_id))
    assert not waiting(admin, providerPaymentId=payment_id)
    assert case.outstanding == Decimal("15000.00")
    assert len(received(case)) == 1
    books_hold(case)


def test_what_was_paid_twice_goes_back_through_the_gateway_once(platform: Platform, admin: Any, second: Any):
    case = active(platform)
    first, again = begin(case), begin(case)
    pay(case, first)
    until(case, "COMPLETED")
    pay(case, again)
    until_request(case, again, "SUCCESS")
    (item,) = waiting(admin, loanId=str(case.loan_id))
    assert (item["kind"], item["amount"]) == ("CLOSED_LOAN", "20000.00")
    # a charge that was told late takes some of it; what is left is of the same payment, and goes back as that does
    with at_work():
        ledger.charge(loans.get(case.loan_id), Kind.BOUNCE_CHARGE, Decimal("300.00"), today(), f"{uuid4()}")
    place = {"loanId": str(case.loan_id), "remark": "For the charge"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=place)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    whole, (item,) = item, waiting(admin, loanId=str(case.loan_id))
    same = ("kind", "provider", "providerPaymentId", "paymentAmount", "reference", "receivedOn")
    assert [item[name] for name in same] == [whole[name] for name in same]
    assert (item["restOf"], item["amount"], case.outstanding) == (whole["id"], "19700.00", Decimal(0))
    assert case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"] == "19700.00"
    books_hold(case)
    path, body = f"/suspense/{item['id']}/refund", {"remark": "Paid twice"}
    named = admin.post(path, once=True, expect=422, json=body | {"bankReference": "UTR12345678"})
    assert "bankReference" in named["error"]["fields"]
    admin.post(path, once=True, json=body)
    admin.post(path, once=True, expect=409, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})

    def is_back() -> bool:
        return case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"] == "0.00"

    platform.until(is_back, "the refund to be booked")
    done = admin.get("/suspense?status=REFUNDED&pageSize=100")["items"]
    assert item["id"] in [each["id"] for each in done]
    (refund,) = admin.get(f"/refunds?suspenseId={item['id']}")["items"]
    assert (refund["status"], refund["amount"], bool(refund["reference"])) == ("PROCESSED", "19700.00", True)
    assert not waiting(admin, loanId=str(case.loan_id))
    books_hold(case)


@pytest.fixture
def alone(platform: Platform) -> Iterator[None]:
    """A brand where one person decides on small amounts."""
    with repaid_by(platform, suspenseAloneMax="500"):
        yield


@pytest.mark.usefixtures("alone")
def test_what_is_beyond_the_debt_pays_another_loan_or_goes_back_by_hand(platform: Platform, admin: Any):
    case, other = active(platform), active(platform)
    approve(admin, told(case, amount="20500.00"))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    assert (item["kind"], item["amount"]) == ("OVERPAYMENT", "500.00")
    body = {"loanId": str(other.loan_id), "remark": "Of the same family"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    assert other.outstanding == Decimal("19500.00")
    approve(admin, told(other, amount="19600.00"))
    (item,) = waiting(admin, loanId=str(other.loan_id))
    path = f"/suspense/{item['id']}/refund"
    refused = admin.post(path, once=True, expect=422, json={"remark": "By hand"})
    assert refused["error"]["code"] == "REFERENCE_NEEDED"
    sent = {"remark": "By hand", "bankReference": "UTR12345678"}
    assert admin.post(path, once=True, json=sent)["status"] == "REFUNDED"
    books_hold(case, other)


def test_what_is_left_below_a_rupee_is_paid_with_one(platform: Platform, admin: Any):
    case = active(platform)
    approve(admin, told(case, amount="19999.50"))
    link = admin.post(f"/loans/{case.loan_id}/payment-link", once=True, expect=201, json={})
    assert link["amount"] == "1.00"
    pay(case, link)
    until(case, "COMPLETED")
    (item,) = waiting(admin, loanId=str(case.loan_id))
    assert (item["kind"], item["amount"]) == ("OVERPAYMENT", "0.50")
    books_hold(case)


def test_what_was_lost_is_recovered_however_its_money_comes(platform: Platform, admin: Any, second: Any):
    case, other = active(platform, days_ago=40), active(platform)
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    with at_work(role=Role.COLLECTION_HEAD):
        ledger.write_off(loans.get(case.loan_id), today(), f"{case.loan_id}:lost")
        closure.end_in(loans.get(case.loan_id), "WRITE_OFF")
    # of a page that is named by the second event alone
    link, payment = begin(case, amount="50.00"), f"pay_{uuid4().hex[:14]}"
    for request in (None, link["id"]):
        heard(captured("50.00", request, payment))
    # and what was too much on another loan
    approve(admin, told(other, amount="20700.00"))
    (item,) = waiting(admin, loanId=str(other.loan_id))
    body = {"loanId": str(case.loan_id), "remark": "The same customer"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    found = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (found["total"], found["lost"], found["excess"]) == ("0.00", "27250.00", "0.00")
    assert [entry["kind"] for entry in case.ledger()["entries"]][-2:] == ["RECOVERY", "RECOVERY"]
    # whoever asks has it in writing
    kind = {"kind": "WRITE_OFF_LETTER"}
    letter = admin.post(f"/loans/{case.loan_id}/papers", expect=201, json=kind)
    assert letter["id"] in [each["id"] for each in case.app.get(f"/web/loans/{case.loan_id}/documents")]
    admin.post(f"/loans/{other.loan_id}/papers", expect=409, json=kind)
    # no receipt says that nothing is owed
    platform.drain()
    said = [f"{each}" for each in case.app.sandbox.messages(case.app.person["phone"])]
    assert [any(left in text for text in said) for left in ("27950.00", "27250.00")] == [True, True]
    books_hold(case, other)


def test_a_loan_is_foreclosed_for_the_days_that_it_was_out(platform: Platform):
    case = active(platform, days_ago=18)
    path = f"/web/loans/{case.loan_id}/foreclosure"
    offered = case.app.get(path)
    assert (offered["total"], offered["interestSaved"]) == ("23600.00", "2400.00")
    late = case.app.get(f"{path}?on={today() + timedelta(days=12)}", expect=409)
    assert late["error"]["code"] == "NOT_EARLY"
    request = case.app.post(path, once=True, expect=201, json={"channel": "CHECKOUT"})
    assert (request["purpose"], request["shortUrl"], bool(request["checkoutKey"])) == (
        "FORECLOSURE",
        None,
        True,
    )
    case.app.sandbox.call(
        "POST", f"/razorpay/o/{request['providerOrderId']}/pay", json={"outcome": "success"}
    )
    until(case, "COMPLETED")
    assert "FORECLOSURE" in [entry["kind"] for entry in case.ledger()["entries"]]
    books_hold(case)


def test_the_checkout_of_the_other_gateway_is_paid(platform: Platform):
    with policy(platform, "NOT_NEEDED", "cashfree"):
        case = active(platform)
        request = begin(case, amount="5000.00", channel="CHECKOUT")
        order = request["providerOrderId"]
        case.app.sandbox.call("POST", f"/cashfree/o/{BRAND}:{order}/pay", json={"outcome": "success"})
        until_request(case, request, "SUCCESS")
    assert case.outstanding == Decimal("15000.00")
    books_hold(case)


def test_a_charge_booked_in_error_is_taken_back_once(platform: Platform, admin: Any):
    case = active(platform)
    key = f"{uuid4()}"
    with at_work():
        ledger.charge(loans.get(case.loan_id), Kind.PENAL_CHARGE, Decimal("30.00"), today(), key)
    path, body = (
        f"/loans/{case.loan_id}/ledger/take-back",
        {"kind": "PENAL_CHARGE", "reference": key, "remark": "x"},
    )
    platform.staff(Role.COLLECTION_EXECUTIVE).post(path, once=True, expect=403, json=body)
    assert admin.post(path, once=True, json=body)["total"] == "20000.00"
    again = admin.post(path, once=True, expect=409, json=body)
    assert again["error"]["code"] == "NOTHING_TO_REVERSE"
    assert [entry["kind"] for entry in case.ledger()["entries"]] == ["DISBURSAL", "PENAL_CHARGE", "REVERSAL"]
    books_hold(case)


def test_everything_at_once_loses_no_money(platform: Platform, admin: Any):
    """Two webhooks of one payment, a manual approval and a foreclosure, all of them for the whole debt."""
    case = active(platform, days_ago=18)
    link = begin(case)
    early = case.app.post(f"/web/loans/{case.loan_id}/foreclosure", once=True, expect=201, json={})
    manual = told(case, amount="23600.00")
    twice, foreclosed = f"pay_{uuid4().hex[:14]}", f"pay_{uuid4().hex[:14]}"
    happens = [
        lambda: heard(captured("23600.00", link["id"], twice)),
        lambda: heard(captured("23600.00", link["id"], twice)),
        lambda: heard(captured("23600.00", early["id"], foreclosed)),
        lambda: approve(admin, manual),
    ]
    with ThreadPoolExecutor(len(happens)) as threads:
        for done in [threads.submit(happen) for happen in happens]:
            done.result()
    until(case, "COMPLETED")
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (owed["total"], owed["excess"]) == ("0.00", "47200.00")
    assert len(received(case)) == 3
    kept = sum(Decimal(item["amount"]) for item in waiting(admin, loanId=str(case.loan_id)))
    assert kept == Decimal("47200.00")
    books_hold(case)
