"""Bureau reports: bought once in a while, with the customer's consent, and kept as they came.

Which bureau, which ones after it while it does not answer, and how old a report may be: the brand's settings say.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.brands import service as brands
from app.bureau import enquiry as enquiries
from app.bureau.models import BureauReport
from app.bureau.reading import READ, READERS, known_of
from app.consents import service as consents
from app.core import audit, clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.core.ids import new_id
from app.core.lineage import Origin
from app.core.lineage import origin as origin_of
from app.customers import service as customers
from app.files import get_sealed, put_sealed
from app.loans import service as loans
from app.providers import CLIENTS, ProviderError, ProviderRejected, client
from app.providers.bureau import BureauAnswer, BureauEnquiry
from app.staff.permissions import GRANTS, Permission
from pipelines import bureau_details
from storage import key_for

log = structlog.get_logger()


def pull(loan_id: UUID, repull_remark: str | None = None) -> BureauReport:
    """The customer's bureau report: one that is recent enough, else a new one.

    With a remark a new one is bought in any case, by those who may. Raises Conflict without a consent
    (CONSENT_MISSING), with an incomplete KYC or for a loan that has ended; Forbidden; Invalid if the bureau refuses;
    Unavailable if no bureau answers.
    """
    if repull_remark and not identity.actor().roles & GRANTS[Permission.BUREAU_REPULL]:
        raise Forbidden("Buying a report again is not among your rights.")
    loan = loans.get(loan_id)
    if loan.status in loans.ENDED:
        raise Conflict(f"The loan is {loan.status}; there is nothing to assess.", state=loan.status)
    consent = consents.require(loan.customer_id, "BUREAU")
    _in_turn(loan.customer_id)
    recent = None if repull_remark else _recent(loan.customer_id)
    return recent or _pull(loan, consent.id, repull_remark)


def _in_turn(customer_id: UUID) -> None:
    """Who asks about the same customer at the same time waits, and takes the report that came. The bureau takes its
    time to answer: nothing else may wait for it."""
    name = f"bureau|{current_brand()}|{customer_id}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def lacks(customer_id: UUID | str) -> list[str]:
    """What KYC has to say of a customer before a bureau can be asked about them."""
    return enquiries.lacks(customers.get(customer_id))


def _recent(customer_id: UUID) -> BureauReport | None:
    """The newest report that could be read, unless it is older than the brand allows."""
    report = _of(customer_id).where(BureauReport.status == READ).first()
    age_max = timedelta(days=_policy()["max_age_days"])
    return report if report and report.created_at > clock.now() - age_max else None


def _of(customer_id: UUID) -> Any:
    mine = BureauReport.customer_id == customer_id
    return BureauReport.select().where(mine).order_by(BureauReport.id.desc())


def _policy() -> dict[str, Any]:
    return brands.settings()["bureau_policy"]


def _pull(loan: loans.Loan, consent_id: UUID, repull_remark: str | None) -> BureauReport:
    report_id = new_id()
    bureau, answer = _ask(enquiries.enquiry(customers.get(loan.customer_id), loan, report_id.hex))
    raw_key = key_for(current_brand(), "bureau", f"{report_id}.enc")
    put_sealed(raw_key, answer.body)
    report = BureauReport.create(
        id=report_id,
        customer_id=loan.customer_id,
        loan_id=loan.id,
        bureau=bureau,
        raw_key=raw_key,
        consent_id=consent_id,
        repull_remark=repull_remark,
        **known_of(bureau, answer, str(report_id), clock.today()),
    )
    after = {"bureau": bureau, "status": report.status, "loanId": str(loan.id), "consentId": str(consent_id)}
    audit.record("bureau.pulled", "bureau_report", report.id, after=after, reason=repull_remark)
    loans.evidence_came(loan.customer_id)
    return report


def _ask(asked: BureauEnquiry) -> tuple[str, BureauAnswer]:
    """The answer of the brand's bureau, or of the first after it that answers, and which one that is."""
    failure: ProviderError | None = None
    for bureau in dict.fromkeys([brands.settings()["providers"]["bureau"], *_policy()["fallbacks"]]):
        try:
            return bureau, client(bureau, current_brand()).consumer_pull(asked, today=clock.today())
        except ProviderRejected as refusal:
            raise Invalid(f"The bureau refuses: {refusal.reason}", code="BUREAU_REFUSED") from refusal
        except ProviderError as error:
            log.warning("bureau does not answer", bureau=bureau, error=str(error))
            failure = error
    raise Unavailable("The bureau does not answer now. Try again in a few minutes.") from failure


def of_loan(loan_id: UUID) -> BureauReport:
    """The newest report on the loan's customer, however old. Raises NotFound when none was pulled."""
    report = _of(loans.get(loan_id).customer_id).first()
    if report is None:
        raise NotFound("bureau report")
    return report


def details_of_loan(loan_id: UUID) -> dict[str, Any]:
    """Accounts, enquiries and identities of that report, read again from the answer. Raises Conflict if it is
    UNREADABLE."""
    report = of_loan(loan_id)
    if report.status != READ:
        raise Conflict(report.reason, code="REPORT_UNREADABLE")
    if report.erased_at:
        raise Conflict("The report was deleted: its time has passed.", code="REPORT_DELETED")
    audit.viewed("bureau_report", report.id, report.customer_id)
    answer = CLIENTS[report.bureau].reread(get_sealed(report.raw_key))
    read = READERS[report.bureau](answer.report, report_id=str(report.id))
    return {"id": report.id, "bureau": report.bureau, **bureau_details(read)}


def features(loan_id: UUID | str) -> dict[str, Any]:
    """The bureau features of a loan's customer; empty when there is none, or it is too old."""
    report = _recent(loans.get(loan_id).customer_id)
    if report is None:
        return {}
    return {**report.features, "bureau_report_age_days": (clock.now() - report.created_at).days}


def origin(loan_id: UUID | str) -> Origin | None:
    """Which report `features` come from."""
    report = _recent(loans.get(loan_id).customer_id)
    return origin_of(f"bureau_report:{report.bureau}", report) if report else None
