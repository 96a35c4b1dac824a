"""DigiLocker on a page of Digitap's: they lead the customer there and tell us the Aadhaar that was shared."""

from datetime import timedelta
from urllib.parse import urlencode

from app.customers.service import Customer
from app.kyc import attempts
from app.kyc.identity import Person, person_of
from app.kyc.models import AadhaarDigiLockerLog, KycCheck
from app.providers.digitap.digilocker import DigilockerPage

PROVIDER = "digitap"
SHARED = "SUCCESS"


def page(
    check: KycCheck, customer: Customer, callback: str, state: str, good_for: timedelta
) -> DigilockerPage:
    """The page to open; it leads back to `callback` with the state. Raises NotAccepted, Unanswered."""
    first, _, last = (customer.name or "").partition(" ")
    return attempts.ask_again(
        check,
        lambda digitap: digitap.start_digilocker(
            reference=str(check.id),
            first_name=first,
            last_name=last,
            mobile=customer.phone,
            return_url=f"{callback}?{urlencode({'state': state})}",
            valid_for=good_for,
        ),
    )


def was_shared(check: KycCheck, visit: AadhaarDigiLockerLog) -> bool:
    """Whether the customer gave leave. Raises Unanswered."""
    return (
        attempts.ask_again(check, lambda digitap: digitap.digilocker_status(visit.transaction_id)) == SHARED
    )


def read(check: KycCheck, visit: AadhaarDigiLockerLog) -> tuple[Person, bytes | None]:
    """Whom the Aadhaar is of, and the photo. Raises NotAccepted, Unanswered."""
    details = attempts.ask_again(check, lambda digitap: digitap.digilocker_details(visit.transaction_id))
    return person_of(details, details.masked_aadhaar[-4:]), details.photo
