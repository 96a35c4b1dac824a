"""Money that came in is booked: recorded once, taken by the ledger, and what is beyond the debt kept in suspense."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from app.core import audit, clock, identity
from app.core.clock import business_day
from app.core.database import current_brand, db
from app.core.outbox import enqueue
from app.ledger import service as ledger
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments.models import PaymentCollectionTransaction, SuspenseItem
from app.payments.states import HELD, SUCCESS, SUSPENSE
from app.providers import money

UNKNOWN, OVERPAYMENT, CLOSED_LOAN = "UNKNOWN", "OVERPAYMENT", "CLOSED_LOAN"
# It was booked on a loan that it was not meant for.
MISPOSTED = "MISPOSTED"
# Somebody told of the same transfer by hand before the gateway did, and it counts already.
TOLD_TWICE = "TOLD_TWICE"
KINDS = (UNKNOWN, OVERPAYMENT, CLOSED_LOAN, MISPOSTED, TOLD_TWICE)
BY_HAND = "manual"

# Where a loan can be paid, and what it becomes when something is left; paid in full it becomes PAID.
WHEN_SOMETHING_IS_LEFT = {"ACTIVE": "PARTIALLY_PAID", "PARTIALLY_PAID": None, "OVERDUE": None}
# What was written off is still recovered; on what has ended otherwise money settles nothing.
_CLOSED = frozenset(loans.ENDED) - {"WRITE_OFF"}


@dataclass(frozen=True)
class Received:
    """Money that came in: whose payment it is at its provider, and the day on which it counts."""

    provider: str
    payment_id: str
    amount: Decimal
    received_at: datetime
    received_on: date
    method: str | None = None
    reference: str | None = None
    order_id: str | None = None
    request_id: UUID | None = None
    fee: Decimal | None = None


def told(provider: str, payment: money.Payment, request_id: UUID | None = None) -> Received:
    """A payment as the gateway told of it, its reference written as that of one by hand."""
    return Received(
        provider=provider,
        payment_id=payment.id,
        amount=payment.amount,
        received_at=payment.created_at,
        received_on=business_day(payment.created_at),
        method=payment.method,
        reference=payment.bank_reference and payment.bank_reference.upper(),
        order_id=payment.order_id,
        request_id=request_id,
        fee=payment.fee,
    )


def one_at_a_time(provider: str, payment_id: str) -> None:
    """Whoever hears of the same payment waits until this transaction ends."""
    name = f"payment|{current_brand()}|{provider}|{payment_id}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def is_known(provider: str, payment_id: str) -> bool:
    """Whether the payment is booked on a loan."""
    same = (
        PaymentCollectionTransaction.provider == provider,
        PaymentCollectionTransaction.provider_payment_id == payment_id,
    )
    return PaymentCollectionTransaction.select().where(*same).exists()


def book(loan: Loan, came: Received, *, foreclosure: bool = False) -> Outstanding:
    """Book money on a loan. What is beyond the debt, and all of it on a loan that has ended, waits in suspense."""
    loan = loan.locked()
    if loan.status in _CLOSED:
        return hold(loan, came, CLOSED_LOAN)
    _record(loan, came)
    before = ledger.outstanding_as_of(loan.id, clock.today()).excess
    left = settle(loan, came, foreclosure=foreclosure)
    if left.excess > before:
        keep(came, OVERPAYMENT, left.excess - before, loan.id)
    return left


def hold(loan: Loan, came: Received, kind: str) -> Outstanding:
    """Book money on a loan that settles nothing there: all of it waits in suspense. What is known by hand does not
    count as received once more while it waits."""
    loan = loan.locked()
    _record(loan, came, HELD if kind == TOLD_TWICE else SUCCESS)
    keep(came, kind, came.amount, loan.id)
    return ledger.hold(loan, came.amount, came.received_on, came.payment_id)


def is_told_by_hand(came: Received) -> bool:
    """Whether the same transfer was told of by hand, and counts. Whoever tells of it by hand waits until this
    transaction ends."""
    if came.reference is None:
        return False
    one_at_a_time(BY_HAND, came.reference)
    same = (
        PaymentCollectionTransaction.provider == BY_HAND,
        PaymentCollectionTransaction.reference == came.reference,
        PaymentCollectionTransaction.status == SUCCESS,
    )
    return PaymentCollectionTransaction.select().where(*same).exists()


def settle(loan: Loan, came: Received, *, foreclosure: bool = False) -> Outstanding:
    """Let the ledger take the money for what is owed."""
    return ledger.post_payment(loan, came.amount, came.received_on, came.payment_id, foreclosure=foreclosure)


def keep(
    came: Received, kind: str, amount: Decimal, loan_id: UUID | None = None, rest_of: UUID | None = None
) -> SuspenseItem:
    """Keep `amount` of what came in until somebody places it or gives it back."""
    item = SuspenseItem.create(
        loan_id=loan_id,
        kind=kind,
        status=SUSPENSE.initial,
        amount=amount,
        provider=came.provider,
        provider_payment_id=came.payment_id,
        provider_order_id=came.order_id,
        payment_amount=came.amount,
        method=came.method,
        reference=came.reference,
        received_at=came.received_at,
        received_on=came.received_on,
        rest_of=rest_of,
    )
    SUSPENSE.start(item)
    return item


def release(provider: str, payment_id: str) -> None:
    """A payment that was told twice was placed or given back: it is money of its own."""
    row = PaymentCollectionTransaction
    same = row.provider == provider, row.provider_payment_id == payment_id
    row.update(status=SUCCESS).where(*same, row.status == HELD).execute()


def _record(loan: Loan, came: Received, status: str = SUCCESS) -> None:
    transaction = PaymentCollectionTransaction.create(
        loan_id=loan.id,
        payment_request_id=came.request_id,
        provider=came.provider,
        provider_payment_id=came.payment_id,
        provider_order_id=came.order_id,
        amount=came.amount,
        method=came.method,
        reference=came.reference,
        received_at=came.received_at,
        received_on=came.received_on,
        status=status,
        fee=came.fee,
    )
    after = {"loanId": str(loan.id), "amount": str(came.amount), "payment": came.payment_id}
    audit.record("payment.received", "payment_collection_transaction", transaction.id, after=after)


def conclude(loan: Loan, amount: Decimal, left: Outstanding) -> None:
    """Take the loan to where it stands now, and send the receipt."""
    advance(loan.id, left)
    messaging.notify(
        loan.customer_id,
        "payment_received",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=amount,
        # what was lost is owed to us still
        outstanding=left.payable,
    )


def advance(loan_id: UUID, left: Outstanding) -> None:
    """Take the loan to where its outstanding says it is. A loan that has ended stays."""
    loan = loans.get(loan_id)
    if loan.status not in WHEN_SOMETHING_IS_LEFT:
        return
    target = WHEN_SOMETHING_IS_LEFT[loan.status] if left.total else "PAID"
    told = {} if left.total else {"repaid_on": ledger.repaid_on(loan.id, clock.today())}
    if target:
        # it follows from the money, whoever booked it
        with identity.acting(identity.SYSTEM):
            loans.move(loan.id, target, **told)
    if target == "PAID":
        enqueue("closure.close_loan", loan_id=loan.id)
