"""Money that waits in suspense: found, placed on a loan, or given back."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import clock, identity
from app.core.errors import Conflict
from app.ledger import service as ledger
from app.ledger import suspense as books
from app.loans import service as loans
from app.loans.service import Loan
from app.payments import booking
from app.payments.booking import Received
from app.payments.models import SuspenseItem
from app.payments.states import OPEN, PLACED, SUSPENSE

SORTABLE = {
    "createdAt": SuspenseItem.created_at,
    "receivedOn": SuspenseItem.received_on,
    "amount": SuspenseItem.amount,
}
# The provider of what was moved here from another loan.
MOVED = "suspense"


def search(status: str | None = None, kind: str | None = None) -> ModelSelect:
    """What is or was in suspense."""
    query = SuspenseItem.select()
    if status:
        query = query.where(SuspenseItem.status == status)
    if kind:
        query = query.where(SuspenseItem.kind == kind)
    return query


def take_in(came: Received) -> SuspenseItem:
    """Keep money that no request of ours asked for. The same payment is kept once."""
    item = _known(came)
    if item is None:
        item = booking.keep(came, booking.UNKNOWN, came.amount)
        books.take_in(came.amount, came.received_on, str(item.id))
    return item


def _known(came: Received) -> SuspenseItem | None:
    return SuspenseItem.get_or_none(
        SuspenseItem.provider == came.provider, SuspenseItem.provider_payment_id == came.payment_id
    )


def claimed(came: Received, loan: Loan) -> bool:
    """Whether the payment waited here for nobody known, and is placed on its loan now."""
    item = _known(came)
    if item is None or item.locked().status != OPEN:
        return item is not None
    place(item.id, loan.id, "The request that it was paid on is known now.")
    return True


def place(item_id: UUID | str, loan_id: UUID | str, remark: str) -> SuspenseItem:
    """Use what waits as a payment of a loan: its own or another one. It counts from the day on which it came in, or
    from today where it was paid for something else before.

    Raises Conflict where it waits no more, or the loan has nothing outstanding.
    """
    item = SuspenseItem.find(item_id).locked()
    _refuse_decided(item)
    target = _locked(item.loan_id, loan_id)
    if not ledger.outstanding_as_of(target.id, clock.today()).total:
        raise Conflict("Nothing is outstanding on this loan.", code="NOTHING_OUTSTANDING")
    SUSPENSE.move(item, PLACED, remark=remark, placed_on_loan_id=target.id, **_decision(remark))
    if item.loan_id == target.id:
        left = ledger.place(target, item.amount, clock.today(), str(item.id))
    elif item.loan_id:
        left = _move(item, target)
    else:
        books.hand_over(item.amount, clock.today(), str(item.id))
        left = booking.book(target, _received(item))
    booking.conclude(target, item.amount, left)
    return item


def _refuse_decided(item: SuspenseItem) -> None:
    if item.status != OPEN:
        raise Conflict(f"It is {item.status}.", code="NOT_IN_SUSPENSE")


def _locked(own_id: UUID | None, loan_id: UUID | str) -> Loan:
    """The loan to place on; both loans are locked in the order of their ids, whoever moves in the other direction."""
    target = loans.get(loan_id)
    for each in sorted({target.id, own_id or target.id}):
        loans.get(each).locked()
    return target


def _move(item: SuspenseItem, target: Loan) -> Any:
    ledger.move_out(loans.get(item.loan_id), item.amount, clock.today(), str(item.id))
    came = Received(
        provider=MOVED,
        payment_id=str(item.id),
        amount=item.amount,
        received_at=clock.now(),
        received_on=clock.today(),
        reference=item.reference,
    )
    before = ledger.outstanding_as_of(target.id, clock.today()).excess
    left = booking.settle(target, came)
    if left.excess > before:
        booking.keep(came, booking.OVERPAYMENT, left.excess - before, target.id)
    return left


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
    if item.loan_id:
        ledger.refund(loans.get(item.loan_id), amount, clock.today(), reference)
    else:
        books.give_back(amount, clock.today(), reference)


def _decision(remark: str) -> dict[str, Any]:
    return {"decided_by": identity.actor().id, "decided_at": clock.now(), "decision_remark": remark}
