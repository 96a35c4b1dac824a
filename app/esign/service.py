"""E-sign: the agreement goes out, comes back signed, and what happens in between."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import providers
from app.brands import service as brands
from app.config import settings
from app.core import clock
from app.core.database import current_brand
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.customers import service as customers
from app.documents import service as documents
from app.documents.render import render
from app.esign.agreement import agreement
from app.esign.models import EsignRequest
from app.esign.states import ESIGN, EXPIRED, REJECTED, SENT, SIGNED
from app.kyc import service as kyc
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.providers.esign import EXPIRED as LAPSED
from app.providers.esign import Envelope, EnvelopeState, Signer
from storage.content import PDF

VALID_FOR = timedelta(days=3)
# Below this the provider says that somebody else's Aadhaar signed.
NAME_MATCH_MIN = Decimal("0.50")


class LapsedTooEarly(Exception):
    """The provider does not know an agreement any more that is still in time: a person has to look."""


def send(loan_id: UUID | str) -> None:
    """Make the agreement of an approved loan and send it to the customer to sign.

    Does nothing when one is out or signed, or the loan is not approved any more. Raises ProviderError.
    """
    loan = loans.get(loan_id).locked()
    if loan.status != "APPROVED" or loan.agreement_status in (SENT, SIGNED):
        return
    pdf = _render(loan)
    document = documents.store(
        loan.customer_id, "LOAN_AGREEMENT", pdf, PDF, loan_id=loan.id, status="VERIFIED"
    )
    envelope = _hand_over(loan, pdf)
    request = EsignRequest.create(
        loan_id=loan.id,
        provider=providers.chosen("esign"),
        status=ESIGN.initial,
        contract_id=envelope.id,
        sign_url=envelope.sign_url,
        unsigned_document_id=document.id,
    )
    ESIGN.start(request)
    loans.move_agreement(loan.id, SENT)
    messaging.notify(
        loan.customer_id, "esign_link", loan_id=loan.id, loan_no=loan.loan_no, url=envelope.sign_url
    )


def send_again(loan_id: UUID | str) -> Loan:
    """Loan Ops: a new agreement after one was rejected or ran out. Raises Conflict where there is no need."""
    loan = loans.get(loan_id)
    if loan.status != "APPROVED" or loan.agreement_status in (SENT, SIGNED):
        raise Conflict(
            f"The loan is {loan.status} and its agreement {loan.agreement_status}.", code="AGREEMENT_NOT_DUE"
        )
    enqueue("esign.send_agreement", loan_id=loan.id)
    return loan


def _render(loan: Loan) -> bytes:
    account = kyc.verified_account(loan.customer_id)
    shown = (
        f"XXXX{account.account_number[-4:]}, {account.ifsc}" if account else "to be verified before disbursal"
    )
    customer, brand = customers.get(loan.customer_id), brands.describe()
    return render("loan_agreement", agreement(loan, customer, shown, brand, clock.today()))


def _hand_over(loan: Loan, pdf: bytes) -> Envelope:
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
        valid_for=VALID_FOR,
    )


def by_contract(contract_id: str) -> EsignRequest:
    """The request of a contract, or NotFound."""
    request = EsignRequest.get_or_none(EsignRequest.contract_id == contract_id)
    if request is None:
        raise NotFound("contract")
    return request


def refresh(request: EsignRequest) -> None:
    """Ask the provider how far a contract is, and take over what is new. A callback is only a hint to ask."""
    request = request.locked()
    if request.status != SENT:
        return
    state = providers.esign(request.provider).envelope_state(request.contract_id)
    if state.outcome == SIGNED and _is_somebody_else(state):
        _end(request, REJECTED, "The signer's Aadhaar bears another name.")
    elif state.outcome == SIGNED:
        _signed(request, state)
    elif state.outcome == REJECTED:
        _end(request, REJECTED, "The customer did not agree to sign.")
    elif clock.now() >= request.created_at + VALID_FOR:
        _end(request, EXPIRED, "The link was not used in time.")
    elif state.outcome == LAPSED:
        raise LapsedTooEarly(request.contract_id)


def _is_somebody_else(state: EnvelopeState) -> bool:
    return state.name_match is not None and state.name_match < NAME_MATCH_MIN


def _signed(request: EsignRequest, state: EnvelopeState) -> None:
    loan = loans.get(request.loan_id)
    data = providers.esign(request.provider).download(state)
    signed = documents.store(
        loan.customer_id, "SIGNED_AGREEMENT", data, PDF, loan_id=loan.id, status="VERIFIED"
    )
    ESIGN.move(request, SIGNED, signed_document_id=signed.id)
    loans.move_agreement(loan.id, SIGNED)
    messaging.notify(
        loan.customer_id, "esign_done", loan_id=loan.id, documents=[signed.id], loan_no=loan.loan_no
    )


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
        "unsigned_document_id": request.unsigned_document_id if request else None,
        "signed_document_id": request.signed_document_id if request else None,
    }
