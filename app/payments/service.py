"""Payments: a page to pay on, and the money that comes in. Money never disappears, wherever it belongs."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import fn

from app.brands import providers
from app.core import clock, identity, webhooks
from app.core.database import db
from app.core.errors import Conflict, Invalid, Unavailable
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.core.share import Share
from app.customers import service as customers
from app.ledger import service as ledger
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments import booking, foreclosure
from app.payments.models import PaymentCollectionTransaction, PaymentRequest
from app.payments.presentations import service as presentations
from app.payments.reversals import disputes
from app.payments.states import EXPIRED, FAILED, PAYMENT, PENDING, PROCESSING, SUCCESS
from app.payments.suspense import service as suspense
from app.providers import ProviderError, money
from app.providers.rupees import MALFORMED

# What the provider takes at least, in rupees, and how long a page stays open at least.
AMOUNT_MIN = Decimal("1.00")
OPEN_MIN = timedelta(minutes=20)
# How long after its end a page is still asked about: the news of the end may be on its way.
_PATIENCE = timedelta(minutes=15)

# How long a page is open at most, by how much the gateway's clock may be behind, and how many pages are asked.
_OPEN_MAX, _SKEW, _PAGES_ASKED_MAX = timedelta(days=1), timedelta(minutes=1), 20

LINK, CHECKOUT = "LINK", "CHECKOUT"
REPAYMENT, COOLING_OFF, FORECLOSURE = "REPAYMENT", "COOLING_OFF", "FORECLOSURE"
# What follows from a page that was paid for something else than repaying; the job is given `request_id`.
_FOLLOWS = {COOLING_OFF: "disbursement.conclude_cooling_off"}


def request_payment(
    loan: Loan, amount: Decimal | None = None, *, purpose: str = REPAYMENT, channel: str = LINK
) -> PaymentRequest:
    """Make a page where the customer can pay `amount` (all that is outstanding today, if not said), or an order that
    the app opens in the provider's checkout.

    Raises Conflict if nothing is owed, Invalid if it is more than that, Unavailable if the provider does not
    answer.
    """
    return _request(
        loan, _payable(amount, ledger.outstanding_as_of(loan.id, clock.today())), purpose, channel
    )


def request_foreclosure(loan: Loan, channel: str = LINK) -> PaymentRequest:
    """Make a page to pay what ends the loan today. Raises Conflict where it cannot be, Unavailable without a page."""
    return _request(loan, foreclosure.quote(loan, clock.today()).total, FORECLOSURE, channel)


def only_repays(request: PaymentRequest) -> None:
    """What is paid on a page is an ordinary payment, whatever the page was made for."""
    request.change(purpose=REPAYMENT)


def _request(loan: Loan, amount: Decimal, purpose: str, channel: str) -> PaymentRequest:
    request_id, closes = new_id(), _closing_time()
    made = _MADE[channel](loan, request_id, amount, closes)
    request = PaymentRequest.create(
        id=request_id,
        loan_id=loan.id,
        status=PAYMENT.initial,
        amount=amount,
        provider=providers.chosen("payments"),
        channel=channel,
        reference=str(request_id),
        requested_by=identity.actor().id,
        purpose=purpose,
        expires_at=closes,
        **made,
    )
    PAYMENT.start(request)
    return request


def send_link(loan: Loan, amount: Decimal | None = None, *, foreclosure: bool = False) -> PaymentRequest:
    """Make a page to pay on, or one for what ends the loan today, and tell the customer where it is. Raises as
    `request_payment` and `request_foreclosure` do."""
    request = request_foreclosure(loan) if foreclosure else request_payment(loan, amount)
    messaging.notify(
        loan.customer_id,
        # about what is overdue a customer is told only by the rules of contact
        "overdue_link" if loan.due_date < clock.today() else "payment_link",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=request.amount,
        url=request.short_url,
    )
    return request


def _payable(amount: Decimal | None, owed: Outstanding) -> Decimal:
    if not owed.payable:
        raise Conflict("Nothing is outstanding on this loan.", code="NOTHING_OUTSTANDING")
    # what is left below the least that a gateway takes is paid with that, and the rest of it waits in suspense
    payable = max(owed.payable, AMOUNT_MIN)
    amount = payable if amount is None else amount
    if amount > payable:
        raise Invalid(f"At most {payable} is outstanding.", field="amount", code="MORE_THAN_OUTSTANDING")
    return amount


def _make_link(loan: Loan, request_id: UUID, amount: Decimal, closes: datetime) -> dict[str, Any]:
    try:
        link = providers.payments().create_payment_link(
            amount=amount,
            reference_id=str(request_id),
            description=f"Loan {loan.loan_no}",
            payer=_payer(loan),
            expires_at=closes,
            notes={"payment_request": str(request_id)},
        )
    except ProviderError as error:
        raise Unavailable("The payment page cannot be made just now. Try again in a minute.") from error
    return {"provider_link_id": link.id, "short_url": link.short_url}


def _make_order(loan: Loan, request_id: UUID, amount: Decimal, closes: datetime) -> dict[str, Any]:
    try:
        order = providers.payments().create_order(
            amount=amount, reference_id=str(request_id), payer=_payer(loan)
        )
    except ProviderError as error:
        raise Unavailable("The checkout cannot be opened just now. Try again in a minute.") from error
    return {"provider_order_id": order.id, "checkout_key": order.checkout_key}


_MADE = {LINK: _make_link, CHECKOUT: _make_order}


def _payer(loan: Loan) -> money.Payer:
    customer = customers.get(loan.customer_id)
    return money.Payer(customer.name, customer.phone, customer.email, customer.customer_no)


def _closing_time() -> datetime:
    """The end of the business day, as tomorrow more is owed; or a little later when that is near."""
    midnight = clock.start_of(clock.today() + timedelta(days=1))
    return max(midnight, clock.now() + OPEN_MIN)


def hear(event: money.Event, provider: str) -> None:
    """What a webhook of `provider` tells. Money that no request of ours asked for is kept in suspense."""
    match event:
        case money.PaymentLinkHint(link_id=link_id, order_id=order_id):
            for payment in providers.payments(provider).payments_of_order(order_id):
                _ANSWERED.get(payment.status, _nothing)(link_id, payment, provider)
        case money.PaymentLinkEvent(link=link, payment=payment) if payment and payment.status == "captured":
            _collect(link.reference_id, payment, provider)
        case money.PaymentLinkEvent(link=link) if link.status in ("expired", "cancelled"):
            _expire(_by_reference(link.reference_id))
        # a payment of nothing registers a mandate
        case money.PaymentEvent(payment=payment) if payment.amount:
            _HEARD.get(payment.status, _nothing)(_reference(payment), payment, provider)


def _reference(payment: money.Payment) -> str | None:
    """Ours, which links carry in their notes and debits of Cashfree as their id."""
    return payment.notes.get("payment_request") or payment.notes.get("debit")


def _by_reference(reference: str | None, order_id: str | None = None) -> PaymentRequest | None:
    found = PaymentRequest.reference == reference
    if order_id:
        found |= (PaymentRequest.provider_order_id == order_id) | (PaymentRequest.reference == order_id)
    return PaymentRequest.get_or_none(found)


def _expire(request: PaymentRequest | None, remark: str | None = None) -> None:
    if request is not None and (request.locked().status, EXPIRED) in PAYMENT.steps:
        PAYMENT.move(request, EXPIRED, remark=remark)


def _nothing(reference: str | None, payment: money.Payment, provider: str) -> None:
    """An attempt of no interest."""


def _is_paying(reference: str | None, payment: money.Payment, provider: str) -> None:
    request = _by_reference(reference, payment.order_id)
    if request is not None and (request.locked().status, PROCESSING) in PAYMENT.steps:
        PAYMENT.move(request, PROCESSING)


def _has_failed(reference: str | None, payment: money.Payment, provider: str) -> None:
    """A page that nobody had begun to pay on stays open for another attempt."""
    request = _by_reference(reference, payment.order_id)
    if request is None:
        return
    request = request.locked()
    # of a debit the answer may come before we have kept that it was made
    is_debit = request.channel == presentations.CHANNEL
    if request.status == PROCESSING or (is_debit and request.status == PENDING):
        PAYMENT.move(request, FAILED, remark=payment.error_description or payment.error_reason)
        presentations.returned(request, payment)


def _collect(reference: str | None, payment: money.Payment, provider: str) -> None:
    """Book a payment once, however many events tell of it, and whichever of them knows what it is for."""
    booking.one_at_a_time(provider, payment.id)
    if not booking.is_known(provider, payment.id):
        _take_in(reference, payment, provider)
        disputes.take_up(provider, payment.id)


def _take_in(reference: str | None, payment: money.Payment, provider: str) -> None:
    request = _by_reference(reference, payment.order_id)
    if request is None:
        suspense.take_in(booking.told(provider, payment))
        return
    came = booking.told(provider, payment, request.id)
    is_told_by_hand = booking.is_told_by_hand(came)
    request = request.locked()
    loan = loans.get(request.loan_id)
    if (request.status, SUCCESS) in PAYMENT.steps:
        PAYMENT.move(request, SUCCESS)
    presentations.succeeded(request, payment)
    if suspense.claimed(came, loan, is_told_by_hand=is_told_by_hand):
        _follow(request)
        return
    if is_told_by_hand:
        booking.hold(loan, came, booking.TOLD_TWICE)
        return
    left = foreclosure.book(loan, came) if request.purpose == FORECLOSURE else booking.book(loan, came)
    if not _follow(request):
        booking.conclude(loan, payment.amount, left)


def _follow(request: PaymentRequest) -> bool:
    """Have a job do what its page was made for, where that is not to repay."""
    if request.purpose in _FOLLOWS:
        enqueue(_FOLLOWS[request.purpose], request_id=request.id)
    return request.purpose in _FOLLOWS


def _refuse(reference: str | None, payment: money.Payment, provider: str) -> None:
    """A payment that cannot be booked, found by asking, is where one is that we were told of. A debit ends with it."""
    told = {"payment": payment.id, "order": payment.order_id, "paymentRequest": reference}
    webhooks.refuse_answer(
        provider, f"payment:{payment.id}", json.dumps(told), payment.error_reason, payment.error_description
    )
    request = _by_reference(reference, payment.order_id)
    if request is not None and request.channel == presentations.CHANNEL:
        presentations.refused(request, payment)


# what is acted on of answers about a page, and of all else
_ANSWERED = {"captured": _collect, money.REFUSED: _refuse}
_HEARD = {"authorized": _is_paying, "failed": _has_failed, **_ANSWERED}


def advance(loan_id: UUID | str) -> None:
    """Take a loan to where what it owes today says it is, after money that was paid for something else."""
    booking.advance(loans.get(loan_id).id, ledger.outstanding_as_of(loan_id, clock.today()))


def follow(loan: Loan) -> None:
    """Bring a loan to what its ledger says, after something was charged or taken back on a day before its payments:
    what is in excess waits in suspense, and where nothing is owed any more the loan is paid."""
    loan = loan.locked()
    left = ledger.outstanding_as_of(loan.id, clock.today())
    # what is on its way back already stays: booking it is refused, and somebody looks
    with suppress(Conflict), db.atomic():
        suspense.fit(loan, left)
    if not left.total:
        booking.advance(loan.id, left)


def plan_presentations(on: date, share: Share) -> int:
    """Plan to debit the accounts of a share whose loans are due on a day; how many."""
    return presentations.plan_due(on, share)


def want_presentation_files(on: date) -> None:
    """Have the files of a day's debits made, by a job."""
    enqueue("payments.make_presentation_files", present_on=on.isoformat())


