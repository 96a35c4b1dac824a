"""Asking for a report, finding the answer that is there already, reading it by the page or as a file."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from peewee import ModelSelect

import reports
from app.config import settings
from app.core import clock, identity
from app.core.database import db
from app.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.core.outbox import enqueue
from app.files import ChunkedFile, remove
from app.reporting import files
from app.reporting.models import CANCELLED, EXPIRED, FAILED, ON_ITS_WAY, QUEUED, READY, ReportRun
from app.reporting.schemas import MetaOut
from app.staff.permissions import GRANTS, Permission
from reports.extract import tables
from reports.pick import PICKED_ROWS_MAX, CannotPick, Pick, picked
from reports.write import csv_totals
from storage import ObjectMissing

# The same question is answered by the run that is there while it is this young, and for as long as nothing was
# written to its tables since: `asOf` says how old it is. `refresh` asks anew.
FRESH = timedelta(seconds=60)
# A run that has not ended after this long is not waited for: its worker was lost for good.
LOST = timedelta(hours=1)
# What is little is made while somebody waits for the answer; should that process die, a worker does it after a while.
AT_ONCE_DAYS = 31
_AT_ONCE_LOST_S = 30
_WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = ANY(%s) ORDER BY 1"""


class UnknownReport(NotFound):
    """No such report; says which are called alike, and which there are."""

    code = "UNKNOWN_REPORT"

    def __init__(self, error: reports.UnknownReport) -> None:
        DomainError.__init__(self, str(error), near=error.near, reports=list(reports.REPORTS))


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
    group_by: str | None = None,
    options: Mapping[str, str] | None = None,
    refresh: bool = False,
    here: bool = False,
) -> ReportRun:
    """The run that answers a question: one that is there and fresh, or a new one. `here`: whoever asks will make it
    if it is little, so that a worker only comes where that got lost.

    Raises UnknownReport, Invalid for dates, groups and options that cannot be asked for, Forbidden if personal data is
    asked for unmasked by somebody who may not see it.
    """
    report = declared(report_type)
    problem = report.problem(from_date, to_date, clock.today())
    if problem:
        raise Invalid(problem[1], field=problem[0])
    if words := report.group_problem(group_by):
        raise Invalid(words, field="group_by")
    if wrong := report.option_problem(options or {}):
        raise Invalid(wrong[1], field=wrong[0])
    if unmasked:
        _require_unmasked()
    question = {
        "report_type": report_type,
        "from_date": from_date,
        "to_date": to_date,
        "unmasked": unmasked,
        "group_by": group_by,
        "options": report.unusual(options or {}),
    }
    return (None if refresh else _known(question)) or _start(question, here)


def _known(question: dict[str, Any]) -> ReportRun | None:
    """The newest run of the question, if it is fresh or on its way."""
    asked = [getattr(ReportRun, name) == value for name, value in question.items()]
    run = ReportRun.select().where(*asked).order_by(ReportRun.id.desc()).first()
    return run if run and _serves(run) else None


def _serves(run: ReportRun) -> bool:
    now = clock.now()
    if run.status == READY:
        # days past due and the like turn with the business day
        is_of_today = clock.business_day(run.as_of) == clock.business_day(now)
        return is_of_today and (run.as_of > now - FRESH or _is_unchanged(run))
    return run.status in ON_ITS_WAY and run.created_at > now - LOST


def _is_unchanged(run: ReportRun) -> bool:
    return run.fingerprint is not None and run.fingerprint == fingerprint(declared(run.report_type))


def fingerprint(report: reports.Report) -> str:
    """Of how much was ever written to the tables of a report, by all brands. PostgreSQL counts it with a delay of some
    seconds, so take it before the snapshot: what was counted too late then makes a new answer, never an old one."""
    written = db.execute_sql(_WRITTEN, (tables(report),)).fetchall()
    return hashlib.sha256(repr(written).encode()).hexdigest()


def _start(question: dict[str, Any], here: bool) -> ReportRun:
    run = ReportRun.create(**question, requested_by=identity.actor().id)
    delay_s = _AT_ONCE_LOST_S if here and is_little(run) else 0
    enqueue("reporting.produce", delay_s=delay_s, brand_id=run.brand_id, run_id=run.id)
    files.record("requested", run)
    return run


def is_little(run: ReportRun) -> bool:
    """Whether it is worth trying to answer at once."""
    few_days = (run.to_date - run.from_date).days < AT_ONCE_DAYS
    return run.status == QUEUED and few_days and settings().report_rows_at_once > 0


def cancel(run_id: UUID | str) -> ReportRun:
    """End a run that is on its way; who makes it notices within seconds. Raises Conflict if it is over."""
    run = get(run_id).locked()
    if run.status not in ON_ITS_WAY:
        raise Conflict(f"The run is {run.status}.", code="RUN_IS_OVER")
    run.change(status=CANCELLED, stage=None, reason="It was cancelled.")
    files.record("cancelled", run)
    return run


