"""Mandates are presented to the gateway, returned, asked about and listed in the file of a day."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.core.clock import today
from app.core.outbox import enqueue
from app.loans import service as loans
from app.mandates import debits
from app.payments.presentations import service as presentations
from app.providers import money
from app.providers.rupees import OtherCurrency
from tests.end_of_day.test_evening import allow_debits
from tests.lending import Case, active, approved, at_work, credited
from tests.mandates.test_mandates import begin as begin_mandate
from tests.mandates.test_mandates import give, policy
from tests.mandates.test_mandates import until as until_mandate
from tests.payments.desk import books_hold
from tests.payments.test_payments import fault, until
from tests.platform import Platform


@pytest.fixture(scope="module", params=["razorpay", "cashfree"])
def debited(request: pytest.FixtureRequest, platform: Platform) -> Iterator[tuple[str, Case, Case]]:
    """Two loans with a mandate at a gateway; the account of the second has nothing to debit."""
    with policy(platform, "REQUIRED", request.param):
        cases = []
        for account in ("7890", "0000"):
            case = approved(platform, account=account)
            begin_mandate(case)
            give(case, request.param)
            until_mandate(case, "ACTIVE")
            cases.append(credited(case, days_ago=30))
        yield request.param, *cases


def presented(case: Case) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        presentation = presentations._plan(loan, debits.debitable(loan.id, today()), today())
        enqueue("payments.announce_presentation", presentation_id=presentation.id)
        enqueue("payments.present", presentation_id=presentation.id)
    case.platform.drain()
    assert newest(case)["status"] == "PENDING"  # announced less than a day ago
    yesterday = "UPDATE payment_request SET created_at = now() - interval '25 hours' WHERE loan_id = %s"
    case.platform.sql(yesterday, str(case.loan_id))
    with at_work():
        enqueue("payments.present", presentation_id=presentation.id)
        enqueue("payments.present", presentation_id=presentation.id)


def newest(case: Case) -> dict[str, Any]:
    return case.staff.get(f"/loans/{case.loan_id}/presentations")[0]


def test_mandates_are_presented_and_returned(platform: Platform, debited: tuple[str, Case, Case]):
    _, good, poor = debited
    presented(good)
    until(good, "COMPLETED")
    assert newest(good)["status"] == "SUCCESS"
    presented(poor)
    platform.until(lambda: newest(poor)["attempt"] == 2, "the next presentation to be planned")
    first = poor.staff.get(f"/loans/{poor.loan_id}/presentations")[1]
    assert (first["status"], first["code"], first["action"]) == ("RETURNED", "04", "RETRY")
    # 1,000 by the rules of the brand and 18 % of tax, once
    assert poor.app.get(f"/web/loans/{poor.loan_id}/outstanding")["charges"] == "1180.00"
    assert newest(poor)["presentOn"] == (today() + timedelta(days=3)).isoformat()
    body = {"presentOn": (today() + timedelta(days=2)).isoformat()}
    refused = poor.staff.post(f"/loans/{poor.loan_id}/presentations", once=True, expect=409, json=body)
    assert refused["error"]["code"] == "PRESENTATION_OPEN"
    books_hold(good, poor)


@pytest.mark.parametrize(
    ("gateway", "account", "expected"),
    [
        ("razorpay", "7890", "SUCCESS"),
        ("cashfree", "7890", "SUCCESS"),
        ("cashfree", "0000", "RETURNED"),
        # what cannot be booked
        ("razorpay", "7890", "FAILED"),
    ],
)
def test_a_debit_whose_answer_never_came_is_asked_about(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, gateway: str, account: str, expected: str
):
    with policy(platform, "REQUIRED", gateway):
        case = approved(platform, account=account)
        begin_mandate(case)
        give(case, gateway)
        until_mandate(case, "ACTIVE")
        credited(case, days_ago=30)
        fault(case, "no_webhook", "", provider=gateway, times=5)
        presented(case)
        platform.drain()
        assert newest(case)["status"] == "PRESENTED"
        case.app.sandbox.call("DELETE", "/__sandbox__/faults", expect=204)
        ask(platform)
        assert newest(case)["status"] == "PRESENTED"  # its bank still has time
        long_ago = "UPDATE mandate_presentation SET present_on = present_on - 3 WHERE loan_id = %s"
        platform.sql(long_ago, str(case.loan_id))
        if expected == "FAILED":
            known, why = debits.known, OtherCurrency("currency", "expected INR, got USD")
            monkeypatch.setattr(
                debits,
                "known",
                lambda *of: [money.refused(why, p.id, p.order_id, p.notes, p.created_at) for p in known(*of)],
            )
        ask(platform)
    if expected == "FAILED":
        charged = case.app.get(f"/web/loans/{case.loan_id}/outstanding")["charges"]
        with at_work():
            asked = [request for request in presentations.unanswered() if request.loan_id == case.loan_id]
        assert (newest(case)["status"], charged, asked) == ("FAILED", "0.00", [])
    made = case.staff.get(f"/loans/{case.loan_id}/presentations")
    assert expected in [presentation["status"] for presentation in made]
    books_hold(case)


def ask(platform: Platform) -> None:
    with at_work():
        enqueue("payments.end_stale")
    platform.drain()


def test_the_presentation_file_of_a_day_has_its_debits(platform: Platform, debited: tuple[str, Case, Case]):
    gateway, good, _ = debited
    if not good.staff.get(f"/loans/{good.loan_id}/presentations"):
        presented(good)
        platform.drain()
    made = newest(good)
    asked = {"presentOn": made["presentOn"]}
    good.staff.post("/presentation-files", json=asked)
    lines = good.staff.get("/presentations/file", params=asked).decode("utf-8-sig").splitlines()
    (mine,) = [line.split(",") for line in lines if line.startswith(made["id"])]
    assert mine[3:5] + mine[7:9] == ["1", gateway, made["amount"], made["presentOn"]]
    assert mine[6].startswith("XXXX")  # the end of the UMRN
    listed = good.staff.get("/presentations", params=asked | {"status": made["status"], "pageSize": 100})
    assert made["id"] in [one["id"] for one in listed["items"]]
    assert good.staff.get("/presentations", params={"presentOn": "2001-01-01"})["items"] == []


@pytest.mark.parametrize(("step", "asked"), [("announce", "prepare"), ("present", "charge")])
def test_two_jobs_at_once_ask_the_gateway_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, step: str, asked: str
):
    case = active(platform, days_ago=30)
    allow_debits(case)
    with at_work():
        loan = loans.get(case.loan_id)
        presentation = presentations._plan(loan, debits.debitable(loan.id, today()), today())
    monkeypatch.setattr(debits, "prepare", lambda *of: "order_1")
    if step == "present":
        work(presentations.announce, presentation.id)
        yesterday = "UPDATE payment_request SET created_at = now() - interval '25 hours' WHERE loan_id = %s"
        platform.sql(yesterday, str(case.loan_id))
    calls = []

    def answer(*of: Any) -> Any:
        calls.append(of)
        if len(calls) == 1:
            # the other job comes while the gateway is being asked
            with ThreadPoolExecutor(1) as other:
                other.submit(work, getattr(presentations, step), presentation.id).result()
        return {"prepare": "order_1", "charge": money.Debit("pay_1", "order_1")}[asked]

    monkeypatch.setattr(debits, asked, answer)
    for _ in range(2):
        work(getattr(presentations, step), presentation.id)
    assert len(calls) == 1


def work(step: Callable[[UUID], None], presentation_id: UUID) -> None:
    with at_work():
        step(presentation_id)
