"""The production of a report: extracted under the brand's row-level security, stored encrypted, then published.

Safe to run twice, also at the same time: each attempt has files of its own, and the first that ends publishes
its own in one transaction. What readers see is complete or absent.
"""

import time
from pathlib import Path
from uuid import UUID

import psycopg2
import structlog

import reports
from app.config import settings
from app.core import clock
from app.core.database import brand_scope, snapshot_scope
from app.core.opening import opener
from app.core.outbox import enqueue
from app.reporting import files, mailing, service
from app.reporting.models import FAILED, ON_ITS_WAY, QUEUED, READY, RUNNING, ReportRun
from app.reporting.progress import Cancelled, Progress, TooMuch
from app.reporting.workspace import workspace
from reports.extract import TIMEOUT_S, discard, expected_rows, extract
from reports.produce import Produced, finisher, produce
from storage import StorageError

log = structlog.get_logger()

# a report that is made while somebody waits for the answer is given up after this long
AT_ONCE_S = 2

# What a reader is told of a failure; the log has the rest.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (StorageError, "The document store did not answer."),
    (psycopg2.errors.QueryCanceled, "It took too long. Ask for fewer days."),
    (psycopg2.OperationalError, "The database did not answer."),
)
_REASON = "Something went wrong on our side."


def run(brand_id: str, run_id: UUID | str, *, at_once: bool = False) -> None:
    """Produce the files of a run. A failure ends the run, with a reason; asking again makes a new one.

    `at_once`: only if it is little; otherwise a worker is told.
    """
    question = _begin(brand_id, run_id)
    if question is None:
        return
    started_at = time.monotonic()
    try:
        _produce(brand_id, run_id, question, at_once=at_once)
    except Cancelled:
        log.info("report cancelled", run=str(run_id))
    except TooMuch:
        _leave_to_worker(brand_id, run_id)
    except Exception as error:  # whatever it was, whoever waits for the run is told
        log.exception("report failed", run=str(run_id))
        _fail(brand_id, run_id, error)
    else:
        log.info("report produced", run=str(run_id), seconds=round(time.monotonic() - started_at, 3))


def _begin(brand_id: str, run_id: UUID | str) -> ReportRun | None:
    """The run, now RUNNING; None when it has ended."""
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status not in ON_ITS_WAY:
            return None
        # before the snapshot: what is written in between makes the next answer a new one
        found.change(status=RUNNING, fingerprint=service.fingerprint(reports.get(found.report_type)))
        return found


def _produce(brand_id: str, run_id: UUID | str, asked: ReportRun, *, at_once: bool) -> None:
    progress = Progress(brand_id, run_id, settings().report_rows_at_once if at_once else None)
    days = asked.from_date, asked.to_date, clock.today()
    question = reports.Question(brand_id, *days, asked.group_by, asked.options)
    with workspace() as directory:
        made = make(
            reports.get(asked.report_type),
            question,
            directory,
            unmasked=asked.unmasked,
            progress=progress,
            timeout_s=AT_ONCE_S if at_once else TIMEOUT_S,
        )
        progress.stage("writing")
        found = files.write(made, directory)
        progress.stage("storing")
        _keep(brand_id, run_id, made, found)
    if not at_once:
        files.sweep(brand_id, run_id, _kept(brand_id, run_id))


def _keep(brand_id: str, run_id: UUID | str, made: Produced, found: dict[str, Path]) -> None:
    """Store the files of this attempt and publish them; where they are not, nothing of them stays."""
    prefix, is_published = files.new_prefix(brand_id, run_id), False
    try:
        files.store(brand_id, prefix, found)
        is_published = _publish(brand_id, run_id, prefix, made, files.formats_of(found))
    finally:
        if not is_published:
            files.discard(prefix, found)


def _kept(brand_id: str, run_id: UUID | str) -> str | None:
    with brand_scope(brand_id):
        return ReportRun.find(run_id).file_key


