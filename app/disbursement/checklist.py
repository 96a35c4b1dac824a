"""What must hold before money goes out: one table, asked when a payout is proposed and again when it is released."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from app.brands import service as brands
from app.core import clock
from app.core.clock import business_day
from app.core.errors import Conflict
from app.core.states import StateChange
from app.customers import references
from app.customers import service as customers
from app.customers.service import Customer
from app.disbursement.terms import terms_from
from app.esign import key_facts
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import ENDED, Loan
from app.mandates import service as mandates

_TERMS = (
    "sanctioned_amount",
    "roi_percent_per_day",
    "tenure_days",
    "repayment_amount",
    "processing_fee",
    "gst_amount",
    "net_disbursal",
    "due_date",
)
SUNDAY = 7


class File:
    """A loan with what its checks read, each read once."""

    def __init__(self, loan: Loan) -> None:
        self.loan = loan

    @cached_property
    def customer(self) -> Customer:
        return customers.get(self.loan.customer_id)

    @cached_property
    def trail(self) -> list[StateChange]:
        return loans.trail(self.loan.id)

    @cached_property
    def settings(self) -> dict[str, Any]:
        return brands.settings()

    @property
    def policy(self) -> dict[str, Any]:
        return self.settings["disbursal"]

    @cached_property
    def today(self) -> date:
        return clock.today()

    def days_since(self, entity: str, state: str) -> int | None:
        """Days since the loan or its agreement last came to `state`; None if it never did."""
        reached = [s.created_at for s in self.trail if (s.entity, s.to_state) == (entity, state)]
        return (self.today - business_day(reached[-1])).days if reached else None

    @property
    def has_terms(self) -> bool:
        return all(getattr(self.loan, name) is not None for name in _TERMS)


@dataclass(frozen=True)
class Check:
    """`reads` is what it looks at, `sentence` what is so when it holds. What another check says is missing holds."""

    name: str
    reads: str
    sentence: str
    holds: Callable[[File], bool]


def _is_sanctioned(file: File) -> bool:
    # sanctioned by somebody: a failed payout, too, brings a loan back to APPROVED
    return any(s.entity == "loan" and s.to_state == "APPROVED" for s in file.trail)


def _sanction_is_valid(file: File) -> bool:
    if file.loan.sanction_valid_until is not None:
        return file.today <= file.loan.sanction_valid_until
    # sanctioned before sanctions named their last day
    sanctioned = [
        s for s in file.trail if s.from_state == "SANCTION_MANAGER_APPROVED" and s.to_state == "APPROVED"
    ]
    days = file.policy["sanction_valid_days"]
    return not sanctioned or (file.today - business_day(sanctioned[-1].created_at)).days <= days


def _kfs_is_valid(file: File) -> bool:
    if file.loan.agreement_status != "SIGNED":
        return True
    since = file.days_since("agreement", "SIGNED")
    return since is not None and since <= file.policy["kfs_valid_days"]


def _adds_up(file: File) -> bool:
    loan = file.loan
    parts = (loan.net_disbursal, loan.processing_fee, loan.gst_amount)
    return not file.has_terms or loan.sanctioned_amount == sum(parts)


def _is_as_signed(file: File) -> bool:
    """A credit today asks for no more than what was signed; for less it may."""
    if not file.has_terms or file.loan.due_date <= file.today:
        return True
    return terms_from(file.loan, file.today)["repayment_amount"] <= file.loan.repayment_amount


def _due_date_fits(file: File) -> bool:
    rules, due = file.settings["loan_rules"], file.loan.due_date
    if due is None:
        return True
    return rules["tenure_days_min"] <= (due - file.today).days <= rules["tenure_days_max"]


def _no_other_loan(file: File) -> bool:
    others = loans.of_customer(file.loan.customer_id)
    return all(other.id == file.loan.id or other.status in ENDED for other in others)


def _is_paying_day(file: File) -> bool:
    if file.today in file.policy["holidays"]:
        return False
    return file.policy["pays_on_sundays"] or file.today.isoweekday() != SUNDAY


CHECKS = (
    Check(
        "LOAN_APPROVED",
        "status of the loan",
        "The loan is approved and not yet on its way.",
        lambda file: file.loan.status == "APPROVED",
    ),
    Check("SANCTION_PRESENT", "trail of the loan", "Somebody sanctioned the loan.", _is_sanctioned),
    Check(
        "SANCTION_VALID",
        "last day of the sanction, else `disbursal.sanctionValidDays`",
        "The sanction is still valid.",
        _sanction_is_valid,
    ),
    Check(
        "TERMS_COMPLETE",
        "terms of the loan",
        "Amount, rate, fees and due date are set.",
        lambda file: file.has_terms,
    ),
    Check(
        "AMOUNTS_ADD_UP", "terms of the loan", "Net amount, fee and tax make the sanctioned amount.", _adds_up
    ),
    Check(
        "AGREEMENT_SIGNED",
        "status of the agreement: e-sign takes no other signer than the applicant",
        "The applicant signed the agreement.",
        lambda file: file.loan.agreement_status == "SIGNED",
    ),
    Check(
        "KFS_VALID",
        "day of the signature under the Key Facts Statement, `disbursal.kfsValidDays`",
        "The Key Facts Statement was accepted and is still valid.",
        _kfs_is_valid,
    ),
    Check(
        "AMOUNTS_AS_SIGNED",
        "repayment from a credit today, repayment in the Key Facts Statement",
        "A payout today costs no more than the Key Facts Statement says.",
        _is_as_signed,
    ),
    Check(
        "COOLING_OFF_TOLD",
        "`loanRules.coolingOffDays`, which the agreement tells",
        "The customer is told until when the loan can be given back.",
        lambda file: file.settings["loan_rules"]["cooling_off_days"] > 0,
    ),
    Check(
        "KFS_ACCEPTED",
        "acceptance of the newest Key Facts Statement, the terms in it and those of the loan",
        "The customer accepted the Key Facts Statement that holds.",
        lambda file: not file.has_terms or key_facts.is_accepted(file.loan.id),
    ),
    Check(
        "OWN_ACCOUNT_VERIFIED",
        "accounts that a penny drop proved",
        "A bank account in the customer's own name is verified.",
        lambda file: kyc.verified_account(file.loan.customer_id) is not None,
    ),
    Check(
        "MANDATE_REGISTERED",
        "`mandate.need`, mandate and waiver of the loan",
        "A mandate is registered, or waived, where the brand asks for one.",
        lambda file: mandates.is_met(file.loan.id),
    ),
    Check(
        "REFERENCES_CONFIRMED",
        "references that staff confirmed, `disbursal.referencesConfirmed`",
        "As many references are confirmed as the brand asks for.",
        lambda file: references.confirmed_count(file.customer.id) >= file.policy["references_confirmed"],
    ),
    Check(
        "OTHER_PHONE_CONFIRMED",
        "the customer's other phone, `disbursal.alternatePhoneConfirmed`",
        "Another phone of the customer is confirmed, where the brand asks for one.",
        lambda file: (
            file.customer.alternate_phone_confirmed_at is not None
            or not file.policy["alternate_phone_confirmed"]
        ),
    ),
    Check(
        "NOT_BLACKLISTED",
        "the customer's record",
        "The customer is not on the blacklist.",
        lambda file: not file.customer.is_blacklisted,
    ),
    Check(
        "NO_OTHER_LIVE_LOAN", "the customer's loans", "The customer has no other live loan.", _no_other_loan
    ),
    Check(
        "DUE_DATE_IN_WINDOW",
        "due date, shortest and longest tenure of the brand",
        "From today the due date is within the tenures of the brand.",
        _due_date_fits,
    ),
    Check(
        "PAYING_DAY",
        "the calendar, `disbursal.paysOnSundays`, `disbursal.holidays`",
        "The brand pays out today.",
        _is_paying_day,
    ),
)


def results(loan: Loan) -> list[dict[str, Any]]:
    """Every check, and whether it holds now."""
    file = File(loan)
    return [{"name": c.name, "sentence": c.sentence, "holds": c.holds(file)} for c in CHECKS]


def failing(loan: Loan) -> list[Check]:
    """The checks that do not hold now."""
    file = File(loan)
    return [check for check in CHECKS if not check.holds(file)]


def require(loan: Loan) -> None:
    """Raises Conflict naming every check that does not hold."""
    failed = failing(loan)
    if failed:
        raise Conflict(
            "Not ready to be paid out. It must hold: " + " ".join(check.sentence for check in failed),
            code="CHECKLIST_FAILED",
            failed=[check.name for check in failed],
        )
