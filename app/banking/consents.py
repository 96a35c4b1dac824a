"""Asking a customer, through an Account Aggregator, to let us read their bank statement."""

from datetime import date, timedelta
from uuid import UUID

from peewee import ModelSelect

from app.banking.models import AAConsentRequest
from app.banking.states import AA_CONSENT, APPROVED, EXPIRED, OF_CONSENT, OF_HANDLE, PENDING
from app.brands import service as brands
from app.core import clock
from app.core.database import current_brand
from app.core.errors import Conflict, Invalid, NotFound, Unavailable
from app.core.identity import SYSTEM, acting
from app.core.outbox import enqueue
from app.customers import service as customers
from app.loans import service as loans
from app.messaging import service as messaging
from app.providers import ProviderError, ProviderRejected, client
from app.providers.aa import UNDERWRITING, ConsentRequested, FinduitClient

STATEMENT_DAYS = 180


def aggregator(provider: str) -> FinduitClient:
    """The client of an Account Aggregator for this brand."""
    return client(provider, current_brand())


def request(user_id: UUID, loan_id: UUID) -> AAConsentRequest:
    """Ask for the statement of the last STATEMENT_DAYS days; a request that waits is returned again.

    Raises NotFound if the loan is not this customer's, Conflict if it has ended, Invalid or Unavailable if
    the aggregator refuses or does not answer.
    """
    loan = loans.for_customer(loan_id, user_id).locked()
    if loan.status in loans.ENDED:
        raise Conflict(f"The loan is {loan.status}; there is nothing to assess.", state=loan.status)
    return _waiting(loan.id) or _new(loan)


def _waiting(loan_id: UUID) -> AAConsentRequest | None:
    waiting = latest(loan_id)
    if waiting is None or waiting.status != PENDING:
        return None
    if waiting.created_at < clock.now() - UNDERWRITING.valid_for:
        with acting(SYSTEM):
            AA_CONSENT.move(waiting, EXPIRED, remark="Not answered in time")
        return None
    # the customer may have answered, and the aggregator's word be lost
    enqueue("banking.refresh_consent", request_id=waiting.id)
    return waiting


def _new(loan: loans.Loan) -> AAConsentRequest:
    provider, data_to = brands.settings()["providers"]["account_aggregator"], clock.today()
    data_from = data_to - timedelta(days=STATEMENT_DAYS)
    phone = customers.get(loan.customer_id).phone
    asked = _ask(aggregator(provider), phone, (data_from, data_to))
    record = AAConsentRequest.create(
        customer_id=loan.customer_id,
        loan_id=loan.id,
        provider=provider,
        status=AA_CONSENT.initial,
        txn_id=asked.txnid,
        consent_handle=asked.consent_handle,
        redirect_url=asked.consent_url,
        data_from=data_from,
        data_to=data_to,
    )
    AA_CONSENT.start(record)
    messaging.notify(loan.customer_id, "aa_consent_link", loan_id=loan.id, url=asked.consent_url)
    return record


def _ask(finduit: FinduitClient, phone: str, days: tuple[date, date]) -> ConsentRequested:
    try:
        return finduit.request_consent(phone, *days)
    except ProviderRejected as refusal:
        raise Invalid(f"The Account Aggregator refuses: {refusal.reason}", field="user_id") from refusal
    except ProviderError as error:
        raise Unavailable(
            "The Account Aggregator does not answer now. Nothing was sent: try again."
        ) from error


def refresh(record: AAConsentRequest) -> None:
    """Take over where the consent stands at the aggregator now.

    What notifications say is not believed: they come late, twice and in any order. They are a reason to look.
    """
    record = record.locked()
    status, consent_id = _standing(record)
    if status == record.status:
        return
    AA_CONSENT.move(record, status, consent_id=consent_id or record.consent_id)
    if status == APPROVED:
        enqueue("banking.request_information", request_id=record.id)


def _standing(record: AAConsentRequest) -> tuple[str, str | None]:
    finduit = aggregator(record.provider)
    handle = finduit.consent_handle(record.consent_handle)
    if handle.consent_id is None:
        return OF_HANDLE[handle.status], None
    return OF_CONSENT[finduit.fetch_consent(handle.consent_id).status], handle.consent_id


def get(request_id: UUID | str) -> AAConsentRequest:
    """The request, or NotFound."""
    return AAConsentRequest.find(request_id)


def named(consent_handle: str | None, consent_id: str | None) -> AAConsentRequest:
    """The request that a notification speaks of, by either name. Raises NotFound."""
    if consent_handle:
        return _found(AAConsentRequest.select().where(AAConsentRequest.consent_handle == consent_handle))
    return _found(AAConsentRequest.select().where(AAConsentRequest.consent_id == consent_id))


def of_session(session_id: str) -> AAConsentRequest:
    """The request whose data is collected in this session. Raises NotFound."""
    return _found(AAConsentRequest.select().where(AAConsentRequest.session_id == session_id))


def _found(query: ModelSelect) -> AAConsentRequest:
    record = query.first()
    if record is None:
        raise NotFound("consent request")
    return record


def latest(loan_id: UUID | str) -> AAConsentRequest | None:
    """The newest request for a loan."""
    mine = AAConsentRequest.loan_id == loan_id
    return AAConsentRequest.select().where(mine).order_by(AAConsentRequest.id.desc()).first()


def search(status: str | None, loan_id: UUID | None) -> ModelSelect:
    """Requests of this brand by status and loan."""
    query = AAConsentRequest.select()
    if status:
        query = query.where(AAConsentRequest.status == status)
    return query.where(AAConsentRequest.loan_id == loan_id) if loan_id else query
