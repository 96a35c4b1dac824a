"""Leads that advertisements brought: taken in from files, matched to customers, looked at, exported, deleted."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from peewee import Expression, ModelSelect, fn

from app.core import audit, clock, identity
from app.core.database import brand_scope, current_brand
from app.core.errors import Forbidden
from app.core.masking import mask_text
from app.core.names import has_words
from app.core.spreadsheet import csv_head, csv_lines
from app.leads import intake, syncing
from app.leads.models import FAILED, QUEUED, RUNNING, LeadForm, LeadRun
from app.leads.states import STATUSES
from app.staff.permissions import GRANTS, Permission
from reports import masks

EXPORT_BATCH_ROWS = 2_000
EXPORTED = (
    "id", "status", "message", "name", "phone", "email", "city", "is_organic", "platform", "submitted_at",
    "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name", "form_id", "form_name",
    "customer_id", "created_at", "responses",
)  # fmt: skip


def upload(file_name: str, stream: BinaryIO) -> LeadRun:
    """Have a file read. Raises Invalid naming what is wrong with it as a whole."""
    return intake.upload(file_name, stream)


def sync(lead_ids: list[UUID] | None, retry_failed: bool) -> LeadRun:
    """Have leads matched to customers."""
    return syncing.start(lead_ids=lead_ids, retry_failed=retry_failed)


def get(lead_id: UUID) -> LeadForm:
    """One lead, or NotFound."""
    return LeadForm.find(lead_id)


def run(run_id: UUID) -> LeadRun:
    """One run and how far it is, or NotFound."""
    return LeadRun.find(run_id)


def runs(kind: str | None) -> ModelSelect:
    """The runs of the brand."""
    return LeadRun.asked(kind=kind)


def search(
    *,
    search: str | None = None,
    status: str | None = None,
    is_organic: bool | None = None,
    campaign_id: str | None = None,
    run_id: UUID | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> ModelSelect:
    """Leads of the brand. `search`: words of the name or how they begin, a part of the campaign, or a whole phone or
    e-mail address."""
    conditions = [_found_by(search.strip())] if search and search.strip() else []
    wanted = {"status": status, "is_organic": is_organic, "campaign_id": campaign_id, "run_id": run_id}
    conditions += [getattr(LeadForm, name) == value for name, value in wanted.items() if value is not None]
    if from_date:
        conditions.append(LeadForm.created_at >= clock.start_of(from_date))
    if to_date:
        conditions.append(LeadForm.created_at < clock.start_of(to_date + timedelta(days=1)))
    return LeadForm.select().where(*conditions) if conditions else LeadForm.select()


def _found_by(text: str) -> Expression:
    return (
        has_words(LeadForm.name_hash, text)
        | LeadForm.campaign_name.contains(text)
        | LeadForm.phone_hash.is_of(text)
        | LeadForm.email_hash.is_of(text)
    )


def stats(**filters: Any) -> dict[str, Any]:
    """How many leads there are of each status, in all and those that came unpaid."""
    kept = search(**filters)
    counted = kept.select(LeadForm.status, LeadForm.is_organic, fn.COUNT(LeadForm.id).alias("leads"))
    rows = list(counted.group_by(LeadForm.status, LeadForm.is_organic).tuples())
    return {
        **_cards(rows),
        "organic": _cards([row for row in rows if row[1]]),
        "paid": _cards([row for row in rows if not row[1]]),
    }


def _cards(rows: list[tuple[str, bool, int]]) -> dict[str, int]:
    counts = {status.lower(): sum(n for s, _, n in rows if s == status) for status in STATUSES}
    counts["duplicates"] = counts.pop("duplicate")
    return {"total": sum(counts.values())} | counts


def remove(lead_ids: list[UUID]) -> dict[str, Any]:
    """Delete leads. Those that are not of this brand, or not there, are named and hold nothing up."""
    intake.only_writer()
    wanted = LeadForm.id.in_(lead_ids)
    found = {row.id for row in LeadForm.select(LeadForm.id).where(wanted)}
    LeadForm.delete().where(LeadForm.id.in_(list(found) or [None])).execute()
    audit.record(
        "lead.deleted", "lead_form", None, after={"count": len(found), "ids": sorted(map(str, found))}
    )
    return {"deleted": len(found), "not_found": [key for key in lead_ids if key not in found]}


def export(*, unmasked: bool = False, **filters: Any) -> Iterator[bytes]:
    """The leads as CSV, in pieces. Raises Forbidden for personal data `unmasked` without the right to see it."""
    if unmasked and not identity.actor().roles & GRANTS[Permission.REPORTS_UNMASKED]:
        raise Forbidden("Your roles do not include seeing personal data unmasked in exports.")
    count = search(**filters).count()
    audit.record("lead.exported", "lead_form", None, after={"rows": count, "unmasked": unmasked})
    return _lines(current_brand(), unmasked, filters)


def _lines(brand_id: str, unmasked: bool, filters: dict[str, Any]) -> Iterator[bytes]:
    yield csv_head([name.replace("_", " ").capitalize() for name in EXPORTED])
    last_id: UUID | None = None
    while True:
        # the request's transaction has ended when the rows go out
        with brand_scope(brand_id):
            query = search(**filters).order_by(LeadForm.id).limit(EXPORT_BATCH_ROWS)
            leads = list(query.where(LeadForm.id > last_id) if last_id else query)
            lines = csv_lines([_cells(lead, unmasked) for lead in leads])
        if not leads:
            return
        last_id = leads[-1].id
        yield lines


def _cells(lead: LeadForm, unmasked: bool) -> list[str]:
    values = {name: getattr(lead, name) for name in EXPORTED}
    values["responses"] = "; ".join(f"{key}: {value}" for key, value in (lead.responses or {}).items())
    if not unmasked:
        values |= {
            "phone": masks.PHONE.text(lead.phone),
            "email": masks.EMAIL.text(lead.email),
            "responses": mask_text(values["responses"]),
        }
    return [_text(value) for value in values.values()]


def _text(value: object) -> str:
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)


def give_up(brand_id: str, run_id: UUID | str, reason: str) -> None:
    """End a run that cannot go on; what it did stays."""
    with brand_scope(brand_id):
        found = LeadRun.find(run_id).locked()
        if found.status in (QUEUED, RUNNING):
            found.change(status=FAILED, reason=reason, finished_at=clock.now())
            audit.record("lead.run_failed", "lead_run", found.id, after={"reason": reason})
