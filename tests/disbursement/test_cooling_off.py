"""Giving a loan back: what it costs to the rupee, the choice, the books, and the last day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import today
from app.core.identity import Role
from app.core.money import ZERO
from app.disbursement import cooling_off
from app.ledger import service as ledger
from app.ledger.events import CooledOff, Disbursed, Kind, Paid
from app.ledger.replay import Terms, replay
from app.loans import service as loans
from pipelines.loans import EXACT, Conventions, Rate, bullet
from tests.lending import Case, active, at_work, noon
from tests.payments.desk import books_hold, waiting
from tests.payments.test_payments import captured, heard
from tests.payments.test_reversals import lose
from tests.platform import OTHER_BRAND, Platform


def quoted(case: Case, expect: int = 200) -> dict[str, Any]:
    return case.app.get(f"/web/loans/{case.loan_id}/cooling-off", expect=expect)


def choose(case: Case, expect: int = 201) -> dict[str, Any]:
    return case.app.post(f"/web/loans/{case.loan_id}/cooling-off", once=True, expect=expect)


def pay(case: Case, page: dict[str, Any]) -> None:
    case.app.sandbox.call("POST", page["shortUrl"] + "/pay", json={"method": "upi", "outcome": "success"})


def seen_by_staff(case: Case) -> dict[str, Any]:
    return case.staff.get(f"/loans/{case.loan_id}/cooling-off")


@pytest.fixture
def case(platform: Platform) -> Case:
    return active(platform, days_ago=1)


def test_it_works(platform: Platform, case: Case):
    offered = quoted(case)
    assert (offered["until"], offered["principal"], offered["interest"]) == (
        today().isoformat(),
        "20000.00",
        "200.00",
    )
    assert (offered["feeReturned"], offered["gstReturned"], offered["total"]) == (
        "2000.00",
        "360.00",
        "17840.00",
    )
    page = choose(case)
    assert page["total"] == "17840.00"
    pay(case, page)
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    assert case.states()[-2:] == ["DISBURSED_WAIVED", "COMPLETED"]
    assert case.outstanding == 0
    (done,) = seen_by_staff(case)["exits"]
    assert done["status"] == "DONE"


def test_fee_and_tax_leave_the_books(platform: Platform, case: Case):
    pay(case, choose(case))
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    booked = platform.sql(
        "SELECT account, sum(debit - credit) FROM journal_line l JOIN journal_entry e"
        " ON e.brand_id = l.brand_id AND e.id = l.entry_id WHERE e.loan_id = %s GROUP BY 1",
        str(case.loan_id),
    )
    assert {account: amount for account, amount in booked if amount} == {
        "BANK": Decimal("-17640.00"),
        "COLLECTION": Decimal("17840.00"),
        "INTEREST_INCOME": Decimal("-200.00"),
    }
    with at_work():
        assert ledger.differences(case.loan_id) == {}


def test_what_was_charged_before_is_paid_with_it(platform: Platform, case: Case):
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.charge(loan, Kind.BOUNCE_CHARGE, Decimal(500), today(), f"{loan.loan_no}-B", gst=Decimal(90))
    assert (quoted(case)["charges"], quoted(case)["total"]) == ("590.00", "18430.00")
    page = choose(case)
    assert (page["charges"], page["total"]) == ("590.00", "18430.00")
    pay(case, page)
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    assert (case.outstanding, seen_by_staff(case)["exits"][0]["charges"]) == (0, "590.00")
    books_hold(case)


def test_choosing_twice_a_day_is_one_choice(case: Case):
    with ThreadPoolExecutor(2) as threads:
        at_once = list(threads.map(lambda _: choose(case), range(2)))
    assert {each["shortUrl"] for each in at_once} == {choose(case)["shortUrl"]}
    assert len(seen_by_staff(case)["exits"]) == 1


def test_a_choice_of_yesterday_lapses(platform: Platform, case: Case):
    choose(case)
    platform.sql(
        "UPDATE cooling_off_exit SET chosen_on = chosen_on - 1 WHERE loan_id = %s", str(case.loan_id)
    )
    choose(case)
    assert [row["status"] for row in seen_by_staff(case)["exits"]] == ["CHOSEN", "LAPSED"]


def test_on_the_day_of_the_credit_it_costs_what_was_credited(platform: Platform):
    assert quoted(active(platform))["total"] == "17640.00"


def test_after_the_days_it_is_refused_and_the_day_named(platform: Platform):
    case = active(platform, days_ago=2)
    last_day = (today() - timedelta(days=1)).isoformat()
    for answer in (quoted(case, expect=409), choose(case, expect=409)):
        assert answer["error"]["code"] == "COOLING_OFF_OVER"
        assert answer["error"]["details"]["until"] == last_day
        assert last_day in answer["error"]["message"]
    assert seen_by_staff(case) == {"until": last_day, "quote": None, "exits": []}


def test_money_that_comes_after_the_days_is_a_payment(platform: Platform, case: Case):
    page = choose(case)
    with at_work():
        loan = loans.get(case.loan_id)
        loan.change(disbursed_at=loan.disbursed_at - timedelta(days=3))
    pay(case, page)
    platform.until(lambda: case.loan["status"] == "PARTIALLY_PAID", "the payment")
    assert seen_by_staff(case)["exits"][0]["status"] == "LAPSED"
    assert case.outstanding == Decimal("2360.00")


@pytest.mark.parametrize(
    ("order", "lost", "status", "owed"),
    [
        # what was lost: told before the payment, before the job of its page, or after the loan had ended
        ("before", "17840.00", "ACTIVE", "20200.00"),
        ("between", "17840.00", "ACTIVE", "20200.00"),
        ("after", "17840.00", "ACTIVE", "20200.00"),
        ("before", "300.00", "PARTIALLY_PAID", "2485.00"),
    ],
)
def test_a_payment_of_yesterday_that_a_dispute_took_gives_nothing_back(
    platform: Platform, case: Case, order: str, lost: str, status: str, owed: str
):
    choose(case)
    (request,) = case.app.get(f"/web/loans/{case.loan_id}/payments")
    payment = f"pay_{case.loan_id.hex[:14]}"
    events = {
        "dispute": lambda: lose(payment, lost),
        "payment": lambda: heard(
            captured("17840.00", request["id"], payment, noon(today() - timedelta(days=1)))
        ),
        "jobs": platform.drain,
    }
    orders = {
        "before": "dispute payment jobs",
        "between": "payment dispute jobs",
        "after": "payment jobs dispute",
    }
    for event in orders[order].split():
        events[event]()
    platform.drain()
    assert (case.loan["status"], case.outstanding) == (status, Decimal(owed))
    assert [each["status"] for each in seen_by_staff(case)["exits"]] == ["LAPSED"]
    assert case.states().count("DISBURSED_WAIVED") == (order == "after")
    # nothing waits that we do not have
    assert case.ledger()["outstanding"]["excess"] == "0.00"
    assert not waiting(case.staff, loanId=str(case.loan_id))
    # and it can be given back yet
    assert Decimal(choose(case)["total"]) == Decimal(owed) - Decimal("2360.00")
    books_hold(case)


def test_what_was_in_suspense_at_first_gives_it_back_all_the_same(platform: Platform, case: Case):
    choose(case)
    (request,) = case.app.get(f"/web/loans/{case.loan_id}/payments")
    payment = f"pay_{case.loan_id.hex[:14]}"
    heard(captured("17840.00", None, payment))
    heard(captured("17840.00", request["id"], payment))
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    assert seen_by_staff(case)["exits"][0]["status"] == "DONE"
    books_hold(case)


def test_concluding_twice_ends_it_once(platform: Platform, case: Case):
    page = choose(case)
    pay(case, page)
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    request_id = platform.sql(
        "SELECT payment_request_id FROM cooling_off_exit WHERE loan_id = %s", str(case.loan_id)
    )[0][0]
    with at_work():
        cooling_off.conclude(request_id)
    assert case.states().count("DISBURSED_WAIVED") == 1


def test_what_was_paid_beyond_the_exit_waits_in_suspense(platform: Platform, case: Case):
    choose(case)
    (request,) = case.app.get(f"/web/loans/{case.loan_id}/payments")
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(500), today(), f"{loan.loan_no}:more")
    heard(captured("17840.00", request["id"], f"pay_{case.loan_id.hex[:14]}"))
    platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    found = waiting(case.staff, loanId=str(case.loan_id))
    assert [(item["kind"], item["amount"]) for item in found] == [("OVERPAYMENT", "500.00")]
    books_hold(case)


def test_a_brand_may_keep_the_fee(platform: Platform, case: Case):
    kept = platform.sql("SELECT settings::text FROM brand WHERE id = 'qualoan'")[0][0]
    try:
        platform.sql(
            """UPDATE brand SET settings = settings || '{"disbursal": {"coolingOffKeepsFee": true}}'::jsonb
               WHERE id = 'qualoan'"""
        )
        offered = quoted(case)
        assert (offered["feeKept"], offered["total"]) == ("2360.00", "20200.00")
        pay(case, choose(case))
        platform.until(lambda: case.loan["status"] == "COMPLETED", "the loan to be closed")
    finally:
        platform.sql("UPDATE brand SET settings = %s::jsonb WHERE id = 'qualoan'", kept)


def test_somebody_elses_loan_is_not_there(platform: Platform, case: Case):
    stranger = platform.customer()
    stranger.get(f"/web/loans/{case.loan_id}/cooling-off", expect=404)
    stranger.post(f"/web/loans/{case.loan_id}/cooling-off", once=True, expect=404)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"/loans/{case.loan_id}/cooling-off", expect=404)


CREDITED = date(2026, 3, 2)


@given(
    rupees=st.integers(1_000, 200_000),
    percent=st.decimals("0.1", "2.75", places=2),
    days=st.integers(1, 30),
)
def test_the_exit_costs_what_the_core_of_all_quotes_says(rupees: int, percent: Decimal, days: int):
    """And paying it leaves nothing, whatever comes first of the money and the news of the exit."""
    amount, on = Decimal(rupees), CREDITED + timedelta(days=days)
    fee, gst = amount / 10, (amount * Decimal("0.018")).quantize(ZERO)
    loan, terms = Disbursed(CREDITED, "L-D1", amount, fee, gst), Terms(percent, CREDITED + timedelta(days=30))
    owed = replay([loan], on, terms)
    assert (
        owed.total
        == bullet(amount, Rate(percent, "DAY"), CREDITED, on, Conventions(interest=EXACT)).repayment
    )
    exit_, paid = CooledOff(on, "L-X", fee, gst), Paid(on, "pay_1", owed.total - fee - gst)
    for events in ([loan, exit_, paid], [paid, exit_, loan]):
        state = replay(events, on + timedelta(days=90), terms)
        assert (state.total, state.excess, state.fee, state.gst) == (0, 0, 0, 0)
