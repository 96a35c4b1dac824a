"""The stages of the portal's lists, as a table: who sees each, which loans are in it, how it is shown and filtered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.core import identity
from app.core.errors import Forbidden, NotFound
from app.core.identity import Role
from app.loans.listing import Span
from app.staff.permissions import MATRIX

# a list of people who began is of those who may still come back
ONBOARDING_DAYS = 90
PRE_DUE_DAYS = 5


class Scope(StrEnum):
    """Whose loans: one's own, those of the roles that one leads or shares, everybody's."""

    MINE = "MINE"
    TEAM = "TEAM"
    ALL = "ALL"


@dataclass(frozen=True)
class Column:
    """A field of a row, as the portal heads it."""

    title: str
    kind: str


COLUMNS: Mapping[str, Column] = {
    "loanNo": Column("Loan", "text"),
    "customerNo": Column("Customer no.", "text"),
    "customerName": Column("Customer", "text"),
    "phone": Column("Phone", "masked"),
    "city": Column("City", "text"),
    "source": Column("Source", "text"),
    "status": Column("Status", "status"),
    "agreementStatus": Column("Agreement", "status"),
    "amount": Column("Amount", "money"),
    "tenureDays": Column("Days", "number"),
    "outstandingAmount": Column("Outstanding", "money"),
    "dueDate": Column("Due on", "date"),
    "daysPastDue": Column("Days past due", "number"),
    "disbursedAt": Column("Paid out", "instant"),
    "closedAt": Column("Closed", "instant"),
    "stageSince": Column("Here since", "instant"),
    "ageDays": Column("Days here", "number"),
    "executives": Column("With", "people"),
    "createdAt": Column("Since", "instant"),
}
_WHO = ("loanNo", "customerName", "phone", "city")
_WAITING = ("amount", "tenureDays", "source", "stageSince", "ageDays", "executives")
_MONEY = ("amount", "outstandingAmount", "dueDate", "daysPastDue", "executives")
_PERSON_FILTERS = ("search", "city", "source", "scope")
_LOAN_FILTERS = (
    *_PERSON_FILTERS, "status", "executiveId", "amountMin", "amountMax", "tenureMin", "tenureMax", "fromDate", "toDate",
)  # fmt: skip
_AGE = ("ageMinDays", "ageMaxDays")
_DUE = ("dueFrom", "dueTo")


@dataclass(frozen=True)
class Stage:
    """A row of the table. `features` of the roles x features matrix give it to their roles.

    In it are loans in one of `statuses`, whose agreement is `signed` or not, due `due_in` so many days from today.
    A stage without statuses is of customers who have no loan.
    """

    name: str
    title: str
    meaning: str
    features: tuple[str, ...]
    statuses: tuple[str, ...]
    columns: tuple[str, ...]
    sort: str
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    signed: bool | None = None
    due_in: tuple[int | None, int | None] = (None, None)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset().union(*(MATRIX[feature] for feature in self.features))

    @property
    def all_columns(self) -> tuple[str, ...]:
        """What a view of it may show."""
        return tuple(COLUMNS) if self.statuses else self.columns

    def due(self, today: date) -> Span:
        """The due dates that it asks for."""
        low, high = (None if days is None else today + timedelta(days=days) for days in self.due_in)
        return Span(low, high)


_LOANS, _SANCTION, _COLLECT = "Loans List", "Sanction Manager View", "Collections"
_APPLICATION_SORTS = ("createdAt", "amount", "tenureDays", "stageSince", "loanNo")
_RUNNING_SORTS = ("dueDate", "amount", "tenureDays", "createdAt", "loanNo")
# where something is to do before the money goes out, and after it went
WAITING = (
    "APPLIED",
    "HOLD",
    "CREDIT_EXECUTIVE_APPROVED",
    "SANCTION_MANAGER_APPROVED",
    "APPROVED",
    "DISBURSAL_IN_PROCESS",
)
RUNNING = ("DISBURSED", "ACTIVE", "PARTIALLY_PAID", "OVERDUE")


def _waiting(
    name: str, title: str, meaning: str, features: tuple[str, ...], *statuses: str, signed: bool | None = None
) -> Stage:
    """An application that waits for somebody: who waits longest comes first."""
    filters = (*_LOAN_FILTERS, *_AGE)
    shown = (*_WHO, "status", *_WAITING)
    return Stage(
        name, title, meaning, features, statuses, shown, "stageSince", filters, _APPLICATION_SORTS, signed
    )


def _running(
    name: str, title: str, meaning: str, features: tuple[str, ...], *statuses: str,
    due_in: tuple[int | None, int | None] = (None, None),
) -> Stage:  # fmt: skip
    """A loan that is repaid: what is due first comes first."""
    filters = (*_LOAN_FILTERS, *_DUE)
    shown = (*_WHO, "status", *_MONEY)
    return Stage(
        name, title, meaning, features, statuses, shown, "dueDate", filters, _RUNNING_SORTS, due_in=due_in
    )


def _over(name: str, title: str, meaning: str, features: tuple[str, ...], *statuses: str) -> Stage:
    """A loan on which nothing is to do: the newest comes first."""
    shown = (*_WHO, "status", "amount", "tenureDays", "createdAt", "closedAt")
    sorts = ("createdAt", "amount", "tenureDays", "loanNo")
    return Stage(name, title, meaning, features, statuses, shown, "-createdAt", _LOAN_FILTERS, sorts)


_TABLE = (
    Stage(
        "ONBOARDING",
        "Onboarding",
        f"customers of the last {ONBOARDING_DAYS} days who have not applied",
        ("Customer List",),
        (),
        ("customerNo", "customerName", "phone", "city", "source", "createdAt"),
        "-createdAt",
        (*_PERSON_FILTERS, "executiveId", "fromDate", "toDate"),
        ("createdAt", "customerNo"),
    ),
    _waiting("APPLIED", "Applied", "applications, to be assessed", (_LOANS,), "APPLIED"),
    _waiting(
        "CREDIT",
        "Credit",
        "applications that a credit executive assesses",
        ("Credit Executive View",),
        "APPLIED",
        "HOLD",
    ),
    _waiting(
        "SANCTION",
        "Sanction",
        "recommended, to be sanctioned",
        (_LOANS, _SANCTION),
        "CREDIT_EXECUTIVE_APPROVED",
        "SANCTION_MANAGER_APPROVED",
    ),
    _waiting(
        "APPROVED",
        "Approved",
        "sanctioned, not paid out yet",
        (_LOANS, _SANCTION),
        "APPROVED",
        "DISBURSAL_IN_PROCESS",
    ),
    _waiting(
        "ESIGN_PENDING",
        "E-sign pending",
        "sanctioned, the agreement is not signed",
        (_LOANS, _SANCTION),
        "APPROVED",
        signed=False,
    ),
    _waiting(
        "DISBURSAL",
        "Disbursal",
        "signed, to be paid out or on the way",
        ("Loan Ops",),
        "APPROVED",
        "DISBURSAL_IN_PROCESS",
        signed=True,
    ),
    _running("ACTIVE", "Active", "paid out and not repaid", (_LOANS, _COLLECT), *RUNNING),
    _running(
        "DUE",
        "Due",
        f"to be repaid today or in the next {PRE_DUE_DAYS} days",
        ("Pre-Collection",),
        *RUNNING,
        due_in=(0, PRE_DUE_DAYS),
    ),
    _running("OVERDUE", "Overdue", "not repaid by the due date", (_COLLECT,), *RUNNING, due_in=(None, -1)),
    _over(
        "CLOSED",
        "Closed",
        "repaid, settled or written off",
        (_LOANS, _COLLECT),
        "PAID",
        "COMPLETED",
        "DISBURSED_WAIVED",
        "SETTLED",
        "WRITE_OFF",
    ),
    _over("REJECTED", "Rejected", "declined", (_LOANS, _SANCTION), "REJECTED"),
    _over("CANCELLED", "Cancelled", "withdrawn or run out", (_LOANS,), "CANCELLED"),
)
STAGES: Mapping[str, Stage] = {stage.name: stage for stage in _TABLE}


def visible() -> list[Stage]:
    """The stages of the reader's roles, in the order of a loan's life."""
    roles = identity.actor().roles
    return [stage for stage in _TABLE if stage.roles & roles]


def get(name: str) -> Stage:
    """A stage. Raises NotFound, Forbidden where no role of the reader sees it."""
    stage = STAGES.get(name)
    if stage is None:
        raise NotFound("stage")
    if not stage.roles & identity.actor().roles:
        raise Forbidden(f"Your roles do not see the stage {name}.")
    return stage
