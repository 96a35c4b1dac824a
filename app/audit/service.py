"""Finding events of the audit trail."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock
from app.core.audit import AuditEvent
from app.core.database import db
from app.core.errors import Invalid
from app.core.identity import STAFF_ROLES
from app.core.ids import new_id
from app.core.spreadsheet import csv_file
from app.staff import service as staff

EXPORT_ROWS_MAX = 50_000
COLUMNS = (
    "created_at", "actor_id", "actor_role", "action", "entity", "entity_id", "subject_id", "before", "after",
    "reason", "request_id", "ip", "user_agent", "device", "id",
)  # fmt: skip
# of a filter: the column that must be equal
_EQUAL = {
    "actor_id": AuditEvent.actor_id,
    "action": AuditEvent.action,
    "entity": AuditEvent.entity,
    "entity_id": AuditEvent.entity_id,
    "customer_id": AuditEvent.subject_id,
    "request_id": AuditEvent.request_id,
}
SORTABLE = {
    "createdAt": AuditEvent.created_at,
    "action": AuditEvent.action,
    "entity": AuditEvent.entity,
    "actorId": AuditEvent.actor_id,
}


def search(filters: dict[str, Any]) -> ModelSelect:
    """Events of this brand that fit every filter that is given."""
    query = AuditEvent.select()
    for name, column in _EQUAL.items():
        if filters[name]:
            query = query.where(column == filters[name])
    if filters["from_date"]:
        query = query.where(AuditEvent.created_at >= clock.start_of(filters["from_date"]))
    if filters["to_date"]:
        query = query.where(AuditEvent.created_at < clock.start_of(filters["to_date"] + timedelta(days=1)))
    return query.where(_says(filters["search"])) if filters["search"] else query


def _says(text: str) -> Any:
    """Whether an event's words contain `text`."""
    return (
        AuditEvent.action.contains(text)
        | AuditEvent.reason.contains(text)
        | AuditEvent.before.cast("text").contains(text)
        | AuditEvent.after.cast("text").contains(text)
    )


def with_names(page: dict[str, Any]) -> dict[str, Any]:
    """A page of events, each with the name of the member of staff who acted."""
    ids = {UUID(event.actor_id) for event in page["items"] if _is_staff(event)}
    names = staff.names(ids)
    for event in page["items"]:
        event.actor_name = names.get(UUID(event.actor_id)) if _is_staff(event) else None
    return page


def _is_staff(event: AuditEvent) -> bool:
    return not {*event.actor_role.split(",")}.isdisjoint(STAFF_ROLES) and len(event.actor_id) == 36


def export(filters: dict[str, Any]) -> bytes:
    """The events as CSV for a spreadsheet, newest first. Raises Invalid if there are too many. Audited."""
    query = search(filters).order_by(AuditEvent.created_at.desc(), AuditEvent.id.desc())
    count = query.count()
    if count > EXPORT_ROWS_MAX:
        raise Invalid(f"{count} events are more than {EXPORT_ROWS_MAX}: narrow the days.", field="from_date")
    asked = {name: str(value) for name, value in filters.items() if value}
    audit.record("audit.exported", "audit_trail", new_id(), after={"rows": count, "filters": asked})
    return csv_file(COLUMNS, (_cells(event) for event in query.iterator(db)))


def _cells(event: AuditEvent) -> Iterable[Any]:
    values = (getattr(event, name) for name in COLUMNS)
    return [json.dumps(value) if isinstance(value, dict) else value for value in values]


def about(customer_id: UUID | str) -> ModelSelect:
    """What staff did with a customer's data or looked at."""
    by_staff = AuditEvent.actor_role.regexp("|".join(STAFF_ROLES))
    return AuditEvent.select().where(AuditEvent.subject_id == customer_id, by_staff)


def changes_of(entity_id: UUID) -> ModelSelect:
    """What was done to one record, newest first; looks at it are left out."""
    return _changes(AuditEvent.entity_id == entity_id)


def changes_about(customer_id: UUID) -> ModelSelect:
    """What was done that is about a customer, newest first; looks at their data are left out."""
    return _changes(AuditEvent.subject_id == customer_id)


def _changes(which: Any) -> ModelSelect:
    query = AuditEvent.select().where(which, ~AuditEvent.action.endswith(".viewed"))
    return query.order_by(AuditEvent.created_at.desc(), AuditEvent.id.desc())
