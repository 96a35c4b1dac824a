"""Mandates: leave to debit the customer's account, registered before a loan is paid out, given up when it is closed."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from peewee import IntegrityError

from app.brands import providers
from app.brands import service as brands
from app.config import settings
from app.core import audit, clock, identity
from app.core.clock import INDIA
from app.core.database import db
from app.core.errors import Conflict, NotFound, Unavailable
from app.core.ids import new_id
from app.core.money import ZERO
from app.customers import service as customers
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import Loan
from app.mandates import terms
from app.mandates.models import Mandate, MandateWaiver
from app.mandates.states import ACTIVE, CANCELLED, EXPIRED, LIVE, MANDATE, PENDING, STATE_OF
from app.messaging import service as messaging
from app.providers import ProviderError, ProviderRejected, money

NOT_NEEDED, REQUIRED = "NOT_NEEDED", "REQUIRED"
EMANDATE = "emandate"
# Where the loan stands when there is something to register for: before it is paid out, and while it is owed.
_DUE = ("APPROVED", "DISBURSAL_IN_PROCESS", "ACTIVE", "PARTIALLY_PAID", "OVERDUE")


@dataclass(frozen=True)
class MandateState:
    """How a loan stands: `need` is the brand's (NOT_NEEDED, OPTIONAL, REQUIRED), `mandate` the newest one."""

    loan_id: UUID
    need: str
    mandate: Mandate | None
    waiver: MandateWaiver | None
    is_met: bool


def state_for(loan_id: UUID | str) -> MandateState:
    """How the loan stands. `is_met`: nothing more is needed before it is paid out."""
    loan, need = loans.get(loan_id), _policy()["need"]
    mandate, waiver = latest(loan.id), MandateWaiver.get_or_none(MandateWaiver.loan_id == loan.id)
    is_met = need != REQUIRED or waiver is not None or (mandate is not None and _covers(mandate, loan))
    return MandateState(loan.id, need, mandate, waiver, is_met)


def is_met(loan_id: UUID | str) -> bool:
    """Whether the loan may be paid out, for the checklist before a disbursal."""
    return state_for(loan_id).is_met


def _covers(mandate: Mandate, loan: Loan) -> bool:
    return (
        mandate.status == ACTIVE
        and mandate.amount_max >= loan.repayment_amount
        and mandate.valid_until >= loan.due_date
    )


def _policy() -> dict[str, Any]:
    return brands.settings()["mandate"]


def latest(loan_id: UUID) -> Mandate | None:
    """The newest mandate of a loan."""
    mine = Mandate.loan_id == loan_id
    return Mandate.select().where(mine).order_by(Mandate.id.desc()).first()


def begin_where_required(loan_id: UUID | str) -> None:
    """The agreement is signed: ask for the mandate where the brand cannot do without, once. Raises ProviderError."""
    state = state_for(loan_id)
    if state.need == REQUIRED and not state.is_met and state.mandate is None:
        _begin(loans.get(loan_id).locked(), _policy()["method"])


def begin(loan_id: UUID | str, method: str | None) -> MandateState:
    """Ask for a mandate and tell the customer where to give it; the one that is live, where there is one. A loan that
    runs gets another one where its own has ended, as that of a loan did that was closed and is open again.

    Raises Conflict where the brand has none, the loan is in no state for it or no account is verified; Unavailable if
    the gateway does not answer.
    """
    loan, policy = loans.get(loan_id).locked(), _policy()
    if policy["need"] == NOT_NEEDED:
        raise Conflict("This brand has no mandates.", code="MANDATE_NOT_OFFERED")
    if loan.status not in _DUE:
        raise Conflict(f"The loan is {loan.status}.", code="MANDATE_NOT_DUE")
    newest = latest(loan.id)
    if newest is None or newest.status not in LIVE:
        try:
            _begin(loan, method or policy["method"])
        except ProviderError as error:
            raise Unavailable("It cannot be registered just now. Try again in a minute.") from error
    return state_for(loan.id)


