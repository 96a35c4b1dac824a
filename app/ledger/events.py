"""What can happen to a loan: dated facts. `app.ledger.replay` says what follows from them.

An event is told from the others of its kind by its `reference`. What it says beside its day is its facts, which the
journal keeps as JSON (`facts_of`, `event_from`), so the events are read back as they were told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from app.core.money import ZERO


class Part(StrEnum):
    """What a debt is made of. CHARGE: what is charged beside interest and penal charges, with its tax."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    PENAL = "PENAL"
    CHARGE = "CHARGE"


class Kind(StrEnum):
    """What happened, in the order in which events of one day count: so the order in which they came does not matter."""

    DISBURSAL = "DISBURSAL"
    INTEREST = "INTEREST"
    PENAL_CHARGE = "PENAL_CHARGE"
    BOUNCE_CHARGE = "BOUNCE_CHARGE"
    FORECLOSURE_CHARGE = "FORECLOSURE_CHARGE"
    COOLING_OFF = "COOLING_OFF"
    WAIVER = "WAIVER"
    PAYMENT = "PAYMENT"
    FORECLOSURE = "FORECLOSURE"
    RECOVERY = "RECOVERY"
    SUSPENSE_IN = "SUSPENSE_IN"
    SUSPENSE_PLACED = "SUSPENSE_PLACED"
    SUSPENSE_OUT = "SUSPENSE_OUT"
    REFUND = "REFUND"
    SETTLEMENT = "SETTLEMENT"
    WRITE_OFF = "WRITE_OFF"
    NPA = "NPA"
    UPGRADE = "UPGRADE"
    DISBURSAL_REVERSAL = "DISBURSAL_REVERSAL"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True)
class Event:
    """Something that happened on a day: its value date, from which it settles. `since`: the day from which the books
    know it, where that is later, as that of what is booked anew when something was taken back."""

    kind: ClassVar[Kind]

    on: date
    reference: str
    since: date | None = field(default=None, kw_only=True)

    @property
    def known_on(self) -> date:
        """The first day at whose end it counts."""
        return self.since or self.on


@dataclass(frozen=True)
class Disbursed(Event):
    """The loan was paid out: `principal` is owed, of which fee and tax were kept back."""

    kind = Kind.DISBURSAL

    principal: Decimal
    fee: Decimal = ZERO
    gst: Decimal = ZERO


@dataclass(frozen=True)
class InterestAccrued(Event):
    """The interest up to this day is in the books. It changes nothing that is owed."""

    kind = Kind.INTEREST


@dataclass(frozen=True)
class Levied(Event):
    """A charge and the tax on it. It bears no interest."""

    part: ClassVar[Part] = Part.CHARGE

    amount: Decimal
    gst: Decimal = ZERO


@dataclass(frozen=True)
class PenalCharged(Levied):
    """A penal charge for being late."""

    kind = Kind.PENAL_CHARGE
    part = Part.PENAL


@dataclass(frozen=True)
class BounceCharged(Levied):
    """The bank returned a presentation of the mandate."""

    kind = Kind.BOUNCE_CHARGE


@dataclass(frozen=True)
class ForeclosureCharged(Levied):
    """What paying all of it early costs, where the agreement says so."""

    kind = Kind.FORECLOSURE_CHARGE


@dataclass(frozen=True)
class CooledOff(Event):
    """The loan was given back in the days of cooling-off: so much of fee and tax is returned, by owing less."""

    kind = Kind.COOLING_OFF

    fee: Decimal
    gst: Decimal


@dataclass(frozen=True)
class Waived(Event):
    """So much of one part is given up, at most what is owed of it; once it was written off, it is not asked for any
    more."""

    kind = Kind.WAIVER

    part: Part
    amount: Decimal


@dataclass(frozen=True)
class Paid(Event):
    """The customer paid. After a write-off it makes good what was written off; what is beyond all that is excess."""

    kind = Kind.PAYMENT

    amount: Decimal


@dataclass(frozen=True)
class Foreclosed(Paid):
    """The customer paid all of it before the due date."""

    kind = Kind.FORECLOSURE


@dataclass(frozen=True)
class Recovered(Paid):
    """Money came in on what was written off."""

    kind = Kind.RECOVERY


@dataclass(frozen=True)
class SuspenseIn(Event):
    """Money came in that settles nothing until somebody says what it is for."""

    kind = Kind.SUSPENSE_IN

    amount: Decimal


