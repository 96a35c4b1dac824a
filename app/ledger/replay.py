"""What a loan owes, as a function of what happened: `replay(events, as_of, terms) -> LoanState`.

Events are dated facts. They may come in any order and late: the state is the one that booking them in order
gives. Nothing is read or written here, and nobody asks what day it is.

Interest is simple, a percentage a day on the outstanding principal, from the day the money was credited
(that day not counted), to the day that is asked for. It is counted exactly and charged in whole rupees, so
what is due on the due date is the repayment amount of the agreement. It goes on after the due date at the
same rate, never on interest or on penal charges.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.core.money import RUPEE, ZERO, charged


class Part(StrEnum):
    """What a debt is made of."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    PENAL = "PENAL"


ALLOCATION = (Part.INTEREST, Part.PRINCIPAL, Part.PENAL)


@dataclass(frozen=True)
class Terms:
    """What the agreement says. `allocation` is the order in which a payment settles the parts."""

    rate_percent_per_day: Decimal
    due_date: date
    allocation: tuple[Part, ...] = ALLOCATION
    interest_step: Decimal = RUPEE


@dataclass(frozen=True)
class Event:
    """Something that happened on a day. `reference` tells it from others of its kind."""

    on: date
    reference: str


@dataclass(frozen=True)
class Disbursed(Event):
    """The loan was paid out: `principal` is owed, of which fee and tax were kept back."""

    principal: Decimal
    fee: Decimal = ZERO
    gst: Decimal = ZERO


@dataclass(frozen=True)
class DisbursalReversed(Event):
    """The bank gave back the disbursal of the same reference: from then on it counts as never made."""


@dataclass(frozen=True)
class CooledOff(Event):
    """The loan was given back in the days of cooling-off: so much of fee and tax is returned, by owing less."""

    fee: Decimal
    gst: Decimal


@dataclass(frozen=True)
class PenalCharged(Event):
    """A penal charge. It bears no interest."""

    amount: Decimal


@dataclass(frozen=True)
class Paid(Event):
    """The customer paid."""

    amount: Decimal


# Events of one day count in this order, so the order in which they came does not matter.
_WITHIN_A_DAY = {kind: rank for rank, kind in enumerate((Disbursed, PenalCharged, CooledOff, Paid))}


def in_order(events: Iterable[Event], as_of: date) -> list[Event]:
    """Those that count at the end of `as_of`: by day, and within a day by kind."""
    known = [event for event in events if event.on <= as_of]
    gone = {event.reference for event in known if isinstance(event, DisbursalReversed)}
    counting = [
        event
        for event in known
        if type(event) in _WITHIN_A_DAY and not (isinstance(event, Disbursed) and event.reference in gone)
    ]
    return sorted(counting, key=lambda event: (event.on, _WITHIN_A_DAY[type(event)], event.reference))


@dataclass(frozen=True)
class LoanState:
    """A loan at the end of the day `as_of`: for each part what was charged and paid so far.

    `excess` is what was paid beyond what was owed; it belongs to the customer. `principal_charged` less
    `fee` and `gst` is what went to the customer.
    """

    as_of: date
    charged: dict[Part, Decimal]
    paid: dict[Part, Decimal]
    excess: Decimal
    received: Decimal
    fee: Decimal
    gst: Decimal
    days_past_due: int

    def outstanding(self, part: Part) -> Decimal:
        """What is left of one part."""
        return self.charged[part] - self.paid[part]

    @property
    def total(self) -> Decimal:
        """What closes the loan on that day."""
        return sum((self.outstanding(part) for part in Part), ZERO)


def replay(events: Iterable[Event], as_of: date, terms: Terms) -> LoanState:
    """The state at the end of `as_of`, from every event up to it."""
    run = _Run(terms)
    for event in in_order(events, as_of):
        run.accrue_to(event.on)
        run.take(event)
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
    exact_interest: Decimal = ZERO
    excess: Decimal = ZERO
    received: Decimal = ZERO
    fee: Decimal = ZERO
    gst: Decimal = ZERO
    accrued_to: date = date.min

    def left(self, part: Part) -> Decimal:
        return self.charged[part] - self.paid[part]

    def accrue_to(self, day: date) -> None:
        principal = self.left(Part.PRINCIPAL)
        if principal:
            days = (day - self.accrued_to).days
            self.exact_interest += interest(principal, self.terms.rate_percent_per_day, days)
            self.charged[Part.INTEREST] = charged(self.exact_interest, self.terms.interest_step)
        self.accrued_to = day

    def take(self, event: Event) -> None:
        match event:
            case Disbursed():
                self.charged[Part.PRINCIPAL] += event.principal
                self.fee += event.fee
                self.gst += event.gst
            case CooledOff():
                self.charged[Part.PRINCIPAL] -= event.fee + event.gst
                self.fee -= event.fee
                self.gst -= event.gst
            case PenalCharged():
                self.charged[Part.PENAL] += event.amount
            case Paid():
                self.pay(event.amount)

    def pay(self, amount: Decimal) -> None:
        self.received += amount
        for part in self.terms.allocation:
            settled = min(amount, self.left(part))
            self.paid[part] += settled
            amount -= settled
        self.excess += amount

    def state(self, as_of: date) -> LoanState:
        owing = any(self.left(part) for part in Part)
        return LoanState(
            as_of=as_of,
            charged={part: self.charged[part] for part in Part},
            paid={part: self.paid[part] for part in Part},
            excess=self.excess,
            received=self.received,
            fee=self.fee,
            gst=self.gst,
            days_past_due=max(0, (as_of - self.terms.due_date).days) if owing else 0,
        )
