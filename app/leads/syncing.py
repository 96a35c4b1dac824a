"""Matching leads to customers by phone: who registered is PROCESSED, who did not is FAILED and may be tried again."""

from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock, identity
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.customers import service as customers
from app.leads import intake
from app.leads.models import QUEUED, READY, RUNNING, SYNC, LeadForm, LeadRun
from app.leads.states import LEAD

BATCH_ROWS = 1_000
NO_CUSTOMER = "No customer has registered with this phone."


def start(*, lead_ids: list[UUID] | None = None, retry_failed: bool = False) -> LeadRun:
    """Match the PENDING leads of the brand (or of `lead_ids`), with `retry_failed` also those that found nobody."""
    selection: dict[str, Any] = {"retry_failed": retry_failed}
    if lead_ids is not None:
        selection["lead_ids"] = sorted(map(str, lead_ids))
    run = LeadRun(kind=SYNC, selection=selection, requested_by=identity.actor().id)
    run.rows_total = _wanted(run).count()
    run.save(force_insert=True)
    enqueue("leads.sync", brand_id=run.brand_id, run_id=run.id)
    audit.record("lead.sync_started", "lead_run", run.id, after={"rows": run.rows_total})
    return run


def _wanted(run: LeadRun) -> ModelSelect:
    """The leads of a run in order; rows without a phone are not among them."""
    statuses = ["PENDING", "FAILED"] if run.selection["retry_failed"] else ["PENDING"]
    wanted = LeadForm.select().where(LeadForm.status.in_(statuses), LeadForm.phone_hash.is_null(False))
    if "lead_ids" in run.selection:
        wanted = wanted.where(LeadForm.id.in_(run.selection["lead_ids"] or [None]))
    return wanted.order_by(LeadForm.id)


def match(brand_id: str, run_id: UUID | str) -> None:
    """Take the run to its end, a batch a transaction. Safe to run again at any point."""
    while _next_batch(brand_id, run_id):
        pass


def _next_batch(brand_id: str, run_id: UUID | str) -> bool:
    """Match some leads and remember the last; False once none is left."""
    with brand_scope(brand_id):
        intake.only_writer()
        run = LeadRun.find(run_id).locked()
        if run.status not in (QUEUED, RUNNING):
            return False
        # leads that come in while it runs are for the next one
        wanted = _wanted(run).where(LeadForm.created_at <= run.created_at)
        if run.last_lead_id:
            wanted = wanted.where(LeadForm.id > run.last_lead_id)
        batch = list(wanted.limit(BATCH_ROWS))
        if not batch:
            run.change(status=READY, finished_at=clock.now())
            counts = {"processed": run.processed_count, "failed": run.failed_count}
            audit.record("lead.synced", "lead_run", run.id, after=counts)
            return False
        found = customers.registered_by_phones({lead.phone for lead in batch})
        matched = _settle(batch, found)
        run.change(
            status=RUNNING,
            last_lead_id=batch[-1].id,
            rows_done=run.rows_done + len(batch),
            processed_count=run.processed_count + matched,
            failed_count=run.failed_count + len(batch) - matched,
        )
        return True


def _settle(batch: list[LeadForm], found: dict[str, UUID]) -> int:
    """Write what became of some leads. Returns how many found their customer."""
    lost = [lead for lead in batch if lead.phone not in found]
    LEAD.move_all(
        [lead for lead in lost if lead.status == "PENDING"],
        "FAILED",
        message=NO_CUSTOMER,
        processed_at=clock.now(),
    )
    met = [lead for lead in batch if lead.phone in found]
    for lead in met:
        LeadForm.update(customer_id=found[lead.phone]).where(LeadForm.id == lead.id).execute()
    LEAD.move_all(met, "PROCESSED", message=None, processed_at=clock.now())
    return len(met)
