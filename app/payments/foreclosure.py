"""Paying all of a loan before it is due."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.money import ZERO, charged
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.ledger.service import Outstanding
from app.loans import costs
from app.loans.service import Loan
from app.payments import booking
from app.payments.booking import Received

_RUNNING = ("ACTIVE", "PARTIALLY_PAID")


@dataclass(frozen=True)
class Quote:
    """What ends the loan on a day: what is owed then, and what is charged for it with its tax. `interest_saved`
    is what the days until the due date would cost on top."""

    loan_id: UUID
    as_of: date
    due_date: date
    principal: Decimal
    interest: Decimal
    penal: Decimal
    charges: Decimal
    foreclosure_charge: Decimal
    foreclosure_gst: Decimal
    total: Decimal
    interest_saved: Decimal


def offer(loan: Loan, on: date | None) -> Quote:
    """What ends the loan when it is paid on a day, today if not said. Raises Invalid for one that is over, and as
    `quote` does."""
    today = clock.today()
    if on is not None and on < today:
        raise Invalid(f"Must be {today} or later.", field="on", code="NOT_POSSIBLE")
    return quote(loan, on or today)


def quote(loan: Loan, on: date) -> Quote:
    """What ends the loan on a day before its due date. Raises Conflict where it does not run, or the day is later."""
    if loan.status not in _RUNNING:
        raise Conflict(f"The loan is {loan.status}.", code="NOT_RUNNING")
    if on >= loan.due_date:
        raise Conflict(f"The loan is due on {loan.due_date}: what is outstanding ends it.", code="NOT_EARLY")
    owed, at_due = (ledger.outstanding_as_of(loan.id, day) for day in (on, loan.due_date))
    fee, gst = _charge(owed, costs.of(loan))
    return Quote(
        loan_id=loan.id,
        as_of=on,
        due_date=loan.due_date,
        principal=owed.principal,
        interest=owed.interest,
        penal=owed.penal,
        charges=owed.charges,
        foreclosure_charge=fee,
        foreclosure_gst=gst,
        total=owed.total + fee + gst,
        interest_saved=at_due.interest - owed.interest,
    )


def _charge(owed: Outstanding, terms: costs.Terms) -> tuple[Decimal, Decimal]:
    fee = charged(owed.principal * terms.foreclosure_percent / 100)
    gst_percent = Decimal(terms.charges.parameters["gst_percent"])
    return fee, charged(fee * gst_percent / 100)


def book(loan: Loan, came: Received) -> Outstanding:
    """Book what was paid on a quote. Too little, or too late, is an ordinary payment."""
    loan = loan.locked()
    offered = quote(loan, came.received_on) if _is_early(loan, came) else None
    if offered is None or came.amount < offered.total:
        return booking.book(loan, came)
    if offered.foreclosure_charge > ZERO:
        ledger.charge(
            loan,
            Kind.FORECLOSURE_CHARGE,
            offered.foreclosure_charge,
            came.received_on,
            came.payment_id,
            gst=offered.foreclosure_gst,
        )
    return booking.book(loan, came, foreclosure=True)


def _is_early(loan: Loan, came: Received) -> bool:
    return loan.status in _RUNNING and came.received_on < loan.due_date
