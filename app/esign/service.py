"""E-sign: the agreement goes out once its key facts are accepted, comes back signed, and what happens in between."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pikepdf

from app.brands import providers
from app.brands import service as brands
from app.config import settings
from app.core import clock
from app.core.database import current_brand
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.customers import service as customers
from app.documents import papers
from app.documents import service as documents
from app.esign import key_facts
from app.esign.models import EsignRequest
from app.esign.states import CANCELLED, ESIGN, EXPIRED, REJECTED, SENT, SIGNED
from app.kyc.names import match_percent
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.providers.esign import EXPIRED as LAPSED
from app.providers.esign import Envelope, EnvelopeState, Signer
from storage.content import PDF

# Below this the provider says that somebody else's Aadhaar signed.
NAME_MATCH_MIN = Decimal("0.50")
# The name on the certificate of the signature against the applicant's, as for bank accounts.
NAME_MATCH_MIN_PERCENT = 60


class LapsedTooEarly(Exception):
    """The provider does not know an agreement any more that is still in time: a person has to look."""


class NotTheAgreement(Exception):
    """What came back as signed is not the agreement that went out: a person has to look."""


def send(loan_id: UUID | str) -> None:
    """Send the agreement of an approved loan to be signed; or, until they are accepted, offer its key facts.

    Does nothing when one is out or signed, or the loan is not approved any more. Raises ProviderError.
    """
    loan = loans.get(loan_id).locked()
    if loan.status != "APPROVED" or loan.agreement_status in (SENT, SIGNED):
        return
    acceptance = key_facts.accepted(loan)
    if acceptance is None:
        key_facts.offer(loan)
        return
    document = papers.make(loan, "LOAN_AGREEMENT", anew=True)
    valid_for = timedelta(days=brands.settings()["documents"]["esign_days"])
    envelope = _hand_over(loan, documents.read(document.id), valid_for)
    request = EsignRequest.create(
        loan_id=loan.id,
        kfs_acceptance_id=acceptance.id,
        provider=providers.chosen("esign"),
        status=ESIGN.initial,
        contract_id=envelope.id,
        sign_url=envelope.sign_url,
        unsigned_document_id=document.id,
        expires_at=clock.now() + valid_for,
    )
    ESIGN.start(request)
    loans.move_agreement(loan.id, SENT)
    messaging.notify(
        loan.customer_id, "esign_link", loan_id=loan.id, loan_no=loan.loan_no, url=envelope.sign_url
    )


def send_again(loan_id: UUID | str) -> Loan:
    """Loan Ops: a new agreement in place of the one that is out, was declined or ran out, which is dead from now on.

    Raises Conflict where there is no need, or the brand's number of them is used up.
    """
    loan = loans.get(loan_id).locked()
    if loan.status != "APPROVED" or loan.agreement_status == SIGNED:
        raise Conflict(
            f"The loan is {loan.status} and its agreement {loan.agreement_status}.", code="AGREEMENT_NOT_DUE"
        )
    sends_max = brands.settings()["documents"]["esign_sends_max"]
    if _sent_count(loan.id) >= sends_max:
        raise Conflict(
            f"It was sent {sends_max} times, which is as often as the brand allows.",
            code="AGREEMENT_SENDS_MAX",
        )
    request = latest(loan.id)
    if request and request.status == SENT:
        ESIGN.move(request, CANCELLED, remark="Another one takes its place.")
        loan = loans.move_agreement(loan.id, EXPIRED)
    enqueue("esign.send_agreement", loan_id=loan.id)
    return loan


def _sent_count(loan_id: UUID) -> int:
    return EsignRequest.select().where(EsignRequest.loan_id == loan_id).count()


def _hand_over(loan: Loan, pdf: bytes, valid_for: timedelta) -> Envelope:
    customer = customers.get(loan.customer_id)
    api = settings().public_url
    return providers.esign().send_for_signature(
        pdf,
        title=f"Loan agreement {loan.loan_no}",
        lender=brands.settings()["lender"]["name"],
        reference=str(new_id()),
        signer=Signer(
            name=customer.name,
            phone=customer.phone,
            email=customer.email,
            aadhaar_last4=customer.aadhaar_last4,
            birth_year=customer.dob.year if customer.dob else None,
        ),
        callback_url=f"{api}/partner/brand/{current_brand()}/esign/webhook",
        return_url=f"{api}/web/loans/{loan.id}/agreement",
        valid_for=valid_for,
    )


def by_contract(contract_id: str) -> EsignRequest:
    """The request of a contract, or NotFound."""
    request = EsignRequest.get_or_none(EsignRequest.contract_id == contract_id)
    if request is None:
        raise NotFound("contract")
    return request


def refresh(request: EsignRequest) -> None:
    """Ask the provider how far a contract is, and take over what is new. A callback is only a hint to ask.

    Raises LapsedTooEarly, NotTheAgreement: then everything stays as it is, and is asked again.
    """
    loan = loans.get(request.loan_id).locked()
    request = request.locked()
    if request.status != SENT:
        return
    if loan.status != "APPROVED":
        ESIGN.move(request, CANCELLED, remark=f"The loan is {loan.status}.")
        loans.move_agreement(loan.id, EXPIRED)
        return
    state = providers.esign(request.provider).envelope_state(request.contract_id)
    if state.outcome == SIGNED and _is_somebody_else(loan, state):
        _end(request, REJECTED, "The signer's Aadhaar bears another name.")
    elif state.outcome == SIGNED:
        _signed(request, loan, state)
    elif state.outcome == REJECTED:
        _end(request, REJECTED, "The customer did not agree to sign.")
    elif clock.now() >= request.expires_at:
        _end(request, EXPIRED, "The link was not used in time.")
    elif state.outcome == LAPSED:
        raise LapsedTooEarly(request.contract_id)


def _is_somebody_else(loan: Loan, state: EnvelopeState) -> bool:
    """By the provider's own score, and by the name on the certificate where it tells one."""
    if state.name_match is not None and state.name_match < NAME_MATCH_MIN:
        return True
    applicant = customers.get(loan.customer_id).name or ""
    return state.signer_name is not None and (
        match_percent(applicant, state.signer_name) < NAME_MATCH_MIN_PERCENT
    )


