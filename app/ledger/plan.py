"""The plan of repayments: what falls due when, and when it was paid. What is owed, the journal alone says."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.ledger.models import RepaymentTimeline
from app.loans.service import Loan


def make(loan: Loan, owed: Decimal) -> None:
    """One instalment of `owed` on the due date; of a loan that is paid out again, in place of the one before."""
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


def mark_paid(loan: Loan, at: datetime | None) -> None:
    """The instalment was paid `at`, or with None is open again; one that is paid already keeps its instant."""
    row = _instalment(loan)
    if row is not None and (row.paid_at is None) != (at is None):
        row.change(paid_at=at)


def of_loan(loan_id: UUID | str) -> list[RepaymentTimeline]:
    """The instalments, by due date."""
    mine = RepaymentTimeline.loan_id == loan_id
    return list(RepaymentTimeline.select().where(mine).order_by(RepaymentTimeline.instalment_no))


def _instalment(loan: Loan) -> RepaymentTimeline | None:
    return RepaymentTimeline.get_or_none(RepaymentTimeline.loan_id == loan.id)
