"""What came of contacts: dispositions, and what follows from them by themselves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from peewee import ModelSelect

from app.calls import service as calls
from app.collections.field import visits
from app.collections.models import Disposition
from app.contacts import service as contacts
from app.core import audit, clock, identity
from app.core.errors import Conflict, Invalid
from app.loans import service as loans
from app.loans.service import Loan

BORROWER, THIRD_PARTY, NOBODY = "BORROWER", "THIRD_PARTY", "NOBODY"
# code -> whom the contact reached
CODES: Mapping[str, str] = MappingProxyType(
    {
        "PTP": BORROWER,
        "PAID_CLAIM": BORROWER,
        "CALLBACK": BORROWER,
        "REFUSE_TO_PAY": BORROWER,
        "DISPUTE": BORROWER,
        "HARDSHIP": BORROWER,
        "SETTLEMENT_REQUEST": BORROWER,
        "LANGUAGE_BARRIER": BORROWER,
        "DND_REQUEST": BORROWER,
        "LEFT_MESSAGE": THIRD_PARTY,
        "WRONG_PARTY": THIRD_PARTY,
        "DECEASED": THIRD_PARTY,
        "LEGAL_REPRESENTATIVE": THIRD_PARTY,
        "FRAUD_CLAIM": BORROWER,
        "RINGING_NO_RESPONSE": NOBODY,
        "SWITCHED_OFF": NOBODY,
        "BUSY": NOBODY,
        "OUT_OF_COVERAGE": NOBODY,
        "WRONG_NUMBER": NOBODY,
    }
)
AHEAD_MAX = timedelta(days=366)
_PERSONAL = ("CALL", "VISIT")
_ALL = ("CALL", "VISIT", "SMS", "WHATSAPP")
# after these the customer is on the no-contact list: code -> channels and reason
LISTS: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "DND_REQUEST": (_PERSONAL, "CUSTOMER_ASKED"),
        "DECEASED": (_ALL, "DECEASED"),
        "LEGAL_REPRESENTATIVE": (_PERSONAL, "LEGAL_REPRESENTATIVE"),
        "WRONG_NUMBER": (("CALL", "SMS", "WHATSAPP"), "WRONG_NUMBER"),
    }
)


def note(
    loan_id: UUID | str,
    code: str,
    channel: str,
    remark: str,
    *,
    follow_up_on: date | None = None,
    call_ref: str | None = None,
    contacted_at: datetime | None = None,
    inbound: bool = False,
) -> Disposition:
    """Write down what came of a contact, which counts among those of the customer. Some codes put the customer on the
    no-contact list.

    A contact without `contacted_at` is one of this moment: raises ContactRefused where it may not be. What happened
    before is written down as it was, with the rule that it broke. Raises NotFound, Conflict for a loan that was not
    paid out, and Invalid for a day to follow up that has passed and a contact that is still to come or before the loan.
    """
    loan, who = loans.get(loan_id), identity.actor()
    if follow_up_on:
        _check_ahead(follow_up_on)
    _check_told(loan, contacted_at)
    counted = inbound or _is_counted(loan, channel, call_ref, contacted_at or clock.now())
    broke = None if counted else _counted(loan, channel, contacted_at)
    row = Disposition.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        code=code,
        contact_party=CODES[code],
        channel=channel,
        inbound=inbound,
        contacted_at=contacted_at or clock.now(),
        broke=broke,
        remark=remark,
        follow_up_on=follow_up_on,
        call_ref=call_ref,
        days_past_due=(clock.today() - loan.due_date).days if loan.due_date else None,
        author_id=who.id,
        author_role=who.role,
    )
    if code in LISTS:
        channels, reason = LISTS[code]
        contacts.list_customer(loan.customer_id, channels, reason, remark)
    audit.record("collection.disposition", "loan", loan.id, after={"code": code, "channel": channel})
    return row


def _check_ahead(day: date) -> None:
    last = clock.today() + AHEAD_MAX
    if not clock.today() <= day <= last:
        raise Invalid(f"From today to {last}.", field="follow_up_on")


def _check_told(loan: Loan, contacted_at: datetime | None) -> None:
    if loan.disbursed_at is None:
        raise Conflict("The loan was not paid out.", code="NOTHING_TO_COLLECT")
    if contacted_at and not loan.disbursed_at <= contacted_at <= clock.now():
        raise Invalid("From the day on which the loan was paid out until now.", field="contacted_at")


def _is_counted(loan: Loan, channel: str, call_ref: str | None, at: datetime) -> bool:
    """Whether the contact was counted when it left: the dialer counts its calls, a field visit is counted once."""
    if channel == "VISIT":
        return visits.was_made(loan.id, at)
    return bool(channel == "CALL" and call_ref and calls.was_dialled(loan.customer_id, call_ref))


def _counted(loan: Loan, channel: str, contacted_at: datetime | None) -> str | None:
    if contacted_at is None:
        contacts.attempt(loan.customer_id, channel, loan_id=loan.id)
        return None
    return contacts.record(loan.customer_id, channel, loan_id=loan.id, at=contacted_at)


def of_loan(loan_id: UUID | str) -> ModelSelect:
    """Every disposition of a loan."""
    return Disposition.select().where(Disposition.loan_id == loans.get(loan_id).id)
