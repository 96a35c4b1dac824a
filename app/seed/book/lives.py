"""How loans are repaid: a pool of lives, each drawn once, booked by the ledger's own rules and lived by many loans.

Days count from the credit, so a life fits a loan of any day. What happened up to some day is a prefix of it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from app.core.money import ZERO, charged, rupees
from app.ledger.events import (
    Disbursed,
    Event,
    Kind,
    Paid,
    Part,
    PenalCharged,
    Settled,
    TurnedBad,
    Waived,
    WrittenOff,
)
from app.ledger.postings import Entry, entries_for
from app.ledger.replay import LoanState, Terms, replay
from app.ledger.service import repayment
from app.seed.book.draw import Draw, Weighted

# at the end of the day that is so many days past due a loan is an NPA: the due date counts as well
BAD_FROM = 90
POOL = 120  # lives of a band and tenure
# a penal charge in part of the principal; all of a debt
_PENAL, _ALL = Decimal("0.02"), Decimal(1)
_ORDER = {kind: rank for rank, kind in enumerate(Kind)}
_DAY_0 = date(2024, 1, 1)
GST = Decimal("0.18")


# what is lent, from the smallest amount to the largest; few ask for much
_AMOUNTS = (5_000, 100_000)


@dataclass(frozen=True)
class Band:
    """Loans of a risk tier, with what it costs: percent a day, percent of the loan."""

    tier: str
    rate: Decimal
    fee_percent: Decimal


@dataclass(frozen=True)
class Habit:
    """How a loan is repaid: days past due, from and to, on which it `ends` (None: never), by a payment of all, by a
    settlement for less, or as a loss."""

    days: tuple[int, int] | None
    ends: Kind = Kind.PAYMENT


_HABITS = (
    Habit((-15, -1)),
    Habit((0, 0)),
    Habit((1, 15)),
    Habit((16, 60)),
    Habit((61, 150)),
    Habit(None),
    Habit((45, 120), Kind.SETTLEMENT),
    Habit((95, 170), Kind.WRITE_OFF),
)


def _habits(*weights: float) -> Weighted[Habit]:
    return Weighted(*zip(_HABITS, weights, strict=True))


# the better the tier, the better they pay
_OF_TIER = {
    "A": _habits(26, 57, 10, 4, 1, 0.5, 1, 1.5),
    "B": _habits(20, 53, 14, 6, 3, 1, 2, 3.5),
    "C": _habits(15, 45, 19, 9, 5, 2, 3, 6),
}
_OTHERS = _habits(10, 36, 23, 13, 8, 3, 5, 10)


@dataclass(frozen=True)
class Written:
    """An entry of the journal as its rows say it: `lines` are account, debit, credit."""

    kind: str
    day: int
    facts: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Step:
    """Something on a day of the life: a payment of `amount`, a penal charge, that the loan turned bad, or what is
    `given_up`, by part. `left` is what was owed after it."""

    day: int
    event: Event
    entries: tuple[Written, ...]
    left: Decimal
    given_up: Mapping[str, str]

    @property
    def amount(self) -> Decimal:
        """What was paid."""
        return self.event.amount if isinstance(self.event, Paid) else ZERO


@dataclass(frozen=True)
class Life:
    """The terms of a loan and all that happens to it."""

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
        """What had happened by the end of a day."""
        return tuple(step for step in self.steps if step.day <= day)

    def owed(self, day: int, steps: int) -> Decimal:
        """What is owed at the end of a day, after so many steps."""
        if steps and not self.steps[steps - 1].left:
            return ZERO
        events = [
            Disbursed(_DAY_0, "D1", self.amount, self.fee, self.gst),
            *(step.event for step in self.steps[:steps]),
        ]
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
def amounts(seed: str, tenure_days: int) -> list[int]:
    """What the lives of that many days are lent, the smallest first."""
    draw, (least, most) = Draw(f"{seed}/amounts/{tenure_days}"), _AMOUNTS
    return sorted(int(least * (most / least) ** draw.random()) // 500 * 500 for _ in range(POOL))


@cache
def life(seed: str, band: Band, tenure: int, number: int, payments: float) -> Life:
    """One life of the pool, the more is lent the higher its number. `payments`: how many a loan that is repaid has on
    average."""
    draw = Draw(f"{seed}/life/{band.tier}/{tenure}/{number}")
    amount = Decimal(amounts(seed, tenure)[number])
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
    for n, (day, kind, share) in enumerate(
        _plan(draw, draw.one_of(_OF_TIER.get(band.tier, _OTHERS)), (terms.due_date - _DAY_0).days, payments)
    ):
        before = replay(booked, _on(day), terms)
        event = _MAKE[kind](before, _on(day), f"P{n:02d}", share)
        entries = _written(entries_for(booked, event, terms))
        booked.append(event)
        left = replay(booked, _on(day), terms).total
        yield Step(day, event, entries, left, _given_up(kind, before))
        if not left:
            return


def _plan(draw: Draw, habit: Habit, tenure: int, payments: float) -> list[tuple[int, Kind, Decimal]]:
    """What happens, on which day, and the share of the debt that is paid; above all of it: so many rupees more."""
    parts = _count(draw, payments - 1)
    last = max(3, tenure + draw.randint(*habit.days)) if habit.days else None
    is_repaid = last is not None and habit.ends is Kind.PAYMENT
    days = [
        draw.randint(2, last) if is_repaid else draw.randint(5, tenure + 40)
        for _ in range(parts if is_repaid else min(parts, 2))
    ]
    plan = [(day, Kind.PAYMENT, Decimal(draw.randint(10, 35)) / 100) for day in days]
    if last is None or last > tenure:
        plan.append((tenure + 1, Kind.PENAL_CHARGE, _PENAL))
    if last is None or last > tenure + BAD_FROM:
        plan.append((tenure + BAD_FROM, Kind.NPA, _ALL))
    if last is not None:
        plan += _end(draw, habit.ends, last, tenure)
    return sorted(plan, key=lambda one: (one[0], _ORDER[one[1]], one[2]))


def _end(draw: Draw, ends: Kind, last: int, tenure: int) -> Iterator[tuple[int, Kind, Decimal]]:
    if ends is Kind.PAYMENT:
        # who was long late and pays all is let off the penal charge
        if last > tenure + 30 and draw.random() < 0.5:
            yield last - 1, Kind.WAIVER, _ALL
        # some round up, and are owed the difference
        over = draw.choice((1, 5, 50, 500)) if draw.random() < 0.02 else 0
        yield last, Kind.PAYMENT, _ALL + over
        return
    if ends is Kind.SETTLEMENT:
        yield last, Kind.PAYMENT, Decimal(draw.randint(40, 75)) / 100
    yield last, ends, _ALL


def _count(draw: Draw, mean: float) -> int:
    """A small number of that mean."""
    return int(mean) + (draw.random() < mean % 1) if mean > 0 else 0


def _pay(before: LoanState, on: date, reference: str, share: Decimal) -> Event:
    owed = before.total
    if share >= _ALL:
        return Paid(on, reference, owed + share - _ALL)
    return Paid(on, reference, charged(max(Decimal(100), owed * share)))


def _punish(before: LoanState, on: date, reference: str, share: Decimal) -> Event:
    return PenalCharged(on, reference, charged(before.outstanding(Part.PRINCIPAL) * share))


def _waive(before: LoanState, on: date, reference: str, share: Decimal) -> Event:
    return Waived(on, reference, Part.PENAL, before.outstanding(Part.PENAL))


_MAKE: dict[Kind, Callable[[LoanState, date, str, Decimal], Event]] = {
    Kind.PAYMENT: _pay,
    Kind.PENAL_CHARGE: _punish,
    Kind.WAIVER: _waive,
    Kind.NPA: lambda before, on, reference, share: TurnedBad(on, reference),
    Kind.SETTLEMENT: lambda before, on, reference, share: Settled(on, reference),
    Kind.WRITE_OFF: lambda before, on, reference, share: WrittenOff(on, reference),
}


def _given_up(kind: Kind, before: LoanState) -> dict[str, str]:
    parts = {Kind.WAIVER: (Part.PENAL,), Kind.SETTLEMENT: Part, Kind.WRITE_OFF: Part}.get(kind, ())
    return {part.value: str(before.outstanding(part)) for part in parts if before.outstanding(part)}


def _on(day: int) -> date:
    return _DAY_0 + timedelta(days=day)


def _terms(lived: Life) -> Terms:
    return Terms(lived.rate, _on(lived.tenure_days))
