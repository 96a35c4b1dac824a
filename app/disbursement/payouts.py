"""Payouts: money goes to the customer once, whatever gets lost, comes late or comes twice.

A payout is asked for under its own reference before it is sent, sent under its own key, and moves along a table in
which what comes late or twice is no step. So a worker may die between any two lines here: the next one goes on.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import providers
from app.core import clock
from app.core.clock import business_day
from app.core.errors import NotFound
from app.core.outbox import enqueue
from app.customers import service as customers
from app.disbursement.models import DisbursalOrder, Payout
from app.disbursement.states import FAILED, OPEN, PAYOUT, PENDING, PROCESSING, REVERSED, STATE_OF, SUCCESS
from app.disbursement.terms import terms_from
from app.kyc import service as kyc
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments import service as payments
from app.providers import ProviderError, ProviderRejected, money

ONLINE, OFFLINE = "ONLINE", "OFFLINE"
BANK = "bank"  # who carries out what goes to the bank in a file


class PayoutMismatch(Exception):
    """What the provider tells cannot be true of what we know: a person has to look."""


def begin(loan: Loan, order: DisbursalOrder) -> Payout:
    """The attempt that an order asks for; it is sent once this is committed, or waits for the next file."""
    attempt = len(of_loan(loan.id)) + 1
    payout = Payout.create(
        loan_id=loan.id,
        order_id=order.id,
        bank_account_id=order.bank_account_id,
        vpa_id=order.vpa_id,
        attempt=attempt,
        status=PAYOUT.initial,
        channel=order.channel,
        provider=providers.chosen("payouts") if order.channel == ONLINE else BANK,
        reference=f"{loan.loan_no}-D{attempt}",
        amount=loan.net_disbursal,
        mode=order.rail,
    )
    PAYOUT.start(payout)
    if order.channel == ONLINE:
        enqueue("disbursement.send_payout", payout_id=payout.id)
    return payout


def of_loan(loan_id: UUID | str) -> list[Payout]:
    """Every attempt to pay a loan out, newest first."""
    return list(Payout.select().where(Payout.loan_id == loan_id).order_by(Payout.attempt.desc()))


def unsettled() -> list[Payout]:
    """Payouts at a gateway whose end is not known yet, oldest first."""
    waiting = Payout.status.in_(OPEN), Payout.channel == ONLINE
    return list(Payout.select().where(*waiting).order_by(Payout.id))


def send(payout_id: UUID | str) -> None:
    """Hand a payout to the provider, unless the provider has it. Repeating it is safe: every try has the same key.

    Raises ProviderError while it is not known whether the provider has it.
    """
    payout = Payout.find(payout_id).locked()
    if payout.status != PENDING or payout.channel != ONLINE:
        return
    try:
        told = _create(payout)
    except ProviderRejected as refusal:
        _fail(payout, refusal.reason)
    else:
        _take_over(payout, told, clock.now())


def _create(payout: Payout) -> money.Payout:
    """Ask for it, else send it. Where that did not go well ask what became of it: a lost answer is no failure."""
    gateway = providers.payouts(payout.provider)
    # keys end sooner at some providers than an outage does; a reference does not
    found = gateway.find_payout(payout.reference)
    if found is not None:
        return found
    try:
        return gateway.create_payout(
            amount=payout.amount,
            beneficiary=beneficiary(payout),
            reference_id=payout.reference,
            idempotency_key=str(payout.id),
            mode=payout.mode,
        )
    except ProviderError:
        found = gateway.find_payout(payout.reference)
        if found is None:
            raise
        return found


def beneficiary(payout: Payout) -> money.Beneficiary:
    """The account that the order named, in the customer's own name."""
    customer = customers.get(loans.get(payout.loan_id).customer_id)
    account = _account(customer.id, payout)
    return money.Beneficiary(
        name=account.holder_name or customer.name,
        account_number=account.account_number,
        ifsc=account.ifsc,
        phone=customer.phone,
        reference_id=customer.customer_no,
        vpa=kyc.upi_id(customer.id, payout.vpa_id).vpa if payout.vpa_id else None,
    )