@dataclass(frozen=True)
class SuspensePlaced(Event):
    """So much of the excess is taken as a payment of this loan, at most what there is."""

    kind = Kind.SUSPENSE_PLACED

    amount: Decimal


@dataclass(frozen=True)
class SuspenseOut(Event):
    """So much of the excess belongs elsewhere: it is money of this loan no more."""

    kind = Kind.SUSPENSE_OUT

    amount: Decimal


@dataclass(frozen=True)
class Refunded(Event):
    """So much of the excess was paid back to the customer."""

    kind = Kind.REFUND

    amount: Decimal


@dataclass(frozen=True)
class Settled(Event):
    """What is left at the end of the day is given up, as agreed with the customer, also of what was written off."""

    kind = Kind.SETTLEMENT


@dataclass(frozen=True)
class WrittenOff(Event):
    """What is left at the end of the day is taken as lost. It may still be recovered."""

    kind = Kind.WRITE_OFF


@dataclass(frozen=True)
class TurnedBad(Event):
    """The loan is a non-performing asset at the end of the day: what is owed beside principal is no income until it is
    paid (RBI, IRAC norms: income recognition). It changes nothing that is owed."""

    kind = Kind.NPA


@dataclass(frozen=True)
class Upgraded(Event):
    """The loan is a standard asset again, since nothing of its borrower is in arrears."""

    kind = Kind.UPGRADE


@dataclass(frozen=True)
class DisbursalReversed(Event):
    """The bank gave back the disbursal of the same reference: from then on it counts as never made."""

    kind = Kind.DISBURSAL_REVERSAL

    @property
    def undoes(self) -> tuple[Kind, str]:
        """Kind and reference of the event that counts no more."""
        return Kind.DISBURSAL, self.reference


@dataclass(frozen=True)
class Reversed(Event):
    """The event of this kind and reference is taken back: from then on it counts as never made."""

    kind = Kind.REVERSAL

    of_kind: Kind
    of_reference: str

    @property
    def undoes(self) -> tuple[Kind, str]:
        """Kind and reference of the event that counts no more."""
        return self.of_kind, self.of_reference


REVERSALS = (DisbursalReversed, Reversed)
# What a loan is to the books: it moves nothing that is owed, so it is no line for people.
CLASSES = (TurnedBad, Upgraded)
# Money that came in for the loan, whatever it was taken as.
MONEY_IN = (Paid, SuspenseIn)


def kind_of_what(event: Event) -> Kind:
    """What it is, or what it takes back."""
    return event.of_kind if isinstance(event, Reversed) else event.kind


def known_since(day: date | None, event: Event) -> Event:
    """The event as one that the books know only since `day`, where that is after the day of its own."""
    return replace(event, since=day if day and day > event.on else None)


def rest_of(event: Paid | SuspenseIn, on: date, kept: Decimal, held: Decimal = ZERO) -> list[Event]:
    """What stays of money that was taken back in part `on` a day, until which it counted in full: `kept` of it anew. Of
    that `held` went back to the customer or elsewhere already, so it settles nothing."""
    reference = f"{event.reference}:rest"
    settles = replace(event, reference=reference, amount=kept - held)
    waits = SuspenseIn(event.on, f"{reference}:held", held)
    return [known_since(max(on, event.known_on), rest) for rest in (settles, waits) if rest.amount]


_CLASSES: dict[Kind, type[Event]] = {
    each.kind: each
    for each in (
        *(Disbursed, InterestAccrued, PenalCharged, BounceCharged, ForeclosureCharged, CooledOff, Waived),
        *(Paid, Foreclosed, Recovered, SuspenseIn, SuspensePlaced, SuspenseOut, Refunded),
        *(Settled, WrittenOff, TurnedBad, Upgraded, DisbursalReversed, Reversed),
    )
}


def facts_of(event: Event) -> dict[str, str]:
    """What the event says beside its days and reference, for JSON."""
    return {each.name: str(getattr(event, each.name)) for each in fields(event)[len(fields(Event)) :]}


def event_from(
    kind: Kind, on: date, reference: str, facts: Mapping[str, Any], since: date | None = None
) -> Event:
    """The event that `facts_of` was asked about."""
    made = _CLASSES[kind]
    types = {each.name: each.type for each in fields(made)}
    told = {name: types[name](value) for name, value in facts.items()}
    return made(on, reference, **told, since=since)
