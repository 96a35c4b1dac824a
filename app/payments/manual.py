"""Money that came in outside of the gateway: one person tells of it, another one checks it against the bank."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.core import clock, identity
from app.core.clock import business_day
from app.core.database import db
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.money import ZERO
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments import booking, bounces
from app.payments.booking import BY_HAND, Received
from app.payments.models import ManualPayment, PaymentCollectionTransaction, SuspenseItem
from app.payments.states import APPROVED, BOUNCED, MANUAL, REJECTED

CHEQUE = "CHEQUE"
METHODS = ("BANK_TRANSFER", "UPI", "CASH", CHEQUE)
# Its number and the code of its bank in magnetic ink: cheques of different banks share numbers.
_CHEQUE = re.compile(r"[0-9]{6}/[0-9]{9}", re.ASCII)
SORTABLE = {
    "createdAt": ManualPayment.created_at,
    "receivedOn": ManualPayment.received_on,
    "amount": ManualPayment.amount,
}


def submit(
    loan: Loan, *, amount: Decimal, method: str, reference: str, received_on: date, remark: str | None
) -> ManualPayment:
    """Tell of money that came in: `reference` is the UTR, the number of the receipt for cash, or number and MICR code
    of a cheque, which is no money until it has cleared.

    Raises Invalid for a day that cannot be or what is no cheque, Conflict for a reference that is known, or a loan that
    was not paid out.
    """
    _refuse_day(loan, received_on)
    reference = reference.upper()
    if method == CHEQUE and not _CHEQUE.fullmatch(reference):
        told = "Six digits of the cheque, a slash, and the nine digits of its MICR code."
        raise Invalid(told, field="reference", code="NOT_A_CHEQUE")
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
    return ManualPayment.asked(status=status, loan_id=loan_id)


def approve(payment_id: UUID | str, remark: str | None, cleared_on: date | None = None) -> ManualPayment:
    """The checker found it in the bank: it is booked on the day on which it came in, a cheque on that of its clearing
    (today, if not said).

    Raises Forbidden for who told of it, Invalid for a day of clearing that cannot be, Conflict where it was decided, or
    its reference came by the gateway meanwhile.
    """
    payment = _to_decide(payment_id)
    on = _booked_on(payment, cleared_on)
    booking.one_at_a_time(BY_HAND, payment.reference)
    MANUAL.move(payment, APPROVED, remark=remark, **_decision(remark))
    _refuse_known(payment.reference)
    loan = loans.get(payment.loan_id)
    left = booking.book(loan, _received(payment, on))
    booking.conclude(loan, payment.amount, left)
    return payment


def _booked_on(payment: ManualPayment, cleared_on: date | None) -> date:
    if payment.method != CHEQUE:
        if cleared_on is not None:
            raise Invalid("Only a cheque is cleared.", field="cleared_on", code="NOT_A_CHEQUE")
        return payment.received_on
    on, last = cleared_on or clock.today(), clock.today()
    if not payment.received_on <= on <= last:
        raise Invalid(
            f"Must be from {payment.received_on} to {last}.", field="cleared_on", code="NOT_POSSIBLE"
        )
    return on


def bounce(payment_id: UUID | str, reason: str, remark: str) -> ManualPayment:
    """The bank did not pay a cheque: it was never money, and what that costs is charged where the drawer is at fault.

    Raises as `approve` does, and Conflict for what is no cheque.
    """
    payment = _to_decide(payment_id)
    if payment.method != CHEQUE:
        raise Conflict("Only a cheque bounces.", code="NOT_A_CHEQUE")
    payment = MANUAL.move(payment, BOUNCED, remark=remark, bounce_reason=reason, **_decision(remark))
    loan = loans.get(payment.loan_id).locked()
    is_charged = bounces.CHEQUE_REASONS[reason].is_charged
    charged = bounces.charge(loan, str(payment.id)) if is_charged else ZERO
    messaging.notify(
        loan.customer_id,
        "cheque_returned",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=payment.amount,
        charge=charged,
    )
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


def _received(payment: ManualPayment, on: date) -> Received:
    return Received(
        provider=BY_HAND,
        payment_id=str(payment.id),
        amount=payment.amount,
        received_at=clock.noon_of(on),
        received_on=on,
        method=payment.method.lower(),
        reference=payment.reference,
    )