def _signed(request: EsignRequest, loan: Loan, state: EnvelopeState) -> None:
    data = providers.esign(request.provider).download(state)
    _check_signed(data, documents.read(request.unsigned_document_id))
    signed = documents.store(
        loan.customer_id, "SIGNED_AGREEMENT", data, PDF, loan_id=loan.id, status="VERIFIED"
    )
    ESIGN.move(request, SIGNED, signed_document_id=signed.id)
    loans.move_agreement(loan.id, SIGNED)
    enqueue("disbursement.agreement_signed", loan_id=loan.id)
    messaging.notify(
        loan.customer_id, "esign_done", loan_id=loan.id, documents=[signed.id], loan_no=loan.loan_no
    )


def _check_signed(data: bytes, unsigned: bytes) -> None:
    """Raises NotTheAgreement unless it opens as a PDF of no fewer pages than what went out."""
    try:
        came, went = _page_count(data), _page_count(unsigned)
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:  # neither is the other
        raise NotTheAgreement("it does not open as a PDF") from error
    if came < went:
        raise NotTheAgreement(f"{came} pages came back of {went}")


def _page_count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def _end(request: EsignRequest, status: str, remark: str) -> None:
    ESIGN.move(request, status, remark=remark)
    loans.move_agreement(request.loan_id, status)


def pending() -> list[EsignRequest]:
    """What is out and not signed yet, oldest first."""
    return list(EsignRequest.select().where(EsignRequest.status == SENT).order_by(EsignRequest.id))


def latest(loan_id: UUID) -> EsignRequest | None:
    """The newest request of a loan."""
    mine = EsignRequest.loan_id == loan_id
    return EsignRequest.select().where(mine).order_by(EsignRequest.id.desc()).first()


def describe(loan: Loan) -> dict[str, Any]:
    """How far the agreement is, and where to sign while it waits."""
    request = latest(loan.id)
    return {
        "loan_id": loan.id,
        "agreement_status": loan.agreement_status,
        "sign_url": request.sign_url if request and request.status == SENT else None,
        "expires_at": request.expires_at if request and request.status == SENT else None,
        "unsigned_document_id": request.unsigned_document_id if request else None,
        "signed_document_id": request.signed_document_id if request else None,
    }