def past_their_end() -> list[PaymentRequest]:
    """Pages, orders and debits that should have ended and of which nothing was heard, but for those of which what was
    answered lately could not be read."""
    late = PaymentRequest.expires_at < clock.now() - _PATIENCE
    is_open = PaymentRequest.status.in_([PENDING, PROCESSING, FAILED])
    rows = PaymentRequest.select().where(late, is_open, PaymentRequest.channel.in_([LINK, CHECKOUT]))
    found = [*rows.order_by(PaymentRequest.id), *presentations.unanswered()]
    later = webhooks.wait(_answer_id(request.id) for request in found)
    return [request for request in found if _answer_id(request.id) not in later]


def unread(request_id: UUID | str, reason: str) -> None:
    """What the gateway said of a request could not be read: people see it, and it is asked again later."""
    request = PaymentRequest.find(request_id)
    told = json.dumps({"paymentRequest": request.reference})
    webhooks.refuse_unread(request.provider, _answer_id(request.id), told, MALFORMED, reason)


def _answer_id(request_id: UUID | str) -> str:
    return f"request:{request_id}"


def refresh(request_id: UUID | str) -> None:
    """Ask what became of a request whose end is past: what was paid on it is booked, and one that was not ends, as does
    one whose money cannot be booked; a debit ends when its bank has answered, and no sooner.

    Raises ProviderError.
    """
    request = PaymentRequest.find(request_id)
    if request.channel == presentations.CHANNEL:
        for payment in presentations.debits_of(request):
            _HEARD.get(payment.status, _nothing)(request.reference, payment, request.provider)
        return
    refused = None
    for payment in _ASKED[request.channel](providers.payments(request.provider), request):
        _ANSWERED.get(payment.status, _nothing)(request.reference, payment, request.provider)
        if payment.status == money.REFUSED:
            refused = payment.error_description
    _expire(PaymentRequest.find(request.id), refused)


