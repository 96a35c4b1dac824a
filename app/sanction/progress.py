"""How far an application is, for the customer: the stage in words, what is waited for, what to do next, since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.assessment import service as assessment
from app.banking import service as banking
from app.bureau import service as bureau
from app.consents import service as consents
from app.credit import service as credit
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import Loan
from app.sanction import offers


@dataclass(frozen=True)
class Stage:
    """`waiting_for` is empty where nothing is; `next_step` where the customer has nothing to do."""

    name: str
    words: str
    waiting_for: str = ""
    next_step: str = ""


_OF_STATUS: Mapping[str, Stage] = {
    "HOLD": Stage("IN_REVIEW", "We need some more time for your application.", "our credit team"),
    "CREDIT_EXECUTIVE_APPROVED": Stage(
        "IN_REVIEW", "Your application is being decided on.", "our credit team"
    ),
    "SANCTION_MANAGER_APPROVED": Stage(
        "IN_REVIEW", "Your application is being decided on.", "our credit team"
    ),
    "DISBURSAL_IN_PROCESS": Stage("PAYING_OUT", "The money is on its way to your account.", "the bank"),
    "REJECTED": Stage("DECLINED", "We could not approve your application."),
    "CANCELLED": Stage("CLOSED", "Your application is closed."),
    "COMPLETED": Stage("REPAID", "Your loan is repaid. Thank you."),
}
_OF_AGREEMENT: Mapping[str, Stage] = {
    "NOT_SENT": Stage("AGREEMENT", "Your loan is approved. We prepare the agreement.", "us"),
    "SENT": Stage("AGREEMENT", "Your loan is approved.", "your signature", "Read and sign the agreement."),
    "SIGNED": Stage("PAYING_OUT", "The agreement is signed. We prepare the payout.", "us"),
}
_AGREEMENT_AGAIN = Stage("AGREEMENT", "The agreement was not signed.", "us")
_RUNNING = Stage("REPAYING", "Your loan is running.", "your repayment", "Repay by the due date.")
_OFFERED = Stage("OFFER", "We have an offer for you.", "your answer", "Accept or decline the offer.")
_OF_BANK_DATA: Mapping[str, Stage] = {
    "NOT_REQUESTED": Stage(
        "BANK_DATA", "We need your bank statement.", "your bank data", "Send your bank statement."
    ),
    "AWAITING_CONSENT": Stage(
        "BANK_DATA",
        "We need your bank statement.",
        "your consent",
        "Allow your bank to share your statement.",
    ),
    "FETCHING": Stage("BANK_DATA", "We collect your bank statement.", "your bank"),
    "PROCESSING": Stage("BANK_DATA", "We read your bank statement.", "us"),
    "FAILED": Stage(
        "BANK_DATA", "We did not get your bank statement.", "your bank data", "Send it as a file."
    ),
    "DELETED": Stage(
        "BANK_DATA", "We need your bank statement.", "your bank data", "Send your bank statement."
    ),
}
_ACCOUNT = Stage(
    "IDENTITY", "Your bank account is not verified.", "your bank account", "Name your bank account."
)
_CONSENT = Stage(
    "BUREAU", "We need your credit report.", "your consent", "Allow us to ask the credit bureau."
)
_IDENTITY = Stage(
    "IDENTITY", "We do not know yet who you are.", "your PAN and Aadhaar", "Verify your PAN and your Aadhaar."
)
_BUREAU = Stage("BUREAU", "We ask the credit bureau.", "the credit bureau")
_DECIDING = Stage("DECISION", "Your application is being assessed.", "us")
_CHECKING = Stage("IN_REVIEW", "Somebody looks at your application.", "our credit team")


def of(loan_id: UUID, customer_id: UUID) -> dict[str, Any]:
    """Where one's own loan stands. Raises NotFound."""
    loan = loans.for_customer(loan_id, customer_id)
    stage = _stage(loan)
    return {
        "loan_id": loan.id,
        "status": loan.status,
        "stage": stage.name,
        "words": stage.words,
        "waiting_for": stage.waiting_for or None,
        "next_step": stage.next_step or None,
        "since": loan.status_since,
        "steps": assessment.steps_for_customer(loan) if loan.status in loans.IN_CREDIT else [],
        "bank_consent_url": banking.open_consent_url(loan.id),
    }


def _stage(loan: Loan) -> Stage:
    if offers.open_of(loan.id) and loan.status in (*loans.WORKS_ON, "HOLD"):
        return _OFFERED
    if loan.status == "APPLIED":
        return _of_application(loan)
    if loan.status == "APPROVED":
        return _OF_AGREEMENT.get(loan.agreement_status, _AGREEMENT_AGAIN)
    return _OF_STATUS.get(loan.status, _RUNNING)


def _of_application(loan: Loan) -> Stage:
    """The first thing that is still missing, in the order in which it is needed."""
    if kyc.verified_account(loan.customer_id) is None:
        return _ACCOUNT
    if bureau.origin(loan.id) is None:
        if consents.live(loan.customer_id, "BUREAU") is None:
            return _CONSENT
        return _IDENTITY if bureau.lacks(loan.customer_id) else _BUREAU
    bank_data = _OF_BANK_DATA.get(banking.standing(loan.id)["status"])
    if bank_data:
        return bank_data
    return _CHECKING if credit.latest(loan.id) else _DECIDING
