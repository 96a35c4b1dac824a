"""The ledger: what was booked and what is owed. `outstanding_as_of` alone says what is owed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import audit, clock
from app.core.errors import Conflict, Invalid
from app.core.money import ZERO, charged
from app.ledger import journal, late, lines, plan
from app.ledger.events import (
    MONEY_IN,
    BounceCharged,
    CooledOff,
    DisbursalReversed,
    Disbursed,
    Event,
    Foreclosed,
    ForeclosureCharged,
    InterestAccrued,
    Kind,
    Paid,
    Part,
    PenalCharged,
    Recovered,
    Refunded,
    Reversed,
    Settled,
    SuspenseIn,
    SuspenseOut,
    SuspensePlaced,
    TurnedBad,
    Upgraded,
    Waived,
    WrittenOff,
    known_since,
    rest_of,
)
from app.ledger.postings import Account, Entry, Position, entries_for, event_of, less, position, total
from app.ledger.replay import LoanState, Terms, in_order, interest, replay
from app.loans import costs
from app.loans import service as loans
from app.loans.service import Loan

# What of a loan is levied, by the kind of its entry.
LEVIES = {each.kind: each for each in (PenalCharged, BounceCharged, ForeclosureCharged)}
# What is not taken back by itself: a disbursal has a reversal of its own, interest follows from the rest.
_NOT_REVERSED = (Kind.DISBURSAL, Kind.INTEREST, Kind.DISBURSAL_REVERSAL, Kind.REVERSAL)


class BooksDiffer(Exception):
    """The journal does not add up: nothing in the service can make that happen, so somebody has to look."""


@dataclass(frozen=True)
class Outstanding:
    """What is owed at the end of a day. `total` closes the loan; `excess` belongs to the customer; `lost` was written
    off, and is neither recovered nor given up."""

    loan_id: UUID
    as_of: date
    due_date: date | None
    principal: Decimal
    interest: Decimal
    penal: Decimal
    charges: Decimal
    total: Decimal
    excess: Decimal
    lost: Decimal
    days_past_due: int

    @property
    def payable(self) -> Decimal:
        """What may be paid: what is owed, and what was lost, which is recovered."""
        return self.total + max(self.lost, ZERO)


def outstanding_as_of(loan_id: UUID | str, as_of: date) -> Outstanding:
    """What the loan owes at the end of `as_of`, from the journal alone; nothing before the disbursal."""
    return _outstanding(loans.get(loan_id), as_of)


def outstanding_in_hindsight(loan_id: UUID | str, as_of: date) -> Outstanding:
    """What the loan owed at the end of `as_of` but for what was taken back since: whether a day's money was enough."""
    loan = loans.get(loan_id)
    stands = [replace(event, since=None) for event in in_order(_events(loan.id), date.max)]
    return _told(loan, replay(stands, as_of, _terms(loan)))


def claimed_as_of(loan_id: UUID | str, as_of: date) -> dict[Part, Decimal]:
    """What may be asked for at the end of `as_of`, by part: what is owed, and what was written off and is lost still.
    What came back of it, or was given up, is of the parts in the loan's order."""
    loan = loans.get(loan_id)
    terms = _terms(loan)
    state = replay(_events(loan.id), as_of, terms)
    gone, claimed = state.recovered + state.forgone, {}
    for part in terms.allocation:
        back = min(gone, state.written_off[part])
        claimed[part], gone = state.outstanding(part) + state.written_off[part] - back, gone - back
    return claimed


def events_of(loan_id: UUID | str) -> list[Event]:
    """What happened to the loan, reversed events and their reversals included, by business day."""
    return _events(loans.get(loan_id).id)


def _outstanding(loan: Loan, as_of: date) -> Outstanding:
    events = _events(loan.id)
    if not events:
        return Outstanding(loan.id, as_of, loan.due_date, *[ZERO] * 7, 0)
    return _told(loan, replay(events, as_of, _terms(loan)))


