"""The steps to a decision, as a table: when one is done, what it waits for, and what takes it.

Each looks at what is there, not at what was asked for: a report that staff pulled and a statement that staff sent count
as much as those that came by themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.assessment.models import Assessment
from app.banking import service as banking
from app.brands import service as brands
from app.bureau import service as bureau
from app.consents import service as consents
from app.credit import service as credit
from app.loans.service import Loan

CUSTOMER, BANK, STAFF = "CUSTOMER", "BANK", "STAFF"
BUREAU, BANK_DATA, DECISION = "BUREAU", "BANK_DATA", "DECISION"


@dataclass(frozen=True)
class Awaited:
    """What a step lacks, in words for the customer, and who is to bring it."""

    waits_for: str
    reason: str


@dataclass(frozen=True)
class Step:
    """`take` does the step, where it is ours to do; `needs` are the steps before it."""

    name: str
    is_done: Callable[[Loan, Assessment], bool]
    awaited: Callable[[Loan], Awaited | None] = lambda loan: None
    take: Callable[[Loan, Assessment], Any] | None = None
    needs: tuple[str, ...] = ()


def _bureau_awaits(loan: Loan) -> Awaited | None:
    if consents.live(loan.customer_id, "BUREAU") is None:
        return Awaited(CUSTOMER, "We need your consent to ask the credit bureau.")
    if bureau.lacks(loan.customer_id):
        return Awaited(CUSTOMER, "Verify your PAN and your Aadhaar first.")
    return None


# what is waited for, by where the bank data stands; what is read at this moment comes by itself
_BANK_AWAITS = {
    "NOT_REQUESTED": Awaited(CUSTOMER, "Share your bank data, or send a statement."),
    "AWAITING_CONSENT": Awaited(CUSTOMER, "Allow your bank to share your statement."),
    "FETCHING": Awaited(BANK, "Your bank sends the statement."),
    "PROCESSING": Awaited(BANK, "The statement is being read."),
    "FAILED": Awaited(CUSTOMER, "We did not get your bank data. Send a statement."),
    "DELETED": Awaited(CUSTOMER, "Your bank data was deleted. Send a statement."),
}


def _bank_awaits(loan: Loan) -> Awaited | None:
    awaited = _BANK_AWAITS.get(banking.standing(loan.id)["status"])
    refusal = banking.why_unread(loan.id)
    if refusal and awaited and awaited.waits_for == CUSTOMER:
        return Awaited(CUSTOMER, f"The statement cannot be used. {refusal}")
    return awaited


def _has_bank_data(loan: Loan, _: Assessment) -> bool:
    """Also where the brand takes none: then the rules say what follows."""
    takes_some = any(map(brands.is_on, ("account_aggregator", "statement_upload")))
    return not takes_some or banking.standing(loan.id)["status"] == "READY"


def decision_of(loan: Loan, assessment: Assessment) -> Any:
    """The newest decision on the file, if it was made since the assessment began, by whomever."""
    decision = credit.latest(loan.id)
    return decision if decision and decision.created_at > assessment.began_at else None


def _decide(loan: Loan, assessment: Assessment) -> None:
    """Once, however many workers come to it."""
    loan = loan.locked()
    if decision_of(loan, assessment) is None:
        credit.evaluate(loan.id)


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            BUREAU,
            lambda loan, _: bureau.origin(loan.id) is not None,
            _bureau_awaits,
            lambda loan, _: bureau.pull(loan.id),
        ),
        Step(BANK_DATA, _has_bank_data, _bank_awaits),
        Step(
            DECISION,
            lambda loan, assessment: decision_of(loan, assessment) is not None,
            take=_decide,
            needs=(BUREAU, BANK_DATA),
        ),
    )
}
