"""Double entry: how an event changes the books.

A state of a loan is a position: a signed amount on each account (debit positive), which sums to zero by what
the state is. The entries of an event are the difference between the position without it and the position with
it. So they balance, and a payment that comes in late corrects what was booked after its day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.core.money import ZERO
from app.ledger.events import Event, InterestAccrued, Kind, Part, event_from, facts_of
from app.ledger.replay import LoanState, Terms, replay


class Account(StrEnum):
    """The chart of accounts. SUSPENSE: money of which nobody knows yet whose it is; EXCESS_PAYABLE: what customers
    paid beyond their debts, to be placed or refunded. INTEREST_SUSPENSE and the like: what an NPA owes and is no income
    until it is paid."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST_RECEIVABLE = "INTEREST_RECEIVABLE"
    PENAL_RECEIVABLE = "PENAL_RECEIVABLE"
    CHARGES_RECEIVABLE = "CHARGES_RECEIVABLE"
    BANK = "BANK"
    COLLECTION = "COLLECTION"
    INTEREST_INCOME = "INTEREST_INCOME"
    PENAL_INCOME = "PENAL_INCOME"
    CHARGES_INCOME = "CHARGES_INCOME"
    INTEREST_SUSPENSE = "INTEREST_SUSPENSE"
    PENAL_SUSPENSE = "PENAL_SUSPENSE"
    CHARGES_SUSPENSE = "CHARGES_SUSPENSE"
    FEE_INCOME = "FEE_INCOME"
    RECOVERY_INCOME = "RECOVERY_INCOME"
    GST_PAYABLE = "GST_PAYABLE"
    WAIVER = "WAIVER"
    WRITE_OFF = "WRITE_OFF"
    EXCESS_PAYABLE = "EXCESS_PAYABLE"
    SUSPENSE = "SUSPENSE"


# What the customer owes us: these together are the outstanding of a loan.
OWED = {
    Part.PRINCIPAL: Account.PRINCIPAL,
    Part.INTEREST: Account.INTEREST_RECEIVABLE,
    Part.PENAL: Account.PENAL_RECEIVABLE,
    Part.CHARGE: Account.CHARGES_RECEIVABLE,
}

# Where what is charged is earned, and where it waits while the loan is an NPA.
EARNED = {
    Part.INTEREST: Account.INTEREST_INCOME,
    Part.PENAL: Account.PENAL_INCOME,
    Part.CHARGE: Account.CHARGES_INCOME,
}
SUSPENDED = {
    Part.INTEREST: Account.INTEREST_SUSPENSE,
    Part.PENAL: Account.PENAL_SUSPENSE,
    Part.CHARGE: Account.CHARGES_SUSPENSE,
}

Position = dict[Account, Decimal]


@dataclass(frozen=True)
class Entry:
    """One balanced entry of the journal, in the books of the day `on`; `value_date` is from when it settles, where that
    is earlier. `amounts`: debit positive, credit negative, no zeros; `facts`: what the event said."""

    kind: Kind
    on: date
    reference: str
    amounts: Position
    facts: Mapping[str, str] = field(default_factory=dict)
    value_date: date | None = None


def event_of(entry: Entry) -> Event:
    """The event that made an entry, read back from it."""
    days = (entry.value_date, entry.on) if entry.value_date else (entry.on, None)
    return event_from(entry.kind, days[0], entry.reference, entry.facts, since=days[1])


def position(state: LoanState) -> Position:
    """A loan's state as balances of accounts. They sum to zero."""
    owed = {account: state.outstanding(part) for part, account in OWED.items()}
    suspended = {account: -state.suspended[part] for part, account in SUSPENDED.items()}
    earned = {account: -_earned(state, part) for part, account in EARNED.items()}
    waived_unearned = sum(state.waived_unearned.values(), ZERO)
    lost_unearned = sum(state.written_off_unearned.values(), ZERO)
    return (
        owed
        | earned
        | suspended
        | {
            Account.BANK: state.fee + state.gst - state.charged[Part.PRINCIPAL] - state.refunded,
            Account.COLLECTION: state.received - state.moved_out,
            Account.FEE_INCOME: -state.fee,
            Account.RECOVERY_INCOME: -state.recovered,
            Account.GST_PAYABLE: -state.gst - sum(state.gst_levied.values(), ZERO),
            Account.WAIVER: sum(state.waived.values(), ZERO) - waived_unearned,
            Account.WRITE_OFF: sum(state.written_off.values(), ZERO) - lost_unearned,
            Account.EXCESS_PAYABLE: -state.excess,
        }
    )


def _earned(state: LoanState, part: Part) -> Decimal:
    """What was charged of a part, but for its tax and for what is not earned while, or since, the loan was an NPA."""
    unearned = state.suspended[part] + state.waived_unearned[part] + state.written_off_unearned[part]
    return state.charged[part] - state.gst_levied[part] - unearned


def entries_for(booked: Sequence[Event], event: Event, terms: Terms) -> list[Entry]:
    """What to add to the journal of a loan whose `booked` events are in it, so that `event` is in it too.

    Interest comes as an entry of its own, up to the last day of the books, before the event's. An event that moves
    nothing is written as well: it may once other events are told.
    """
    upto = max(e.known_on for e in (*booked, event))
    before = replay(booked, max((e.known_on for e in booked), default=upto), terms)
    after = replay([*booked, event], upto, terms)
    change = less(position(after), position(before))
    accrued = after.charged[Part.INTEREST] - before.charged[Part.INTEREST]
    earned = (SUSPENDED if before.npa else EARNED)[Part.INTEREST]
    interest = _without_zeros({Account.INTEREST_RECEIVABLE: accrued, earned: -accrued})
    if isinstance(event, InterestAccrued):
        return [Entry(event.kind, upto, event.reference, interest)] if interest else []
    told = Entry(
        event.kind,
        event.known_on,
        event.reference,
        less(change, interest),
        facts_of(event),
        event.on if event.since else None,
    )
    accrual = Entry(Kind.INTEREST, upto, f"{event.kind}:{event.reference}", interest)
    return [accrual, told] if interest else [told]


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
