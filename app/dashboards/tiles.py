"""The dashboard's tiles, as a table: who sees each, and the queries of its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import ModelSelect

from app.customers import listing as customers
from app.dashboards import lists, stages
from app.dashboards.lists import Whose
from app.dashboards.stages import RUNNING, WAITING
from app.loans import listing as loans
from app.loans import queues
from app.loans.listing import Days, Span, Wanted
from app.payments import figures as payments

# business days that an application waits at its step, and days that a repayment is late
AGES = {"0-1": (0, 1), "2-3": (2, 3), "4-7": (4, 7), "8+": (8, None)}
LATE = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "91+": (91, None)}


@dataclass(frozen=True)
class Look:
    """Who looks and when: today in India, and whose loans count."""

    today: date
    whose: Whose

    @property
    def spans(self) -> dict[str, Days]:
        """Today, and the month until today."""
        return {"TODAY": Days(self.today, self.today), "MONTH": Days(self.today.replace(day=1), self.today)}

    @property
    def month(self) -> Days:
        return self.spans["MONTH"]

    def ago(self, low: int, high: int | None) -> tuple[date | None, date]:
        """The days that are `low` to `high` days before today."""
        return None if high is None else self.today - timedelta(days=high), self.today - timedelta(days=low)


@dataclass(frozen=True)
class Tile:
    """A row of the table. `features` of the roles x features matrix give it to their roles.

    `figures` are queries of one row with `count` and, where there is money, `amount`, for a statement that reads the
    tally of those whose loans count. With `share_of`, the percentage that the count of this figure is of all.
    """

    name: str
    title: str
    meaning: str
    features: tuple[str, ...]
    figures: Callable[[Look], Mapping[str, ModelSelect]]
    share_of: str | None = None


def _applications(look: Look) -> dict[str, ModelSelect]:
    return {name: loans.counted(Wanted(applied=days)) for name, days in look.spans.items()}


def _stages(look: Look) -> dict[str, ModelSelect]:
    return {stage.name: lists.count(stage, look.today) for stage in stages.visible()}


def _ages(look: Look) -> dict[str, ModelSelect]:
    return {
        name: loans.counted(Wanted(statuses=WAITING, since=Days(*look.ago(*bucket)), ids=look.whose.loans))
        for name, bucket in AGES.items()
    }


def _past_hours(look: Look) -> dict[str, ModelSelect]:
    return {name: queues.late(name, look.whose.loans) for name in ("CREDIT", "MANAGER", "HEAD")}


def _approvals(look: Look) -> dict[str, ModelSelect]:
    return {state: loans.reached("loan", state, look.month) for state in ("APPROVED", "REJECTED")}


def _disbursed(look: Look) -> dict[str, ModelSelect]:
    return {name: loans.counted(Wanted(disbursed=days)) for name, days in look.spans.items()}


def _due(look: Look) -> dict[str, ModelSelect]:
    due = Wanted(statuses=RUNNING, due=Span(look.today, look.today))
    return {"TODAY": loans.counted(due, "owed")}


def _collected(look: Look) -> dict[str, ModelSelect]:
    return {name: payments.collected(days.low, days.high) for name, days in look.spans.items()}


def _overdue(look: Look) -> dict[str, ModelSelect]:
    return {
        name: loans.counted(Wanted(statuses=RUNNING, due=Span(*look.ago(*bucket))), "owed")
        for name, bucket in LATE.items()
    }


def _funnel(look: Look) -> dict[str, ModelSelect]:
    month = look.month
    newcomers = customers.registered(month.low, month.high, look.whose.customers)
    return {
        "REGISTERED": customers.counted(newcomers),
        "APPLIED": loans.counted(Wanted(applied=month)),
        "RECOMMENDED": loans.reached("loan", "CREDIT_EXECUTIVE_APPROVED", month),
        "APPROVED": loans.reached("loan", "APPROVED", month),
        "SIGNED": loans.reached("agreement", "SIGNED", month),
        "DISBURSED": loans.reached("loan", "DISBURSED", month),
    }


_LOANS, _CREDIT, _SANCTION = "Loans List", "Credit Executive View", "Sanction Manager View"
TILES = (
    Tile("APPLICATIONS", "Applications", "applied for, today and this month", (_LOANS,), _applications),
    Tile("STAGES", "In each stage", "what is in each list that the reader sees", ("Dashboard",), _stages),
    Tile(
        "AGEING",
        "Waiting",
        "not paid out yet, by the business days since the last step",
        (_LOANS, _CREDIT, _SANCTION),
        _ages,
    ),
    Tile(
        "PAST_HOURS",
        "Past its hours",
        "waits at its step for longer than the policy lets it, by the queue",
        (_LOANS, _CREDIT, _SANCTION),
        _past_hours,
    ),
    Tile(
        "APPROVAL_RATE",
        "Approved of decided",
        "loans approved and rejected this month",
        (_LOANS, _SANCTION),
        _approvals,
        share_of="APPROVED",
    ),
    Tile("DISBURSED", "Paid out", "paid out, today and this month", (_LOANS, _SANCTION), _disbursed),
    Tile(
        "DUE_TODAY",
        "Due today",
        "to be repaid today, and what is owed",
        ("Pre-Collection", "Collections"),
        _due,
    ),
    Tile("COLLECTED", "Collected", "came in, today and this month", ("Collections", "Loan Ops"), _collected),
    Tile(
        "OVERDUE",
        "Overdue",
        "not repaid by the due date, by days past due, and what is owed as last booked",
        ("Collections",),
        _overdue,
    ),
    Tile(
        "FUNNEL",
        "This month",
        "how many came to each step this month, whenever they began",
        (_LOANS,),
        _funnel,
    ),
)
