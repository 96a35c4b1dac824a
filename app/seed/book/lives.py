"""How loans are repaid: a pool of lives, each drawn once, booked by the ledger's own rules and lived by many loans.

Days count from the credit, so a life fits a loan of any day. What happened up to some day is a prefix of it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from app.core.money import ZERO, charged, rupees
from app.ledger.events import Disbursed, Event, Paid
from app.ledger.postings import Entry, entries_for
from app.ledger.replay import Terms, replay
from app.ledger.service import repayment
from app.seed.book.draw import Draw, Weighted

POOL = 600  # lives a band
_DAY_0 = date(2024, 1, 1)
GST = Decimal("0.18")


@dataclass(frozen=True)
class Band:
    """Customers of one class of bureau score: their prices (percent a day, percent of the loan) and habits."""

    score_from: int
    rate: Decimal
    fee_percent: int
    amount_max: int
    habits: Weighted[str]


# how a loan is repaid: days past due, from and to, of the last payment; None: never
_HABITS: dict[str, tuple[int, int] | None] = {
    "early": (-15, -1),
    "on the day": (0, 0),
    "days late": (1, 15),
    "weeks late": (16, 60),
    "months late": (61, 150),
    "never": None,
}


def _habits(*weights: int) -> Weighted[str]:
    return Weighted(*zip(_HABITS, weights, strict=True))


BANDS = (
    Band(750, Decimal("0.75"), 8, 50_000, _habits(26, 58, 10, 4, 1, 1)),
    Band(700, Decimal("0.90"), 10, 45_000, _habits(20, 54, 15, 6, 3, 2)),
    Band(650, Decimal("1.00"), 10, 30_000, _habits(15, 47, 20, 9, 5, 4)),
    Band(0, Decimal("1.00"), 12, 15_000, _habits(10, 38, 24, 13, 8, 7)),
)


def band_of(score: int | None) -> Band:
    """The band of a bureau score; no score is the last."""
    return next(band for band in BANDS if (score or 0) >= band.score_from)


@dataclass(frozen=True)
class Written:
    """An entry of the journal as its rows say it: `lines` are account, debit, credit."""

    kind: str
    day: int
    facts: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Step:
    """A payment on a day of the life, what was booked for it, and what was owed after it."""

    day: int
    amount: Decimal
    entries: tuple[Written, ...]
    left: Decimal


@dataclass(frozen=True)
class Life:
    """The terms of a loan and all that is paid on it."""

    amount: Decimal
    rate: Decimal
    tenure_days: int
    fee: Decimal
    gst: Decimal
    repayment: Decimal
    disbursal: tuple[Written, ...]
    steps: tuple[Step, ...]

    @property
    def net(self) -> Decimal:
        """What reaches the customer."""
        return self.amount - self.fee - self.gst

    def upto(self, day: int) -> tuple[Step, ...]:
        """The payments that were made by the end of a day."""
        return tuple(step for step in self.steps if step.day <= day)

    def owed(self, day: int, payments: int) -> Decimal:
        """What is owed at the end of a day, after so many payments."""
        if payments and not self.steps[payments - 1].left:
            return ZERO
        paid = [_paid(step.day, n, step.amount) for n, step in enumerate(self.steps[:payments])]
        events = [Disbursed(_DAY_0, "D1", self.amount, self.fee, self.gst), *paid]
        return replay(events, _on(day), _terms(self)).total


def _written(entries: Iterable[Entry]) -> tuple[Written, ...]:
    return tuple(
        Written(
            entry.kind.value,
            (entry.on - _DAY_0).days,
            json.dumps(dict(entry.facts)),
            tuple(
                (account.value, str(max(amount, 0)), str(max(-amount, 0)))
                for account, amount in entry.amounts.items()
            ),
        )
        for entry in entries
    )


@cache
def life(seed: str, band: Band, number: int, payments: float) -> Life:
    """One life of the pool. `payments`: how many a loan that is repaid has on average."""
    draw = Draw(f"{seed}/life/{band.score_from}/{number}")
    amount = Decimal(draw.randrange(5_000, band.amount_max + 1, 1_000))
    tenure = draw.randint(12, 38)
    fee = charged(amount * band.fee_percent / 100)
    gst = rupees(fee * GST)
    credit = Disbursed(_DAY_0, "D1", amount, fee, gst)
    terms = Terms(band.rate, _on(tenure))
    return Life(
        amount=amount,
        rate=band.rate,
        tenure_days=tenure,
        fee=fee,
        gst=gst,
        repayment=repayment(amount, band.rate, tenure),
        disbursal=_written(entries_for([], credit, terms)),
        steps=tuple(_steps(draw, band, credit, terms, payments)),
    )


def _steps(draw: Draw, band: Band, credit: Disbursed, terms: Terms, payments: float) -> Iterator[Step]:
    booked: list[Event] = [credit]
    days = _pay_days(draw, draw.one_of(band.habits), (terms.due_date - _DAY_0).days, payments)
    for n, (day, is_last) in enumerate(days):
        owed = replay(booked, _on(day), terms).total
        amount = _amount(draw, owed, is_last)
        event = _paid(day, n, amount)
        entries = _written(entries_for(booked, event, terms))
        booked.append(event)
        yield Step(day, amount, entries, replay(booked, _on(day), terms).total)


def _pay_days(draw: Draw, habit: str, tenure: int, payments: float) -> list[tuple[int, bool]]:
    """The days of payments, and whether a payment closes the loan."""
    parts = _count(draw, payments - 1)
    late = _HABITS[habit]
    if late is None:
        return sorted((draw.randint(5, tenure + 40), False) for _ in range(min(parts, 2)))
    last = max(3, tenure + draw.randint(*late))
    return [*sorted((draw.randint(2, last), False) for _ in range(parts)), (last, True)]


def _count(draw: Draw, mean: float) -> int:
    """A small number of that mean."""
    return int(mean) + (draw.random() < mean % 1) if mean > 0 else 0


def _amount(draw: Draw, owed: Decimal, is_last: bool) -> Decimal:
    if not is_last:
        return charged(max(Decimal(100), owed * draw.randint(10, 35) / 100))
    # some round up, and are owed the difference
    return owed if draw.random() > 0.02 else owed + draw.choice((1, 5, 50, 500))


def _paid(day: int, number: int, amount: Decimal) -> Paid:
    return Paid(_on(day), f"P{number:02d}", amount)


def _on(day: int) -> date:
    return _DAY_0 + timedelta(days=day)


def _terms(lived: Life) -> Terms:
    return Terms(lived.rate, _on(lived.tenure_days))
