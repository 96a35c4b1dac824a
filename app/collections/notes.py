"""What came of contacts: dispositions, and what follows from them by themselves."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from peewee import ModelSelect

from app.collections.models import Disposition
from app.contacts import service as contacts
from app.core import audit, clock, identity
from app.core.errors import Invalid
from app.loans import service as loans

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
    follow_up_on: date | None = None,
    call_ref: str | None = None,
) -> Disposition:
    """Write down what came of a contact. Some codes put the customer on the no-contact list. Raises NotFound, and
    Invalid for a day to follow up that has passed."""
    if follow_up_on and follow_up_on < clock.today():
        raise Invalid("This day has passed.", field="follow_up_on")
    loan, who = loans.get(loan_id), identity.actor()
    row = Disposition.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        code=code,
        contact_party=CODES[code],
        channel=channel,
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


def of_loan(loan_id: UUID | str) -> ModelSelect:
    """Every disposition of a loan."""
    return Disposition.select().where(Disposition.loan_id == loans.get(loan_id).id)