def get(run_id: UUID | str, report_type: str | None = None) -> ReportRun:
    """A run of this brand. Raises NotFound, and Forbidden for personal data the actor may not see."""
    more = {"report_type": report_type} if report_type else {}
    run = ReportRun.find(run_id, **more)
    if run.unmasked:
        _require_unmasked()
    return run


def runs(report_type: str | None = None, status: str | None = None) -> ModelSelect:
    """The runs of the brand, all or of one report or status."""
    return ReportRun.asked(report_type=report_type, status=status)


def _require_unmasked() -> None:
    if not identity.actor().roles & GRANTS[Permission.REPORTS_UNMASKED]:
        raise Forbidden("Your roles do not include seeing personal data unmasked in reports.")


_OVER = {
    FAILED: "The report could not be produced: {}",
    CANCELLED: "The report was not produced: {}",
    EXPIRED: "The report is not there any more: {} Ask for it again.",
}


def is_ready(run: ReportRun) -> bool:
    """Whether the rows are there; False while it is on its way. Raises Conflict if they will not be, or are no more."""
    if run.status in _OVER:
        raise Conflict(_OVER[run.status].format(run.reason), code=f"REPORT_{run.status}")
    return run.status == READY


def has_rows(run: ReportRun) -> bool:
    """Whether the rows are there."""
    return run.status == READY


def file_is_ready(run: ReportRun, format_: str) -> bool:
    """Whether the file is there; False while it is on its way. Raises Conflict as `is_ready`, and for more rows than
    the format holds."""
    if not is_ready(run):
        return False
    if not files.missing(run, format_):
        return True
    run = run.locked()
    if format_ not in run.files:
        run.change(files=run.files | {format_: False})
        enqueue("reporting.render", brand_id=run.brand_id, run_id=run.id, format_=format_)
    return False


def pick(report_type: str, sort: str | None, where: Iterable[str]) -> Pick | None:
    """Which rows are wanted in which order; None for all as they are. Raises UnknownReport, Invalid."""
    try:
        return picked(declared(report_type), sort, where)
    except CannotPick as error:
        raise Invalid(str(error), field=error.field) from None


def page(run: ReportRun, number: int, size: int, wanted: Pick | None = None) -> dict[str, Any]:
    """Some rows of a READY run, and where they stand in what is wanted. Raises Invalid for too many to be put into
    another order, and FilesGone."""
    first = (number - 1) * size
    with _there(run):
        if wanted is None:
            rows, total = files.rows(run, first, min(first + size, run.row_count)), run.row_count
        else:
            _refuse_too_many(run, wanted)
            rows, total = files.picked(run, wanted, first, size)
    pagination = {"page": number, "page_size": size, "total": total, "pages": -(-total // size)}
    return {"run": run, "rows": rows, "pagination": pagination}


def _refuse_too_many(run: ReportRun, wanted: Pick) -> None:
    if run.row_count > PICKED_ROWS_MAX:
        words = (
            f"Of {run.row_count:,} rows no page is made; of {PICKED_ROWS_MAX:,} it is. Ask for fewer days."
        )
        raise Invalid(words, field="sort" if wanted.by else "where")


def file(run: ReportRun, format_: str, *, totals: bool = False) -> ChunkedFile | Iterator[bytes]:
    """A file of a READY run, in chunks; the transaction may end meanwhile. `totals`: CSV ends with a row of them.

    Raises FilesGone."""
    with _there(run):
        chunks = files.stream(run, format_, MetaOut().dump(run))
    if totals and format_ == "csv":
        return chain(chunks, [csv_totals(declared(run.report_type), run.totals)])
    return chunks


class FilesGone(Conflict):
    """The store has the files of a run no more. The run is not given again."""

    code = "FILES_GONE"
    commits = True


@contextmanager
def _there(run: ReportRun) -> Iterator[None]:
    try:
        yield
    except ObjectMissing:
        run.change(status=EXPIRED, reason="Its files are gone from the store.")
        raise FilesGone("The files of this run are gone. Ask for the report again.") from None


def end_old(rows_max: int) -> int:
    """End some runs from before files were encrypted: their files are removed, and asking again makes new ones.

    Returns how many.
    """
    old = ReportRun.status == READY, ReportRun.files.is_null(), ReportRun.file_key.is_null(False)
    found = list(ReportRun.select().where(*old).limit(rows_max))
    for run in found:
        for key in files.keys(run):
            remove(key)
        run.change(status=FAILED, file_key=None, reason="It is from before files were encrypted. Ask again.")
    return len(found)
