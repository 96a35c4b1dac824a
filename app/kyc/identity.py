"""PAN and Aadhaar: who the customer is, by the tax department and by UIDAI."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.customers import service as customers
from app.documents import service as documents
from app.kyc import attempts, routes
from app.kyc.attempts import AADHAAR, AADHAAR_OTP, PAN, PENDING, VERIFIED
from app.kyc.models import KycCheck
from app.kyc.names import kin_in
from app.providers.digitap import AadhaarDetails, AadhaarOtp, PanDetails
from storage import StorageError, sniff

OTP_LIFE = timedelta(minutes=10)

log = structlog.get_logger()


@dataclass(frozen=True)
class Person:
    """Somebody as an Aadhaar has them, which may know the year of birth alone."""

    name: str
    date_of_birth: date | None
    year_of_birth: int
    gender: str
    last4: str
    address: dict[str, str]
    care_of: str = ""

    @property
    def born(self) -> str:
        """The day as ISO text, or the year."""
        return self.date_of_birth.isoformat() if self.date_of_birth else str(self.year_of_birth)

    def told(self) -> dict[str, Any]:
        """What an attempt keeps of them."""
        return {
            "name": self.name,
            "date_of_birth": self.date_of_birth.isoformat() if self.date_of_birth else None,
            "year_of_birth": self.year_of_birth,
            "gender": self.gender,
        }


class PanTaken(Conflict):
    """Another customer of the brand has this PAN. The attempt must stay."""

    code = "PAN_TAKEN"
    commits = True


def verify_pan(customer_id: UUID | str, pan: str) -> KycCheck:
    """Look `pan` up and fill name, date of birth and gender from it.

    Asking again for the same PAN costs nothing. Raises NotAccepted, Unanswered, PanTaken, or Conflict when
    another PAN was verified before.
    """
    customer = customers.get(customer_id).locked()
    _refuse_another(PAN, customer.pan in (None, pan))
    return attempts.verified(customer.id, PAN) or ask_pan(customer, pan)


def ask_pan(customer: customers.Customer, pan: str, refresh_reason: str | None = None) -> KycCheck:
    """Look `pan` up whatever is known already. Raises as `verify_pan` does."""
    check = attempts.begin(customer.id, PAN, refresh_reason=refresh_reason)
    details = attempts.ask(check, lambda provider: provider.pan_details(pan=pan, reference=str(check.id)))
    _record_pan(check, pan, details)
    attempts.verify(check, _pan_result(details))
    return check


def _record_pan(check: KycCheck, pan: str, details: PanDetails) -> None:
    try:
        customers.record_pan(
            check.customer_id,
            pan=pan,
            name=details.full_name,
            dob=details.date_of_birth,
            gender=details.gender or None,
        )
    except Conflict as taken:
        check.change(result=_pan_result(details))
        attempts.reject(check, taken.message)
        raise PanTaken(taken.message, field="pan") from taken


def _pan_result(details: PanDetails) -> dict[str, Any]:
    return {
        "name": details.full_name,
        "date_of_birth": details.date_of_birth.isoformat(),
        "gender": details.gender,
        "aadhaar_linked": details.aadhaar_linked,
    }


def initiate_aadhaar_otp(customer_id: UUID | str, aadhaar: str) -> KycCheck:
    """Have UIDAI send a code to the mobile of `aadhaar`. The number itself is kept nowhere.

    Until the code comes we keep the provider's session, the last four digits and a keyed hash.
    """
    customer = customers.get(customer_id).locked()
    routes.require("AADHAAR_OTP")
    if done := attempts.verified(customer.id, AADHAAR):
        # who came by another route told no number, only its end
        same = customers.is_aadhaar_of(customer, aadhaar)
        _refuse_another(AADHAAR, customer.aadhaar_last4 == aadhaar[-4:] if same is None else same)
        return done
    check = attempts.begin(customer.id, AADHAAR_OTP)
    started = attempts.ask(
        check, lambda provider: provider.initiate_aadhaar_otp(aadhaar=aadhaar, reference=str(check.id))
    )
    kept = {"aadhaar_hash": customers.aadhaar_hash(aadhaar), "last4": aadhaar[-4:]}
    check.change(result={"session": asdict(started)} | kept)
    return check


def submit_aadhaar_otp(customer_id: UUID | str, otp: str) -> KycCheck:
    """Exchange the code for name, address and photo. Raises Conflict when no code is on its way."""
    customer = customers.get(customer_id).locked()
    if done := attempts.verified(customer.id, AADHAAR):
        return done
    started = _started(customer.id)
    check = attempts.begin(customer.id, AADHAAR, provider=started.provider)
    session = AadhaarOtp(**started.result["session"])
    details = attempts.ask_again(check, lambda provider: provider.submit_aadhaar_otp(session, otp=otp))
    _record_aadhaar(check, started, details)
    return check


def _started(customer_id: UUID) -> KycCheck:
    started = (
        KycCheck.select()
        .where(
            KycCheck.customer_id == customer_id,
            KycCheck.kind == AADHAAR_OTP,
            KycCheck.status == PENDING,
            KycCheck.result.is_null(False),
            KycCheck.created_at > clock.now() - OTP_LIFE,
        )
        .order_by(KycCheck.id.desc())
        .first()
    )
    if started is None:
        raise Conflict("No code is on its way. Enter the Aadhaar number again.", code="OTP_NOT_STARTED")
    return started


def _record_aadhaar(check: KycCheck, started: KycCheck, details: AadhaarDetails) -> None:
    person = person_of(details, started.result["last4"])
    prove(check, person, "AADHAAR_OTP", aadhaar_hash=started.result["aadhaar_hash"])
    started.change(status=VERIFIED, result=None)
    if details.photo:
        keep_paper(check.customer_id, "AADHAAR", details.photo, "AADHAAR_OTP")


def person_of(details: AadhaarDetails, last4: str) -> Person:
    """Whom an Aadhaar is of, as Digitap has read it."""
    return Person(
        name=details.name,
        date_of_birth=details.date_of_birth,
        year_of_birth=details.year_of_birth,
        gender=details.gender,
        last4=last4,
        address=asdict(details.address),
        care_of=details.care_of,
    )


def prove(check: KycCheck, person: Person, route: str, aadhaar_hash: str | None = None, **more: Any) -> None:
    """The Aadhaar, by whatever route it was read, says that the customer is this person."""
    attempts.verify(check, person.told() | {"route": route} | more)
    customers.record_aadhaar(
        check.customer_id,
        last4=person.last4,
        aadhaar_hash=aadhaar_hash,
        name=person.name,
        born=person.born,
        address=person.address,
        kin=kin_in(person.care_of),
    )


def keep_paper(customer_id: UUID, kind: str, data: bytes, source: str) -> UUID | None:
    """Keep what an issuer sent as a document that needs no review, and tell its id; None where it could not be kept.

    The identity is proven and paid for by then: a paper can be asked of the customer again.
    """
    try:
        document = documents.store(
            customer_id, kind, data, sniff(data) or "unknown", status=VERIFIED, source=source
        )
    except (Invalid, StorageError) as error:
        log.warning("paper is not stored", kind=kind, customer_id=str(customer_id), error=repr(error))
        return None
    return document.id


def _refuse_another(kind: str, is_same: bool) -> None:
    if not is_same:
        raise Conflict(f"Another {kind} is verified already. Ask us to change it.", code=f"{kind}_VERIFIED")


def genders_agree(pan: dict[str, Any], aadhaar: dict[str, Any]) -> bool | None:
    """Whether two results give the same gender; None when one of them gives none."""
    genders = pan.get("gender"), aadhaar.get("gender")
    return genders[0] == genders[1] if all(genders) else None


def birth_dates_agree(pan: dict[str, Any], aadhaar: dict[str, Any]) -> bool:
    """Whether two results give the same date of birth; some Aadhaars know the year alone."""
    if aadhaar["date_of_birth"]:
        return pan["date_of_birth"] == aadhaar["date_of_birth"]
    return date.fromisoformat(pan["date_of_birth"]).year == aadhaar["year_of_birth"]