_ASKED = {
    LINK: lambda gateway, request: gateway.payments_of_link(request.provider_link_id),
    CHECKOUT: lambda gateway, request: gateway.payments_of_order(request.provider_order_id),
}


def take_over(payment: money.Payment, provider: str) -> None:
    """Book a payment that the gateway has and told us nothing of: on its request's loan, or in suspense."""
    _collect(_reference(payment), payment, provider)


def named(payment: money.Payment, provider: str) -> money.Payment:
    """The payment with the request that it was paid on. Where the gateway does not say, the pages of that amount are
    asked what was paid on them. Raises ProviderError."""
    if _by_reference(_reference(payment), payment.order_id):
        return payment
    lately = PaymentRequest.created_at.between(payment.created_at - _OPEN_MAX, payment.created_at + _SKEW)
    pages = PaymentRequest.provider == provider, PaymentRequest.channel == LINK
    same = PaymentRequest.select().where(*pages, lately, PaymentRequest.amount == payment.amount)
    for request in same.order_by(PaymentRequest.id.desc()).limit(_PAGES_ASKED_MAX):
        paid = providers.payments(provider).payments_of_link(request.provider_link_id)
        if payment.id in {each.id for each in paid}:
            return replace(payment, notes={**payment.notes, "payment_request": request.reference})
    return payment


def requests_of(loan_id: UUID | str) -> list[PaymentRequest]:
    """Every request to pay on a loan, newest first."""
    return list(
        PaymentRequest.select().where(PaymentRequest.loan_id == loan_id).order_by(PaymentRequest.id.desc())
    )


def paid_on(request_id: UUID) -> date | None:
    """The day of the last money on a page that counts; None where all of it was taken back."""
    row = PaymentCollectionTransaction
    counts = row.payment_request_id == request_id, row.status == SUCCESS
    return row.select(fn.MAX(row.received_on)).where(*counts).scalar()


def transactions_of(loan_id: UUID | str) -> list[PaymentCollectionTransaction]:
    """What came in on a loan, newest first."""
    mine = PaymentCollectionTransaction.loan_id == loan_id
    rows = PaymentCollectionTransaction.select().where(mine)
    return list(rows.order_by(PaymentCollectionTransaction.received_at.desc()))
