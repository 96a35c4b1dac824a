"""The way in, as a table: what is needed of a customer, in this order, and whether it is there.

A brand's settings (`onboarding`) say which steps it asks for. A step waits for the customer or for our staff; what
waits for staff holds nobody up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.consents import service as consents
from app.customers import references
from app.customers import service as customers
from app.documents import service as documents
from app.kyc import attempts, routes
from app.kyc.attempts import (
    AADHAAR,
    BANK_ACCOUNT,
    EMPLOYMENT,
    FACE_MATCH,
    MOBILE_TO_ADDRESS,
    MOBILE_TO_PAN,
    PAN,
    PENDING,
    REJECTED,
    VERIFIED,
)
from app.loans import service as loans

CONSENTS = ("KYC", "BUREAU")
PROFILE = ("email", "employment_type", "salary_mode", "declared_monthly_salary")
EMPLOYER = ("employer_name", "designation", "salary_day")
CUSTOMER, STAFF = "CUSTOMER", "STAFF"


@dataclass(frozen=True)
class Progress:
    """What we have of a customer. `checks`: kind to (status, reason) of the attempt that counts; `documents`: kind to
    the status of the newest one; `wanted`: the settings `onboarding` of the brand."""

    customer: customers.Customer
    consents: frozenset[str]
    checks: dict[str, tuple[str, str | None]]
    documents: dict[str, str]
    reference_count: int
    has_applied: bool
    wanted: dict[str, Any]

    def verified(self, kind: str) -> bool:
        return self.checks.get(kind, (None, None))[0] == VERIFIED

    def has(self, document: str) -> bool:
        """Uploaded, and not found bad."""
        return self.documents.get(document, REJECTED) != REJECTED


@dataclass(frozen=True)
class Open:
    """What is missing, for people, and who is to act."""

    why: str
    waits_for: str = CUSTOMER


Missing = Callable[[Progress], Open | None]


@dataclass(frozen=True)
class Step:
    """`call` is the request that takes the step."""

    name: str
    call: str
    missing: Missing


@dataclass(frozen=True)
class StepState:
    """A step as it stands. `routes`: the ways that lead through it, where there are several."""

    step: str
    call: str
    done: bool
    why: str | None
    waits_for: str | None
    routes: list[dict[str, str]]


def _named(words: str, names: Sequence[str]) -> Open | None:
    told = [name.lower().replace("_", " ") for name in names]
    return Open(f"{words}: {', '.join(told)}.") if told else None


def _consents(progress: Progress) -> Open | None:
    return _named("We need your consent to", [name for name in CONSENTS if name not in progress.consents])


def _check(kind: str, ask: str, *, may_fail: bool = False) -> Missing:
    """A check that must be VERIFIED, or with `may_fail` only be concluded."""

    def missing(progress: Progress) -> Open | None:
        status, reason = progress.checks.get(kind, (None, None))
        if status == VERIFIED or (may_fail and status == REJECTED):
            return None
        if status == PENDING:
            return Open(f"{attempts.KINDS[kind].title} is not concluded yet: try again.")
        return Open(f"{ask} ({reason})" if reason else ask)

    return missing


def _both(one: Missing, other: Missing) -> Missing:
    return lambda progress: one(progress) or other(progress)


def _identity(progress: Progress) -> Open | None:
    asked = _check(AADHAAR, "Prove who you are and where you live.")(progress)
    papers = [paper for paper in routes.PAPERS if not progress.has(paper)]
    if asked and not papers and "DOCUMENTS" in progress.wanted["identity_routes"]:
        return Open("Our staff are reading your documents.", STAFF)
    return asked


def _documents(progress: Progress) -> Open | None:
    return _named("Upload", [name for name in progress.wanted["documents"] if not progress.has(name)])


def _face_match(progress: Progress) -> Open | None:
    if progress.verified(FACE_MATCH):
        return None
    return Open("Our staff compare your selfie with your document.", STAFF)


def _told(words: str, names: tuple[str, ...]) -> Missing:
    return lambda progress: _named(words, [name for name in names if not getattr(progress.customer, name)])


def _references(progress: Progress) -> Open | None:
    wanted = progress.wanted["references"]
    if progress.reference_count >= wanted:
        return None
    return Open(f"Name {wanted} people who know you (named so far: {progress.reference_count}).")


STEPS = (
    Step("CONSENT", "POST /web/consents", _consents),
    Step("PAN", "POST /web/kyc/verify-pan", _check(PAN, "Enter your PAN.")),
    # a phone that nobody knows is an answer, and the credit policy weighs it
    Step(
        "MOBILE",
        "POST /web/kyc/verify-mobile",
        _both(
            _check(MOBILE_TO_PAN, "Let us look up whose your phone is.", may_fail=True),
            _check(MOBILE_TO_ADDRESS, "Let us look up the address of your phone.", may_fail=True),
        ),
    ),
    Step("IDENTITY", routes.CALLS["AADHAAR_OTP"], _identity),
    Step("DOCUMENTS", "POST /web/kyc/documents", _documents),
    Step("FACE_MATCH", "POST /web/kyc/documents", _face_match),
    Step("PROFILE", "PATCH /web/profile", _told("Tell us", PROFILE)),
    Step("ADDRESS", "PUT /web/profile/address", _told("Tell us", ("current_address",))),
    Step("EMPLOYER", "PUT /web/profile/employer", _told("Tell us", EMPLOYER)),
    Step("REFERENCES", "PUT /web/profile/references", _references),
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
        lambda progress: None if progress.has_applied else Open("Choose an amount and apply."),
    ),
)


def picture(customer_id: UUID | str) -> dict[str, Any]:
    """Every step that the brand asks for, in order, as it stands for this customer; `next` is the first that waits for
    them, None when none does; `percent` of the steps are done."""
    progress = _progress(customer_id)
    steps = [_state(step, progress) for step in STEPS if step.name in progress.wanted["steps"]]
    return {
        "percent": 100 * sum(step.done for step in steps) // len(steps),
        "next": next((step for step in steps if step.waits_for == CUSTOMER), None),
        "steps": steps,
    }


def _state(step: Step, progress: Progress) -> StepState:
    missing, ways = step.missing(progress), []
    call = step.call
    if step.name == "IDENTITY":
        ways = [{"route": route, "call": routes.CALLS[route]} for route in progress.wanted["identity_routes"]]
        call = ways[0]["call"]
    if missing is None:
        return StepState(step.name, call, True, None, None, ways)
    return StepState(step.name, call, False, missing.why, missing.waits_for, ways)


def _progress(customer_id: UUID | str) -> Progress:
    customer = customers.get(customer_id)
    return Progress(
        customer=customer,
        consents=frozenset(purpose for purpose in CONSENTS if consents.live(customer.id, purpose)),
        checks=_checks(customer.id),
        documents={document.kind: document.status for document in documents.of_customer(customer.id)},
        reference_count=references.count(customer.id) or 0,
        has_applied=any(loan.status not in loans.ENDED for loan in loans.of_customer(customer.id)),
        wanted=brands.settings()["onboarding"],
    )


def _checks(customer_id: UUID) -> dict[str, tuple[str, str | None]]:
    found = [check for kind in attempts.KINDS if (check := attempts.latest(customer_id, kind))]
    # what was answered too long ago is asked again
    return {
        check.kind: (check.status, check.reason)
        for check in found
        if check.status == PENDING or attempts.is_good(check)
    }