def make(
    report: reports.Report,
    question: reports.Question,
    directory: Path,
    *,
    unmasked: bool = False,
    progress: Progress | None = None,
    timeout_s: int = TIMEOUT_S,
) -> Produced:
    """Extract and shape a report into `directory`. Call it outside of any scope.

    Raises TooMuch when a `progress` with a limit meets more rows or the time runs out, and Cancelled.
    """
    more = {"tell": progress.rows} if progress else {}
    decrypt, finish = opener(question.brand_id), finisher(report, unmasked=unmasked)
    if progress:
        progress.stage("extracting")
    try:
        with snapshot_scope(question.brand_id) as cursor:
            if progress:
                progress.expected = expected_rows(report, question, cursor)
            extracted = extract(
                report,
                question,
                cursor,
                directory,
                decrypt=decrypt,
                finish=finish,
                timeout_s=timeout_s,
                **more,
            )
    except psycopg2.errors.QueryCanceled as error:
        if timeout_s == AT_ONCE_S:
            raise TooMuch from error
        raise
    if progress:
        progress.stage("shaping")
    made = produce(report, extracted, directory, unmasked=unmasked, group_by=question.group_by)
    discard(extracted)
    return made


def _publish(
    brand_id: str, run_id: UUID | str, prefix: str, made: Produced, formats: dict[str, bool]
) -> bool:
    """Make the files those of the run; False if another attempt was first, or it was cancelled."""
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status != RUNNING:
            return False
        found.change(
            status=READY,
            stage=None,
            progress_percent=100,
            row_count=made.row_count,
            totals=dict(made.totals),
            as_of=made.as_of,
            file_key=prefix,
            files=formats,
            reason=None,
        )
        files.record("produced", found, seconds=(clock.now() - made.as_of).total_seconds())
        mailing.tell(found)
        return True


def _leave_to_worker(brand_id: str, run_id: UUID | str) -> None:
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status == RUNNING:
            found.change(status=QUEUED, stage=None, progress_percent=0, rows_done=0)
            enqueue("reporting.produce", brand_id=brand_id, run_id=found.id)


def _fail(brand_id: str, run_id: UUID | str, error: Exception) -> None:
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status in ON_ITS_WAY:
            found.change(status=FAILED, reason=_reason(error))
            files.record("failed", found, reason=found.reason)
            mailing.tell(found)


def _reason(error: Exception) -> str:
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), _REASON)


def end_lost() -> None:
    """End what has been on its way for so long that whoever made it was lost for good, in the brand of this
    transaction: whoever waits for it is told, and nothing of it stays."""
    lost = ReportRun.created_at < clock.now() - service.LOST
    for run in list(ReportRun.select().where(ReportRun.status.in_(ON_ITS_WAY), lost)):
        found = run.locked()
        if found.status in ON_ITS_WAY:
            found.change(status=FAILED, stage=None, reason="It was not produced in time.")
            files.record("failed", found, reason=found.reason)
            files.sweep(found.brand_id, found.id, None)
            mailing.tell(found)


def render(brand_id: str, run_id: UUID | str, format_: str) -> None:
    """Make a format of a READY run that is not there yet. Safe to run twice. Where it fails, asking again tries again,
    and whoever waits for its mail is told."""
    try:
        _render(brand_id, run_id, format_)
    except Exception as error:  # as with a run
        log.exception("format failed", run=str(run_id), format=format_)
        with brand_scope(brand_id):
            asked = ReportRun.find(run_id).locked()
            if asked.status == READY:
                asked.change(files={name: there for name, there in asked.files.items() if name != format_})
                mailing.tell_not_made(asked, format_, _reason(error))


def _render(brand_id: str, run_id: UUID | str, format_: str) -> None:
    with workspace() as directory:
        path = directory / "rows.parquet"
        with brand_scope(brand_id):
            asked = ReportRun.find(run_id)
            if asked.status != READY or asked.files.get(format_):
                return
            files.fetch_rows(asked, path)
        report = reports.get(asked.report_type)
        files.render(asked, Produced(report, path, asked.row_count, asked.totals, asked.as_of), format_)
    with brand_scope(brand_id):
        asked = ReportRun.find(run_id).locked()
        if asked.status == READY:
            asked.change(files=asked.files | {format_: True})
            mailing.tell(asked)
