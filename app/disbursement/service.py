"""Disbursement: money goes to the customer once, whatever gets lost, comes late or comes twice."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.brands import providers
from app.core import clock
from app.core.clock import business_day
from app.core.errors import NotFound
from app.core.outbox import enqueue
from app.customers import service as customers
from app.disbursement import checklist
from app.disbursement.models import Payout
from app.disbursement.states import (
    FAILED,
    PAYOUT,
    PENDING,
    PROCESSING,
    REVERSED,
    STATE_OF,
    SUCCESS,
)
from app.kyc import service as kyc
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.providers import ProviderError, ProviderRejected, money

MODE = "IMPS"


class PayoutMismatch(Exception):
    """What the provider tells cannot be true of what we know: a person has to look."""


def start(loan_id: UUID | str) -> Payout:
    """Release a loan: the payout is sent once this is committed.

    Raises Conflict naming each check of the checklist that does not hold.
    """
    loan = loans.get(loan_id).locked()
    checklist.require(loan)
    loans.move(loan.id, "DISBURSAL_IN_PROCESS")
    attempt = len(of_loan(loan.id)) + 1
    payout = Payout.create(
        loan_id=loan.id,
        attempt=attempt,
        status=PAYOUT.initial,
        provider=providers.chosen("payouts"),
        reference=f"{loan.loan_no}-D{attempt}",
        amount=loan.net_disbursal,
        mode=MODE,
    )
    PAYOUT.start(payout)
    enqueue("disbursement.send_payout", payout_id=payout.id)
    return payout


def of_loan(loan_id: UUID | str) -> list[Payout]:
    """Every attempt to pay a loan out, newest first."""
    return list(Payout.select().where(Payout.loan_id == loan_id).order_by(Payout.attempt.desc()))


def unsettled() -> list[Payout]:
    """Payouts whose end is not known yet, oldest first."""
    return list(Payout.select().where(Payout.status.in_([PENDING, PROCESSING])).order_by(Payout.id))


def send(payout_id: UUID | str) -> None:
    """Hand a payout to the provider. Repeating it is safe: every try has the same key.

    Raises ProviderError while it is not known whether the provider has it.
    """
    payout = Payout.find(payout_id).locked()
    if payout.status != PENDING:
        return
    try:
        told = _create(payout)
    except ProviderRejected as refusal:
        _fail(payout, refusal.reason)
    else:
        _take_over(payout, told, clock.now())


def _create(payout: Payout) -> money.Payout:
    """Send it. Where that did not go well ask what became of it: a lost answer is no failure."""
    try:
        return providers.payouts(payout.provider).create_payout(
            amount=payout.amount,
            beneficiary=_beneficiary(payout),
            reference_id=payout.reference,
            idempotency_key=str(payout.id),
            mode=payout.mode,
        )
    except ProviderError:
        found = providers.payouts(payout.provider).find_payout(payout.reference)
        if found is None:
            raise
        return found


def _beneficiary(payout: Payout) -> money.Beneficiary:
    customer = customers.get(loans.get(payout.loan_id).customer_id)
    account = kyc.verified_account(customer.id)
    return money.Beneficiary(
        name=account.holder_name or customer.name,
        account_number=account.account_number,
        ifsc=account.ifsc,
        phone=customer.phone,
        reference_id=customer.customer_no,
    )


def refresh(payout_id: UUID | str) -> None:
    """Ask the provider about a payout that is on its way, in case its webhook stayed away."""
    payout = Payout.find(payout_id)
    if payout.status == PROCESSING:
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
    if told.amount != payout.amount or (payout.status, target) == (FAILED, SUCCESS):
        raise PayoutMismatch(
            f"{payout.reference}: {payout.status} {payout.amount}, told {target} {told.amount}"
        )
    if target == SUCCESS and not told.utr:
        # only the bank's reference proves that the money arrived
        target = PROCESSING
    if (payout.status, target) in PAYOUT.steps:
        payout.change(provider_payout_id=told.id)
        _ARRIVE[target](payout, told, at)


def _on_its_way(payout: Payout, told: money.Payout, at: datetime) -> None:
    PAYOUT.move(payout, PROCESSING)


def _arrived(payout: Payout, told: money.Payout, at: datetime) -> None:
    PAYOUT.move(payout, SUCCESS, utr=told.utr, settled_at=at)
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
        utr=told.utr,
        due_date=loan.due_date,
    )


def _failed(payout: Payout, told: money.Payout, at: datetime) -> None:
    _fail(payout, told.description or told.reason or told.status)


def _fail(payout: Payout, reason: str) -> None:
    PAYOUT.move(payout, FAILED, remark=reason, failure_reason=reason)
    loans.move(payout.loan_id, "APPROVED", reason_code="PAYOUT_FAILED", remark=reason)


def _came_back(payout: Payout, told: money.Payout, at: datetime) -> None:
    reason = told.description or told.reason or told.status
    had_arrived = payout.status == SUCCESS
    PAYOUT.move(payout, REVERSED, remark=reason, failure_reason=reason)
    if had_arrived:
        ledger.reverse_disbursal(loans.get(payout.loan_id), business_day(at), payout.reference)
    loans.move(payout.loan_id, "APPROVED", reason_code="PAYOUT_REVERSED", remark=reason, disbursed_at=None)


_ARRIVE = {PROCESSING: _on_its_way, SUCCESS: _arrived, FAILED: _failed, REVERSED: _came_back}


def terms_from(loan: Loan, credited_on: date) -> dict[str, Any]:
    """The loan's dates and repayment, from the day on which the money was credited.

    The due date stays as agreed, so a late credit costs the customer less. An early one does not make the
    loan longer than agreed.
    """
    due_date = min(loan.due_date, credited_on + timedelta(days=loan.tenure_days))
    days = (due_date - credited_on).days
    owed = ledger.repayment(loan.sanctioned_amount, loan.roi_percent_per_day, days)
    return {"due_date": due_date, "tenure_days": days, "repayment_amount": owed}
