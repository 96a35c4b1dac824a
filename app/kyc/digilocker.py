"""DigiLocker: the customer lets us read their papers where the government keeps them, and nobody has to look at them.

They leave with a state that is theirs, good once and for a while; with it their browser comes back. What is read is
kept with its source, and the leave to read is given back at once.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.brands import providers
from app.config import settings
from app.consents import service as consents
from app.core import clock
from app.core.crypto import lookup_hashes
from app.core.database import current_brand
from app.core.errors import Conflict
from app.customers import service as customers
from app.kyc import attempts, digitap_locker, routes
from app.kyc.attempts import AADHAAR, VERIFIED, NotAccepted, Unanswered
from app.kyc.identity import Person, keep_paper, prove
from app.kyc.models import AadhaarDigiLockerLog, KycCheck
from app.providers import ProviderError, client
from app.providers.digilocker import DigilockerClient, EAadhaar, Token, new_verifier, read_number

PROVIDER, ROUTE = "digilocker", "DIGILOCKER"
STATE_LIFE = timedelta(minutes=15)
CALLBACK = "/web/kyc/digilocker/callback"
PAN_RECORD = "PANCR"
STARTED, DENIED, FAILED, FETCHED = "STARTED", "DENIED", "FAILED", "FETCHED"
DENIED_TOLD = "You did not allow us to read your documents. Begin again, or choose another way."
# their names for the parts of an address: ours
_ADDRESS = {
    "house": "house",
    "street": "street",
    "lm": "landmark",
    "loc": "locality",
    "po": "post_office",
    "vtc": "town",
    "subdist": "sub_district",
    "dist": "district",
    "state": "state",
    "pc": "pincode",
    "country": "country",
}

log = structlog.get_logger()


class StateEnded(Conflict):
    """The state is used or over. That the visit ended must stay."""

    code = "STATE_ENDED"
    commits = True


@dataclass(frozen=True)
class Visit:
    """`status`: STARTED with the page to open, VERIFIED, DENIED, or FAILED with the reason."""

    status: str
    authorise_url: str | None = None
    reason: str | None = None


def start(customer_id: UUID | str) -> Visit:
    """Where the customer's browser is to go. VERIFIED without a page where the identity is proven already.

    Raises Conflict if the brand does not offer DigiLocker or the consent is missing.
    """
    customer = customers.get(customer_id).locked()
    routes.require(ROUTE)
    if attempts.verified(customer.id, AADHAAR):
        return Visit(VERIFIED)
    check = attempts.begin(customer.id, AADHAAR, provider=providers.chosen("digilocker"))
    state = f"{current_brand()}.{secrets.token_urlsafe(32)}"
    url, known = _PAGES[check.provider](check, customer, state)
    AadhaarDigiLockerLog.create(
        customer_id=customer.id, check_id=check.id, state_hash=_hashes(state)[0], **known
    )
    return Visit(STARTED, url)


def _own_page(_: KycCheck, customer: customers.Customer, state: str) -> tuple[str, dict[str, str]]:
    """The page to open, and what has to be known when the browser comes back."""
    verifier = new_verifier()
    url = _locker().authorise_url(state=state, verifier=verifier, redirect_uri=_redirect_uri())
    return url, {"code_verifier": verifier}


def _digitap_page(check: KycCheck, customer: customers.Customer, state: str) -> tuple[str, dict[str, str]]:
    page = digitap_locker.page(check, customer, _redirect_uri(), state, STATE_LIFE)
    return page.url, {"transaction_id": page.transaction_id}


_PAGES = {PROVIDER: _own_page, digitap_locker.PROVIDER: _digitap_page}


def whose(state: str) -> UUID:
    """The customer who left with `state`. Raises Conflict (STATE_UNKNOWN) if nobody of this brand did."""
    return _left_with(state).customer_id


def finish(state: str, code: str | None, error: str | None) -> Visit:
    """The customer came back, with a code or with a no. Raises StateEnded where they came back before, or too late."""
    visit = _left_with(state)
    customer = customers.get(visit.customer_id).locked()
    visit = visit.locked()
    _refuse_ended(visit)
    if error or not (code or visit.transaction_id):
        return _denied(visit, error or "no code")
    if attempts.verified(customer.id, AADHAAR):
        _end(visit, FAILED, "proven by another route meanwhile")
        return Visit(VERIFIED)
    consents.require(customer.id, "KYC")
    try:
        if visit.transaction_id is None:
            _read(visit, customer, code)
        elif not _read_through_digitap(visit):
            return _denied(visit, "not shared")
    except (NotAccepted, Unanswered) as failure:
        _end(visit, FAILED, failure.message)
        return Visit(FAILED, reason=failure.message)
    return Visit(VERIFIED)


def _denied(visit: AadhaarDigiLockerLog, reason: str) -> Visit:
    _end(visit, DENIED, reason)
    return Visit(DENIED, reason=DENIED_TOLD)


def of_customer(customer_id: UUID | str) -> list[AadhaarDigiLockerLog]:
    """Every visit, oldest first."""
    mine = AadhaarDigiLockerLog.customer_id == customer_id
    return list(AadhaarDigiLockerLog.select().where(mine).order_by(AadhaarDigiLockerLog.id))


def _left_with(state: str) -> AadhaarDigiLockerLog:
    visit = AadhaarDigiLockerLog.get_or_none(AadhaarDigiLockerLog.state_hash.in_(_hashes(state)))
    if visit is None:
        raise Conflict("Nobody left to DigiLocker with this state.", code="STATE_UNKNOWN", field="state")
    return visit


def _refuse_ended(visit: AadhaarDigiLockerLog) -> None:
    if visit.status != STARTED:
        raise StateEnded("You came back from DigiLocker before. Begin again.", field="state")
    if visit.created_at <= clock.now() - STATE_LIFE:
        _end(visit, FAILED, "came back too late")
        raise StateEnded("That took too long. Begin again.", field="state")


def _end(visit: AadhaarDigiLockerLog, status: str, reason: str | None = None, **more: Any) -> None:
    # the verifier has done its work, or will never
    visit.change(status=status, reason=reason, finished_at=clock.now(), code_verifier=None, **more)


def _read(visit: AadhaarDigiLockerLog, customer: customers.Customer, code: str) -> None:
    """Exchange the code and read the Aadhaar; then the papers, which may be missing. Raises NotAccepted, Unanswered."""
    check = KycCheck.find(visit.check_id)
    verifier, back = visit.code_verifier, _redirect_uri()
    token = attempts.ask_again(
        check, lambda locker: locker.exchange(code, verifier=verifier, redirect_uri=back)
    )
    aadhaar = attempts.ask_again(check, lambda locker: locker.eaadhaar(token.access_token))
    prove(check, _person(aadhaar), ROUTE)
    papers = list(_papers(customer, aadhaar, token))
    account = {"digilocker_id": token.digilocker_id, "name": token.name}
    _end(visit, FETCHED, documents=papers, account=account)


def _read_through_digitap(visit: AadhaarDigiLockerLog) -> bool:
    """Take over what Digitap read; False where the customer did not share it. Raises NotAccepted, Unanswered."""
    check = KycCheck.find(visit.check_id)
    if not digitap_locker.was_shared(check, visit):
        return False
    person, photo = digitap_locker.read(check, visit)
    prove(check, person, ROUTE)
    document_id = keep_paper(visit.customer_id, "AADHAAR", photo, ROUTE) if photo else None
    papers = [{"kind": "AADHAAR", "documentId": str(document_id)}] if document_id else []
    _end(visit, FETCHED, documents=papers)
    return True


def _person(aadhaar: EAadhaar) -> Person:
    address = dict.fromkeys(_ADDRESS.values(), "")
    address |= {
        ours: aadhaar.address[theirs] for theirs, ours in _ADDRESS.items() if theirs in aadhaar.address
    }
    return Person(
        name=aadhaar.name,
        date_of_birth=aadhaar.date_of_birth,
        year_of_birth=aadhaar.date_of_birth.year,
        gender=aadhaar.gender,
        last4=aadhaar.aadhaar_last4,
        address=address,
        care_of=aadhaar.address.get("co", ""),
    )


def _papers(customer: customers.Customer, aadhaar: EAadhaar, token: Token) -> Iterator[dict[str, Any]]:
    """The Aadhaar as it was signed, its photo and the PAN, as our documents: kind and id."""
    found = [("E_AADHAAR", aadhaar.xml), ("AADHAAR", aadhaar.photo)]
    locker = _locker()
    try:
        found.append(("PAN_CARD", _pan_record(locker, customer, token)))
        locker.revoke(token.refresh_token or token.access_token)
    except ProviderError as error:
        # the identity is proven; a PAN card can be asked of the customer
        log.warning("DigiLocker was not read to the end", customer_id=str(customer.id), error=str(error))
    for kind, data in found:
        document_id = keep_paper(customer.id, kind, data, ROUTE) if data else None
        if document_id:
            yield {"kind": kind, "documentId": str(document_id)}


def _pan_record(locker: DigilockerClient, customer: customers.Customer, token: Token) -> bytes | None:
    """The PAN record, if there is one and it is of the PAN that was verified."""
    records = (f for f in locker.issued_files(token.access_token) if f.doctype == PAN_RECORD)
    record = next(records, None)
    if record is None or read_number(locker.fetch_xml(token.access_token, record.uri).data) != customer.pan:
        return None
    return locker.fetch_file(token.access_token, record.uri).data


def _locker() -> DigilockerClient:
    return client(PROVIDER, current_brand())


def _redirect_uri() -> str:
    return settings().public_url + CALLBACK


def _hashes(state: str) -> list[str]:
    return lookup_hashes("digilocker_state", state)
