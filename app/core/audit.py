"""The audit trail: append-only, written in the transaction of the change it tells of.

The service's role may insert and read here, not update or delete; `app.core.sealing` chains what is committed.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import has_request_context, request
from peewee import TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core import identity
from app.core.crypto import lookup_hash
from app.core.database import TenantModel, insert_rows
from app.core.masking import mask, mask_text

DEVICE_HEADER = "X-Device-Id"


class AuditEvent(TenantModel):
    """One thing that was done: by whom, to what, before and after (personal data masked).

    `subject_id` is the customer whose data it is about, where there is one. `device` is a keyed hash of what the
    client calls its installation, the same as that of the customer's sessions.
    """

    actor_id = TextField()
    actor_role = TextField()
    action = TextField()
    entity = TextField()
    entity_id = UUIDField(null=True)
    subject_id = UUIDField(null=True)
    before = BinaryJSONField(null=True)
    after = BinaryJSONField(null=True)
    reason = TextField(null=True)
    request_id = TextField(null=True)
    ip = TextField(null=True)
    user_agent = TextField(null=True)
    device = TextField(null=True)


def record(
    action: str,
    entity: str,
    entity_id: UUID | None,
    *,
    subject_id: UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Add one event by the present actor. What is done to a customer is about that customer."""
    AuditEvent.create(
        action=action,
        entity=entity,
        entity_id=entity_id,
        subject_id=subject_id or (entity_id if entity == "customer" else None),
        before=mask(before) if before else None,
        after=mask(after) if after else None,
        reason=mask_text(reason) if reason else None,
        **_who_and_where(),
    )


def record_all(
    action: str, entity: str, changes: Mapping[UUID, tuple[dict[str, Any] | None, dict[str, Any]]]
) -> None:
    """The same thing done to many: `changes` says for each what was before (None: it is new) and after."""
    told = {"action": action, "entity": entity, **_who_and_where()}
    insert_rows(
        AuditEvent,
        [
            told | {"entity_id": key, "before": mask(before) if before else None, "after": mask(after)}
            for key, (before, after) in changes.items()
        ],
    )


def viewed(entity: str, entity_id: UUID, subject_id: UUID) -> None:
    """A member of staff sees personal data of a customer; customers see their own without an event."""
    if not identity.actor().roles.isdisjoint(identity.STAFF_ROLES):
        record(f"{entity}.viewed", entity, entity_id, subject_id=subject_id)


def _who_and_where() -> dict[str, str | None]:
    who = identity.actor()
    return {"actor_id": who.id, "actor_role": who.role, **where_from()}


def where_from() -> dict[str, str | None]:
    """Request id, address, client and device of the present request; nothing outside of one."""
    if not has_request_context():
        return {}
    device = request.headers.get(DEVICE_HEADER)
    return {
        "request_id": request.environ.get("los.request_id"),
        "ip": request.remote_addr,
        "user_agent": mask_text(request.user_agent.string[:200]),
        "device": lookup_hash("device", device[:200]) if device else None,
    }
