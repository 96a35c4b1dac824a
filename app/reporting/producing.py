"""The production of a report: extracted under the brand's row-level security, stored, then published.

Safe to run twice, also at the same time: each attempt has files of its own, and the first that ends publishes
its own in one transaction. What readers see is complete or absent.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg2
import structlog

import reports
from app.core import clock, crypto
from app.core.database import brand_scope, snapshot_scope
from app.files import storage
from app.reporting import service
from app.reporting.models import FAILED, QUEUED, READY, RUNNING, ReportRun
from reports.extract import discard, extract
from reports.produce import Produced, produce
from reports.write import FORMATS, write_jsonl_blocks
from storage import StorageError, key_for

log = structlog.get_logger()

# How far a run is, in percent, when a stage begins.
STAGES = {"extracting": 5, "shaping": 40, "writing": 70, "storing": 85}
Stage = Callable[[str], None]

# What a reader is told of a failure; the log has the rest.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (StorageError, "The document store did not answer."),
    (psycopg2.errors.QueryCanceled, "It took too long. Ask for fewer days."),
    (psycopg2.OperationalError, "The database did not answer."),
)
_REASON = "Something went wrong on our side."


def run(brand_id: str, run_id: UUID | str) -> None:
    """Produce the files of a run. A failure ends the run, with a reason; asking again makes a new one."""
    question = _begin(brand_id, run_id)
    if question is None:
        return
    started_at = time.monotonic()
    try:
        _produce(brand_id, run_id, question)
    except Exception as error:  # whatever it was, whoever waits for the run is told
        log.exception("report failed", run=str(run_id))
        _fail(brand_id, run_id, error)
    else:
        log.info("report produced", run=str(run_id), seconds=round(time.monotonic() - started_at, 3))


def _begin(brand_id: str, run_id: UUID | str) -> ReportRun | None:
    """The run, now RUNNING; None when it has ended."""
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status not in (QUEUED, RUNNING):
            return None
        found.change(status=RUNNING)
        return found


def _produce(brand_id: str, run_id: UUID | str, asked: ReportRun) -> None:
    def stage(name: str) -> None:
        with brand_scope(brand_id):
            ReportRun.find(run_id).change(stage=name, progress_percent=STAGES[name])

    question = reports.Question(brand_id, asked.from_date, asked.to_date, clock.today())
    with TemporaryDirectory(prefix="los-report-") as name:
        directory = Path(name)
        made = make(reports.get(asked.report_type), question, directory, unmasked=asked.unmasked, stage=stage)
        stage("writing")
        files = _write(made, directory)
        stage("storing")
        prefix = key_for(brand_id, "reports", str(run_id), token_hex(4))
        for file, content_type in files.items():
            with file.open("rb") as content:
                storage().put(f"{prefix}/{file.name}", content, content_type)
    if not _publish(brand_id, run_id, prefix, made):
        for file in files:
            storage().remove(f"{prefix}/{file.name}")


def make(
    report: reports.Report,
    question: reports.Question,
    directory: Path,
    *,
    unmasked: bool = False,
    stage: Stage = lambda name: None,
) -> Produced:
    """Extract and shape a report into `directory`. Call it outside of any scope."""
    stage("extracting")
    with snapshot_scope(question.brand_id) as cursor:
        extracted = extract(report, question, cursor, directory)
    stage("shaping")
    decrypt = crypto.opener(question.brand_id)
    made = produce(report, extracted, directory, decrypt=decrypt, unmasked=unmasked)
    discard(extracted)
    return made


def _write(made: Produced, directory: Path) -> dict[Path, str]:
    """Every file of a run and its content type."""
    csv, jsonl, blocks = (directory / name for name in ("rows.csv", "rows.jsonl", "rows.blocks.json"))
    FORMATS["csv"].write(made, csv)
    blocks.write_text(json.dumps(write_jsonl_blocks(made, jsonl)))
    return {
        csv: FORMATS["csv"].content_type,
        jsonl: FORMATS["jsonl"].content_type,
        blocks: "application/json",
    }


def _publish(brand_id: str, run_id: UUID | str, prefix: str, made: Produced) -> bool:
    """Make the files those of the run; False if another attempt was first."""
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status == READY:
            return False
        found.change(
            status=READY,
            stage=None,
            progress_percent=100,
            row_count=made.row_count,
            totals=dict(made.totals),
            as_of=made.as_of,
            file_key=prefix,
            reason=None,
        )
        service.record("produced", found)
        return True


def _fail(brand_id: str, run_id: UUID | str, error: Exception) -> None:
    with brand_scope(brand_id):
        found = ReportRun.find(run_id).locked()
        if found.status != READY:
            found.change(status=FAILED, reason=_reason(error))
            service.record("failed", found, reason=found.reason)


def _reason(error: Exception) -> str:
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), _REASON)
