"""Bureau reports: pulled once in a while, with the customer's consent, and kept as they came."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.brands import service as brands
from app.bureau import cibil
from app.bureau.models import BureauReport
from app.core import audit, clock
from app.core.crypto import encrypt
from app.core.database import current_brand
from app.core.errors import Conflict, Invalid, NotFound, Unavailable
from app.core.ids import new_id
from app.customers import service as customers
from app.files import storage
from app.loans import service as loans
from app.providers import ProviderError, ProviderRejected, client
from app.providers.cibil import CibilEnquiry, CibilReport
from pipelines import EvidenceError, Features, bureau_features, read_cibil
from storage import key_for

# A report is paid for and each pull shows in the person's file: until it is this old, it is used again.
REPULL_DAYS = 30

log = structlog.get_logger()


def pull(loan_id: UUID) -> BureauReport:
    """The customer's bureau report: one not older than REPULL_DAYS, else a new one.

    Raises Conflict without a consent (CONSENT_MISSING), with an incomplete KYC or for a loan that has ended;
    Invalid or Unavailable if the bureau refuses or does not answer.
    """
    loan = loans.get(loan_id).locked()
    if loan.status in loans.ENDED:
        raise Conflict(f"The loan is {loan.status}; there is nothing to assess.", state=loan.status)
    consent = customers.live_consent(loan.customer_id, "BUREAU")
    if consent is None:
        raise Conflict("The customer has not consented to a bureau enquiry.", code="CONSENT_MISSING")
    return _recent(loan.customer_id) or _pull(loan, consent.id)


def _recent(customer_id: UUID) -> BureauReport | None:
    report = _latest(customer_id)
    is_recent = report and report.created_at > clock.now() - timedelta(days=REPULL_DAYS)
    return report if is_recent else None


def _latest(customer_id: UUID) -> BureauReport | None:
    mine = BureauReport.customer_id == customer_id
    return BureauReport.select().where(mine).order_by(BureauReport.id.desc()).first()


def _pull(loan: loans.Loan, consent_id: UUID) -> BureauReport:
    report_id, bureau = new_id(), brands.settings()["providers"]["bureau"]
    answer = _ask(bureau, cibil.enquiry(customers.get(loan.customer_id), loan, report_id.hex))
    raw_key = key_for(current_brand(), "bureau", f"{report_id}.enc")
    storage().put(raw_key, encrypt(answer.body).encode(), "application/octet-stream")
    known = _features(answer, str(report_id))
    report = BureauReport.create(
        id=report_id,
        customer_id=loan.customer_id,
        loan_id=loan.id,
        bureau=bureau,
        raw_key=raw_key,
        score=known.values.get("bureau_score"),
        # decimals as text, exactly
        features=json.loads(json.dumps(known.values, default=str)),
        lineage=known.lineage,
        consent_id=consent_id,
    )
    after = {"bureau": bureau, "loanId": str(loan.id), "consentId": str(consent_id)}
    audit.record("bureau.pulled", "bureau_report", report.id, after=after)
    return report


def _ask(bureau: str, enquiry: CibilEnquiry) -> CibilReport:
    try:
        return client(bureau, current_brand()).consumer_pull(enquiry, today=clock.today())
    except ProviderRejected as refusal:
        raise Invalid(f"The bureau refuses: {refusal.reason}", code="BUREAU_REFUSED") from refusal
    except ProviderError as error:
        raise Unavailable("The bureau does not answer now. Try again in a few minutes.") from error


def _features(answer: CibilReport, report_id: str) -> Features:
    try:
        return bureau_features(read_cibil(answer.report, report_id=report_id), clock.today())
    except EvidenceError as error:
        # paid for and kept: nothing in it is known until it can be read
        log.error("bureau report is not readable", report_id=report_id, error=str(error))
        return Features()


def of_loan(loan_id: UUID) -> BureauReport:
    """The newest report on the loan's customer, however old. Raises NotFound when none was pulled."""
    report = _latest(loans.get(loan_id).customer_id)
    if report is None:
        raise NotFound("bureau report")
    return report


def features(loan_id: UUID | str) -> dict[str, Any]:
    """The bureau features of a loan's customer; empty when there is none, or it is too old."""
    report = _recent(loans.get(loan_id).customer_id)
    if report is None:
        return {}
    return {**report.features, "bureau_report_age_days": (clock.now() - report.created_at).days}
