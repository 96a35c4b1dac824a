"""Bank data goes when its consent ends or its data life has passed; the audit trail proves it.

The signed consent stays: it is the evidence that the customer agreed, and holds nothing of their data.
"""

from peewee import ModelSelect

from app.banking import information
from app.banking.models import AAConsentRequest, BdaReport
from app.banking.states import REQUESTED
from app.core import audit, clock
from app.files import storage

DELETED = "DELETED"
DATA_LIFE = "DATA_LIFE"


def of_consent(record: AAConsentRequest, why: str) -> None:
    """Delete everything that came under a consent; what is still on its way will not be taken in."""
    sessions = list(information.sessions(record.id))
    for session in sessions:
        if session.status == REQUESTED:
            information.fail(session, "The consent has ended.")
    reports = BdaReport.aa_session_id.in_([session.id for session in sessions])
    for report in BdaReport.select().where(reports, BdaReport.status != DELETED):
        delete(report, why)


def due() -> ModelSelect:
    """Reports whose data life has passed."""
    passed = BdaReport.delete_after < clock.now()
    return BdaReport.select().where(passed, BdaReport.status != DELETED)


def delete(report: BdaReport, why: str) -> None:
    """Remove the objects, see that they are gone, and forget what was learnt from them. Done once."""
    report = report.locked()
    keys = [key for key in (report.raw_key, report.report_key) if key and storage().exists(key)]
    if report.status == DELETED or (report.status == "FAILED" and not keys):
        return
    for key in keys:
        storage().remove(key)
    left = [key for key in keys if storage().exists(key)]
    if left:
        raise RuntimeError(f"{len(left)} objects are still there")
    report.change(
        status=DELETED,
        reason="The data was deleted: its time has passed."
        if why == DATA_LIFE
        else "The data was deleted: the consent has ended.",
        report_key=None,
        features=None,
        lineage=None,
        cam_prefill=None,
        missing=None,
        delete_after=None,
    )
    audit.record("bank_data.deleted", "bda_report", report.id, after={"objects": keys, "why": why})
