"""A payment is taken back: its money counts no more, nor what followed from it, and the loan stands where it would."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.closure import service as closure
from app.core import clock, identity
from app.core.errors import Conflict
from app.core.ids import new_id
from app.ledger import service as ledger
from app.ledger.events import MONEY_IN, Event, Kind
from app.ledger.replay import in_order
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments import booking
from app.payments.booking import MISPOSTED, Received
from app.payments.models import PaymentCollectionTransaction, SuspenseItem
from app.payments.states import OPEN, PLACED, REVERSED, SUSPENSE
from app.payments.suspense import service as suspense

# What was charged because of the payment, under its id.
_CHARGED = Kind.FORECLOSURE_CHARGE


def lock(transaction: PaymentCollectionTransaction) -> PaymentCollectionTransaction:
    """The payment under its lock. Before it the loans that its money is on, in the order of their ids."""
    booking.one_at_a_time(transaction.provider, transaction.provider_payment_id)
    for loan_id in sorted(
        {transaction.loan_id, *_reached(transaction.loan_id, transaction.provider_payment_id)}
    ):
        loans.get(loan_id).locked()
    return transaction.locked()


def left_of(transaction: PaymentCollectionTransaction) -> Decimal:
    """What of it was not taken back yet."""
    return transaction.amount - transaction.reversed_amount


def take_back(
    transaction: PaymentCollectionTransaction, amount: Decimal, reference: str, reason: str
) -> None:
    """So much of a payment, which `lock` gave, is gone: the loan owes it again.

    Raises Conflict where its money went back to the customer already.
    """
    loan = loans.get(transaction.loan_id)
    left = _undo(loan, transaction.provider_payment_id, amount, reference)
    reversed_amount = transaction.reversed_amount + amount
    status = REVERSED if reversed_amount == transaction.amount else transaction.status
    transaction.change(reversed_amount=reversed_amount, status=status)
    _conclude(loan, left, amount, transaction.received_on, reason)


def put_in_suspense(transaction: PaymentCollectionTransaction, reference: str, reason: str) -> None:
    """The payment, which `lock` gave, was not meant for this loan: all that is left of it waits for the right one.

    Raises Conflict where it waits already, or its money went back to the customer.
    """
    loan, amount = loans.get(transaction.loan_id), left_of(transaction)
    if money_of(loan.id, transaction.provider_payment_id).kind is Kind.SUSPENSE_IN:
        raise Conflict("It waits in suspense already.", code="ALREADY_IN_SUSPENSE")
    _undo(loan, transaction.provider_payment_id, amount, reference)
    held = f"{transaction.provider_payment_id}:{new_id()}"
    left = ledger.hold(loan, amount, transaction.received_on, held, since=clock.today())
    _keep(loan, transaction, amount)
    _conclude(loan, left, amount, transaction.received_on, reason)


def money_of(loan_id: UUID, payment_id: str) -> Event:
    """What of a payment counts on a loan. Raises Conflict where nothing does."""
    counting = in_order(ledger.events_of(loan_id), date.max)
    mine = (event for event in counting if isinstance(event, MONEY_IN) and _is_of(event, payment_id))
    found = next(mine, None)
    if found is None:
        raise Conflict("It was taken back already.", code="ALREADY_REVERSED")
    return found


def _is_of(event: Event, reference: str) -> bool:
    return event.reference == reference or event.reference.startswith(f"{reference}:")


def _undo(loan: Loan, payment_id: str, amount: Decimal, reference: str) -> Outstanding:
    on = clock.today()
    for item in _placed(loan.id, payment_id):
        _take_out(item, reference)
    closure.undo(loan, on, reference)
    for event in in_order(ledger.events_of(loan.id), date.max):
        if event.kind is _CHARGED and event.reference == payment_id:
            ledger.reverse(loan, event.kind, event.reference, on, f"{reference}:{event.kind}")
    money = money_of(loan.id, payment_id)
    if amount > money.amount:
        told = f"{money.amount} of it counts on the loan: the rest waits, or went back or elsewhere."
        raise Conflict(told, code="MORE_THAN_COUNTS")
    left = ledger.reverse(loan, money.kind, money.reference, on, reference, kept=money.amount - amount)
    suspense.fit(loan, left, payment_id)
    return left


def _placed(loan_id: UUID, payment_id: str) -> list[SuspenseItem]:
    """What was in suspense of a loan as a part of a payment, and was used."""
    same = SuspenseItem.loan_id == loan_id, SuspenseItem.provider_payment_id == payment_id
    return list(SuspenseItem.select().where(*same, SuspenseItem.status == PLACED))


def _reached(loan_id: UUID, payment_id: str) -> Iterator[UUID]:
    """The other loans that a payment's money went on to."""
    for item in _placed(loan_id, payment_id):
        if item.placed_on_loan_id != loan_id:
            yield item.placed_on_loan_id
            yield from _reached(
                item.placed_on_loan_id, _use(item, MONEY_IN, item.placed_on_loan_id).reference
            )


def _take_out(item: SuspenseItem, reference: str) -> None:
    """What was placed waits again, and the loan that it was placed on owes it."""
    own, on = loans.get(item.loan_id), clock.today()
    used = _use(item, Event, own.id)
    if item.placed_on_loan_id != item.loan_id:
        other = loans.get(item.placed_on_loan_id)
        money = _use(item, MONEY_IN, other.id)
        left = _undo(other, money.reference, item.amount, f"{reference}:{item.id}")
        _conclude(other, left, item.amount, money.on, "What it was paid with was taken back.")
    ledger.reverse(own, used.kind, used.reference, on, f"{reference}:{item.id}:out")
    with identity.acting(identity.SYSTEM):
        SUSPENSE.move(item, OPEN, placed_on_loan_id=None)


def _use(item: SuspenseItem, kinds: type | tuple[type, ...], loan_id: UUID) -> Event:
    counting = in_order(ledger.events_of(loan_id), date.max)
    return next(event for event in counting if isinstance(event, kinds) and _is_of(event, str(item.id)))


def _keep(loan: Loan, transaction: PaymentCollectionTransaction, amount: Decimal) -> None:
    same = SuspenseItem.loan_id == loan.id, SuspenseItem.provider == transaction.provider
    same += (SuspenseItem.rest_of.is_null(),)
    item = SuspenseItem.get_or_none(
        *same, SuspenseItem.provider_payment_id == transaction.provider_payment_id
    )
    if item is not None:
        # its excess waited here before
        with identity.acting(identity.SYSTEM):
            SUSPENSE.move(item, OPEN, kind=MISPOSTED, amount=amount)
        return
    came = Received(
        provider=transaction.provider,
        payment_id=transaction.provider_payment_id,
        amount=transaction.amount,
        received_at=transaction.received_at,
        received_on=transaction.received_on,
        method=transaction.method,
        reference=transaction.reference,
        order_id=transaction.provider_order_id,
    )
    booking.keep(came, MISPOSTED, amount, loan.id)


def _conclude(loan: Loan, left: Outstanding, amount: Decimal, on: date, reason: str) -> None:
    with identity.acting(identity.SYSTEM):
        closure.reopen(loans.get(loan.id), left, reason)
    messaging.notify(
        loan.customer_id,
        "payment_reversed",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=amount,
        on=on,
        outstanding=left.payable,
    )
