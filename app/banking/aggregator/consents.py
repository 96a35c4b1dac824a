"""Asking a customer, through an Account Aggregator, to let us read their bank data; and where their consent stands."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.banking import vault
from app.banking.aggregator.clients import Consent, Standing, aggregator
from app.banking.models import AAConsentRequest
from app.banking.states import AA_CONSENT, APPROVED, ENDED, EXPIRED, PAUSED, PENDING, REVOKED
from app.brands import service as brands
from app.consents import service as given
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Unavailable
from app.core.identity import SYSTEM, acting
from app.core.outbox import enqueue
from app.customers import service as customers
from app.loans import service as loans
from app.messaging import service as messaging
from app.providers import ProviderError, ProviderRejected
from app.providers.aa import TERMS, ConsentRequested, ConsentTerms

# A request that nobody answered for so long has ended.
ANSWER_WITHIN = timedelta(days=1)


def request(user_id: UUID, loan_id: UUID, template: str = "UNDERWRITING") -> AAConsentRequest:
    """Ask for a consent on the terms of `template`; a request that waits is returned again.

    Raises NotFound if the loan is not this customer's, Conflict if it has ended or a request on other terms waits,
    Invalid or Unavailable if the aggregator refuses or does not answer.
    """
    brands.require("account_aggregator")
    loan = loans.for_customer(loan_id, user_id).locked()
    if loan.status in loans.ENDED:
        raise Conflict(f"The loan is {loan.status}; there is nothing to assess.", state=loan.status)
    given.require(loan.customer_id, "AA")
    waiting = _waiting(loan.id)
    if waiting and waiting.template != template:
        raise Conflict("Another request waits for an answer: cancel it first.", state=PENDING)
    return waiting or _new(loan, template)


def _waiting(loan_id: UUID) -> AAConsentRequest | None:
    waiting = latest(loan_id)
    if waiting is None or waiting.status != PENDING:
        return None
    if waiting.created_at < clock.now() - ANSWER_WITHIN:
        with acting(SYSTEM):
            _move(waiting, EXPIRED, remark="Not answered in time")
        return None
    # the customer may have answered, and the aggregator's word be lost
    enqueue("banking.refresh_consent", request_id=waiting.id)
    return waiting


def _new(loan: loans.Loan, template: str) -> AAConsentRequest:
    provider, terms = brands.settings()["providers"]["account_aggregator"], TERMS[template]
    days = _days(terms)
    asked = _ask(provider, customers.get(loan.customer_id).phone, days, terms)
    record = AAConsentRequest.create(
        customer_id=loan.customer_id,
        loan_id=loan.id,
        provider=provider,
        status=AA_CONSENT.initial,
        template=template,
        terms=_as_json(terms),
        txn_id=asked.txnid,
        consent_handle=asked.consent_handle,
        redirect_url=asked.consent_url,
        data_from=days[0],
        data_to=days[1],
    )
    AA_CONSENT.start(record)
    messaging.notify(loan.customer_id, "aa_consent_link", loan_id=loan.id, url=asked.consent_url)
    return record


def _days(terms: ConsentTerms) -> tuple[date, date]:
    """From how far back; to today, or with a periodic consent to its end."""
    today = clock.today()
    last = today + terms.valid_for if terms.fetch_type == "PERIODIC" else today
    return today - timedelta(days=terms.days_back), last


def _as_json(terms: ConsentTerms) -> dict[str, Any]:
    return asdict(terms) | {"valid_for": terms.valid_for.days}


def _ask(provider: str, phone: str, days: tuple[date, date], terms: ConsentTerms) -> ConsentRequested:
    try:
        return aggregator(provider).ask(phone, days, terms)
    except ProviderRejected as refusal:
        raise Invalid(f"The Account Aggregator refuses: {refusal.reason}", field="user_id") from refusal
    except ProviderError as error:
        raise Unavailable(
            "The Account Aggregator does not answer now. Nothing was sent: try again."
        ) from error


def refresh(record: AAConsentRequest) -> AAConsentRequest:
    """Take over where the consent stands at the aggregator now. One that has ended here stays ended.

    What notifications say is not believed: they come late, twice and in any order. They are a reason to look.
    """
    record = record.locked()
    if record.status not in ENDED:
        take_over(record, aggregator(record.provider).standing(record.consent_handle))
    return record


def take_over(record: AAConsentRequest, standing: Standing) -> None:
    """Move a locked record to where its consent stands."""
    if standing.status == record.status:
        return
    if standing.consent:
        _keep_evidence(record, standing.consent)
    _move(record, standing.status)


def _keep_evidence(record: AAConsentRequest, consent: Consent) -> None:
    record.change(consent_id=consent.consent_id, consent_expires_at=consent.expires_at)
    if consent.signed:
        vault.put(vault.key_of(str(record.id), "consent.enc"), consent.signed.token)


def _move(record: AAConsentRequest, status: str, remark: str | None = None) -> None:
    """The only way a consent changes: what follows from each state follows from here."""
    before = record.status
    AA_CONSENT.move(record, status, remark=remark)
    if status == APPROVED and before == PENDING:
        enqueue("banking.request_information", request_id=record.id, nth=1)
    if status in ENDED and before != PENDING:
        enqueue("banking.delete_data", request_id=record.id, why=status)


def cancel(request_id: UUID, remark: str) -> AAConsentRequest:
    """Withdraw a request or do without a consent that was given; its data is deleted. Raises Conflict once it ended."""
    record = get(request_id).locked()
    _move(record, REVOKED, remark=remark)
    return record


def look(request_id: UUID) -> AAConsentRequest:
    """Refresh for somebody who waits. Raises Unavailable if the aggregator does not answer."""
    try:
        return refresh(get(request_id))
    except ProviderError as error:
        raise Unavailable("The Account Aggregator does not answer now. Try again.") from error


def due_to_end() -> ModelSelect:
    """Consents whose time has passed, and requests that nobody answered in time."""
    given = AAConsentRequest.status.in_([APPROVED, PAUSED]) & (
        AAConsentRequest.consent_expires_at < clock.now()
    )
    asked = (AAConsentRequest.status == PENDING) & (AAConsentRequest.created_at < clock.now() - ANSWER_WITHIN)
    return AAConsentRequest.select().where(given | asked)


def end(record: AAConsentRequest) -> None:
    """Let a consent whose time has passed expire; a request is looked at once more, its answer may be lost."""
    if record.status == PENDING:
        record = refresh(record)
    record = record.locked()
    passed = record.consent_expires_at is not None and record.consent_expires_at < clock.now()
    if record.status == PENDING or (record.status in (APPROVED, PAUSED) and passed):
        _move(record, EXPIRED, remark="Its time has passed")


def get(request_id: UUID | str) -> AAConsentRequest:
    """The request, or NotFound."""
    return AAConsentRequest.find(request_id)


def named(provider: str, consent_handle: str | None, consent_id: str | None) -> AAConsentRequest | None:
    """The request that a notification of this provider speaks of, by every name that it gives."""
    query = AAConsentRequest.select().where(AAConsentRequest.provider == provider)
    if consent_handle:
        query = query.where(AAConsentRequest.consent_handle == consent_handle)
    if consent_id:
        # before we looked, we do not know the id of a consent that was just given
        unknown = AAConsentRequest.consent_id.is_null() if consent_handle else False
        query = query.where((AAConsentRequest.consent_id == consent_id) | unknown)
    return query.first()


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


def found(record: AAConsentRequest | None) -> AAConsentRequest:
    """The record, or NotFound."""
    if record is None:
        raise NotFound("consent request")
    return record
