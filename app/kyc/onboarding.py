"""The way in, as a table: what is needed of a customer, in this order, and whether it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.consents import service as consents
from app.customers import service as customers
from app.documents import service as documents
from app.kyc import attempts
from app.kyc.attempts import AADHAAR, BANK_ACCOUNT, EMPLOYMENT, PAN, PENDING, REJECTED, VERIFIED
from app.loans import service as loans

CONSENTS = ("KYC", "BUREAU")
DOCUMENTS = ("PAN_CARD", "SELFIE")
PROFILE = ("email", "employment_type", "salary_mode", "declared_monthly_salary")


@dataclass(frozen=True)
class Progress:
    """What we have of a customer. `checks`: kind to (status, reason) of the attempt that counts."""

    customer: customers.Customer
    consents: frozenset[str]
    checks: dict[str, tuple[str, str | None]]
    documents: dict[str, str]
    has_applied: bool


# Says what is missing, or None when nothing is.
Missing = Callable[[Progress], str | None]


@dataclass(frozen=True)
class Step:
    """`call` is the request that takes the step."""

    name: str
    call: str
    missing: Missing


@dataclass(frozen=True)
class StepState:
    """A step as it stands; `why` says what is missing, for people."""

    step: str
    call: str
    done: bool
    why: str | None


def _list_missing(words: str, wanted: tuple[str, ...], has: Callable[[Progress, str], bool]) -> Missing:
    def missing(progress: Progress) -> str | None:
        absent = [name.lower().replace("_", " ") for name in wanted if not has(progress, name)]
        return f"{words}: {', '.join(absent)}." if absent else None

    return missing


def _check(kind: str, ask: str, *, may_fail: bool = False) -> Missing:
    """A check that must be VERIFIED, or with `may_fail` only be concluded."""

    def missing(progress: Progress) -> str | None:
        status, reason = progress.checks.get(kind, (None, None))
        if status == VERIFIED or (may_fail and status == REJECTED):
            return None
        if status == PENDING:
            return f"{attempts.KINDS[kind].title} is not concluded yet: try again."
        return f"{ask} ({reason})" if reason else ask

    return missing


STEPS = (
    Step(
        "CONSENT",
        "POST /web/consents",
        _list_missing("We need your consent to", CONSENTS, lambda progress, name: name in progress.consents),
    ),
    Step("PAN", "POST /web/kyc/verify-pan", _check(PAN, "Enter your PAN.")),
    Step(
        "AADHAAR",
        "POST /web/kyc/initiate-aadhaar-otp",
        _check(AADHAAR, "Prove your address with an Aadhaar OTP."),
    ),
    Step(
        "DOCUMENTS",
        "POST /web/kyc/documents",
        _list_missing(
            "Upload", DOCUMENTS, lambda progress, name: progress.documents.get(name, REJECTED) != REJECTED
        ),
    ),
    Step(
        "PROFILE",
        "PATCH /web/profile",
        _list_missing("Tell us", PROFILE, lambda progress, name: bool(getattr(progress.customer, name))),
    ),
    Step(
        "BANK_ACCOUNT",
        "POST /web/kyc/bank-account",
        _check(BANK_ACCOUNT, "Give the account that your salary comes to."),
    ),
    # not everybody has a provident fund account: a clear no is an answer, and the credit policy weighs it
    Step(
        "EMPLOYMENT",
        "POST /web/kyc/employment",
        _check(EMPLOYMENT, "Let us look up your employer.", may_fail=True),
    ),
    Step(
        "APPLICATION",
        "POST /web/loans",
        lambda progress: None if progress.has_applied else "Choose an amount and apply.",
    ),
)


def steps(customer_id: UUID | str) -> list[StepState]:
    """Every step in order, as it stands for this customer."""
    progress = _progress(customer_id)
    states = [(step, step.missing(progress)) for step in STEPS]
    return [StepState(step.name, step.call, why is None, why) for step, why in states]


def next_step(customer_id: UUID | str) -> StepState | None:
    """The first step that is not done; None when all are."""
    return next((state for state in steps(customer_id) if not state.done), None)


def _progress(customer_id: UUID | str) -> Progress:
    customer = customers.get(customer_id)
    checks = {kind: attempts.latest(customer.id, kind) for kind in attempts.KINDS}
    return Progress(
        customer=customer,
        consents=frozenset(purpose for purpose in CONSENTS if consents.live(customer.id, purpose)),
        checks={kind: (check.status, check.reason) for kind, check in checks.items() if check},
        documents={document.kind: document.status for document in documents.of_customer(customer.id)},
        has_applied=any(loan.status not in loans.ENDED for loan in loans.of_customer(customer.id)),
    )
