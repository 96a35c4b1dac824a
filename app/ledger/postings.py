"""Double entry: how an event changes the books.

A state of a loan is a position: a signed amount on each account (debit positive), which sums to zero by what
the state is. The entries of an event are the difference between the position without it and the position with
it. So they balance, and a payment that comes in late corrects what was booked after its day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.core.money import ZERO
from app.ledger.replay import (
    CooledOff,
    DisbursalReversed,
    Disbursed,
    Event,
    LoanState,
    Paid,
    Part,
    PenalCharged,
    Terms,
    replay,
)


class Account(StrEnum):
    """The chart of accounts."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST_RECEIVABLE = "INTEREST_RECEIVABLE"
    PENAL_RECEIVABLE = "PENAL_RECEIVABLE"
    BANK = "BANK"
    COLLECTION = "COLLECTION"
    INTEREST_INCOME = "INTEREST_INCOME"
    PENAL_INCOME = "PENAL_INCOME"
    FEE_INCOME = "FEE_INCOME"
    GST_PAYABLE = "GST_PAYABLE"
    EXCESS_PAYABLE = "EXCESS_PAYABLE"


# What the customer owes us: these together are the outstanding of a loan.
OWED = (Account.PRINCIPAL, Account.INTEREST_RECEIVABLE, Account.PENAL_RECEIVABLE)

Position = dict[Account, Decimal]


class Kind(StrEnum):
    """What an entry in the journal tells of."""

    DISBURSAL = "DISBURSAL"
    DISBURSAL_REVERSAL = "DISBURSAL_REVERSAL"
    INTEREST = "INTEREST"
    COOLING_OFF = "COOLING_OFF"
    PENAL_CHARGE = "PENAL_CHARGE"
    PAYMENT = "PAYMENT"


@dataclass(frozen=True)
class Entry:
    """One balanced entry of the journal. `amounts`: debit positive, credit negative, no zeros."""

    kind: Kind
    on: date
    reference: str
    amounts: Position


# What kind of entry an event makes.
KIND_OF: dict[type[Event], Kind] = {
    Disbursed: Kind.DISBURSAL,
    DisbursalReversed: Kind.DISBURSAL_REVERSAL,
    CooledOff: Kind.COOLING_OFF,
    PenalCharged: Kind.PENAL_CHARGE,
    Paid: Kind.PAYMENT,
}


def event_of(entry: Entry) -> Event | None:
    """The event that made an entry, read back from it; None for interest, which follows from the events."""
    amounts = {account: abs(amount) for account, amount in entry.amounts.items()}
    match entry.kind:
        case Kind.DISBURSAL:
            fee, gst = amounts.get(Account.FEE_INCOME, ZERO), amounts.get(Account.GST_PAYABLE, ZERO)
            return Disbursed(entry.on, entry.reference, amounts.get(Account.BANK, ZERO) + fee + gst, fee, gst)
        case Kind.DISBURSAL_REVERSAL:
            return DisbursalReversed(entry.on, entry.reference)
        case Kind.COOLING_OFF:
            fee, gst = amounts.get(Account.FEE_INCOME, ZERO), amounts.get(Account.GST_PAYABLE, ZERO)
            return CooledOff(entry.on, entry.reference, fee, gst)
        case Kind.PENAL_CHARGE:
            return PenalCharged(entry.on, entry.reference, amounts[Account.PENAL_INCOME])
        case Kind.PAYMENT:
            return Paid(entry.on, entry.reference, amounts[Account.COLLECTION])
    return None


def position(state: LoanState) -> Position:
    """A loan's state as balances of accounts. They sum to zero."""
    principal = state.charged[Part.PRINCIPAL]
    return {
        Account.PRINCIPAL: state.outstanding(Part.PRINCIPAL),
        Account.INTEREST_RECEIVABLE: state.outstanding(Part.INTEREST),
        Account.PENAL_RECEIVABLE: state.outstanding(Part.PENAL),
        Account.BANK: state.fee + state.gst - principal,
        Account.COLLECTION: state.received,
        Account.INTEREST_INCOME: -state.charged[Part.INTEREST],
        Account.PENAL_INCOME: -state.charged[Part.PENAL],
        Account.FEE_INCOME: -state.fee,
        Account.GST_PAYABLE: -state.gst,
        Account.EXCESS_PAYABLE: -state.excess,
    }


def entries_for(booked: Sequence[Event], event: Event, terms: Terms) -> list[Entry]:
    """What to add to the journal of a loan whose `booked` events are in it, so that `event` is in it too.

    Interest comes as an entry of its own, up to the last event's day, before the event's.
    """
    upto = max(e.on for e in (*booked, event))
    before = replay(booked, max((e.on for e in booked), default=upto), terms)
    after = replay([*booked, event], upto, terms)
    change = less(position(after), position(before))
    accrued = -change.get(Account.INTEREST_INCOME, ZERO)
    interest = {Account.INTEREST_RECEIVABLE: accrued, Account.INTEREST_INCOME: -accrued}
    return [
        entry
        for entry in (
            Entry(Kind.INTEREST, upto, event.reference, _without_zeros(interest)),
            Entry(KIND_OF[type(event)], event.on, event.reference, less(change, interest)),
        )
        if entry.amounts
    ]


def total(entries: Iterable[Entry]) -> Position:
    """The balances that the entries come to."""
    balances: Position = {}
    for entry in entries:
        for account, amount in entry.amounts.items():
            balances[account] = balances.get(account, ZERO) + amount
    return _without_zeros(balances)


def less(one: Position, other: Position) -> Position:
    """`one` without `other`, account by account; what is equal is left out."""
    return _without_zeros({a: one.get(a, ZERO) - other.get(a, ZERO) for a in (*one, *other)})


def _without_zeros(amounts: Position) -> Position:
    return {account: amount for account, amount in amounts.items() if amount}
