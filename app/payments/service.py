"""Payments: a page to pay on, and the money that comes in. Money never disappears, wherever it belongs."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from app.brands import providers
from app.core import audit, clock, identity
from app.core.clock import INDIA, business_day
from app.core.errors import Conflict, Invalid, Unavailable
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.customers import service as customers
from app.ledger import service as ledger
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments.models import PaymentCollectionTransaction, PaymentRequest
from app.payments.states import EXPIRED, PAYMENT, SUCCESS
from app.providers import ProviderError, money

# What the provider takes at least, in rupees, and how long a page stays open at least.
AMOUNT_MIN = Decimal("1.00")
OPEN_MIN = timedelta(minutes=20)

REPAYMENT, COOLING_OFF = "REPAYMENT", "COOLING_OFF"
# What follows from a page that was paid for something else than repaying; the job is given `request_id`.
_FOLLOWS = {COOLING_OFF: "disbursement.conclude_cooling_off"}

# Where a loan can be paid, and what it becomes when something is left; paid in full it becomes PAID.
_WHEN_SOMETHING_IS_LEFT = {"ACTIVE": "PARTIALLY_PAID", "PARTIALLY_PAID": None, "OVERDUE": None}


class UnknownPayment(Exception):
    """Money came in that no request asked for: its event stays in the inbox until a person places it."""


def request_payment(loan: Loan, amount: Decimal | None = None, *, purpose: str = REPAYMENT) -> PaymentRequest:
    """Make a page where the customer can pay `amount` (all that is outstanding today, if not said).

    Raises Conflict if nothing is owed, Invalid if it is more than that, Unavailable if the provider does not
    answer.
    """
    amount = _payable(amount, ledger.outstanding_as_of(loan.id, clock.today()))
    request_id = new_id()
    link = _make_link(loan, request_id, amount)
    request = PaymentRequest.create(
        id=request_id,
        loan_id=loan.id,
        status=PAYMENT.initial,
        amount=amount,
        provider=providers.chosen("payments"),
        provider_link_id=link.id,
        short_url=link.short_url,
        reference=str(request_id),
        requested_by=identity.actor().id,
        purpose=purpose,
    )
    PAYMENT.start(request)
    return request


def send_link(loan: Loan, amount: Decimal | None = None) -> PaymentRequest:
    """Make a page to pay on and tell the customer where it is. Raises as `request_payment` does."""
    request = request_payment(loan, amount)
    messaging.notify(
        loan.customer_id,
        "payment_link",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=request.amount,
        url=request.short_url,
    )
    return request


def _payable(amount: Decimal | None, owed: Outstanding) -> Decimal:
    if not owed.total:
        raise Conflict("Nothing is outstanding on this loan.", code="NOTHING_OUTSTANDING")
    amount = owed.total if amount is None else amount
    if amount > owed.total:
        raise Invalid(f"At most {owed.total} is outstanding.", field="amount", code="MORE_THAN_OUTSTANDING")
    return amount


def _make_link(loan: Loan, request_id: UUID, amount: Decimal) -> money.PaymentLink:
    customer = customers.get(loan.customer_id)
    try:
        return providers.payments().create_payment_link(
            amount=amount,
            reference_id=str(request_id),
            description=f"Loan {loan.loan_no}",
            payer=money.Payer(customer.name, customer.phone, customer.email),
            expires_at=_closing_time(),
            notes={"payment_request": str(request_id)},
        )
    except ProviderError as error:
        raise Unavailable("The payment page cannot be made just now. Try again in a minute.") from error


def _closing_time() -> datetime:
    """The end of the business day, as tomorrow more is owed; or a little later when that is near."""
    midnight = datetime.combine(clock.today() + timedelta(days=1), time.min, INDIA)
    return max(midnight, clock.now() + OPEN_MIN)


def hear(event: money.Event, provider: str) -> None:
    """What a webhook of `provider` tells. Raises UnknownPayment for money that no request of ours asked for."""
    match event:
        case money.PaymentLinkHint(link_id=link_id, order_id=order_id):
            for payment in providers.payments(provider).payments_of_order(order_id):
                if payment.status == "captured":
                    _collect(link_id, payment)
        case money.PaymentLinkEvent(link=link, payment=payment) if payment and payment.status == "captured":
            _collect(link.reference_id, payment)
        case money.PaymentLinkEvent(link=link) if link.status in ("expired", "cancelled"):
            _expire(link.reference_id)
        # a payment of nothing registers a mandate
        case money.PaymentEvent(payment=payment) if payment.status == "captured" and payment.amount:
            _collect(payment.notes.get("payment_request"), payment)


def _request(reference: str | None) -> PaymentRequest | None:
    return PaymentRequest.get_or_none(PaymentRequest.reference == reference)


def _expire(reference: str | None) -> None:
    request = _request(reference)
    if request is not None and (request.locked().status, EXPIRED) in PAYMENT.steps:
        PAYMENT.move(request, EXPIRED)


def _collect(reference: str | None, payment: money.Payment) -> None:
    """Book a payment once, however many events tell of it."""
    request = _request(reference)
    if request is None:
        raise UnknownPayment(f"{payment.id} of {payment.amount} belongs to no request of ours ({reference})")
    request = request.locked()
    if _is_known(request.provider, payment.id):
        return
    loan = loans.get(request.loan_id)
    received_on = business_day(payment.created_at)
    _record(request, payment)
    left = ledger.post_payment(loan, payment.amount, received_on, payment.id)
    if (request.status, SUCCESS) in PAYMENT.steps:
        PAYMENT.move(request, SUCCESS)
    if request.purpose in _FOLLOWS:
        enqueue(_FOLLOWS[request.purpose], request_id=request.id)
        return
    _advance(loan.id, left)
    messaging.notify(
        loan.customer_id,
        "payment_received",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=payment.amount,
        outstanding=left.total,
    )


def _is_known(provider: str, payment_id: str) -> bool:
    same = (
        PaymentCollectionTransaction.provider == provider,
        PaymentCollectionTransaction.provider_payment_id == payment_id,
    )
    return PaymentCollectionTransaction.select().where(*same).exists()


def _record(request: PaymentRequest, payment: money.Payment) -> None:
    transaction = PaymentCollectionTransaction.create(
        loan_id=request.loan_id,
        payment_request_id=request.id,
        provider=request.provider,
        provider_payment_id=payment.id,
        amount=payment.amount,
        method=payment.method,
        reference=payment.bank_reference,
        received_at=payment.created_at,
        received_on=business_day(payment.created_at),
        status=SUCCESS,
    )
    after = {"loanId": str(request.loan_id), "amount": str(payment.amount), "payment": payment.id}
    audit.record("payment.received", "payment_collection_transaction", transaction.id, after=after)


def advance(loan_id: UUID | str) -> None:
    """Take a loan to where what it owes today says it is, after money that was paid for something else."""
    _advance(loan_id, ledger.outstanding_as_of(loan_id, clock.today()))


def _advance(loan_id: UUID, left: Outstanding) -> None:
    """Take the loan to where its outstanding says it is. A loan that has ended stays: the money is excess."""
    loan = loans.get(loan_id)
    if loan.status not in _WHEN_SOMETHING_IS_LEFT:
        return
    target = _WHEN_SOMETHING_IS_LEFT[loan.status] if left.total else "PAID"
    if target:
        loans.move(loan.id, target)
    if target == "PAID":
        enqueue("closure.close_loan", loan_id=loan.id)


def requests_of(loan_id: UUID | str) -> list[PaymentRequest]:
    """Every request to pay on a loan, newest first."""
    return list(
        PaymentRequest.select().where(PaymentRequest.loan_id == loan_id).order_by(PaymentRequest.id.desc())
    )


def transactions_of(loan_id: UUID | str) -> list[PaymentCollectionTransaction]:
    """What came in on a loan, newest first."""
    mine = PaymentCollectionTransaction.loan_id == loan_id
    rows = PaymentCollectionTransaction.select().where(mine)
    return list(rows.order_by(PaymentCollectionTransaction.received_at.desc()))
