"""Money that waits in suspense: found, placed on a loan, or given back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import clock, identity
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.money import ZERO
from app.ledger import service as ledger
from app.ledger import suspense as books
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.payments import booking
from app.payments.booking import Received
from app.payments.models import SuspenseItem
from app.payments.states import OPEN, PLACED, PROPOSED, REFUNDING, REVERSED, SUSPENSE

SORTABLE = {
    "createdAt": SuspenseItem.created_at,
    "receivedOn": SuspenseItem.received_on,
    "amount": SuspenseItem.amount,
}
# The provider of what was moved here from another loan.
MOVED = "suspense"
# What was paid for nothing else before: placed on its own loan it counts from the day on which it came in.
_FROM_ITS_DAY = (booking.MISPOSTED, booking.TOLD_TWICE)


def search(status: str | None = None, kind: str | None = None) -> ModelSelect:
    """What is or was in suspense."""
    return SuspenseItem.asked(status=status, kind=kind)


def take_in(came: Received) -> SuspenseItem:
    """Keep money that no request of ours asked for. The same payment is kept once."""
    item = _known(came)
    if item is None:
        item = booking.keep(came, booking.UNKNOWN, came.amount)
        books.take_in(came.amount, came.received_on, str(item.id))
    return item


def _known(came: Received) -> SuspenseItem | None:
    return next(iter(of_nobody(came.provider, came.payment_id)), None)


def of_nobody(provider: str, payment_id: str) -> list[SuspenseItem]:
    """The parts of a payment that came for nobody known, whatever became of each."""
    same = SuspenseItem.provider == provider, SuspenseItem.provider_payment_id == payment_id
    parts = SuspenseItem.select().where(*same, SuspenseItem.loan_id.is_null())
    return list(parts.order_by(SuspenseItem.id))


def claimed(came: Received, loan: Loan, *, is_told_by_hand: bool) -> bool:
    """Whether the payment waited here for nobody known; what of it is there is placed on its loan now, if that owes
    anything. What counts by hand already waits on, until a person has looked."""
    parts = of_nobody(came.provider, came.payment_id)
    for item in parts:
        may = item.status == OPEN and not is_told_by_hand
        if may and ledger.outstanding_as_of(loan.id, clock.today()).payable:
            place(
                item.id, loan.id, "The request that it was paid on is known now.", request_id=came.request_id
            )
    return bool(parts)


def locked(item_id: UUID | str, *loan_ids: UUID | str | None) -> SuspenseItem:
    """The item under its lock, its loan and these before it: the loans in the order of their ids, whoever moves money
    in the other direction. Whoever hears of its payment meanwhile waits."""
    item = SuspenseItem.find(item_id)
    booking.one_at_a_time(item.provider, item.provider_payment_id)
    for each in sorted({UUID(str(loan_id)) for loan_id in (item.loan_id, *loan_ids) if loan_id}):
        loans.get(each).locked()
    return item.locked()


def refuse_decided(item: SuspenseItem) -> None:
    """Raises Conflict where it does not wait any more."""
    if item.status not in (OPEN, PROPOSED):
        raise Conflict(f"It is {item.status}.", code="NOT_IN_SUSPENSE")


def owing(loan_id: UUID | str) -> Loan:
    """A loan on which money can be placed. Raises Conflict where nothing is outstanding on it."""
    loan = loans.get(loan_id)
    if not ledger.outstanding_as_of(loan.id, clock.today()).payable:
        raise Conflict("Nothing is outstanding on this loan.", code="NOTHING_OUTSTANDING")
    return loan


def only(item: SuspenseItem, amount: Decimal | None) -> None:
    """Cut it down to `amount`, of which something is done; the rest of the same payment waits on. Raises Conflict for
    more than waits."""
    if amount is None or amount == item.amount:
        return
    if amount > item.amount:
        raise Conflict(f"Only {item.amount} of it waits.", code="MORE_THAN_WAITS")
    came = replace(_received(item), amount=item.payment_amount)
    booking.keep(came, item.kind, item.amount - amount, item.loan_id, item.id)
    item.change(amount=amount)


def place(
    item_id: UUID | str,
    loan_id: UUID | str,
    remark: str,
    amount: Decimal | None = None,
    *,
    request_id: UUID | None = None,
) -> SuspenseItem:
    """Use what waits, or `amount` of it, as a payment of a loan: its own or another one. It counts from the day on
    which it came in, or from today where it was rightly paid for something else before. `request_id`: what it was paid
    on, if that is known.

    Raises Conflict where it waits no more or is less, or the loan has nothing outstanding.
    """
    item = locked(item_id, loan_id)
    refuse_decided(item)
    target = owing(loan_id)
    only(item, amount)
    SUSPENSE.move(item, PLACED, remark=remark, placed_on_loan_id=target.id, **decision(remark))
    booking.release(item.provider, item.provider_payment_id)
    # an item may be placed more than once, if what it was placed as was taken back in between
    use = f"{item.id}:{new_id()}"
    if item.loan_id == target.id:
        left = _use(item, target, use)
    elif item.loan_id:
        left = _move(item, target, use)
    else:
        books.hand_over(item.amount, item.received_on, str(item.id))
        left = booking.book(target, replace(_as_payment(item, use), request_id=request_id))
    booking.conclude(target, item.amount, left)
    return item


def _use(item: SuspenseItem, target: Loan, use: str) -> Outstanding:
    """As much of it as its own loan owes; the rest of the same payment waits on."""
    used = min(item.amount, ledger.outstanding_as_of(target.id, clock.today()).payable)
    only(item, used)
    on = item.received_on if item.kind in _FROM_ITS_DAY else clock.today()
    left = ledger.place(target, used, on, use, since=clock.today())
    # the interest of the days in between is not owed any more
    fit(target, left)
    return left


def _move(item: SuspenseItem, target: Loan, use: str) -> Outstanding:
    ledger.move_out(loans.get(item.loan_id), item.amount, clock.today(), use)
    came = _moved(item, use, item.amount)
    before = ledger.outstanding_as_of(target.id, clock.today()).excess
    left = booking.settle(target, came)
    if left.excess > before:
        booking.keep(came, booking.OVERPAYMENT, left.excess - before, target.id)
    return left


def _as_payment(item: SuspenseItem, use: str) -> Received:
    """Under its gateway's name once: another part of a payment that is on a loan already has a name of its own."""
    came = _received(item)
    if booking.is_known(item.provider, item.provider_payment_id):
        return replace(came, provider=MOVED, payment_id=use)
    return came


