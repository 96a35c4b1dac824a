"""Asking for a report, finding the answer that is there already, reading it by the page or as a file."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import reports
from app.core import audit, clock, identity
from app.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.core.outbox import enqueue
from app.files import storage
from app.reporting.models import FAILED, QUEUED, READY, RUNNING, ReportRun
from app.staff.permissions import GRANTS, Permission
from reports.write import BLOCK_ROWS, rows_of

# The same question is answered by the run that is there while it is this young: a portal that reloads costs
# nothing, and nobody looks at old data unawares (`asOf` says how old). `refresh` asks anew.
FRESH = timedelta(seconds=60)
# A run that has not ended after this long is not waited for: its worker was lost for good.
LOST = timedelta(hours=1)


class UnknownReport(NotFound):
    """No such report; says which there are."""

    code = "UNKNOWN_REPORT"

    def __init__(self, error: reports.UnknownReport) -> None:
        DomainError.__init__(self, str(error), reports=list(reports.REPORTS))


def declared(report_type: str) -> reports.Report:
    """The declaration of a report. Raises UnknownReport."""
    try:
        return reports.get(report_type)
    except reports.UnknownReport as error:
        raise UnknownReport(error) from None


def ask(
    report_type: str,
    from_date: date,
    to_date: date,
    *,
    unmasked: bool = False,
    refresh: bool = False,
) -> ReportRun:
    """The run that answers a question: one that is there and fresh, or a new one.

    Raises UnknownReport, Invalid for dates that cannot be asked for, Forbidden if personal data is asked for
    unmasked by somebody who may not see it.
    """
    problem = declared(report_type).problem(from_date, to_date, clock.today())
    if problem:
        raise Invalid(problem[1], field=problem[0])
    if unmasked:
        _require_unmasked()
    question = {"report_type": report_type, "from_date": from_date, "to_date": to_date, "unmasked": unmasked}
    return (None if refresh else _known(question)) or _start(question)


def _known(question: dict[str, Any]) -> ReportRun | None:
    """The newest run of the question, if it is fresh or on its way."""
    asked = [getattr(ReportRun, name) == value for name, value in question.items()]
    run = ReportRun.select().where(*asked).order_by(ReportRun.id.desc()).first()
    return run if run and _serves(run) else None


def _serves(run: ReportRun) -> bool:
    now = clock.now()
    if run.status == READY:
        # days past due and the like turn with the business day
        return run.as_of > now - FRESH and clock.business_day(run.as_of) == clock.business_day(now)
    return run.status in (QUEUED, RUNNING) and run.created_at > now - LOST


def _start(question: dict[str, Any]) -> ReportRun:
    run = ReportRun.create(**question, requested_by=identity.actor().id)
    enqueue("reporting.produce", brand_id=run.brand_id, run_id=run.id)
    record("requested", run)
    return run


def get(run_id: UUID | str, report_type: str | None = None) -> ReportRun:
    """A run of this brand. Raises NotFound, and Forbidden for personal data the actor may not see."""
    more = {"report_type": report_type} if report_type else {}
    run = ReportRun.find(run_id, **more)
    if run.unmasked:
        _require_unmasked()
    return run


def runs() -> Any:
    """All runs of the brand, as a query."""
    return ReportRun.select()


def _require_unmasked() -> None:
    if not identity.actor().roles & GRANTS[Permission.REPORTS_UNMASKED]:
        raise Forbidden("Your roles do not include seeing personal data unmasked in reports.")


def is_ready(run: ReportRun) -> bool:
    """Whether the files are there; False while it is on its way. Raises Conflict if it failed."""
    if run.status == FAILED:
        raise Conflict(f"The report could not be produced: {run.reason}", code="REPORT_FAILED")
    return run.status == READY


def page(run: ReportRun, number: int, size: int) -> dict[str, Any]:
    """Some rows of a READY run, and where they stand in the whole."""
    first = (number - 1) * size
    rows = _rows(run, first, min(first + size, run.row_count))
    pages = -(-run.row_count // size)
    pagination = {"page": number, "page_size": size, "total": run.row_count, "pages": pages}
    return {"run": run, "rows": rows, "pagination": pagination}


def _rows(run: ReportRun, first: int, last: int) -> list[dict[str, Any]]:
    """Rows [first, last): only the blocks of the file that hold them are read."""
    if first >= last:
        return []
    starts = json.loads(storage().get(f"{run.file_key}/rows.blocks.json"))
    block, until = first // BLOCK_ROWS, -(-last // BLOCK_ROWS)
    found = rows_of(storage().get_range(f"{run.file_key}/rows.jsonl", starts[block], starts[until]))
    return found[first - block * BLOCK_ROWS : last - block * BLOCK_ROWS]


def csv(run: ReportRun) -> Iterator[bytes]:
    """The CSV of a READY run, in chunks."""
    return storage().stream(f"{run.file_key}/rows.csv")


def record(what: str, run: ReportRun, **more: Any) -> None:
    """Write to the audit trail what was done with a run."""
    told = {
        "report_type": run.report_type,
        "from_date": run.from_date.isoformat(),
        "to_date": run.to_date.isoformat(),
        "unmasked": run.unmasked,
        "rows": run.row_count,
    }
    audit.record(f"report.{what}", "report_run", run.id, after=told | more)
