"""Payments that come back: by two people or by a lost dispute, wherever their money went on to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from time import sleep
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest

from app.brands import providers
from app.closure import service as closure
from app.collections.models import Concession
from app.core.clock import now, today
from app.core.database import db
from app.core.identity import Role
from app.documents.languages import long_date
from app.ledger import service as ledger
from app.loans import service as loans
from app.payments.models import SuspenseItem
from app.payments.reconciliation import resolving
from app.payments.reconciliation import service as reconciling
from app.payments.reversals import disputes
from app.payments.suspense import refunds
from app.payments.suspense import service as suspense
from app.providers import money
from tests.lending import Case, active, approved, at_work, credited
from tests.mandates.test_mandates import begin as begin_mandate
from tests.mandates.test_mandates import give, policy
from tests.mandates.test_mandates import until as until_mandate
from tests.payments.desk import approve, books_hold, told, waiting
from tests.payments.test_payments import begin, captured, heard, pay, received, until
from tests.payments.test_reconciling import line
from tests.platform import BRAND, Platform

LOAN = {"amount": "10000.00", "tenureDays": 20, "purpose": "TRAVEL"}


@pytest.fixture(scope="module")
def repaid(platform: Platform, admin: Any) -> Case:
    """A loan that was due ten days ago and is paid in full by hand."""
    case = active(platform, days_ago=40)
    approve(admin, told(case, amount="28000.00"))
    until(case, "COMPLETED")
    platform.drain()
    return case


def propose(admin: Any, case: Case, expect: int = 201, **changes: Any) -> dict[str, Any]:
    """To take back the first payment that counts, where not said otherwise."""
    counts = [each["id"] for each in received(case) if each["status"] == "SUCCESS"]
    payment = changes.pop("payment", None) or counts[-1]
    body = {"kind": "RETURNED", "reason": "The bank returned the transfer"} | changes
    path = f"/loans/{case.loan_id}/payments/{payment}/reversals"
    return admin.post(path, once=True, expect=expect, json=body)


def agree(second: Any, reversal: dict[str, Any], expect: int = 200) -> dict[str, Any]:
    return second.post(f"/payment-reversals/{reversal['id']}/approve", once=True, expect=expect, json={})


def certificates(case: Case) -> list[tuple[str, bool]]:
    """Each by its kind, and whether it was withdrawn."""
    found = case.app.get(f"/web/loans/{case.loan_id}/documents")
    return sorted(
        (each["kind"], bool(each["withdrawnAt"])) for each in found if each["kind"] in ("NOC", "NDC")
    )


def withdrawn_ones_say_so(platform: Platform, admin: Any, case: Case) -> None:
    """Whoever gets one, by whatever door, reads on its page that it does not count."""
    (noc,) = [one for one in case.app.get(f"/web/loans/{case.loan_id}/documents") if one["kind"] == "NOC"]
    path = f"loans/{case.loan_id}/documents/{noc['id']}"
    link = case.app.post(f"/web/{path}/link")["url"]
    for pdf in (
        case.app.get(f"/web/{path}/file"),
        admin.get(f"/{path}/file"),
        platform.api.call("GET", link),
    ):
        (page,) = pypdfium2.PdfDocument(pdf)
        said = " ".join(page.get_textpage().get_text_bounded().split())
        assert noc["number"] in said
        assert f"WITHDRAWN does not count since {long_date(today())}" in said


def lose(payment_id: str, amount: str, **changes: Any) -> None:
    known = {
        "id": f"disp_{payment_id}",
        "phase": "chargeback",
        "reason_code": None,
        "reason": "Not paid by me",
    }
    known |= {"payment_id": payment_id, "amount": Decimal(amount), "status": "lost", "respond_by": now()}
    with at_work():
        disputes.hear(money.Dispute(**known | changes), "razorpay")


def test_two_people_take_a_payment_back_and_the_loan_is_open_again(
    platform: Platform, admin: Any, second: Any, repaid: Case
):
    reversal = propose(admin, repaid)
    assert propose(admin, repaid, expect=409)["error"]["code"] == "REVERSAL_OPEN"
    assert agree(admin, reversal, expect=403)["error"]["code"] == "MAKER_IS_CHECKER"
    assert repaid.outstanding == 0
    assert agree(second, reversal)["status"] == "DONE"
    assert agree(second, reversal, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"
    assert (repaid.loan["status"], repaid.loan["closedAt"]) == ("OVERDUE", None)
    assert repaid.outstanding == Decimal("28000.00")
    (payment,) = received(repaid)
    assert (payment["status"], payment["reversedAmount"]) == ("REVERSED", "28000.00")
    assert certificates(repaid) == [("NDC", True), ("NOC", True)]
    withdrawn_ones_say_so(platform, admin, repaid)
    again = propose(admin, repaid, expect=409, payment=payment["id"])
    assert again["error"]["code"] == "ALREADY_REVERSED"
    refused = repaid.app.post("/web/loans", once=True, expect=409, json=LOAN)
    assert refused["error"]["code"] == "LIVE_LOAN_EXISTS"
    platform.drain()
    mails = repaid.app.sandbox.messages(f"{repaid.customer_id}@mail.example")
    for words in ("was taken back", "is open again"):
        assert any(words in mail["subject"] for mail in mails)
    books_hold(repaid)


def test_one_that_is_open_again_is_closed_again_or_runs_beside_the_next_one(
    platform: Platform, admin: Any, second: Any, repaid: Case
):
    approve(admin, told(repaid, amount="28000.00"))
    until(repaid, "COMPLETED")
    platform.drain()
    assert certificates(repaid) == [("NDC", False), ("NDC", True), ("NOC", False), ("NOC", True)]
    repaid.app.post("/web/loans", once=True, expect=201, json=LOAN)
    agree(second, propose(admin, repaid))
    assert (repaid.loan["status"], repaid.outstanding) == ("OVERDUE", Decimal("28000.00"))
    refused = repaid.app.post("/web/loans", once=True, expect=409, json=LOAN)
    assert refused["error"]["code"] == "LIVE_LOAN_EXISTS"
    books_hold(repaid)


@pytest.mark.parametrize("gateway", ["razorpay", "cashfree"])
def test_a_lost_dispute_is_booked_by_itself(platform: Platform, gateway: str, admin: Any):
    with policy(platform, "NOT_NEEDED", gateway):
        case = active(platform)
        pay(case, begin(case))
        until(case, "COMPLETED")
    payment = received(case)[0]["providerPaymentId"]
    named = payment if gateway == "razorpay" else f"{BRAND}:{payment}"
    lost, part = {"razorpay": ("lost", 500000), "cashfree": ("MERCHANT_LOST", "5000.00")}[gateway]
    body = {"provider": gateway, "action": "dispute", "id": named, "amount": part}

    def standing() -> list[tuple[str, str]]:
        platform.drain()
        found = admin.get("/payment-disputes?pageSize=100")["items"]
        return [(each["status"], each["amount"]) for each in found if each["providerPaymentId"] == payment]

    case.app.sandbox.call("POST", "/__sandbox__/act", json=body)
    platform.until(lambda: standing() == [("OPEN", "5000.00")], "the dispute to be heard of")
    assert case.outstanding == 0
    case.app.sandbox.call("POST", "/__sandbox__/act", json=body | {"status": lost})
    until(case, "PARTIALLY_PAID")
    assert (standing(), case.outstanding) == ([("LOST", "5000.00")], Decimal("5000.00"))
    assert (received(case)[0]["status"], received(case)[0]["reversedAmount"]) == ("SUCCESS", "5000.00")
    (reversal,) = admin.get(f"/payment-reversals?loanId={case.loan_id}")["items"]
    assert (reversal["status"], reversal["kind"], reversal["blockedBy"]) == ("DONE", "CHARGEBACK", None)
    books_hold(case)


def test_what_went_on_to_another_loan_is_taken_back_there_as_well(
    platform: Platform, admin: Any, second: Any
):
    case, other = active(platform), active(platform)
    payment_id, request = f"pay_{uuid4().hex[:14]}", begin(case)
    heard(captured("20000.00", request["id"], payment_id))
    until(case, "COMPLETED")
    heard(captured("20000.00", request["id"], f"{payment_id}-2"))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    body = {"loanId": str(other.loan_id), "remark": "Of the same family"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    until(other, "COMPLETED")
    lose(f"{payment_id}-2", "20000.00")
    assert (case.loan["status"], other.loan["status"]) == ("COMPLETED", "ACTIVE")
    assert (case.outstanding, other.outstanding) == (Decimal(0), Decimal("20000.00"))
    assert case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"] == "0.00"
    assert not waiting(admin, loanId=str(case.loan_id))
    # the first one is charged back as well, and told of twice
    lose(payment_id, "20000.00")
    lose(payment_id, "20000.00")
    assert (case.loan["status"], case.outstanding) == ("ACTIVE", Decimal("20000.00"))
    books_hold(case, other)


def test_money_that_is_back_already_is_not_taken_twice(platform: Platform, admin: Any, second: Any):
    case = active(platform)
    payment_id, request = f"pay_{uuid4().hex[:14]}", begin(case)
    heard(captured("20700.00", request["id"], payment_id))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    platform.sql("UPDATE suspense_item SET provider = 'manual' WHERE id = %s", item["id"])
    body = {"remark": "By hand", "bankReference": "UTR12345678"}
    admin.post(f"/suspense/{item['id']}/refund", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    lose(payment_id, "20700.00")
    (reversal,) = admin.get(f"/payment-reversals?status=PROPOSED&loanId={case.loan_id}")["items"]
    assert "paid back" in reversal["blockedBy"]
    assert agree(second, reversal, expect=409)["error"]["code"] == "EXCESS_GONE"
    second.post(f"/payment-reversals/{reversal['id']}/reject", json={"remark": "Told the gateway"})
    until(case, "COMPLETED")
    assert propose(admin, case, expect=422, amount="20700.01")["error"]["fields"]["amount"]
    agree(second, propose(admin, case, amount="20000.00"))
    assert (case.outstanding, received(case)[0]["reversedAmount"]) == (Decimal("20000.00"), "20000.00")
    books_hold(case)


def test_a_payment_on_the_wrong_loan_waits_and_counts_on_the_right_one_from_its_day(
    platform: Platform, admin: Any, second: Any
):
    wrong, right = active(platform, days_ago=10), active(platform, days_ago=10)
    day = (today() - timedelta(days=10)).isoformat()
    approve(admin, told(wrong, amount="20000.00", receivedOn=day))
    until(wrong, "COMPLETED")
    agree(second, propose(admin, wrong, kind="MISPOSTED", reason="Another name on the transfer"))
    assert (wrong.loan["status"], wrong.outstanding) == ("ACTIVE", Decimal("22000.00"))
    (item,) = waiting(admin, loanId=str(wrong.loan_id))
    assert (item["kind"], item["amount"]) == ("MISPOSTED", "20000.00")
    with at_work():
        yesterday = ledger.outstanding_as_of(wrong.loan_id, today() - timedelta(days=1))
    # it had paid the loan until today, and waited nowhere
    assert (yesterday.total, yesterday.excess) == (0, 0)
    body = {"loanId": str(right.loan_id), "remark": "The name on the transfer"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    until(right, "COMPLETED")
    # and that transfer is returned in the end
    agree(second, propose(admin, wrong))
    assert (right.loan["status"], right.outstanding) == ("ACTIVE", Decimal("22000.00"))
    books_hold(wrong, right)


def test_what_waited_in_error_counts_on_its_loan_from_its_day(platform: Platform, admin: Any, second: Any):
    case = active(platform, days_ago=10)
    day = today() - timedelta(days=10)
    approve(admin, told(case, amount="20100.00", receivedOn=f"{day}"))
    agree(second, propose(admin, case, kind="MISPOSTED", reason="Another name on the transfer"))
    assert case.outstanding == Decimal("22000.00")
    (item,) = waiting(admin, loanId=str(case.loan_id))
    body = {"loanId": str(case.loan_id), "remark": "It was theirs after all"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=body)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    until(case, "COMPLETED")
    # no interest for the days in between: what is beyond the debt waits again
    assert [each["amount"] for each in waiting(admin, loanId=str(case.loan_id))] == ["100.00"]
    with at_work():
        assert loans.get(case.loan_id).repaid_on == day
    books_hold(case)


def test_a_settlement_whose_payment_came_back_has_lapsed(platform: Platform, admin: Any, second: Any):
    case = active(platform, days_ago=40)
    approve(admin, told(case, amount="15000.00"))
    with at_work():
        loan = loans.get(case.loan_id)
        about = {"loan_id": loan.id, "customer_id": loan.customer_id, "waived": {}, "total_due": 28000}
        about |= {
            "days_past_due": 10,
            "authority": "COLLECTION_HEAD",
            "ruleset_hash": "",
            "reason": "Hardship",
        }
        about |= {"amount": 15000, "proposed_by": "somebody", "decided_by": "another"}
        about |= {"offered_on": today() - timedelta(days=9), "valid_until": today() - timedelta(days=2)}
        concession = Concession.create(kind="SETTLEMENT", status="DONE", **about)
        ledger.settle(loan, today(), str(concession.id))
        closure.end_in(loan, "SETTLED")
    agree(second, propose(admin, case))
    platform.drain()
    assert (case.loan["status"], case.outstanding) == ("OVERDUE", Decimal("28000.00"))
    with at_work():
        assert Concession.find(concession.id).status == "LAPSED"
    books_hold(case)


def test_a_lost_dispute_of_money_for_nobody_known_takes_it_out_of_suspense(platform: Platform, admin: Any):
    payment_id = f"pay_{uuid4().hex[:14]}"
    heard(captured("700.00", None, payment_id))
    lose(payment_id, "300.00", id=f"disp_part_{payment_id}")
    (item,) = waiting(admin, providerPaymentId=payment_id)
    assert item["amount"] == "400.00"
    lose(payment_id, "700.00")
    assert not waiting(admin, providerPaymentId=payment_id)
    lose(f"{payment_id}-unknown", "700.00")
    books_hold()


def wait_until_one_waits() -> None:
    """For a lock, whichever it is."""
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(500):
        if db.execute_sql(query).fetchall():
            return
        sleep(0.02)


def test_a_dispute_that_is_lost_while_its_money_is_placed_is_taken_from_the_loan(
    platform: Platform, admin: Any
):
    case, payment_id = active(platform), f"pay_{uuid4().hex[:14]}"
    heard(captured("20000.00", None, payment_id))
    (item,) = waiting(admin, providerPaymentId=payment_id)
    with ThreadPoolExecutor(1) as threads:
        with at_work():
            suspense.place(item["id"], case.loan_id, "Theirs")
            lost = threads.submit(lose, payment_id, "5000.00")
            wait_until_one_waits()
        lost.result()
    until(case, "PARTIALLY_PAID")
    assert case.outstanding == Decimal("5000.00")
    books_hold(case)


def test_a_dispute_that_is_lost_of_money_on_its_way_back_is_found_by_the_settlement(
    platform: Platform, admin: Any
):
    payment_id = f"pay_{uuid4().hex[:14]}"
    heard(captured("700.00", None, payment_id))
    (item,) = waiting(admin, providerPaymentId=payment_id)
    with at_work(role=Role.ADMIN):
        refund = refunds.ask(item["id"], "Theirs")
    lose(payment_id, "700.00")
    took = line("adjustment", "700", "-700", dispute_id=f"disp_{payment_id}")
    back = line("refund", "700", "-700", id=f"rf_{refund.id}")
    with at_work():
        assert [found[0] for found in reconciling._adjustments("razorpay", [took])] == ["ADJUSTED"]
        # it was not given back in the end: what the gateway took of it is gone
        told = money.Refund(f"rf_{refund.id}", payment_id, None, refund.amount, "failed", None, now())
        refunds._take_over(refunds._locked(refund), told)
        assert SuspenseItem.find(item["id"]).status == "REVERSED"
        assert not [*reconciling._adjustments("razorpay", [took])]
        # and if it was, that is no refund that we know
        assert [found[0] for found in reconciling._refunds("razorpay", [back])] == ["REFUND_NOT_BOOKED"]
    books_hold()


def test_what_a_dispute_took_of_money_that_only_its_settlement_told_of_is_gone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    paid = line("payment", "700", "698")
    lose(paid.id, "300.00")
    gateway = type("Gateway", (), {"settlement_lines": lambda self, day: (paid,)})
    monkeypatch.setattr(providers, "payments", lambda name: gateway())
    with at_work():
        reconciling.reconcile("razorpay", date(2021, 3, 2))
        rows = reconciling.exceptions("OPEN", None, date(2021, 3, 2))
        (unbooked,) = [row for row in rows if row.provider_payment_id == paid.id]
        resolving.book(unbooked.id, resolving.SUSPENSE, "Nobody knows whose it is")
        item = SuspenseItem.get(SuspenseItem.provider_payment_id == paid.id)
        assert (item.status, item.amount) == ("OPEN", Decimal("400.00"))


def test_two_lost_disputes_of_which_the_first_waits_are_taken_together(platform: Platform, admin: Any):
    case, payment_id = active(platform), f"pay_{uuid4().hex[:14]}"
    heard(captured("20700.00", begin(case)["id"], payment_id))
    (item,) = waiting(admin, loanId=str(case.loan_id))
    with at_work(role=Role.ADMIN):
        SuspenseItem.find(item["id"]).change(provider="manual")
        refunds.ask(item["id"], "By hand", "UTR12345678")
    lose(payment_id, "20300.00")
    lose(payment_id, "200.00", id=f"disp_2_{payment_id}")
    (reversal,) = admin.get(f"/payment-reversals?loanId={case.loan_id}")["items"]
    assert (reversal["status"], reversal["amount"]) == ("PROPOSED", "20500.00")


def test_a_payment_that_comes_back_while_others_come_in_loses_no_money(
    platform: Platform, admin: Any, second: Any
):
    """A reversal that is agreed to, the dispute of the same payment, and two more payments, at once."""
    case = active(platform, days_ago=10)
    first, later = f"pay_{uuid4().hex[:14]}", f"pay_{uuid4().hex[:14]}"
    request, manual = begin(case), told(case, amount="22000.00")
    heard(captured("22000.00", request["id"], first))
    reversal = propose(admin, case)
    happens = [
        lambda: agree(second, reversal),
        lambda: lose(first, "22000.00"),
        lambda: heard(captured("22000.00", request["id"], later)),
        lambda: approve(admin, manual),
    ]
    with ThreadPoolExecutor(len(happens)) as threads:
        done = [threads.submit(happen) for happen in happens]
    assert [each.exception() for each in done[1:]] == [None, None, None]
    # the one or the other took it back
    assert done[0].exception() is None or "ILLEGAL_TRANSITION" in str(done[0].exception())
    until(case, "COMPLETED")
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (owed["total"], owed["excess"]) == ("0.00", "22000.00")
    kept = sum(Decimal(item["amount"]) for item in waiting(admin, loanId=str(case.loan_id)))
    assert kept == Decimal("22000.00")
    assert sorted(each["status"] for each in received(case)) == ["REVERSED", "SUCCESS", "SUCCESS"]
    books_hold(case)


def test_a_dispute_that_is_lost_before_its_payment_is_known_is_booked_with_it(platform: Platform, admin: Any):
    case = active(platform)
    request, payment_id = begin(case), f"pay_{uuid4().hex[:14]}"
    lose(payment_id, "5000.00")
    heard(captured("20000.00", request["id"], payment_id))
    heard(captured("20000.00", request["id"], payment_id))
    until(case, "PARTIALLY_PAID")
    assert case.outstanding == Decimal("5000.00")
    (reversal,) = admin.get(f"/payment-reversals?loanId={case.loan_id}")["items"]
    assert (reversal["status"], reversal["kind"], reversal["amount"]) == ("DONE", "CHARGEBACK", "5000.00")
    listed = admin.get("/payment-disputes?pageSize=100")["items"]
    (dispute,) = [each for each in listed if each["providerPaymentId"] == payment_id]
    assert dispute["loanId"] == str(case.loan_id)
    books_hold(case)


def test_it_is_gone_from_suspense_where_nobody_knows_whose_it_was(platform: Platform, admin: Any):
    payment_id = f"pay_{uuid4().hex[:14]}"
    lose(payment_id, "700.00")
    heard(captured("1000.00", None, payment_id))
    (item,) = waiting(admin, providerPaymentId=payment_id)
    assert item["amount"] == "300.00"
    books_hold()


def test_a_loan_that_is_open_again_gets_a_new_mandate(platform: Platform, admin: Any, second: Any):
    with policy(platform, "OPTIONAL"):
        case = approved(platform)
        for days_ago in (40, None):
            begin_mandate(case)
            give(case, "razorpay")
            mandate = until_mandate(case, "ACTIVE")["mandate"]
            if days_ago is None:
                break
            credited(case, days_ago=days_ago)
            approve(admin, told(case, amount="28000.00"))
            until(case, "COMPLETED")
            until_mandate(case, "CANCELLED")
            case.app.post(f"/web/loans/{case.loan_id}/mandate", json={}, expect=409)
            agree(second, propose(admin, case))
    assert case.loan["status"] == "OVERDUE"
    # from today on, and for what is owed by now: 28,000 and a half
    assert (mandate["amountMax"], mandate["validUntil"] > f"{today() + timedelta(days=360)}") == (
        "42000.00",
        True,
    )
    body = {"presentOn": f"{today() + timedelta(days=2)}"}
    planned = case.staff.post(f"/loans/{case.loan_id}/presentations", once=True, expect=201, json=body)
    assert (planned["attempt"], planned["status"]) == (1, "PENDING")
