"""Bank data goes when its consent ends or its data life has passed; the audit trail proves it.

The signed consent stays: it is the evidence that the customer agreed, and holds nothing of their data.
"""

from collections.abc import Iterable

from peewee import ModelSelect

from app.banking.aggregator import information
from app.banking.models import AAConsentRequest, BankAccountStatement, BdaReport
from app.banking.states import DELETED, REQUESTED, STATEMENT
from app.core import audit, clock
from app.files import remove, storage

DATA_LIFE, ERASURE = "DATA_LIFE", "ERASURE"
_WHY = {
    DATA_LIFE: "The data was deleted: its time has passed.",
    ERASURE: "The data was deleted: the customer or the law asked for it.",
}
STATEMENT_SOURCE = "STATEMENT"
# What a statement's row tells of the account.
_TOLD = (
    "stage", "content_key", "password", "bank", "account_number", "ifsc", "holder_name", "opening_balance",
    "closing_balance", "analyser_key", "analyser_reason", "analyser_status", "figures", "differences",
)  # fmt: skip


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


def due_statements() -> ModelSelect:
    """Statements whose time has passed."""
    passed = BankAccountStatement.delete_after < clock.now()
    return BankAccountStatement.select().where(passed, BankAccountStatement.status != DELETED)


def delete(report: BdaReport, why: str) -> None:
    """Remove the objects, see that they are gone, and forget what was learnt from them. Done once."""
    report = report.locked()
    # what a statement said goes with the statement, which may still be of use with others
    named = (None if report.source == STATEMENT_SOURCE else report.raw_key, report.report_key)
    keys = _there(named)
    if report.status == DELETED or (report.status == "FAILED" and not keys):
        return
    _remove(keys)
    report.change(
        status=DELETED,
        reason=_WHY.get(why, "The data was deleted: the consent has ended."),
        report_key=None,
        features=None,
        lineage=None,
        cam_prefill=None,
        missing=None,
        delete_after=None,
    )
    audit.record("bank_data.deleted", "bda_report", report.id, after={"objects": keys, "why": why})


def delete_statement(statement: BankAccountStatement, why: str = DATA_LIFE) -> None:
    """Remove the file, what was read from it and what the analyser answered; what the row told of them goes as well.

    The hash stays, so that the file is known when it is sent once more. Done once.
    """
    statement = statement.locked()
    if statement.status == DELETED:
        return
    if statement.report_id:
        delete(BdaReport.find(statement.report_id), why)
    keys = _there((statement.s3_key, statement.content_key, statement.analyser_key))
    _remove(keys)
    STATEMENT.move(statement, DELETED, reason=_WHY[why], rows=[], warnings=[], **dict.fromkeys(_TOLD))
    audit.record("bank_data.deleted", "statement", statement.id, after={"objects": keys, "why": why})


def _there(keys: Iterable[str | None]) -> list[str]:
    return [key for key in keys if key and storage().exists(key)]


def _remove(keys: list[str]) -> None:
    """Remove objects and see that they are gone."""
    for key in keys:
        remove(key)
    left = _there(keys)
    if left:
        raise RuntimeError(f"{len(left)} objects are still there")