def _account(customer_id: UUID, payout: Payout) -> Any:
    if payout.bank_account_id is None:  # begun before orders named the account
        return kyc.verified_account(customer_id)
    return kyc.bank_account(customer_id, payout.bank_account_id)


def refresh(payout_id: UUID | str) -> None:
    """Ask the provider about a payout that is on its way, in case its webhook stayed away."""
    payout = Payout.find(payout_id)
    if payout.status == PROCESSING and payout.channel == ONLINE:
        told = providers.payouts(payout.provider).fetch_payout(payout.provider_payout_id)
        _take_over(payout.locked(), told, clock.now())


def hear(told: money.Payout, occurred_at: datetime) -> None:
    """What a webhook tells of a payout. Raises NotFound if it is none of ours."""
    _take_over(by_reference(told.reference_id).locked(), told, occurred_at)


def by_reference(reference: str | None) -> Payout:
    """The payout of a reference, or NotFound."""
    payout = Payout.get_or_none(Payout.reference == reference)
    if payout is None:
        raise NotFound("payout")
    return payout


def _take_over(payout: Payout, told: money.Payout, at: datetime) -> None:
    """Bring our payout (locked) to the state the provider tells of, with all that follows from it."""
    target = STATE_OF[told.status]
    # only the bank's reference proves that the money arrived
    if target == SUCCESS and not told.utr:
        target = PROCESSING
    reason = told.description or told.reason or told.status
    if settle(payout, target, amount=told.amount, utr=told.utr, reason=reason, at=at):
        payout.change(provider_payout_id=told.id)


def settle(
    payout: Payout, target: str, *, amount: Decimal, utr: str | None, reason: str | None, at: datetime
) -> bool:
    """Take a payout (locked) to `target` with all that follows from it; False where that is no step of the table.

    Raises PayoutMismatch where the amount is another one, or money arrived that had failed.
    """
    if amount != payout.amount or (payout.status, target) == (FAILED, SUCCESS):
        raise PayoutMismatch(f"{payout.reference}: {payout.status} {payout.amount}, told {target} {amount}")
    if (payout.status, target) not in PAYOUT.steps:
        return False
    match target:
        case "PROCESSING":
            PAYOUT.move(payout, PROCESSING)
        case "SUCCESS":
            _arrived(payout, utr, at)
        case "FAILED":
            _fail(payout, reason)
        case "REVERSED":
            _came_back(payout, reason, at)
    return True


def _arrived(payout: Payout, utr: str | None, at: datetime) -> None:
    PAYOUT.move(payout, SUCCESS, utr=utr, settled_at=at)
    credited_on = business_day(at)
    loan = loans.get(payout.loan_id)
    loan = loans.move(loan.id, "DISBURSED", disbursed_at=at, **terms_from(loan, credited_on))
    ledger.post_disbursal(loan, credited_on, payout.reference)
    loans.move(loan.id, "ACTIVE")
    messaging.notify(
        loan.customer_id,
        "disbursed",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=payout.amount,
        utr=utr,
        due_date=loan.due_date,
    )


def _fail(payout: Payout, reason: str | None) -> None:
    PAYOUT.move(payout, FAILED, remark=reason, failure_reason=reason)
    loans.move(payout.loan_id, "APPROVED", reason_code="PAYOUT_FAILED", remark=reason)


def _came_back(payout: Payout, reason: str | None, at: datetime) -> None:
    had_arrived = payout.status == SUCCESS
    PAYOUT.move(payout, REVERSED, remark=reason, failure_reason=reason)
    if had_arrived:
        ledger.reverse_disbursal(loans.get(payout.loan_id), business_day(at), payout.reference)
    told = {"reason_code": "PAYOUT_REVERSED", "remark": reason, "disbursed_at": None}
    loan = loans.move(payout.loan_id, "APPROVED", **told)
    # what was paid on it meanwhile is the customer's
    payments.follow(loan)