def _begin(loan: Loan, method: str) -> Mandate:
    mandate_id, policy = new_id(), _policy()
    cap = terms.amount_max(max(loan.repayment_amount, loan.outstanding_amount or ZERO), policy)
    until = terms.valid_until(max(loan.due_date, clock.today()), policy)
    account = _account(loan) if method == EMANDATE else None
    open_until = clock.now() + timedelta(days=policy["open_days"])
    customer = customers.get(loan.customer_id)
    asked = providers.mandates().request_mandate(
        payer=money.Payer(customer.name, customer.phone, customer.email, customer.customer_no),
        reference_id=str(mandate_id),
        description=f"Repayment of loan {loan.loan_no}",
        amount_max=cap,
        expires_at=datetime.combine(until, time(23, 59), INDIA),
        open_until=open_until,
        return_url=f"{settings().public_url}/web/loans/{loan.id}/mandate",
        method=method,
        account=_beneficiary(loan, account) if account else None,
    )
    mandate = Mandate.create(
        id=mandate_id,
        loan_id=loan.id,
        customer_id=loan.customer_id,
        status=MANDATE.initial,
        provider=providers.chosen("payments"),
        method=method,
        bank_account_id=account.id if account else None,
        amount_max=cap,
        valid_until=until,
        open_until=open_until,
        provider_request_id=asked.id,
        provider_customer_id=asked.customer_id,
        provider_order_id=asked.order_id,
        url=asked.url or None,
        checkout_key=asked.checkout_key or None,
    )
    MANDATE.start(mandate)
    _tell(loan, mandate)
    return mandate


def _account(loan: Loan) -> Any:
    account = kyc.verified_account(loan.customer_id)
    if account is None:
        raise Conflict("No account of the customer is verified yet.", code="ACCOUNT_NOT_VERIFIED")
    return account


def _beneficiary(loan: Loan, account: Any) -> money.Beneficiary:
    customer = customers.get(loan.customer_id)
    return money.Beneficiary(
        name=account.holder_name or customer.name,
        account_number=account.account_number,
        ifsc=account.ifsc,
        phone=customer.phone,
        reference_id=customer.customer_no,
    )


def _tell(loan: Loan, mandate: Mandate) -> None:
    # where the gateway has no page of its own, its checkout opens in the app
    app_url = next(iter(brands.settings()["origins"]), settings().public_url)
    messaging.notify(
        loan.customer_id,
        "mandate_link",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        url=mandate.url or app_url,
        amount_max=mandate.amount_max,
        valid_until=mandate.valid_until,
    )


def pending() -> list[Mandate]:
    """Those that are not given, or not confirmed by the bank yet, oldest first."""
    return list(Mandate.select().where(Mandate.status.in_(PENDING)).order_by(Mandate.id))


def refresh(mandate_id: UUID | str) -> None:
    """Ask the gateway how far a mandate is, and take over what is new; a loan that has ended needs none any more.

    What has ended stays ended. Raises ProviderError.
    """
    mandate = Mandate.find(mandate_id).locked()
    if mandate.status not in LIVE:
        return
    if loans.get(mandate.loan_id).status in loans.ENDED:
        _end(mandate, "The loan has ended.")
        return
    told = _ask(mandate)
    if told is not None:
        _take_over(mandate, told)
    elif clock.now() >= mandate.open_until:
        MANDATE.move(mandate, EXPIRED, remark="The page was not used in time.")


def _ask(mandate: Mandate) -> money.Mandate | None:
    return providers.mandates(mandate.provider).mandate_of(request_of(mandate))


def request_of(mandate: Mandate) -> money.MandateRequest:
    """What the gateway calls the request that the mandate came of."""
    return money.MandateRequest(
        id=mandate.provider_request_id,
        customer_id=mandate.provider_customer_id,
        order_id=mandate.provider_order_id,
        status="",
        url=mandate.url or "",
    )


