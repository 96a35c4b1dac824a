"""What must hold before a loan is recommended or sanctioned."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import rules
from app.cam import service as cams
from app.core import clock
from app.core.errors import Conflict
from app.credit import service as credit
from app.customers import service as customers
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import Loan
from app.sanction import offers, referrals


@dataclass(frozen=True)
class Check:
    """`sentence` is what holds when it holds."""

    name: str
    sentence: str
    holds: Callable[[Loan], bool]


def _is_eligible(loan: Loan) -> bool:
    cam = cams.latest(loan.id)
    return cam is None or Decimal(cam.computed["eligible_loan"]) > 0  # another check says that it is missing


def _is_evaluated(loan: Loan) -> bool:
    decision = credit.latest(loan.id)
    return decision is not None and decision.created_at > loans.to_evaluate_since(loan.id)


def _is_not_rejected(loan: Loan) -> bool:
    decision = credit.latest(loan.id)
    return decision is None or decision.outcome != rules.REJECT


def _has_no_other(loan: Loan) -> bool:
    known = loans.facts(loan)
    return not known["open_loan_count"] and not known.get("sister_open_loan_count")


CHECKS = (
    Check("CAM_SAVED", "The CAM is saved.", lambda loan: cams.latest(loan.id) is not None),
    Check("ELIGIBLE", "The eligible loan is above zero.", _is_eligible),
    Check("EVALUATED", "The rules have run on the file as it stands.", _is_evaluated),
    Check("NOT_REJECTED", "The rules do not reject it.", _is_not_rejected),
    Check(
        "REFERRALS_DECIDED",
        "Something was said to every reason for which the rules refer.",
        lambda loan: all(said["accepted"] is not None for said in referrals.of_loan(loan.id)),
    ),
    Check(
        "REFERRALS_ACCEPTED",
        "None of those reasons stands.",
        lambda loan: all(said["accepted"] is not False for said in referrals.of_loan(loan.id)),
    ),
    Check(
        "PAN_VERIFIED",
        "The PAN is verified.",
        lambda loan: kyc.facts(loan.customer_id, clock.today()).get("pan_status") == "VALID",
    ),
    Check(
        "ACCOUNT_VERIFIED",
        "A bank account in the customer's own name is verified.",
        lambda loan: kyc.verified_account(loan.customer_id) is not None,
    ),
    Check(
        "NOT_BLACKLISTED",
        "The customer is on no negative list.",
        lambda loan: not customers.get(loan.customer_id).is_blacklisted,
    ),
    Check(
        "NO_OTHER_LOAN", "No other loan is running or applied for, here or in a sister brand.", _has_no_other
    ),
    Check("NO_OPEN_OFFER", "No offer waits for the customer.", lambda loan: offers.open_of(loan.id) is None),
)


def of_loan(loan_id: UUID) -> list[dict[str, Any]]:
    """Every check, and whether it holds now. Raises NotFound without the loan."""
    loan = loans.get(loan_id)
    return [{"name": check.name, "sentence": check.sentence, "holds": check.holds(loan)} for check in CHECKS]


def require(loan: Loan) -> None:
    """Raises Conflict naming every check that does not hold."""
    failed = [check for check in CHECKS if not check.holds(loan)]
    if failed:
        raise Conflict(
            "The file is not ready. It must hold: " + " ".join(check.sentence for check in failed),
            code="CHECKLIST_FAILED",
            failed=[check.name for check in failed],
        )
