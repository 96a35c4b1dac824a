"""The ledger: what was booked and what is owed. `outstanding_as_of` alone says what is owed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import audit, clock
from app.core.errors import Conflict
from app.core.money import ZERO, charged
from app.ledger import journal
from app.ledger.models import RepaymentTimeline
from app.ledger.postings import (
    KIND_OF,
    OWED,
    Account,
    Entry,
    Position,
    entries_for,
    event_of,
    less,
    position,
    total,
)
from app.ledger.replay import (
    CooledOff,
    DisbursalReversed,
    Disbursed,
    Event,
    Paid,
    Part,
    Terms,
    in_order,
    interest,
    replay,
)
from app.loans import service as loans
from app.loans.service import Loan


class BooksDiffer(Exception):
    """The journal does not add up: nothing in the service can make that happen, so somebody has to look."""


@dataclass(frozen=True)
class Outstanding:
    """What is owed at the end of a day. `total` closes the loan; `excess` belongs to the customer."""

    loan_id: UUID
    as_of: date
    due_date: date | None
    principal: Decimal
    interest: Decimal
    penal: Decimal
    total: Decimal
    excess: Decimal
    days_past_due: int


@dataclass(frozen=True)
class LoanLedgerEntry:
    """A line for people: `debit` came to be owed, `credit` is owed no more, `balance` is left."""

    date: date
    kind: str
    reference: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


def outstanding_as_of(loan_id: UUID | str, as_of: date) -> Outstanding:
    """What the loan owes at the end of `as_of`, from the journal alone; nothing before the disbursal."""
    return _outstanding(loans.get(loan_id), as_of)


def _outstanding(loan: Loan, as_of: date) -> Outstanding:
    events = _events(loan.id)
    if not events:
        return Outstanding(loan.id, as_of, loan.due_date, ZERO, ZERO, ZERO, ZERO, ZERO, 0)
    state = replay(events, as_of, _terms(loan))
    return Outstanding(
        loan_id=loan.id,
        as_of=as_of,
        due_date=loan.due_date,
        principal=state.outstanding(Part.PRINCIPAL),
        interest=state.outstanding(Part.INTEREST),
        penal=state.outstanding(Part.PENAL),
        total=state.total,
        excess=state.excess,
        days_past_due=state.days_past_due,
    )


def _events(loan_id: UUID) -> list[Event]:
    return _read(journal.of_loan(loan_id))


def _read(booked: list[Entry]) -> list[Event]:
    return [event for entry in booked if (event := event_of(entry))]


def _terms(loan: Loan) -> Terms:
    return Terms(loan.roi_percent_per_day, loan.due_date)


def repayment(principal: Decimal, rate_percent_per_day: Decimal, days: int) -> Decimal:
    """What a bullet loan costs to repay after `days`: principal and interest in whole rupees."""
    return principal + charged(interest(principal, rate_percent_per_day, days))


def post_disbursal(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that the loan was credited to the customer on `on`, and make its plan of repayments.

    Booking the same reference again changes nothing. Raises Conflict if the loan is paid out already.
    """
    loan = loan.locked()
    counting = in_order(_events(loan.id), date.max)
    if any(isinstance(event, Disbursed) and event.reference != reference for event in counting):
        raise Conflict("This loan is paid out already.", code="ALREADY_DISBURSED")
    _plan(loan, on)
    return _post(loan, Disbursed(on, reference, loan.sanctioned_amount, loan.processing_fee, loan.gst_amount))


