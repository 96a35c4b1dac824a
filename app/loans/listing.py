"""Loans as lists and figures ask for them: by where they are, when, how much and whose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect, fn

from app.core import clock
from app.core.tally import Measure, kept
from app.loans.models import Loan

# what a loan is about: sanctioned once it is, applied for until then
AMOUNT = fn.COALESCE(Loan.sanctioned_amount, Loan.applied_amount)
TENURE = fn.COALESCE(Loan.tenure_days, Loan.applied_tenure_days)
OWED = fn.COALESCE(Loan.outstanding_amount, Loan.repayment_amount, AMOUNT)
MEASURES: Mapping[Measure, Any] = {"amount": AMOUNT, "owed": OWED}
# what the database keeps the figures of, and by which conditions
_KEPT = (
    ("loan.in", {"statuses", "signed", "due"}),
    ("loan.applied", {"applied"}),
    ("loan.disbursed", {"disbursed"}),
)
OWED_IN = ("ACTIVE", "PARTIALLY_PAID", "OVERDUE")
SORTS: Mapping[str, Any] = {
    "createdAt": Loan.created_at,
    "amount": AMOUNT,
    "tenureDays": TENURE,
    "dueDate": Loan.due_date,
    "stageSince": Loan.status_since,
    "loanNo": Loan.loan_no,
}


@dataclass(frozen=True)
class Span:
    """From `low` to `high`, both included; None is open."""

    low: Any = None
    high: Any = None

    def holds(self, column: Any) -> list[Expression]:
        """What it asks of a column."""
        found = []
        if self.low is not None:
            found.append(column >= self.low)
        if self.high is not None:
            found.append(column <= self.high)
        return found


@dataclass(frozen=True)
class Days(Span):
    """Business days of India, for columns that are instants."""

    def holds(self, column: Any) -> list[Expression]:
        found = []
        if self.low is not None:
            found.append(column >= clock.start_of(self.low))
        if self.high is not None:
            found.append(column < clock.start_of(self.high + timedelta(days=1)))
        return found


@dataclass(frozen=True)
class Wanted:
    """Which loans. `signed`: whether the agreement is; `since`: when they came to the state they are in;
    `customers` and each of `ids` are queries of ids that they must be among."""

    statuses: Collection[str] = ()
    signed: bool | None = None
    due: Span = Span()
    applied: Days = Days()
    disbursed: Days = Days()
    amount: Span = Span()
    tenure_days: Span = Span()
    since: Days = Days()
    customers: ModelSelect | None = None
    ids: tuple[ModelSelect, ...] = ()


def find(wanted: Wanted) -> ModelSelect:
    """The loans."""
    return Loan.select().where(True, *_conditions(wanted))


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [
        *wanted.due.holds(Loan.due_date),
        *wanted.applied.holds(Loan.created_at),
        *wanted.disbursed.holds(Loan.disbursed_at),
        *wanted.amount.holds(AMOUNT),
        *wanted.tenure_days.holds(TENURE),
        *wanted.since.holds(Loan.status_since),
    ]
    if wanted.statuses:
        found.append(Loan.status.in_(list(wanted.statuses)))
    if wanted.signed is not None:
        found.append((Loan.agreement_status == "SIGNED") == wanted.signed)
    if wanted.customers is not None:
        found.append(Loan.customer_id.in_(wanted.customers))
    return found + [Loan.id.in_(ids) for ids in wanted.ids]


def counted(wanted: Wanted, measure: Measure = "amount") -> ModelSelect:
    """One row: `count` of the loans and the sum `amount` of what `measure` says of each.

    Where the figure is kept it is of the tally that the statement reads, whatever the `ids`."""
    asked = {field.name for field in fields(wanted) if getattr(wanted, field.name) != field.default} - {"ids"}
    figure = next((name for name, by in _KEPT if asked <= by), None)
    if figure is None:
        return Loan.select(*_sums(MEASURES[measure])).where(True, *_conditions(wanted))
    days = next((days for days in (wanted.applied, wanted.disbursed) if days != Days()), wanted.due)
    return kept(
        figure, states=wanted.statuses, signed=wanted.signed, low=days.low, high=days.high, measure=measure
    )


def reached(entity: str, state: str, on: Days) -> ModelSelect:
    """One row as `counted`: the loans that (or whose agreement) came to `state` on those days of one month, however
    often. It is kept of few states (migration `kept_counts`)."""
    return kept(f"{entity}.reached", states=(state,), low=on.low, high=on.high)


def _sums(measure: Any) -> tuple[Any, Any]:
    return fn.COUNT(Loan.id).alias("count"), fn.COALESCE(fn.SUM(measure), Decimal(0)).alias("amount")


def of_whom(customer_id: Any) -> ModelSelect:
    """The loans of the customer in a column of another query."""
    return Loan.select(Loan.id).where(Loan.customer_id == customer_id)


def days_past_due(loan: Loan, today: date) -> int | None:
    """How many days the due date is gone by; None where nothing is to be repaid (any more, or yet)."""
    if loan.due_date is None or loan.disbursed_at is None or loan.closed_at is not None:
        return None
    return max(0, (today - loan.due_date).days)


def owing_among(loan_ids: Collection[UUID]) -> set[UUID]:
    """Which of these loans owe something still, or did not come back wholly after a write-off."""
    owes = Loan.status.in_(OWED_IN) & (fn.COALESCE(Loan.outstanding_amount, 1) > 0)
    lost = (Loan.status == "WRITE_OFF") & (fn.COALESCE(Loan.lost_amount, 1) > 0)
    query = Loan.select(Loan.id).where(Loan.id.in_(list(loan_ids)), owes | lost)
    return {loan_id for (loan_id,) in query.tuples()}


def overdue_among(customer_ids: Collection[UUID], day: date) -> set[UUID]:
    """Which of these customers have a loan that was to be repaid before `day`, and runs or was written off."""
    late = Loan.status.in_((*OWED_IN, "WRITE_OFF")), Loan.due_date < day
    theirs = Loan.customer_id.in_(list(customer_ids)), *late
    return {customer_id for (customer_id,) in Loan.select(Loan.customer_id).where(*theirs).tuples()}
