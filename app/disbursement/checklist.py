"""What must hold before money goes out."""

from collections.abc import Callable
from dataclasses import dataclass

from app.brands import service as brands
from app.core import clock
from app.core.errors import Conflict
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import Loan

_TERMS = (
    "sanctioned_amount",
    "roi_percent_per_day",
    "tenure_days",
    "processing_fee",
    "gst_amount",
    "net_disbursal",
    "due_date",
)


@dataclass(frozen=True)
class Check:
    """`sentence` is what holds when it holds."""

    name: str
    sentence: str
    holds: Callable[[Loan], bool]


def _is_sanctioned(loan: Loan) -> bool:
    return any(step.entity == "loan" and step.to_state == "APPROVED" for step in loans.trail(loan.id))


def _has_terms(loan: Loan) -> bool:
    return all(getattr(loan, name) is not None for name in _TERMS)


def _adds_up(loan: Loan) -> bool:
    parts = (loan.net_disbursal, loan.processing_fee, loan.gst_amount)
    if loan.sanctioned_amount is None or None in parts:
        return True  # another check says what is missing
    return loan.sanctioned_amount == sum(parts)


def _leaves_time(loan: Loan) -> bool:
    days_min = brands.settings()["loan_rules"]["tenure_days_min"]
    return loan.due_date is not None and (loan.due_date - clock.today()).days >= days_min


CHECKS = (
    Check(
        "LOAN_APPROVED",
        "The loan is approved and not yet on its way.",
        lambda loan: loan.status == "APPROVED",
    ),
    Check("SANCTION_PRESENT", "Somebody sanctioned the loan.", _is_sanctioned),
    Check("TERMS_COMPLETE", "Amount, rate, fees and due date are set.", _has_terms),
    Check("AMOUNTS_ADD_UP", "Net amount, fee and tax make the sanctioned amount.", _adds_up),
    Check("AGREEMENT_SIGNED", "The agreement is signed.", lambda loan: loan.agreement_status == "SIGNED"),
    Check(
        "OWN_ACCOUNT_VERIFIED",
        "A bank account in the customer's own name is verified.",
        lambda loan: kyc.verified_account(loan.customer_id) is not None,
    ),
    Check(
        "DUE_DATE_IN_WINDOW", "The due date leaves at least the shortest tenure of the brand.", _leaves_time
    ),
)


def failing(loan: Loan) -> list[Check]:
    """The checks that do not hold now."""
    return [check for check in CHECKS if not check.holds(loan)]


def require(loan: Loan) -> None:
    """Raises Conflict naming every check that does not hold."""
    failed = failing(loan)
    if failed:
        raise Conflict(
            "Not ready to be paid out. It must hold: " + " ".join(check.sentence for check in failed),
            code="CHECKLIST_FAILED",
            failed=[check.name for check in failed],
        )