def _moved(item: SuspenseItem, use: str, amount: Decimal) -> Received:
    """Money of an item under a name of its own. What was meant for another loan counts from the day it came in."""
    is_misposted = item.kind == booking.MISPOSTED
    return Received(
        provider=MOVED,
        payment_id=use,
        amount=amount,
        received_at=item.received_at if is_misposted else clock.now(),
        received_on=item.received_on if is_misposted else clock.today(),
        reference=item.reference,
    )


def _received(item: SuspenseItem) -> Received:
    return Received(
        provider=item.provider,
        payment_id=item.provider_payment_id,
        amount=item.amount,
        received_at=item.received_at,
        received_on=item.received_on,
        method=item.method,
        reference=item.reference,
        order_id=item.provider_order_id,
    )


def given_back(item: SuspenseItem, amount: Decimal, reference: str) -> None:
    """Book that it was paid back."""
    booking.release(item.provider, item.provider_payment_id)
    if item.loan_id:
        ledger.refund(loans.get(item.loan_id), amount, clock.today(), reference)
    else:
        books.give_back(amount, clock.today(), reference)


def decision(remark: str) -> dict[str, Any]:
    """Who decides, now."""
    return {"decided_by": identity.actor().id, "decided_at": clock.now(), "decision_remark": remark}


def fit(loan: Loan, left: Outstanding, first: str | None = None) -> None:
    """What waits of a loan is its excess, no more and no less, after something of it was taken back: what is of the
    payment `first` goes first, then what came last. Raises Conflict where some of it is on its way back already."""
    mine = SuspenseItem.loan_id == loan.id, SuspenseItem.status.in_([OPEN, PROPOSED, REFUNDING])
    items = [item.locked() for item in SuspenseItem.select().where(*mine).order_by(SuspenseItem.id.desc())]
    over = sum((item.amount for item in items), ZERO) - left.excess
    for item in sorted(items, key=lambda item: item.provider_payment_id != first):
        if over > ZERO and item.status != REFUNDING:
            over -= _shrink(item, min(over, item.amount))
    if over > ZERO:
        raise Conflict("The money is on its way back already.", code="EXCESS_GONE")
    if over < ZERO:
        booking.keep(_freed(-over), booking.OVERPAYMENT, -over, loan.id)


def _shrink(item: SuspenseItem, by: Decimal) -> Decimal:
    if by == item.amount:
        with identity.acting(identity.SYSTEM):
            SUSPENSE.move(item, REVERSED)
    else:
        item.change(amount=item.amount - by)
    return by


def _freed(amount: Decimal) -> Received:
    """What a loan owes less than it was paid, of no payment in particular."""
    return Received(
        provider=MOVED,
        payment_id=str(new_id()),
        amount=amount,
        received_at=clock.now(),
        received_on=clock.today(),
    )