def reverse_disbursal(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that the bank gave the disbursal `reference` back: nothing is owed any more."""
    return _post(loan, DisbursalReversed(on, reference))


def post_cooling_off(loan: Loan, on: date, reference: str, fee: Decimal, gst: Decimal) -> Outstanding:
    """Book that the loan was given back on `on`: so much of the fee and its tax is returned, by owing less."""
    return _post(loan, CooledOff(on, reference, fee, gst))


def post_payment(loan: Loan, amount: Decimal, received_on: date, reference: str) -> Outstanding:
    """Book money that came in on `received_on`, and say what is left today.

    It counts from its day however late it is booked. What is beyond the debt becomes excess, also on a closed
    loan. Booking the same reference again changes nothing.
    """
    left = _post(loan, Paid(received_on, reference, amount))
    if not left.total:
        _mark_paid(loan)
    return left


def _post(loan: Loan, event: Event) -> Outstanding:
    # the lock makes bookings of one loan follow each other, so each sees all that were before it
    loan = loan.locked()
    booked, kind = journal.of_loan(loan.id), KIND_OF[type(event)]
    if not any((entry.kind, entry.reference) == (kind, event.reference) for entry in booked):
        journal.write(loan.id, entries_for(_read(booked), event, _terms(loan)))
        audit.record(f"ledger.{kind.lower()}", "loan", loan.id, after={"reference": event.reference})
    left = _outstanding(loan, clock.today())
    loans.set_outstanding(loan.id, left.total)
    return left


def _plan(loan: Loan, credited_on: date) -> None:
    owed = repayment(loan.sanctioned_amount, loan.roi_percent_per_day, (loan.due_date - credited_on).days)
    planned = {
        "due_date": loan.due_date,
        "principal": loan.sanctioned_amount,
        "interest": owed - loan.sanctioned_amount,
        "paid_at": None,
    }
    row = _instalment(loan)
    if row is None:
        RepaymentTimeline.create(loan_id=loan.id, instalment_no=1, **planned)
    else:
        row.change(**planned)


def _instalment(loan: Loan) -> RepaymentTimeline | None:
    return RepaymentTimeline.get_or_none(RepaymentTimeline.loan_id == loan.id)


def _mark_paid(loan: Loan) -> None:
    row = _instalment(loan)
    if row is not None and row.paid_at is None:
        row.change(paid_at=clock.now())


def timeline(loan_id: UUID | str) -> list[RepaymentTimeline]:
    """The plan of repayments, by due date."""
    mine = RepaymentTimeline.loan_id == loan_id
    return list(RepaymentTimeline.select().where(mine).order_by(RepaymentTimeline.instalment_no))


def entries(loan_id: UUID | str) -> list[LoanLedgerEntry]:
    """The loan's ledger for people, oldest business day first."""
    balance, lines = ZERO, []
    for entry in journal.of_loan(loans.get(loan_id).id):
        change = sum((amount for account, amount in entry.amounts.items() if account in OWED), ZERO)
        balance += change
        debit, credit = max(change, ZERO), max(-change, ZERO)
        lines.append(LoanLedgerEntry(entry.on, entry.kind, entry.reference, debit, credit, balance))
    return lines


def trial_balance() -> dict[Account, Decimal]:
    """The balance of every account of this brand, debit positive. The sum is zero at all times."""
    return journal.balances()


def received(loan_id: UUID | str) -> Decimal:
    """All that was paid on a loan, what was beyond the debt included."""
    events = _events(loans.get(loan_id).id)
    return sum((event.amount for event in events if isinstance(event, Paid)), ZERO)


def statement(loan_id: UUID | str) -> dict[str, Any]:
    """The loan's ledger, its plan of repayments, and what it owes today."""
    return {
        "entries": entries(loan_id),
        "timeline": timeline(loan_id),
        "outstanding": outstanding_as_of(loan_id, clock.today()),
    }


def differences(loan_id: UUID | str) -> Position:
    """Where the lines of the journal do not come to what its events come to: nowhere, or something is wrong."""
    loan = loans.get(loan_id)
    booked = journal.of_loan(loan.id)
    last = max((entry.on for entry in booked), default=clock.today())
    return less(total(booked), position(replay(_read(booked), last, _terms(loan))))


def check_since(instant: datetime) -> None:
    """Prove every loan on which something was booked since `instant`. Raises BooksDiffer naming those that fail."""
    wrong = [str(loan_id) for loan_id in journal.loans_since(instant) if differences(loan_id)]
    if wrong or sum(trial_balance().values()):
        raise BooksDiffer(f"the books differ: {', '.join(wrong) or 'trial balance'}")
