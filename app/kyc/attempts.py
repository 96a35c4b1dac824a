"""Attempts at a check: each one is kept, whatever becomes of it, and its failure told in words that help."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.brands import providers
from app.core import audit, clock
from app.core.database import current_brand
from app.core.errors import Conflict, Invalid, TooMany, Unavailable
from app.kyc.models import KycCheck
from app.providers import ProviderClient, ProviderError, ProviderRejected, client

PENDING, VERIFIED, REJECTED = "PENDING", "VERIFIED", "REJECTED"
PAN, AADHAAR_OTP, AADHAAR = "PAN", "AADHAAR_OTP", "AADHAAR"
BANK_ACCOUNT, EMPLOYMENT = "BANK_ACCOUNT", "EMPLOYMENT"
# Lookups are paid for, and a search through many numbers would be paid for by us.
ATTEMPTS_A_DAY_MAX = 10
REJECTED_WINDOW_DAYS = 30


@dataclass(frozen=True)
class Kind:
    """`title` stands in messages; `field` is what a refusal is about; `served_by` names the brand's choice."""

    title: str
    field: str
    served_by: str = "kyc"


KINDS: dict[str, Kind] = {
    PAN: Kind("The PAN check", "pan"),
    AADHAAR_OTP: Kind("The Aadhaar check", "aadhaar"),
    AADHAAR: Kind("The Aadhaar check", "otp"),
    BANK_ACCOUNT: Kind("The check of the bank account", "account_number", "account_validation"),
    EMPLOYMENT: Kind("The employment check", "uan"),
}


class NotAccepted(Invalid):
    """The provider, or what it answered, says no. The attempt must stay."""

    code = "KYC_REJECTED"
    commits = True


class Unanswered(Unavailable):
    """The provider gave no usable answer. The attempt must stay."""

    code = "PROVIDER_UNAVAILABLE"
    commits = True


def provider() -> ProviderClient:
    """The client of this brand's KYC provider."""
    return client(providers.chosen("kyc"), current_brand())


def begin(customer_id: UUID | str, kind: str) -> KycCheck:
    """A new attempt, PENDING. Raises TooMany after ATTEMPTS_A_DAY_MAX of its kind in 24 hours."""
    since = clock.now() - timedelta(days=1)
    lately = KycCheck.select().where(*_of(customer_id, kind), KycCheck.created_at > since)
    if lately.count() >= ATTEMPTS_A_DAY_MAX:
        raise TooMany(f"{KINDS[kind].title} was tried too often. Try again tomorrow.", code="KYC_LIMIT")
    return KycCheck.create(
        customer_id=customer_id, kind=kind, status=PENDING, provider=providers.chosen(KINDS[kind].served_by)
    )


@contextmanager
def asking(check: KycCheck) -> Iterator[None]:
    """Around the calls of an attempt. Raises NotAccepted where the provider refuses, else Unanswered."""
    try:
        yield
    except ProviderRejected as refusal:
        reject(check, refusal.reason)
        raise refused(check) from refusal
    except ProviderError as error:
        check.change(reason=error.outcome)
        raise Unanswered(
            f"{KINDS[check.kind].title} does not answer now. Nothing is lost: try again in a few minutes."
        ) from error


def reject(check: KycCheck, reason: str) -> None:
    """The attempt ended with a no."""
    check.change(status=REJECTED, reason=reason)
    audit.record("kyc.rejected", "kyc_check", check.id, after={"kind": check.kind}, reason=reason)


def verify(check: KycCheck, result: dict[str, Any]) -> None:
    """The attempt ended with a yes."""
    check.change(status=VERIFIED, result=result, reason=None)
    audit.record("kyc.verified", "kyc_check", check.id, after={"kind": check.kind})


def refused(check: KycCheck) -> NotAccepted:
    """The error that tells the customer of a rejected attempt."""
    kind = KINDS[check.kind]
    return NotAccepted(f"{kind.title} was refused: {check.reason}", field=kind.field)


def latest(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """What counts for `kind`: the attempt that was verified, else the last one."""
    verified_first = (KycCheck.status == VERIFIED).desc(), KycCheck.id.desc()
    return KycCheck.select().where(*_of(customer_id, kind)).order_by(*verified_first).first()


def verified(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """The attempt that was verified, if there is one: nothing is paid for twice."""
    check = latest(customer_id, kind)
    return check if check and check.status == VERIFIED else None


def pan_needed(customer_id: UUID | str) -> KycCheck:
    """The verified PAN, whose name the other papers are compared with. Raises Conflict when there is none."""
    check = verified(customer_id, PAN)
    if check is None:
        raise Conflict("Verify the PAN first.", code="PAN_FIRST")
    return check


def of_customer(customer_id: UUID | str) -> list[KycCheck]:
    """Every attempt of a customer, oldest first."""
    return list(KycCheck.select().where(KycCheck.customer_id == customer_id).order_by(KycCheck.id))


def rejected_lately(customer_id: UUID | str) -> int | None:
    """How many attempts of any kind ended with a no lately; None when nothing was tried yet."""
    tried = KycCheck.select().where(KycCheck.customer_id == customer_id)
    since = clock.now() - timedelta(days=REJECTED_WINDOW_DAYS)
    rejected = tried.where(KycCheck.status == REJECTED, KycCheck.created_at > since)
    return rejected.count() if tried.exists() else None


def _of(customer_id: UUID | str, kind: str) -> tuple[Any, ...]:
    return KycCheck.customer_id == customer_id, KycCheck.kind == kind
