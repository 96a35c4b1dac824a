"""The brand's analyser of bank statements (CART, FinBox, ScoreMe): sent the same file, its figures kept beside ours.

Our own readers always run, and ours are the figures that are decided on; a difference is something to look at. Where
they cannot read the file, the analyser's transactions stand in for ours (`reading.stand_in`).
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from peewee import ModelSelect, fn

from app.banking import vault
from app.banking.models import BankAccountStatement, BdaReport
from app.banking.statements import reading
from app.core import audit, clock
from app.core.database import current_brand
from app.core.outbox import enqueue
from app.customers import service as customers
from app.providers import ProviderError, ProviderRejected, ProviderUnavailable, client
from app.providers.analyser import StatementFile
from pipelines import EvidenceError
from pipelines.scalars import plain
from pipelines.statements import Statement
from pipelines.statements.compare import differences, our_figures
from pipelines.statements.vendors import Figures, read_vendor

QUEUED, SUBMITTED, READY = "QUEUED", "SUBMITTED", "READY"
FAILED, TIMED_OUT = "FAILED", "TIMED_OUT"
WAITING = (QUEUED, SUBMITTED)
STATUSES = [*WAITING, READY, FAILED, TIMED_OUT]
WAIT = timedelta(hours=1)  # analyses take minutes; after so long there will be none
FIRST_POLL_S, POLL_S_MAX = 5, 300


def submit(statement: BankAccountStatement) -> None:
    """Send the file, once. Raises ProviderUnavailable to be tried again later."""
    statement = statement.locked()
    if statement.analyser_status != QUEUED:
        return
    analyser = client(statement.analyser, current_brand())
    file = StatementFile(
        vault.get_bytes(statement.s3_key),
        name=f"{statement.id}.{statement.file_type}",
        bank=statement.bank,
        password=statement.password,
        holder=customers.get(statement.customer_id).name,
    )
    try:
        reference = analyser.submit_statement(file)
    except ProviderUnavailable:
        raise
    except ProviderError as error:
        _fail(statement, error)
        return
    statement.change(analyser_status=SUBMITTED, analyser_reference=reference, password=None)
    enqueue("banking.collect_analysis", delay_s=FIRST_POLL_S, statement_id=statement.id)


def collect(statement: BankAccountStatement) -> None:
    """Take the analyser's report in; look again later while there is none, until WAIT has passed."""
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
        _look_again(statement)
    else:
        _take_in(statement, report)


def _look_again(statement: BankAccountStatement) -> None:
    waited = clock.now() - _asked_at(statement)
    if waited > WAIT:
        give_up(statement)
        return
    delay_s = min(max(FIRST_POLL_S, waited.total_seconds() / 2), POLL_S_MAX)
    enqueue("banking.collect_analysis", delay_s=delay_s, statement_id=statement.id)


def _asked_at(statement: BankAccountStatement) -> datetime:
    return statement.analyser_asked_at or statement.created_at


def overdue() -> ModelSelect:
    """Statements whose analyser should have answered by now, whatever kept it or us."""
    asked_at = fn.COALESCE(BankAccountStatement.analyser_asked_at, BankAccountStatement.created_at)
    is_waiting = BankAccountStatement.analyser_status.in_(WAITING)
    return BankAccountStatement.select().where(is_waiting, asked_at < clock.now() - WAIT)


def give_up(statement: BankAccountStatement) -> None:
    """Wait no longer for the analyser."""
    statement = statement.locked()
    if statement.analyser_status in WAITING:
        hours = int(WAIT.total_seconds() // 3600)
        _without_report(statement, TIMED_OUT, f"{statement.analyser} gave no report within {hours} h.")


def _fail(statement: BankAccountStatement, error: ProviderError) -> None:
    told = f"{error.code}: {error.reason}" if isinstance(error, ProviderRejected) else error.message
    _without_report(statement, FAILED, told)


def _without_report(statement: BankAccountStatement, status: str, told: str) -> None:
    statement.change(analyser_status=status, analyser_reason=told, password=None)
    audit.record("statement.analyser_failed", "statement", statement.id, reason=told)
    reading.without_help(statement, f"{statement.analyser} was asked as well, in vain: {told}")


def _take_in(statement: BankAccountStatement, report: dict[str, Any]) -> None:
    key = vault.key_of("statements", f"{statement.id}.{statement.analyser}.enc")
    vault.put(key, plain(report))
    statement.change(analyser_key=key)
    try:
        told = read_vendor(statement.analyser, report)
    except EvidenceError as error:
        _without_report(statement, FAILED, str(error))
        return
    statement.change(analyser_status=READY, figures=plain(_shown(told.figures)))
    _help(statement, told.statement)
    statement = BankAccountStatement.find(statement.id)
    found = differences(_ours(statement), told.figures)
    statement.change(differences=plain(found))
    audit.record("statement.compared", "statement", statement.id, after={"differences": len(found)})


def _help(statement: BankAccountStatement, read: Statement | None) -> None:
    """The analyser's transactions stand in where our reader has none. Figures alone are no statement."""
    if statement.stage != reading.ASKING:
        return
    if read is None:
        note = f"{statement.analyser} read it and gave figures without transactions: they are shown, not analysed."
        reading.without_help(statement, note)
    else:
        reading.stand_in(statement, read)


def _ours(statement: BankAccountStatement) -> Figures:
    report = BdaReport.find(statement.report_id) if statement.report_id else None
    if report is None or report.status != READY:
        return Figures()
    return our_figures(vault.get(report.report_key), report.features)


def _shown(figures: Figures) -> dict[str, Any]:
    return {name: value for name, value in asdict(figures).items() if value not in (None, {})}
