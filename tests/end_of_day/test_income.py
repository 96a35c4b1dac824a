"""What an NPA owes beside principal is no income until it is paid; the journal has its class from the day it turns."""

import threading
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.core.clock import today
from app.core.database import brand_scope
from app.core.identity import Role
from app.end_of_day import closing
from app.end_of_day import late as closing_late
from app.ledger import journal
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.ledger.postings import Account, total
from app.loans import service as loans
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform

TODAY = today()
SUSPENSE = ("INTEREST_SUSPENSE", "PENAL_SUSPENSE", "CHARGES_SUSPENSE")


@pytest.fixture(scope="module")
def bad(platform: Platform) -> Case:
    """20,000 at 1 % a day for 30 days, paid out 123 days ago: an NPA since the day before the last that is closed."""
    case = active(platform, days_ago=123)
    with at_work():
        loan = loans.get(case.loan_id)
        bounce = Kind.BOUNCE_CHARGE, Decimal(500), day(30), f"{loan.loan_no}:bounce"
        ledger.charge(loan, *bounce, gst=Decimal(90))
    for days_ago in (4, 3, 2, 1):
        closing.close(BRAND, day(days_ago))
    return case


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def held(case: Case) -> dict[str, Decimal]:
    with at_work():
        assert not ledger.differences(case.loan_id)
        assert not sum(ledger.trial_balance().values())
        return {account.value: amount for account, amount in total(journal.of_loan(case.loan_id)).items()}


def classes(case: Case) -> list[tuple[str, date]]:
    with brand_scope(BRAND):
        told = journal.of_loan(case.loan_id)
    return [(e.kind.value, e.on) for e in told if e.kind in ("NPA", "UPGRADE", "REVERSAL")]


def pay(case: Case, amount: Decimal, on: date, reference: str) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, amount, on, f"{loan.loan_no}:{reference}")


def test_its_income_is_taken_back_on_the_day_and_no_more_is_booked(bad: Case):
    assert classes(bad) == [("NPA", day(3))]
    balances = held(bad)
    assert balances["INTEREST_SUSPENSE"] == Decimal("-24400.00")  # 122 days of 200
    assert (balances["CHARGES_SUSPENSE"], balances["CHARGES_RECEIVABLE"]) == (
        -500,
        590,
    )  # the tax is no income
    assert not {"INTEREST_INCOME", "CHARGES_INCOME"} & {*balances}


def test_the_day_tells_the_same_as_the_journal(bad: Case):
    stood = bad.staff.get(f"/loans/{bad.loan_id}/days")["items"][0]
    assert stood["classification"].startswith("NPA")
    assert Decimal(stood["interestSuspended"]) == -held(bad)["INTEREST_SUSPENSE"]


def test_the_customer_is_not_told_of_classes(bad: Case):
    assert not {"NPA", "UPGRADE"} & {entry["kind"] for entry in bad.ledger()["entries"]}


def test_the_trial_balance_has_the_accounts(bad: Case):
    told = bad.platform.staff(Role.ADMIN).get("/ledger/trial-balance")
    assert {*SUSPENSE} <= {row["account"] for row in told["accounts"]}


def test_closing_the_days_again_changes_nothing(bad: Case):
    before = classes(bad), held(bad)
    for days_ago in (1, 3, 2):
        closing.close(BRAND, day(days_ago))
    assert (classes(bad), held(bad)) == before


def test_what_is_paid_is_income_and_all_of_it_when_the_loan_is_good_again(platform: Platform):
    case = active(platform, days_ago=123)
    other = active(platform, days_ago=123)
    for days_ago in (2, 1):
        closing.close(BRAND, day(days_ago))
    pay(case, Decimal(10_000), day(0), "part")
    balances = held(case)
    assert balances["INTEREST_INCOME"] == Decimal(-10_000)
    assert balances["INTEREST_SUSPENSE"] == Decimal("-14600.00")
    with at_work():
        ledger.write_off(loans.get(other.loan_id), day(0), f"{other.loan_id}:lost")
    balances = held(other)
    assert balances["WRITE_OFF"] == Decimal("20000.00")
    assert not {"INTEREST_INCOME", *SUSPENSE} & {*balances}


def test_a_payment_told_late_takes_the_class_back(platform: Platform):
    """All was paid before the loan would have turned: its days are closed again, and it never was an NPA."""
    case = active(platform, days_ago=122)
    for days_ago in (3, 2, 1):
        closing.close(BRAND, day(days_ago))
    assert classes(case) == [("NPA", day(2))]
    with at_work():
        owed = ledger.outstanding_as_of(case.loan_id, day(3)).total
    pay(case, owed - 100, day(3), "late")
    closing_late.close_again(BRAND)
    assert classes(case) == [("NPA", day(2))]  # a little is still in arrears
    pay(case, Decimal(100), day(3), "rest")
    closing_late.close_again(BRAND)
    balances = held(case)
    assert not {*SUSPENSE} & {*balances}
    assert balances["INTEREST_INCOME"] == Decimal("-23800.00")  # up to the day of the payments


def test_the_class_of_a_day_can_be_changed_and_changed_again(platform: Platform):
    case = active(platform, days_ago=40)
    for told in (True, True, False, False, True):
        with at_work():
            ledger.classify(loans.get(case.loan_id), day(1), bad=told)
        assert ("INTEREST_SUSPENSE" in held(case)) is told
    with at_work():
        ledger.classify(loans.get(case.loan_id), day(0), bad=False)
    assert not {*SUSPENSE} & {*held(case)}


def test_a_payment_at_that_moment_and_the_close_wait_for_each_other(platform: Platform):
    case = active(platform, days_ago=123)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(5_000), TODAY, f"{loan.loan_no}:now")
        close = threading.Thread(target=closing.close, args=(BRAND, day(0)))
        close.start()
        time.sleep(0.5)
    close.join()
    assert held(case)[Account.COLLECTION] == Decimal(5_000)
