"""Money that came in outside of the gateway: one person tells of it, another one checks it against the bank."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.core import clock, identity
from app.core.clock import INDIA, business_day
from app.core.database import db
from app.core.errors import Conflict, Forbidden, Invalid
from app.loans import service as loans
from app.loans.service import Loan
from app.payments import booking
from app.payments.booking import Received
from app.payments.models import ManualPayment, PaymentCollectionTransaction, SuspenseItem
from app.payments.states import APPROVED, MANUAL, REJECTED

PROVIDER = "manual"
METHODS = ("BANK_TRANSFER", "UPI", "CASH")
SORTABLE = {
    "createdAt": ManualPayment.created_at,
    "receivedOn": ManualPayment.received_on,
    "amount": ManualPayment.amount,
}


def submit(
    loan: Loan, *, amount: Decimal, method: str, reference: str, received_on: date, remark: str | None
) -> ManualPayment:
    """Tell of money that came in: `reference` is the UTR, or the number of the receipt for cash.

    Raises Invalid for a day that cannot be, Conflict for a reference that is known, or a loan that was not paid out.
    """
    _refuse_day(loan, received_on)
    reference = reference.upper()
    _refuse_known(reference)
    try:
        with db.atomic():
            payment = ManualPayment.create(
                loan_id=loan.id,
                status=MANUAL.initial,
                amount=amount,
                method=method,
                reference=reference,
                received_on=received_on,
                remark=remark,
                submitted_by=identity.actor().id,
            )
    except IntegrityError:
        raise _known_already() from None
    MANUAL.start(payment)
    return payment


def _refuse_day(loan: Loan, received_on: date) -> None:
    if loan.disbursed_at is None:
        raise Conflict("The loan was not paid out.", code="NOT_DISBURSED")
    first, last = business_day(loan.disbursed_at), clock.today()
    if not first <= received_on <= last:
        raise Invalid(f"Must be from {first} to {last}.", field="received_on", code="NOT_POSSIBLE")


def _refuse_known(reference: str) -> None:
    """The same transfer is not told twice, whichever way we heard of it."""
    for model in (PaymentCollectionTransaction, SuspenseItem):
        if model.select().where(model.reference == reference).exists():
            raise _known_already()


def _known_already() -> Conflict:
    return Conflict("A payment with this reference is known.", code="DUPLICATE_REFERENCE")


def search(status: str | None, loan_id: UUID | None = None) -> ModelSelect:
    """What was told, by state and loan."""
    query = ManualPayment.select()
    if status:
        query = query.where(ManualPayment.status == status)
    if loan_id:
        query = query.where(ManualPayment.loan_id == loan_id)
    return query


def approve(payment_id: UUID | str, remark: str | None) -> ManualPayment:
    """The checker found it in the bank: it is booked on the day on which it came in.

    Raises Forbidden for who told of it, Conflict where it was decided, or its reference came by the gateway meanwhile.
    """
    payment = _to_decide(payment_id)
    booking.one_at_a_time(PROVIDER, payment.reference)
    MANUAL.move(payment, APPROVED, remark=remark, **_decision(remark))
    _refuse_known(payment.reference)
    loan = loans.get(payment.loan_id)
    left = booking.book(loan, _received(payment))
    booking.conclude(loan, payment.amount, left)
    return payment


def reject(payment_id: UUID | str, remark: str) -> ManualPayment:
    """The checker did not find it. Raises as `approve` does."""
    return MANUAL.move(_to_decide(payment_id), REJECTED, remark=remark, **_decision(remark))


def _to_decide(payment_id: UUID | str) -> ManualPayment:
    payment = ManualPayment.find(payment_id).locked()
    if payment.submitted_by == identity.actor().id:
        raise Forbidden("Whoever told of a payment does not check it.", code="MAKER_IS_CHECKER")
    return payment


def _decision(remark: str | None) -> dict[str, Any]:
    return {"decided_by": identity.actor().id, "decided_at": clock.now(), "decision_remark": remark}


def _received(payment: ManualPayment) -> Received:
    return Received(
        provider=PROVIDER,
        payment_id=str(payment.id),
        amount=payment.amount,
        received_at=datetime.combine(payment.received_on, time(12), INDIA),
        received_on=payment.received_on,
        method=payment.method.lower(),
        reference=payment.reference,
    )
