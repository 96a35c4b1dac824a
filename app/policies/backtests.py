"""Backtests of versions, on past decisions or on a book that was sent.

Asked for here, run by the worker of the queue `pipelines`, kept in the document store.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import polars as pl
import structlog

import rules
from app.core import audit, identity
from app.core.database import brand_scope, snapshot_scope
from app.core.errors import Conflict, Invalid, NotFound
from app.core.outbox import enqueue
from app.credit import book
from app.files import storage
from app.policies import books, service
from app.policies.models import PolicyBacktest, PolicyVersion
from pipelines.backtest import DAMAGE, Backtest, BookError, backtest, readable
from storage import StorageError, key_for

log = structlog.get_logger()
QUEUED, RUNNING, READY, FAILED = "QUEUED", "RUNNING", "READY", "FAILED"
# How far a run is, in percent, when a stage begins.
STAGES = {"extracting": 5, "deciding": 20, "counting": 70, "writing": 85, "storing": 95}
Stage = Callable[[str], None]

# by the name that a reader asks for: the file and its content type
FILES = {
    "json": ("backtest.json", "application/json"),
    "csv": ("changed_cases.csv", "text/csv"),
    "html": ("backtest.html", "text/html"),
}
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (DAMAGE, "The book is damaged."),
    (StorageError, "The document store did not answer."),
    (rules.DecisionRefused, "The rules could not decide."),
)


def ask(version: PolicyVersion, from_date: date | None, to_date: date | None) -> PolicyBacktest:
    """Run a draft on the brand's decisions of some days beside the rules in force, and attach the run to it."""
    if version.status != "DRAFT":
        raise Conflict(f"The version is {version.status}; its backtest stands.", state=version.status)
    _refuse_period(from_date, to_date)
    run = _queue(version, from_date=from_date, to_date=to_date)
    version.change(backtest_id=run.id)
    return run


def ask_on_book(
    version: PolicyVersion, data: bytes, from_date: date | None, to_date: date | None
) -> PolicyBacktest:
    """Run a version on a book that was sent. The run is attached to nothing: approval rests on the brand's own
    decisions.

    Raises Invalid naming the field when the book cannot be used.
    """
    _refuse_period(from_date, to_date)
    sides = service.beside(version), service.compiled(version.ruleset, version.ruleset_hash)
    kept = books.store(data, sides, from_date, to_date)
    return _queue(version, from_date=from_date, to_date=to_date, book_key=kept.key, book_sha256=kept.sha256)


def _refuse_period(from_date: date | None, to_date: date | None) -> None:
    if from_date and to_date and from_date > to_date:
        raise Invalid("The first day comes after the last.", field="from_date")


def _queue(version: PolicyVersion, **asked: Any) -> PolicyBacktest:
    run = PolicyBacktest.create(
        version_id=version.id,
        champion_hash=service.keep(service.beside(version)),
        challenger_hash=version.ruleset_hash,
        status=QUEUED,
        requested_by=identity.actor().id,
        **asked,
    )
    enqueue("policies.run_backtest", brand_id=run.brand_id, run_id=run.id)
    told = {"backtestId": str(run.id), "bookSha256": run.book_sha256}
    audit.record("policy_backtest.requested", "policy_version", version.id, after=told)
    return run


def get(run_id: UUID | str) -> PolicyBacktest:
    """One run, or NotFound."""
    return PolicyBacktest.find(run_id)


def file(run: PolicyBacktest, kind: str) -> tuple[str, str, Any]:
    """Name, content type and chunks of a file of a run. Raises Conflict until it is READY, NotFound without one."""
    if run.status != READY:
        raise Conflict(f"The backtest is {run.status}.", code="BACKTEST_NOT_READY", reason=run.reason)
    if kind not in FILES or run.file_key is None:
        raise NotFound("file of this backtest")
    name, content_type = FILES[kind]
    return name, content_type, storage().stream(f"{run.file_key}/{name}")


def run(brand_id: str, run_id: str) -> None:
    """Produce the files of a run. Safe to run twice: the first that ends publishes its own files."""
    with brand_scope(brand_id):
        asked = get(run_id).locked()
        if asked.status not in (QUEUED, RUNNING):
            return
        asked.change(status=RUNNING)
        name = PolicyVersion.find(asked.version_id).ruleset
        sides = [service.compiled(name, h) for h in (asked.champion_hash, asked.challenger_hash)]
    try:
        _produce(asked, *sides)
    except (Exception, *DAMAGE) as error:  # whatever it was, whoever waits for the run is told
        log.exception("backtest failed", run=str(run_id))
        _end(asked, status=FAILED, reason=_reason(error))


def _produce(asked: PolicyBacktest, champion: rules.Ruleset, challenger: rules.Ruleset) -> None:
    reached: set[str] = set()

    def stage(name: str, _rows: int = 0) -> None:
        if name not in reached:
            reached.add(name)
            with brand_scope(asked.brand_id):
                get(asked.id).change(stage=name, progress_percent=STAGES[name])

    with TemporaryDirectory(prefix="los-backtest-") as directory:
        stage("extracting")
        past = _book(asked, champion, challenger, Path(directory))
        count = past.select(pl.len()).collect().item()
        if not count:
            _end(asked, status=READY, decision_count=0)
            return
        made = backtest(champion, challenger, past, on_stage=stage)
        stage("writing")
        _write(made, Path(directory))
        stage("storing")
        prefix = _store(asked, Path(directory))
    summary = {name: made.figures[name] for name in ("total", "changes", "book")}
    _end(asked, status=READY, decision_count=count, summary=summary, file_key=prefix)


def _book(
    asked: PolicyBacktest, champion: rules.Ruleset, challenger: rules.Ruleset, directory: Path
) -> pl.LazyFrame:
    if asked.book_key:
        return books.opened(asked.book_key, directory, (champion, challenger), asked.from_date, asked.to_date)
    features = dict.fromkeys([*champion.dictionary, *challenger.dictionary])
    with snapshot_scope(asked.brand_id) as cursor:
        past = book.extract(
            cursor, challenger.name, features, directory / "book.tsv", asked.from_date, asked.to_date
        )
    return readable(readable(past, challenger), champion)


def _write(made: Backtest, directory: Path) -> None:
    told = json.dumps(made.as_dict(), default=str)
    (directory / FILES["json"][0]).write_text(told, encoding="utf-8")
    (directory / FILES["html"][0]).write_text(made.html(), encoding="utf-8")
    made.write_changed_cases(directory / FILES["csv"][0])


def _store(asked: PolicyBacktest, directory: Path) -> str:
    prefix = key_for(asked.brand_id, "backtests", str(asked.id), token_hex(4))
    for name, content_type in FILES.values():
        with (directory / name).open("rb") as content:
            storage().put(f"{prefix}/{name}", content, content_type)
    return prefix


def _end(asked: PolicyBacktest, **changes: Any) -> None:
    """Close the run, unless another attempt was first."""
    with brand_scope(asked.brand_id):
        found = get(asked.id).locked()
        if found.status not in (READY, FAILED):
            progress = {"progress_percent": 100} if changes["status"] == READY else {}
            found.change(stage=None, **progress, **changes)
            told = {"status": found.status, "decisions": found.decision_count}
            audit.record("policy_backtest.ended", "policy_version", found.version_id, after=told)
    if asked.book_key:
        books.drop(asked.book_key)


def _reason(error: BaseException) -> str:
    if isinstance(error, BookError):
        return str(error)
    return next(
        (told for kind, told in _REASONS if isinstance(error, kind)), "Something went wrong on our side."
    )
