"""Taking a file of leads in: checked and kept in the request, read by a job, a batch of rows a transaction.

A batch and how far the file is are written together, so a job that breaks off goes on where it was. One intake of
a brand writes at a time: a phone in two files at once is a lead in one and a duplicate in the other.
"""

import io
from contextlib import closing
from itertools import islice
from secrets import token_hex
from typing import Any, BinaryIO
from uuid import UUID

from app.core import audit, clock, identity
from app.core.database import brand_scope, current_brand, db, insert_rows
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.names import sealed_with_hashes
from app.core.outbox import enqueue
from app.files import SEALED, get_sealed, put_sealed, remove
from app.leads import reading
from app.leads.models import QUEUED, READY, RUNNING, UPLOAD, LeadForm, LeadRun
from app.leads.reading import FileProblem, Layout, Row
from storage import key_for

BATCH_ROWS = 1_000
MESSAGE_CHARS_MAX = 300


def upload(file_name: str, stream: BinaryIO) -> LeadRun:
    """Keep a file of leads and have it read. Raises Invalid, field `file`, where it is no such file."""
    try:
        layout = reading.layout_of(stream)
        count = sum(1 for _ in islice(reading.rows(stream, layout), reading.ROWS_MAX + 1))
    except FileProblem as problem:
        raise Invalid(str(problem), field="file", code="NOT_A_LEAD_FILE") from None
    if count > reading.ROWS_MAX:
        raise Invalid(f"More than {reading.ROWS_MAX} rows: send parts.", field="file", code="TOO_MANY_ROWS")
    stream.seek(0)
    key = key_for(current_brand(), "leads", f"{token_hex(12)}.csv{SEALED}")
    put_sealed(key, stream.read())
    run = LeadRun.create(
        kind=UPLOAD,
        file_name=file_name[:200] or "leads.csv",
        file_key=key,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        rows_total=count,
        requested_by=identity.actor().id,
    )
    enqueue("leads.read_file", brand_id=run.brand_id, run_id=run.id)
    audit.record("lead.uploaded", "lead_run", run.id, after={"fileName": run.file_name, "rows": count})
    return run


def only_writer() -> None:
    """Until the transaction ends nobody else takes in, matches or deletes leads of the brand."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"leads|{current_brand()}",))


def read(brand_id: str, run_id: UUID | str) -> None:
    """Make leads of the rows that are not yet. Safe to run again at any point."""
    with brand_scope(brand_id):
        run = LeadRun.find(run_id)
        if run.status not in (QUEUED, RUNNING):
            return
        run.change(status=RUNNING)
        file = io.BytesIO(get_sealed(run.file_key))
    layout = reading.layout_of(file)
    with closing(reading.rows(file, layout)) as below:
        while batch := list(islice(below, BATCH_ROWS)):
            _take_in(brand_id, run_id, layout, batch)
    _end(brand_id, run_id)


def _take_in(brand_id: str, run_id: UUID | str, layout: Layout, batch: list[Row]) -> None:
    with brand_scope(brand_id):
        only_writer()
        run = LeadRun.find(run_id).locked()
        last_line = _last_line(run)
        new = [row for row in batch if row.line_no > last_line]
        if run.status != RUNNING or not new:
            return
        leads = [_columns(run, layout, row) for row in new]
        _mark_duplicates(leads)
        insert_rows(LeadForm, leads)
        statuses = [lead["status"] for lead in leads]
        run.change(
            rows_done=run.rows_done + len(leads),
            pending_count=run.pending_count + statuses.count("PENDING"),
            failed_count=run.failed_count + statuses.count("FAILED"),
            duplicate_count=run.duplicate_count + statuses.count("DUPLICATE"),
        )


def _last_line(run: LeadRun) -> int:
    mine = LeadForm.run_id == run.id
    last = LeadForm.select(LeadForm.line_no).where(mine).order_by(LeadForm.line_no.desc()).first()
    return last.line_no if last else 0


def _columns(run: LeadRun, layout: Layout, row: Row) -> dict[str, Any]:
    """The columns of one lead, the same for every row so that a batch is one INSERT."""
    lead = (
        reading.lead_of(layout.header, row.cells) if row.fault is None else reading.Lead(faults=[row.fault])
    )
    columns = dict.fromkeys(_COLUMNS) | lead.columns
    columns |= {
        "id": new_id(),
        "brand_id": run.brand_id,
        "run_id": run.id,
        "line_no": row.line_no,
        "status": "FAILED" if lead.faults else "PENDING",
        "message": _message(lead, row),
        "responses": lead.responses or None,
        **sealed_with_hashes(columns["name"]),
        "is_organic": bool(columns["is_organic"]),
    }
    if not lead.faults:
        columns["phone_hash"] = LeadForm.phone_hash.hash_of(columns["phone"])
        columns["email_hash"] = LeadForm.email_hash.hash_of(columns["email"]) if columns["email"] else None
    return columns


# every column that a row of a file may fill
_COLUMNS = tuple(
    name for name in LeadForm._meta.fields if name not in ("created_at", "customer_id", "processed_at")
)


def _message(lead: reading.Lead, row: Row) -> str | None:
    told = "; ".join(lead.faults + lead.notes)
    return f"line {row.line_no}: {told}"[:MESSAGE_CHARS_MAX] if told else None


def _mark_duplicates(leads: list[dict[str, Any]]) -> None:
    """The first lead with a phone or an e-mail stays; who comes later is a duplicate of it."""
    known = _known(leads)
    for lead in leads:
        if lead["status"] == "FAILED":
            continue
        same = {name: known[lead[name]] for name in ("phone_hash", "email_hash") if lead[name] in known}
        if same:
            name, (first_id, where) = next(iter(same.items()))
            shared = name.removesuffix("_hash").replace("email", "e-mail")
            lead["status"], lead["duplicate_of_id"] = "DUPLICATE", first_id
            lead["message"] = f"line {lead['line_no']}: the same {shared} as {where}"
        else:
            first = (lead["id"], f"line {lead['line_no']} of the same file")
            known |= {lead[name]: first for name in ("phone_hash", "email_hash") if lead[name]}


def _known(leads: list[dict[str, Any]]) -> dict[str, tuple[UUID, str]]:
    """Hash of a phone or an e-mail to the lead of the brand that has it, and how people call that one."""
    found: dict[str, tuple[UUID, str]] = {}
    for column in (LeadForm.phone_hash, LeadForm.email_hash):
        (kept,) = column.of
        current = {
            one: lead[column.name]
            for lead in leads
            if lead[column.name]
            for one in column.hashes_of(lead[kept])
        }
        rows = LeadForm.select(LeadForm.id, LeadForm.created_at, column).where(
            column.in_(list(current) or [""]), LeadForm.status != "DUPLICATE"
        )
        found |= {
            current[getattr(row, column.name)]: (
                row.id,
                f"a lead of {clock.business_day(row.created_at):%d-%m-%Y}",
            )
            for row in rows
        }
    return found


def _end(brand_id: str, run_id: UUID | str) -> None:
    with brand_scope(brand_id):
        run = LeadRun.find(run_id).locked()
        if run.status != RUNNING:
            return
        key = run.file_key
        run.change(status=READY, finished_at=clock.now(), file_key=None)
        counts = {name: getattr(run, f"{name}_count") for name in ("pending", "failed", "duplicate")}
        audit.record("lead.file_read", "lead_run", run.id, after=counts)
        # its rows are leads now: the same personal data is not kept twice
        remove(key)
