"""The money of a loan that was paid out: payout, plan, payments, charges, and how it ended."""

from datetime import datetime, time, timedelta
from uuid import UUID

from app.core.clock import INDIA, business_day
from app.core.identity import Role
from app.ledger.events import Kind
from app.ledger.service import class_reference
from app.seed.book.applying import Application, Move
from app.seed.book.booking import book
from app.seed.book.conceding import concede
from app.seed.book.draw import Weighted
from app.seed.book.lives import Step

_METHODS = Weighted(("upi", 72), ("netbanking", 14), ("card", 9), ("emandate", 5))
_RAILS = Weighted(("IMPS", 85), ("NEFT", 15))
_ASKED_BY = Weighted((Role.CUSTOMER, 6), (Role.COLLECTION_EXECUTIVE, 3), (Role.SYSTEM, 1))


def repay(loan: Application) -> None:
    """What happens to a loan after its payout, and the steps that follow from it."""
    age = (business_day(loan.desk.now) - loan.credited_on).days
    at = loan.credited_at
    for step in loan.life.upto(age):
        at = max(at + timedelta(seconds=1), _at(loan, step))
        # what is of today may be later than now
        if at > loan.desk.now:
            break
        loan.lived.append((step, at))
    if loan.lived and not loan.lived[-1][0].left:
        loan.closed_at = at + timedelta(minutes=1)
    _follow(loan)


def write(loan: Application, account_id: str) -> None:
    """The rows of its money."""
    _pay_out(loan, f"{loan.loan_no}-D1", account_id)
    for number, (step, at) in enumerate(loan.lived):
        _WRITE.get(step.event.kind, concede)(loan, step, at, number)


def _at(loan: Application, step: Step) -> datetime:
    """Payments come and people decide at any time; the rest is done when a day is closed."""
    if step.event.kind is Kind.PENAL_CHARGE:
        return _midnight_after(loan, step.day - 1)
    if step.event.kind in (Kind.SETTLEMENT, Kind.NPA):
        return _midnight_after(loan, step.day)
    return loan.desk.draw.instant(loan.credited_on + timedelta(days=step.day))


def _pay_out(loan: Application, reference: str, account_id: str) -> None:
    desk, lived, at = loan.desk, loan.life, loan.credited_at
    payout_id = desk.id(at)
    desk.rows.add(
        "payout", payout_id, loan.id, 1, "SUCCESS", desk.brand.payouts_by, f"pout_{payout_id[18:]}", reference,
        lived.net, desk.draw.one_of(_RAILS), desk.draw.digits(12), at, account_id, at,
    )  # fmt: skip
    desk.rows.add(
        "repayment_timeline", desk.id(at), loan.id, 1,
        loan.credited_on + timedelta(days=lived.tenure_days), lived.amount, lived.repayment - lived.amount,
        loan.closed_at, at,
    )  # fmt: skip
    book(loan, lived.disbursal, reference, at)


def _payment(loan: Application, step: Step, at: datetime, number: int) -> None:
    desk = loan.desk
    asked_at = at - timedelta(minutes=desk.draw.randint(2, 90))
    request_id, provider = desk.id(asked_at), desk.brand.payments_by
    # payments of one day count in the order of these
    reference = f"pay_{loan.id[12:]}{number:02d}"
    asked_by = desk.draw.one_of(_ASKED_BY)
    asked = str(UUID(loan.person.id)) if asked_by is Role.CUSTOMER else desk.one_of(asked_by)
    desk.rows.add(
        "payment_request", request_id, loan.id, "SUCCESS", step.amount, provider, f"plink_{request_id[18:]}",
        request_id, asked, asked_at,
    )  # fmt: skip
    desk.rows.add(
        "payment_collection_transaction", desk.id(at), loan.id, request_id, provider, reference, step.amount,
        desk.draw.one_of(_METHODS), desk.draw.digits(12), at, business_day(at), "SUCCESS", at,
    )  # fmt: skip
    book(loan, step.entries, reference, at)


def _charge(loan: Application, step: Step, at: datetime, number: int) -> None:
    book(loan, step.entries, f"penal-{loan.id[12:]}{number:02d}", at)


def _turn_bad(loan: Application, step: Step, at: datetime, number: int) -> None:
    on = loan.credited_on + timedelta(days=step.day)
    book(loan, step.entries, class_reference(Kind.NPA, loan.loan_no, on), at)


_WRITE = {Kind.PAYMENT: _payment, Kind.PENAL_CHARGE: _charge, Kind.NPA: _turn_bad}


# the state in which a loan ends without being paid in full, and who sees to it
_ENDS = {
    Kind.SETTLEMENT: ("SETTLED", Role.SYSTEM),
    Kind.WRITE_OFF: ("WRITE_OFF", Role.COLLECTION_HEAD),
}


def _follow(loan: Application) -> None:
    """The steps of the loan's state: partly paid, overdue the day after it was due, paid and completed, or given up."""
    overdue_at, state = _midnight_after(loan, loan.life.tenure_days), "ACTIVE"
    for step, at in [*loan.lived, (None, loan.desk.now)]:
        if state != "OVERDUE" and overdue_at <= at:
            state, loan.overdue_at = "OVERDUE", loan.overdue_at or overdue_at
            _move(loan, overdue_at, state)
        if step is None:
            return
        if step.event.kind in _ENDS:
            loan.closed_at = at
            _move(loan, at, *_ENDS[step.event.kind])
            return
        if not step.left:
            _move(loan, at, "PAID")
            _move(loan, loan.closed_at, "COMPLETED")
            return
        if step.event.kind is not Kind.PAYMENT:
            continue
        if state != "PARTIALLY_PAID":
            state = "PARTIALLY_PAID"
            _move(loan, at, state)
        overdue_at = max(overdue_at, _midnight_after(loan, step.day))


def _move(loan: Application, at: datetime, state: str, role: Role = Role.SYSTEM) -> None:
    loan.moves.append(Move(at, state, role, "system" if role is Role.SYSTEM else loan.desk.one_of(role)))


def _midnight_after(loan: Application, day: int) -> datetime:
    """Half past midnight in India after a day of the loan's life, when the day is closed."""
    return datetime.combine(loan.credited_on + timedelta(days=day + 1), time(0, 30), INDIA)