def _take_over(mandate: Mandate, told: money.Mandate) -> None:
    """Bring our mandate (locked) to the state that the gateway tells of."""
    target = STATE_OF[told.status]
    if (mandate.status, target) not in MANDATE.steps:
        return
    changes: dict[str, Any] = {"provider_mandate_id": told.id, "failure_reason": told.failure_reason}
    if target == ACTIVE:
        changes |= {"active_at": clock.now(), "amount_max": told.amount_max or mandate.amount_max}
    if told.bank_reference:
        changes |= {"umrn": told.bank_reference, "umrn_hash": Mandate.umrn_hash.hash_of(told.bank_reference)}
    MANDATE.move(mandate, target, remark=told.failure_reason, **changes)


def hear(event: money.MandateEvent | money.MandateRequestEvent, provider: str) -> None:
    """What a webhook tells is a hint to ask. Raises NotFound if it is about none of ours, or of one not known yet."""
    told_id = event.mandate.id if isinstance(event, money.MandateEvent) else event.request.id
    mandate = Mandate.get_or_none(
        Mandate.provider == provider,
        (Mandate.provider_request_id == told_id) | (Mandate.provider_mandate_id == told_id),
    )
    if mandate is None:
        raise NotFound("mandate")
    refresh(mandate.id)


def is_registration(payment: money.Payment, provider: str) -> bool:
    """Whether a payment (of a rupee at most) came with the registration of a mandate: it repays nothing."""
    if payment.order_id is None:
        return False
    same = (Mandate.provider == provider, Mandate.provider_order_id == payment.order_id)
    return Mandate.select().where(*same).exists()


def cancel(loan_id: UUID | str, reason: str) -> MandateState:
    """Give up the live mandate of a loan. Raises Conflict if there is none, Unavailable as `begin` does."""
    mandate = _live(loan_id)
    if mandate is None:
        raise Conflict("The loan has no live mandate.", code="MANDATE_NOT_LIVE")
    try:
        _end(mandate, reason)
    except ProviderError as error:
        raise Unavailable("It cannot be cancelled just now. Try again in a minute.") from error
    return state_for(loan_id)


def end_for_loan(loan_id: UUID | str) -> None:
    """The loan has ended: give its mandate up, if it has one. Raises ProviderError."""
    mandate = _live(loan_id)
    if mandate is not None:
        _end(mandate, "The loan has ended.")


def _live(loan_id: UUID | str) -> Mandate | None:
    mandate = latest(loans.get(loan_id).id)
    return mandate.locked() if mandate and mandate.status in LIVE else None


def _end(mandate: Mandate, reason: str) -> None:
    """Cancel it at the gateway and here. One that the gateway cannot cancel is as the gateway says it is."""
    try:
        providers.mandates(mandate.provider).end_mandate(request_of(mandate), mandate.provider_mandate_id)
    except ProviderRejected:
        told = _ask(mandate)
        if told is None or STATE_OF[told.status] in LIVE:
            raise
    MANDATE.move(mandate, CANCELLED, remark=reason)


def waive(loan_id: UUID | str, reason: str) -> MandateState:
    """Let the loan be paid out without a mandate. Raises Conflict where none is required, or it was waived before."""
    loan = loans.get(loan_id)
    if _policy()["need"] != REQUIRED:
        raise Conflict("No mandate is required.", code="MANDATE_NOT_REQUIRED")
    try:
        with db.atomic():
            waiver = MandateWaiver.create(loan_id=loan.id, reason=reason, waived_by=identity.actor().id)
    except IntegrityError:
        raise Conflict("It was waived before.", code="MANDATE_WAIVED") from None
    audit.record("mandate.waived", "loan", loan.id, subject_id=loan.customer_id, reason=reason)
    return state_for(waiver.loan_id)
