"""The brand's analyser of bank statements (CART, FinBox, ScoreMe): sent the same file, its figures kept beside ours.

Our own readers always run, and ours are the figures that are decided on; a difference is something to look at.
"""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from app.banking import vault
from app.banking.models import BankAccountStatement, BdaReport
from app.core import audit
from app.core.database import current_brand
from app.core.outbox import enqueue
from app.providers import ProviderError, ProviderRejected, ProviderUnavailable, client
from pipelines import EvidenceError
from pipelines.statements.compare import differences, our_figures
from pipelines.statements.vendors import Figures, read_vendor

QUEUED, SUBMITTED, READY, FAILED = "QUEUED", "SUBMITTED", "READY", "FAILED"
FIRST_POLL_S = 5


class NotReady(Exception):
    """The analyser is still at work; the job's back-off asks again."""


def submit(statement: BankAccountStatement) -> None:
    """Send the file, once. Raises ProviderUnavailable to be tried again later."""
    statement = statement.locked()
    if statement.analyser_status != QUEUED:
        return
    analyser = client(statement.analyser, current_brand())
    name = f"{statement.id}.{statement.file_type}"
    try:
        reference = analyser.submit_statement(
            vault.get_bytes(statement.s3_key), name=name, bank=statement.bank, password=statement.password
        )
    except ProviderUnavailable:
        raise
    except ProviderError as error:
        _fail(statement, error)
        return
    statement.change(analyser_status=SUBMITTED, analyser_reference=reference, password=None)
    enqueue("banking.collect_analysis", delay_s=FIRST_POLL_S, statement_id=statement.id)


def collect(statement: BankAccountStatement) -> None:
    """Take the analyser's report in. Raises NotReady while there is none."""
    statement = statement.locked()
    if statement.analyser_status != SUBMITTED:
        return
    try:
        report = client(statement.analyser, current_brand()).statement_report(statement.analyser_reference)
    except ProviderUnavailable:
        raise
    except ProviderError as error:
        _fail(statement, error)
        return
    if report is None:
        raise NotReady(f"{statement.analyser} has no report of {statement.id} yet")
    _take_in(statement, report)


def _fail(statement: BankAccountStatement, error: ProviderError) -> None:
    told = f"{error.code}: {error.reason}" if isinstance(error, ProviderRejected) else error.message
    statement.change(analyser_status=FAILED, analyser_reason=told, password=None)
    audit.record("statement.analyser_failed", "statement", statement.id, reason=told)


def _take_in(statement: BankAccountStatement, report: dict[str, Any]) -> None:
    key = vault.key_of("statements", f"{statement.id}.{statement.analyser}.enc")
    vault.put(key, _plain(report))
    try:
        theirs = read_vendor(statement.analyser, report).figures
    except EvidenceError as error:
        statement.change(analyser_status=FAILED, analyser_key=key, analyser_reason=str(error))
        return
    found = differences(_ours(statement), theirs)
    statement.change(
        analyser_status=READY, analyser_key=key, figures=_plain(_shown(theirs)), differences=_plain(found)
    )
    audit.record("statement.compared", "statement", statement.id, after={"differences": len(found)})


def _ours(statement: BankAccountStatement) -> Figures:
    report = BdaReport.find(statement.report_id)
    if report.status != READY:
        return Figures()
    return our_figures(vault.get(report.report_key), report.features)


def _shown(figures: Figures) -> dict[str, Any]:
    return {name: value for name, value in asdict(figures).items() if value not in (None, {})}


def _plain(value: Any) -> Any:
    """Numbers of a provider's JSON as text, exactly."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