def _told(loan: Loan, state: LoanState) -> Outstanding:
    return Outstanding(
        loan_id=loan.id,
        as_of=state.as_of,
        due_date=loan.due_date,
        principal=state.outstanding(Part.PRINCIPAL),
        interest=state.outstanding(Part.INTEREST),
        penal=state.outstanding(Part.PENAL),
        charges=state.outstanding(Part.CHARGE),
        total=state.total,
        excess=state.excess,
        lost=state.lost,
        days_past_due=state.days_past_due,
    )


def _events(loan_id: UUID) -> list[Event]:
    return _read(journal.of_loan(loan_id))


def _read(booked: list[Entry]) -> list[Event]:
    return [event_of(entry) for entry in booked]


def _terms(loan: Loan) -> Terms:
    return Terms(loan.roi_percent_per_day, loan.due_date, tuple(map(Part, loan.payment_order)))


def repayment(principal: Decimal, rate_percent_per_day: Decimal, days: int) -> Decimal:
    """What a bullet loan costs to repay after `days`: principal and interest in whole rupees."""
    return principal + charged(interest(principal, rate_percent_per_day, days))


def post_disbursal(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that the loan was credited to the customer on `on`, and make its plan of repayments.

    Booking the same reference again changes nothing. Raises Conflict if the loan is paid out already.
    """
    loan = loan.locked()
    counting = in_order(_events(loan.id), date.max)
    if any(isinstance(event, Disbursed) and event.reference != reference for event in counting):
        raise Conflict("This loan is paid out already.", code="ALREADY_DISBURSED")
    costs.keep(loan)
    days = (loan.due_date - on).days
    plan.make(loan, repayment(loan.sanctioned_amount, loan.roi_percent_per_day, days))
    return _post(loan, Disbursed(on, reference, loan.sanctioned_amount, loan.processing_fee, loan.gst_amount))


def reverse_disbursal(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that the bank gave the disbursal `reference` back: nothing is owed any more."""
    return _post(loan, DisbursalReversed(on, reference))


def post_cooling_off(loan: Loan, on: date, reference: str, fee: Decimal, gst: Decimal) -> Outstanding:
    """Book that the loan was given back on `on`: so much of the fee and its tax is returned, by owing less."""
    return _post(loan, CooledOff(on, reference, fee, gst))


def post_payment(
    loan: Loan, amount: Decimal, received_on: date, reference: str, *, foreclosure: bool = False
) -> Outstanding:
    """Book money that came in on `received_on`, and say what is left today.

    It counts from its day however late it is booked. On a loan that was written off it is a recovery. What is beyond
    the debt becomes excess, also on a closed loan. Booking the same reference again, as whatever, changes nothing.
    """
    loan = loan.locked()
    booked = _events(loan.id)
    if _known_money(booked, reference):
        return _outstanding(loan, clock.today())
    lost = booked and replay(booked, received_on, _terms(loan)).lost
    kind = Recovered if lost else Foreclosed if foreclosure else Paid
    return _post(loan, kind(received_on, reference, amount))


def _known_money(booked: list[Event], reference: str) -> bool:
    return any(isinstance(event, MONEY_IN) and event.reference == reference for event in booked)


def charge(
    loan: Loan, kind: Kind, amount: Decimal, on: date, reference: str, *, gst: Decimal = ZERO
) -> Outstanding:
    """Book a charge of `kind` (PENAL_CHARGE, BOUNCE_CHARGE, FORECLOSURE_CHARGE), in rupees, and `gst` on it.

    The reference (a loan's number and the day, or the presentation's id) makes it happen once. Raises Invalid for an
    amount that is not above zero. Says what is left today, as all of these do.
    """
    _refuse_nothing(amount)
    return _post(loan, LEVIES[kind](on, reference, amount, gst))


def waive(loan: Loan, part: Part, amount: Decimal, on: date, reference: str) -> Outstanding:
    """Book that so much of one part (PRINCIPAL, INTEREST, PENAL, CHARGE) is given up on `on`.

    Raises Invalid for more than is owed of it on that day or lost. Who may give up how much is not looked at here.
    """
    _refuse_nothing(amount)
    loan = loan.locked()
    if not _is_booked(loan, Kind.WAIVER, reference):
        state = replay(_events(loan.id), on, _terms(loan))
        owed = state.outstanding(part) + state.lost
        if amount > owed:
            raise Invalid(f"At most {owed} of {part} is owed.", field="amount", code="MORE_THAN_OUTSTANDING")
    return _post(loan, Waived(on, reference, part, amount))


def settle(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that what is left at the end of `on` is given up by settlement: book the payment agreed on before it.

    A payment that is told later and counts before that day makes the amount given up smaller.
    """
    return _post(loan, Settled(on, reference))


def write_off(loan: Loan, on: date, reference: str) -> Outstanding:
    """Book that what is left at the end of `on` is lost. Interest ends; what is paid from then on is a recovery."""
    return _post(loan, WrittenOff(on, reference))


def classify(loan: Loan, on: date, *, bad: bool) -> None:
    """Book that the loan is an NPA, or a standard asset again, at the end of `on`. Said twice it changes nothing, and
    what was said otherwise of that day is taken back."""
    loan = loan.locked()
    now, before = (TurnedBad, Upgraded) if bad else (Upgraded, TurnedBad)
    for said in in_order(_events(loan.id), on):
        if isinstance(said, before) and said.on == on:
            _post(loan, Reversed(on, f"{said.reference}:undone", before.kind, said.reference))
    booked = _events(loan.id)
    if replay(booked, on, _terms(loan)).npa is not bad:
        times = sum(isinstance(event, now) and event.on == on for event in booked)
        _post(loan, now(on, class_reference(now.kind, loan.loan_no, on) + f":{times + 1}" * bool(times)))


def class_reference(kind: Kind, loan_no: str, on: date) -> str:
    """What the journal calls the class that a loan takes on a day."""
    return f"{loan_no}:{kind.lower()}:{on}"


def accrue(loan: Loan, upto: date) -> None:
    """Book the interest up to `upto`. Doing it twice, or after a later day, books nothing."""
    reference = f"{loan.loan_no}:{upto.isoformat()}"
    loan = loan.locked()
    if not _is_booked(loan, Kind.INTEREST, reference):
        _write(loan, _events(loan.id), InterestAccrued(upto, reference))


def hold(
    loan: Loan, amount: Decimal, received_on: date, reference: str, *, since: date | None = None
) -> Outstanding:
    """Book money of the loan's customer that settles nothing until it is placed, moved elsewhere or refunded. `since`:
    the day from which it does, where it was something else before."""
    return _post(loan, known_since(since, SuspenseIn(received_on, reference, amount)))


def place(loan: Loan, amount: Decimal, on: date, reference: str, *, since: date | None = None) -> Outstanding:
    """Book so much of the loan's excess as a payment of `on`, known `since` a day. Raises Conflict for more than there
    is."""
    return _spend(loan, known_since(since, SuspensePlaced(on, reference, amount)))


def move_out(loan: Loan, amount: Decimal, on: date, reference: str) -> Outstanding:
    """Book so much of the loan's excess as money that belongs elsewhere. Raises Conflict for more than there is."""
    return _spend(loan, SuspenseOut(on, reference, amount))


def refund(loan: Loan, amount: Decimal, on: date, reference: str) -> Outstanding:
    """Book so much of the loan's excess as paid back. Raises Conflict for more than there is."""
    return _spend(loan, Refunded(on, reference, amount))


def reverse(
    loan: Loan, kind: Kind, of_reference: str, on: date, reference: str, *, kept: Decimal = ZERO
) -> Outstanding:
    """Take back the event of `kind` with `of_reference`: from `on` it counts as never made, but for `kept` of its
    amount, which is booked anew with its value date, and counts from `on` as well. Nothing booked is changed.

    Raises Conflict where there is no such event, where it is of a kind that is not taken back this way, and where its
    money went back or elsewhere in the meantime.
    """
    loan = loan.locked()
    event = Reversed(on, reference, kind, of_reference)
    if _is_booked(loan, Kind.REVERSAL, reference):
        return _outstanding(loan, clock.today())
    booked = _events(loan.id)
    counting = {(known.kind, known.reference): known for known in in_order(booked, date.max)}
    if kind in _NOT_REVERSED or event.undoes not in counting:
        raise Conflict("There is no such entry to reverse.", code="NOTHING_TO_REVERSE")
    upto = max(on, clock.today())
    gone = max(ZERO, -replay([*booked, event], upto, _terms(loan)).excess)
    rest = rest_of(counting[event.undoes], on, kept, min(kept, gone)) if kept else []
    if replay([*booked, event, *rest], upto, _terms(loan)).excess < 0:
        raise Conflict("The money was paid back or moved already.", code="EXCESS_GONE")
    for each in (event, *rest):
        left = _post(loan, each)
    return left


def _refuse_nothing(amount: Decimal) -> None:
    if amount <= 0:
        raise Invalid("Must be above zero.", field="amount", code="NOT_POSITIVE")


def _spend(loan: Loan, event: SuspensePlaced | SuspenseOut | Refunded) -> Outstanding:
    _refuse_nothing(event.amount)
    loan = loan.locked()
    if not _is_booked(loan, event.kind, event.reference):
        excess = _outstanding(loan, max(event.on, clock.today())).excess
        if event.amount > excess:
            raise Conflict(f"The excess is {excess}.", code="MORE_THAN_EXCESS")
    return _post(loan, event)


def _is_booked(loan: Loan, kind: Kind, reference: str) -> bool:
    return journal.has(loan.id, kind, reference)


def _post(loan: Loan, event: Event) -> Outstanding:
    # the lock makes bookings of one loan follow each other, so each sees all that were before it
    loan = loan.locked()
    if not _is_booked(loan, event.kind, event.reference):
        _write(loan, _events(loan.id), event)
        audit.record(f"ledger.{event.kind.lower()}", "loan", loan.id, after={"reference": event.reference})
    left = _outstanding(loan, clock.today())
    loans.set_outstanding(loan.id, left.total, left.lost)
    # what was lost was not paid, nor what was never paid out
    is_paid = not (left.total or left.lost) and event.kind is not Kind.DISBURSAL_REVERSAL
    plan.mark_paid(loan, clock.now() if is_paid else None)
    return left


def _write(loan: Loan, booked: list[Event], event: Event) -> None:
    journal.write(loan.id, entries_for(booked, event, _terms(loan)))
    late.notice(loan.id, event)


def trial_balance() -> dict[Account, Decimal]:
    """The balance of every account of this brand, debit positive. The sum is zero at all times."""
    return journal.balances()


def received(loan_id: UUID | str) -> Decimal:
    """All that was paid on a loan, what was beyond the debt included."""
    events = in_order(_events(loans.get(loan_id).id), date.max)
    return sum((event.amount for event in events if isinstance(event, MONEY_IN)), ZERO)


def repaid_on(loan_id: UUID | str, on: date) -> date:
    """Of a loan that owes nothing at the end of `on`: the day on which the last of it was paid or given up, whenever
    that was told, and whatever was paid beyond it later."""
    settling = Paid, SuspensePlaced, Waived, CooledOff
    counting = in_order(events_of(loan_id), on)
    days = sorted({event.on for event in counting if isinstance(event, settling)}, reverse=True)
    before = ((day, outstanding_in_hindsight(loan_id, day - timedelta(days=1))) for day in days)
    owed_before = (day for day, owed in before if owed.total)
    return next(owed_before, days[-1] if days else on)


def statement(loan_id: UUID | str) -> dict[str, Any]:
    """The loan's ledger, its plan of repayments, and what it owes today."""
    return {
        "entries": lines.of_loan(loan_id),
        "timeline": plan.of_loan(loan_id),
        "outstanding": outstanding_as_of(loan_id, clock.today()),
    }


def differences(loan_id: UUID | str) -> Position:
    """Where the lines of the journal do not come to what its events come to: nowhere, or something is wrong."""
    loan = loans.get(loan_id)
    booked = journal.of_loan(loan.id)
    last = max((entry.on for entry in booked), default=clock.today())
    return less(total(booked), position(replay(_read(booked), last, _terms(loan))))


def check_since(instant: datetime) -> None:
    """Prove every loan on which something was booked since `instant`. Raises BooksDiffer naming those that fail."""
    wrong = [str(loan_id) for loan_id in journal.loans_since(instant) if differences(loan_id)]
    if wrong or sum(trial_balance().values()):
        raise BooksDiffer(f"the books differ: {', '.join(wrong) or 'trial balance'}")
