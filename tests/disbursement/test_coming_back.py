"""A payout that comes back after its customer has paid."""

from decimal import Decimal

from app.core.clock import today
from app.loans import service as loans
from app.payments import booking
from app.payments.booking import Received
from tests.disbursement.test_disbursement import released, told
from tests.lending import at_work, noon
from tests.payments.desk import books_hold, waiting
from tests.platform import Platform


def test_what_was_paid_meanwhile_is_the_customers(platform: Platform):
    case = released(platform)
    told(case, "processed")
    with at_work():
        loan = loans.get(case.loan_id)
        came = Received("razorpay", f"pay_{loan.loan_no}", Decimal(500), noon(today()), today())
        booking.conclude(loan, came.amount, booking.book(loan, came))
    assert case.loan["status"] == "PARTIALLY_PAID"
    told(case, "reversed")
    assert (case.loan["status"], case.outstanding) == ("APPROVED", 0)
    assert [item["amount"] for item in waiting(case.staff, loanId=str(case.loan_id))] == ["500.00"]
    books_hold(case)
