"""Attempts at a check: each one is kept, whatever becomes of it, and its failure told in words that help."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from app.brands import providers
from app.brands import service as brands
from app.consents import service as consents
from app.core import audit, clock
from app.core.database import current_brand
from app.core.errors import Conflict, Invalid, TooMany, Unavailable
from app.kyc.models import KycCheck
from app.loans import service as loans
from app.providers import ProviderError, ProviderRejected, client

T = TypeVar("T")
PENDING, VERIFIED, REJECTED = "PENDING", "VERIFIED", "REJECTED"
PAN, AADHAAR_OTP, AADHAAR = "PAN", "AADHAAR_OTP", "AADHAAR"
MOBILE_TO_PAN, MOBILE_TO_ADDRESS = "MOBILE_TO_PAN", "MOBILE_TO_ADDRESS"
BANK_ACCOUNT, VPA = "BANK_ACCOUNT", "VPA"
EMPLOYMENT, FACE_MATCH = "EMPLOYMENT", "FACE_MATCH"
# who answered where no provider did
STAFF = "staff"
# Lookups are paid for, and a search through many numbers would be paid for by us.
ATTEMPTS_A_DAY_MAX = 10
REJECTED_WINDOW_DAYS = 30


@dataclass(frozen=True)
class Kind:
    """`title` stands in messages; `field` is what a refusal is about; `served_by` names the brand's choice.

    `good_for` names the setting (kycGoodDays) of how long an answer counts; without one it always does.
    `is_about_customer`: it asks what is known of the customer, so a newer no ends an older yes, and is told by a
    feature of its own instead of being counted as a failed attempt.
    """

    title: str
    field: str
    served_by: str = "kyc"
    good_for: str | None = None
    is_about_customer: bool = False


KINDS: dict[str, Kind] = {
    PAN: Kind("The PAN check", "pan", good_for="pan"),
    MOBILE_TO_PAN: Kind("The check of your phone", "phone", good_for="mobile_to_pan", is_about_customer=True),
    MOBILE_TO_ADDRESS: Kind(
        "The check of your address", "phone", good_for="mobile_to_address", is_about_customer=True
    ),
    AADHAAR_OTP: Kind("The Aadhaar check", "aadhaar"),
    AADHAAR: Kind("The Aadhaar check", "otp", good_for="aadhaar"),
    FACE_MATCH: Kind("The comparison of the faces", "selfie", is_about_customer=True),
    BANK_ACCOUNT: Kind(
        "The check of the bank account", "account_number", "account_validation", good_for="bank_account"
    ),
    VPA: Kind("The check of the UPI id", "vpa", "upi_validation", good_for="bank_account"),
    EMPLOYMENT: Kind("The employment check", "uan", good_for="employment"),
}


class NotAccepted(Invalid):
    """The provider, or what it answered, says no. The attempt must stay."""

    code = "KYC_REJECTED"
    commits = True


class Unanswered(Unavailable):
    """No provider gave a usable answer. The attempt must stay."""

    code = "PROVIDER_UNAVAILABLE"
    commits = True


def begin(
    customer_id: UUID | str, kind: str, *, provider: str | None = None, refresh_reason: str | None = None
) -> KycCheck:
    """A new attempt, PENDING, under the customer's consent; `provider` where it is not the brand's choice.

    Raises Conflict without that consent, TooMany after ATTEMPTS_A_DAY_MAX of its kind in 24 hours.
    """
    consent = consents.require(customer_id, "KYC")
    since = clock.now() - timedelta(days=1)
    lately = KycCheck.select().where(*_of(customer_id, kind), KycCheck.created_at > since)
    if lately.count() >= ATTEMPTS_A_DAY_MAX:
        raise TooMany(f"{KINDS[kind].title} was tried too often. Try again tomorrow.", code="KYC_LIMIT")
    return KycCheck.create(
        customer_id=customer_id,
        kind=kind,
        status=PENDING,
        provider=provider or providers.chosen(KINDS[kind].served_by),
        consent_id=consent.id,
        refresh_reason=refresh_reason,
    )


def ask(check: KycCheck, call: Callable[[Any], T]) -> T:
    """What the brand's provider answers to `call`; the next in line is asked while one is silent or answers nonsense.

    Nobody is asked after a clear no. Raises NotAccepted where the answer is no, Unanswered where nobody has one.
    """
    return _ask(check, providers.in_line(KINDS[check.kind].served_by), call)


def ask_again(check: KycCheck, call: Callable[[Any], T]) -> T:
    """The same of the provider that the attempt was begun with: who was asked first is asked to the end."""
    return _ask(check, [check.provider], call)


def _ask(check: KycCheck, line: list[str], call: Callable[[Any], T]) -> T:
    for name in line:
        check.change(provider=name)
        try:
            return call(client(name, current_brand()))
        except ProviderRejected as refusal:
            reject(check, refusal.reason)
            raise refused(check) from refusal
        except ProviderError as error:
            silence = {"provider": name, "outcome": error.outcome}
            check.change(reason=error.outcome, tried=[*check.tried, silence])
    raise Unanswered(
        f"{KINDS[check.kind].title} does not answer now. Nothing is lost: try again in a few minutes."
    )


def reject(check: KycCheck, reason: str, result: dict[str, Any] | None = None) -> None:
    """The attempt ended with a no; `result` is what was said all the same."""
    check.change(status=REJECTED, reason=reason, **({"result": result} if result else {}))
    if check.refresh_reason or KINDS[check.kind].is_about_customer:
        supersede(check, latest_verified(check.customer_id, check.kind))
    audit.record("kyc.rejected", "kyc_check", check.id, after={"kind": check.kind}, reason=reason)


def verify(check: KycCheck, result: dict[str, Any]) -> None:
    """The attempt ended with a yes."""
    check.change(status=VERIFIED, result=result, reason=None)
    after = {"kind": check.kind, "provider": check.provider}
    audit.record("kyc.verified", "kyc_check", check.id, after=after, reason=check.refresh_reason)
    loans.evidence_came(check.customer_id)


def supersede(check: KycCheck, earlier: KycCheck | None) -> None:
    """What was answered earlier no longer counts, as `check` has the newer answer."""
    if earlier is not None and earlier.id != check.id:
        earlier.change(superseded=True)


def refused(check: KycCheck) -> NotAccepted:
    """The error that tells the customer of a rejected attempt."""
    kind = KINDS[check.kind]
    return NotAccepted(f"{kind.title} was refused: {check.reason}", field=kind.field)


def latest(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """What counts for `kind`: the newest attempt that was verified, else the last one."""
    verified_first = (KycCheck.status == VERIFIED).desc(), KycCheck.id.desc()
    mine = *_of(customer_id, kind), ~KycCheck.superseded
    return KycCheck.select().where(*mine).order_by(*verified_first).first()


def newest(customer_id: UUID | str, kind: str) -> KycCheck:
    """The last attempt, of which there is one."""
    return KycCheck.select().where(*_of(customer_id, kind)).order_by(KycCheck.id.desc()).get()


def latest_verified(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """The attempt that was verified, however long ago."""
    check = latest(customer_id, kind)
    return check if check and check.status == VERIFIED else None


def verified(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """The attempt that was verified and is still good: nothing is paid for twice."""
    check = latest_verified(customer_id, kind)
    return check if check and is_good(check) else None


def answered(customer_id: UUID | str, kind: str) -> KycCheck | None:
    """The attempt that got an answer, yes or no, which is still good."""
    check = latest(customer_id, kind)
    return check if check and check.status != PENDING and is_good(check) else None


def is_good(check: KycCheck) -> bool:
    """Whether the brand still goes by this answer."""
    good_for = KINDS[check.kind].good_for
    if good_for is None:
        return True
    days = brands.settings()["kyc_good_days"][good_for]
    return check.created_at > clock.now() - timedelta(days=days)


def pan_needed(customer_id: UUID | str) -> KycCheck:
    """The verified PAN, whose name the other papers are compared with. Raises Conflict when there is none."""
    check = latest_verified(customer_id, PAN)
    if check is None:
        raise Conflict("Verify the PAN first.", code="PAN_FIRST")
    return check


def of_customer(customer_id: UUID | str) -> list[KycCheck]:
    """Every attempt of a customer, oldest first."""
    return list(KycCheck.select().where(KycCheck.customer_id == customer_id).order_by(KycCheck.id))


def rejected_lately(customer_id: UUID | str) -> int | None:
    """How many attempts to prove something ended with a no lately; None when nothing was tried yet."""
    proofs = [kind for kind, about in KINDS.items() if not about.is_about_customer]
    tried = KycCheck.select().where(KycCheck.customer_id == customer_id, KycCheck.kind.in_(proofs))
    since = clock.now() - timedelta(days=REJECTED_WINDOW_DAYS)
    rejected = tried.where(KycCheck.status == REJECTED, KycCheck.created_at > since)
    return rejected.count() if tried.exists() else None


def _of(customer_id: UUID | str, kind: str) -> tuple[Any, ...]:
    return KycCheck.customer_id == customer_id, KycCheck.kind == kind
