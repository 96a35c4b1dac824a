"""Bank data: what other domains ask, and what the routes of this one call."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.banking import vault
from app.banking.aggregator import consents, information
from app.banking.aggregator.consents import cancel as cancel_consent
from app.banking.aggregator.consents import look as refresh_consent
from app.banking.aggregator.consents import request as request_consent
from app.banking.aggregator.consents import search as search_consents
from app.banking.aggregator.information import fetch_again
from app.banking.models import AAConsentRequest, BdaReport
from app.banking.statements import service as statements
from app.banking.statements.service import why_unread
from app.banking.states import APPROVED, EXPIRED, PAUSED, PENDING, REJECTED, REVOKED
from app.core import audit
from app.core.lineage import Origin
from app.core.lineage import origin as origin_of
from app.loans import service as loans

__all__ = [
    "cam_prefill",
    "cancel_consent",
    "consent_detail",
    "describe",
    "features",
    "fetch_again",
    "open_consent_url",
    "origin",
    "refresh_consent",
    "request_consent",
    "salary_account",
    "search_consents",
    "standing",
    "why_unread",
]

# What the state of the newest consent means for the statement, while it has brought none.
STANDING: dict[str, tuple[str, str]] = {
    PENDING: ("AWAITING_CONSENT", "The customer has not answered yet."),
    APPROVED: ("FETCHING", "The aggregator collects the statement."),
    REJECTED: ("FAILED", "The customer did not agree."),
    PAUSED: ("FAILED", "The customer paused the consent."),
    REVOKED: ("FAILED", "The customer took the consent back."),
    EXPIRED: ("FAILED", "The consent has ended."),
}


@dataclass(frozen=True)
class SalaryAccount:
    """The last four digits of the accounts in a statement, and who pays salary to them."""

    last4: frozenset[str]
    employers: frozenset[str]


STATUSES = ["NOT_REQUESTED", "AWAITING_CONSENT", "FETCHING", "PROCESSING", "READY", "FAILED", "DELETED"]


def consent_detail(request_id: UUID) -> dict[str, Any]:
    """One consent request with its sessions. Raises NotFound."""
    record = consents.get(request_id)
    return record.__data__ | {"sessions": list(information.sessions(record.id))}


def features(loan_id: UUID | str) -> dict[str, Any]:
    """The banking features of a loan, from its newest analysis; empty when there is none. Money is text."""
    report = _ready(loan_id)
    return report.features if report else {}


def origin(loan_id: UUID | str) -> Origin | None:
    """Which analysis `features` come from."""
    report = _ready(loan_id)
    return origin_of(f"bank_statement:{report.source.lower()}", report) if report else None


def salary_account(loan_id: UUID | str) -> SalaryAccount | None:
    """What the newest analysis says about whose account it is; None when there is none."""
    report = _ready(loan_id)
    content = vault.get(report.report_key) if report and report.report_key else None
    if content is None:
        return None
    return SalaryAccount(
        frozenset(
            account["masked_number"][-4:] for account in content["accounts"] if account.get("masked_number")
        ),
        frozenset(salary["employer"] for salary in content["salaries"] if salary["employer"]),
    )


def cam_prefill(loan_id: UUID | str) -> dict[str, Any]:
    """What the statement fills into the memo: three salaries, obligations, next pay date; may be empty."""
    report = _ready(loan_id)
    return report.cam_prefill if report else {}


def _ready(loan_id: UUID | str) -> BdaReport | None:
    return _reports(loan_id).where(BdaReport.status == "READY").first()


def _reports(loan_id: UUID | str) -> Any:
    return BdaReport.select().where(BdaReport.loan_id == loan_id).order_by(BdaReport.id.desc())


def describe(loan_id: UUID | str) -> dict[str, Any]:
    """Where the statement analysis of a loan stands, and the newest one with its report. Audited."""
    told, report = _told(loans.get(loan_id).id)
    if report is None:
        return told
    if report.status == "READY":
        audit.viewed("bda_report", report.id, report.customer_id)
    content = vault.get(report.report_key) if report.report_key else None
    return told | {"lineage": report.lineage, "report": content}


def open_consent_url(loan_id: UUID | str) -> str | None:
    """Where the customer answers the request that waits for them; None where none does."""
    consent = consents.latest(loan_id)
    return consent.redirect_url if consent and consent.status == PENDING else None


def standing(loan_id: UUID | str) -> dict[str, Any]:
    """Where the statement analysis of a loan stands, and its features, without the report."""
    return _told(loan_id)[0]


def _told(loan_id: UUID | str) -> tuple[dict[str, Any], BdaReport | None]:
    """Where it stands, and the analysis if it is that which says so."""
    report, consent = _reports(loan_id).first(), consents.latest(loan_id)
    status, reason = _standing(report, consent)
    if status in ("NOT_REQUESTED", "AWAITING_CONSENT", "FAILED") and statements.is_reading(loan_id):
        status, reason = "PROCESSING", None
    told = {
        "loan_id": loan_id,
        "status": status,
        "reason": reason,
        "consent_status": consent.status if consent else None,
    }
    if report is None or report.status != status:
        return told, None
    names = ("id", "source", "missing", "delete_after", "created_at", "features")
    return told | {name: getattr(report, name) for name in names}, report


def _standing(report: BdaReport | None, consent: AAConsentRequest | None) -> tuple[str, str | None]:
    if report and (consent is None or report.created_at > consent.created_at):
        return report.status, report.reason
    return STANDING[consent.status] if consent else ("NOT_REQUESTED", None)
