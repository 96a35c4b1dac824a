"""What was paid before a day is closed, or told after it was, leaves no charge behind that nobody was told of, and no
money that nobody sees."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.core.clock import today
from app.end_of_day import closing
from app.end_of_day import late as closing_late
from app.ledger import service as ledger
from app.loans import service as loans
from app.payments import booking
from app.payments.booking import Received
from tests.lending import Case, active, at_work, noon
from tests.payments.desk import books_hold
from tests.platform import BRAND, Platform

TODAY = today()
FIRST = 5


@dataclass
class Paid:
    """Loans of 20,000 at 1 % a day, of which all was due, or is overdue, when the days since were closed.

    `early` had paid everything before any of these days was closed; `told_late` paid what was due in time, which was
    told after a hundred rupees that came later; `penal_first` settles penal charges before anything else.
    """

    early: Case
    told_late: Case
    penal_first: Case
    stood: list[tuple]


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def pay(case: Case, days_ago: int, amount: str) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        name, on = f"pay_{loan.loan_no}_{days_ago}", day(days_ago)
        left = booking.book(loan, Received("razorpay", name, Decimal(amount), noon(on), on))
        booking.conclude(loan, Decimal(amount), left)


def penal_first(platform: Platform) -> Case:
    case = active(platform, days_ago=35)
    with at_work():
        order = ["PENAL", "INTEREST", "PRINCIPAL", "CHARGE"]
        loans.get(case.loan_id).change(payment_order=order, roi_percent_per_day=0)
    return case


def day_of(case: Case, days_ago: int) -> list[tuple]:
    told = "SELECT principal, interest, penal, total FROM loan_day WHERE loan_id = %s AND on_date = %s"
    return case.platform.sql(told, str(case.loan_id), day(days_ago))


@pytest.fixture(scope="module")
def paid(platform: Platform) -> Paid:
    case = Paid(active(platform, days_ago=38), active(platform, days_ago=35), penal_first(platform), [])
    pay(case.early, 0, "27600.00")
    platform.drain()
    # ten rupees less than ten thousand are left, until a charge of the same day takes its share
    pay(case.penal_first, 3, "10010.00")
    for days_ago in range(FIRST, 1, -1):
        closing.close(BRAND, day(days_ago))
    case.stood = day_of(case.penal_first, 3)
    pay(case.told_late, 1, "100.00")
    pay(case.told_late, 5, "26000.00")
    closing_late.close_again(BRAND)
    platform.drain()
    return case


def test_who_has_paid_everything_is_not_charged_for_a_day_that_is_closed_later(paid: Paid):
    assert (paid.early.loan["status"], paid.early.outstanding) == ("COMPLETED", 0)
    assert not [entry for entry in paid.early.ledger()["entries"] if entry["kind"] == "PENAL_CHARGE"]


def test_what_settles_nothing_any_more_waits_in_suspense(platform: Platform, paid: Paid):
    with at_work():
        owed = ledger.outstanding_as_of(paid.told_late.loan_id, TODAY)
    waits = "SELECT kind, status, amount FROM suspense_item WHERE loan_id = %s"
    assert (owed.total, owed.excess) == (0, 100)
    assert platform.sql(waits, str(paid.told_late.loan_id)) == [("OVERPAYMENT", "OPEN", Decimal("100.00"))]
    books_hold(paid.told_late)


def test_it_was_repaid_on_the_day_from_which_nothing_was_owed(paid: Paid):
    with at_work():
        loan = loans.get(paid.told_late.loan_id)
        assert (loan.status, loan.repaid_on) == ("COMPLETED", day(5))


def test_a_charge_does_not_raise_the_debt_that_it_is_charged_on(paid: Paid):
    before = paid.penal_first.ledger()["entries"]
    assert paid.stood == [(Decimal("10005.00"), 0, 0, Decimal("10005.00"))]
    closing.close(BRAND, day(3))
    assert day_of(paid.penal_first, 3) == paid.stood
    assert paid.penal_first.ledger()["entries"] == before
