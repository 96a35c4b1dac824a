"""What a loan owes, as a function of what happened: `replay(events, as_of, terms) -> LoanState`.

Events may come in any order and late: the state is the one that booking them in order gives. One that the books know
only `since` a later day than its own is no part of the states before. Nothing is read or written here, and nobody asks
what day it is.

Interest is simple, a percentage a day on the outstanding principal, from the day the money was credited
(that day not counted), to the day that is asked for. It is counted exactly and charged in whole rupees, so
what is due on the due date is the repayment amount of the agreement. It goes on after the due date at the
same rate, never on interest or on charges, and ends where the principal was paid, given up or written off.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.core.money import RUPEE, ZERO, charged
from app.ledger.events import (
    REVERSALS,
    CooledOff,
    Disbursed,
    Event,
    Kind,
    Levied,
    Paid,
    Part,
    Refunded,
    Settled,
    SuspenseIn,
    SuspenseOut,
    SuspensePlaced,
    TurnedBad,
    Upgraded,
    Waived,
    WrittenOff,
)

ALLOCATION = (Part.INTEREST, Part.PRINCIPAL, Part.PENAL, Part.CHARGE)


@dataclass(frozen=True)
class Terms:
    """What the agreement says. `allocation` is the order in which a payment settles the parts."""

    rate_percent_per_day: Decimal
    due_date: date
    allocation: tuple[Part, ...] = ALLOCATION
    interest_step: Decimal = RUPEE


_WITHIN_A_DAY = {kind: rank for rank, kind in enumerate(Kind)}


def in_order(events: Iterable[Event], as_of: date) -> list[Event]:
    """Those that count at the end of `as_of`: by value date, and within a day by kind."""
    known = [event for event in events if (event.since or event.on) <= as_of]
    gone = {event.undoes for event in known if isinstance(event, REVERSALS)}
    counting = [
        event
        for event in known
        if not isinstance(event, REVERSALS) and (event.kind, event.reference) not in gone
    ]
    return sorted(counting, key=lambda event: (event.on, _WITHIN_A_DAY[event.kind], event.reference))


@dataclass(frozen=True)
class LoanState:
    """A loan at the end of the day `as_of`: for each part what was charged, paid, given up and written off so far.

    `excess` is what was paid beyond what was owed; it belongs to the customer. The principal charged less
    `fee` and `gst` is what went to the customer. `gst_levied` is in what was charged. `received` came in for this
    loan; of it `recovered` made good what was written off, `refunded` went back and `moved_out` elsewhere. `forgone`
    was written off and is not asked for any more: the books know it as lost already. `suspended` is owed and no income,
    since the loan is an NPA; `waived_unearned` and `written_off_unearned` are of what was given up and never was
    income.
    """

    as_of: date
    charged: dict[Part, Decimal]
    paid: dict[Part, Decimal]
    waived: dict[Part, Decimal]
    written_off: dict[Part, Decimal]
    gst_levied: dict[Part, Decimal]
    suspended: dict[Part, Decimal]
    waived_unearned: dict[Part, Decimal]
    written_off_unearned: dict[Part, Decimal]
    npa: bool
    excess: Decimal
    received: Decimal
    recovered: Decimal
    forgone: Decimal
    refunded: Decimal
    moved_out: Decimal
    fee: Decimal
    gst: Decimal
    days_past_due: int

    def outstanding(self, part: Part) -> Decimal:
        """What is left of one part."""
        return self.charged[part] - self.paid[part] - self.waived[part] - self.written_off[part]

    @property
    def total(self) -> Decimal:
        """What closes the loan on that day."""
        return sum((self.outstanding(part) for part in Part), ZERO)

    @property
    def lost(self) -> Decimal:
        """What was written off, did not come back and may still be asked for."""
        return sum(self.written_off.values(), ZERO) - self.recovered - self.forgone


def replay(events: Iterable[Event], as_of: date, terms: Terms) -> LoanState:
    """The state at the end of `as_of`, from every event that is known by then."""
    run = _Run(terms)
    for event in in_order(events, as_of):
        run.accrue_to(event.on)
        _TAKEN[event.kind](run, event)
    run.accrue_to(as_of)
    return run.state(as_of)


def interest(principal: Decimal, rate_percent_per_day: Decimal, days: int) -> Decimal:
    """Simple interest, exact: not rounded yet."""
    return principal * rate_percent_per_day / 100 * days


def _zeros() -> dict[Part, Decimal]:
    return defaultdict(lambda: ZERO)


@dataclass
class _Run:
    """The loan while its events go by."""

    terms: Terms
    charged: dict[Part, Decimal] = field(default_factory=_zeros)
    paid: dict[Part, Decimal] = field(default_factory=_zeros)
    waived: dict[Part, Decimal] = field(default_factory=_zeros)
    written_off: dict[Part, Decimal] = field(default_factory=_zeros)
    gst_levied: dict[Part, Decimal] = field(default_factory=_zeros)
    waived_unearned: dict[Part, Decimal] = field(default_factory=_zeros)
    written_off_unearned: dict[Part, Decimal] = field(default_factory=_zeros)
    npa: bool = False
    exact_interest: Decimal = ZERO
    excess: Decimal = ZERO
    received: Decimal = ZERO
    recovered: Decimal = ZERO
    forgone: Decimal = ZERO
    refunded: Decimal = ZERO
    moved_out: Decimal = ZERO
    fee: Decimal = ZERO
    gst: Decimal = ZERO
    accrued_to: date = date.min

    def left(self, part: Part) -> Decimal:
        return self.charged[part] - self.paid[part] - self.waived[part] - self.written_off[part]

    @property
    def lost(self) -> Decimal:
        return sum(self.written_off.values(), ZERO) - self.recovered - self.forgone

    def suspended(self, part: Part) -> Decimal:
        """What is owed of a part and was not earned. What is paid counts for the tax on it first."""
        if not self.npa or part is Part.PRINCIPAL:
            return ZERO
        unearned = self.waived_unearned[part] + self.written_off_unearned[part]
        return min(self.left(part), self.charged[part] - self.gst_levied[part] - unearned)

    def accrue_to(self, day: date) -> None:
        if day == self.accrued_to:
            return
        principal = self.left(Part.PRINCIPAL)
        if principal:
            days = (day - self.accrued_to).days
            self.exact_interest += interest(principal, self.terms.rate_percent_per_day, days)
            self.charged[Part.INTEREST] = charged(self.exact_interest, self.terms.interest_step)
        self.accrued_to = day

    def disbursed(self, event: Disbursed) -> None:
        self.charged[Part.PRINCIPAL] += event.principal
        self.fee += event.fee
        self.gst += event.gst

    def cooled_off(self, event: CooledOff) -> None:
        self.charged[Part.PRINCIPAL] -= event.fee + event.gst
        self.fee -= event.fee
        self.gst -= event.gst
        # paid already beyond what is left to pay
        over = max(ZERO, -self.left(Part.PRINCIPAL))
        self.paid[Part.PRINCIPAL] -= over
        self.excess += over

    def levied(self, event: Levied) -> None:
        self.charged[event.part] += event.amount + event.gst
        self.gst_levied[event.part] += event.gst

    def waive(self, event: Waived) -> None:
        owed = min(event.amount, self.left(event.part))
        self._give_up(event.part, owed, self.waived, self.waived_unearned)
        self.forgone += min(event.amount - owed, self.lost)

    def paid_in(self, event: Paid) -> None:
        self.received += event.amount
        self.settle(event.amount)

    def suspend(self, event: SuspenseIn) -> None:
        self.received += event.amount
        self.excess += event.amount

    def place(self, event: SuspensePlaced) -> None:
        placed = max(ZERO, min(event.amount, self.excess))
        self.excess -= placed
        self.settle(placed)

    def move_out(self, event: SuspenseOut) -> None:
        self.moved_out += event.amount
        self.excess -= event.amount

    def refund(self, event: Refunded) -> None:
        self.refunded += event.amount
        self.excess -= event.amount

    def settle(self, amount: Decimal) -> None:
        for part in self.terms.allocation:
            settled = min(amount, self.left(part))
            self.paid[part] += settled
            amount -= settled
        recovered = min(amount, self.lost)
        self.recovered += recovered
        self.excess += amount - recovered

    def give_up(self, event: Settled) -> None:
        for part in Part:
            self._give_up(part, self.left(part), self.waived, self.waived_unearned)
        self.forgone += self.lost

    def write_off(self, event: WrittenOff) -> None:
        for part in Part:
            self._give_up(part, self.left(part), self.written_off, self.written_off_unearned)

    def _give_up(
        self, part: Part, amount: Decimal, where: dict[Part, Decimal], unearned: dict[Part, Decimal]
    ) -> None:
        suspended = self.suspended(part)
        where[part] += amount
        unearned[part] += max(ZERO, suspended - self.left(part))

    def turn_bad(self, event: TurnedBad) -> None:
        self.npa = True

    def upgrade(self, event: Upgraded) -> None:
        self.npa = False

    def state(self, as_of: date) -> LoanState:
        owing = any(self.left(part) for part in Part)
        return LoanState(
            as_of=as_of,
            charged=_whole(self.charged),
            paid=_whole(self.paid),
            waived=_whole(self.waived),
            written_off=_whole(self.written_off),
            gst_levied=_whole(self.gst_levied),
            suspended={part: self.suspended(part) for part in Part},
            waived_unearned=_whole(self.waived_unearned),
            written_off_unearned=_whole(self.written_off_unearned),
            npa=self.npa,
            excess=self.excess,
            received=self.received,
            recovered=self.recovered,
            forgone=self.forgone,
            refunded=self.refunded,
            moved_out=self.moved_out,
            fee=self.fee,
            gst=self.gst,
            days_past_due=max(0, (as_of - self.terms.due_date).days) if owing else 0,
        )


def _whole(amounts: dict[Part, Decimal]) -> dict[Part, Decimal]:
    return {part: amounts[part] for part in Part}


_TAKEN: dict[Kind, Callable] = {
    Kind.DISBURSAL: _Run.disbursed,
    Kind.INTEREST: lambda run, event: None,
    Kind.PENAL_CHARGE: _Run.levied,
    Kind.BOUNCE_CHARGE: _Run.levied,
    Kind.FORECLOSURE_CHARGE: _Run.levied,
    Kind.COOLING_OFF: _Run.cooled_off,
    Kind.WAIVER: _Run.waive,
    Kind.PAYMENT: _Run.paid_in,
    Kind.FORECLOSURE: _Run.paid_in,
    Kind.RECOVERY: _Run.paid_in,
    Kind.SUSPENSE_IN: _Run.suspend,
    Kind.SUSPENSE_PLACED: _Run.place,
    Kind.SUSPENSE_OUT: _Run.move_out,
    Kind.REFUND: _Run.refund,
    Kind.SETTLEMENT: _Run.give_up,
    Kind.WRITE_OFF: _Run.write_off,
    Kind.NPA: _Run.turn_bad,
    Kind.UPGRADE: _Run.upgrade,
}
