"""The audit trail: append-only, written in the transaction of the change it tells of.

The service's role may insert and read here, not update or delete.
"""

from typing import Any
from uuid import UUID

from flask import has_request_context, request
from peewee import TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core import identity
from app.core.database import TenantModel
from app.core.masking import mask


class AuditEvent(TenantModel):
    """One thing that was done: by whom, to what, before and after (personal data masked)."""

    actor_id = TextField()
    actor_role = TextField()
    action = TextField()
    entity = TextField()
    entity_id = UUIDField(null=True)
    before = BinaryJSONField(null=True)
    after = BinaryJSONField(null=True)
    reason = TextField(null=True)
    request_id = TextField(null=True)
    ip = TextField(null=True)
    user_agent = TextField(null=True)


def record(
    action: str,
    entity: str,
    entity_id: UUID | None,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Add one event by the present actor."""
    who = identity.actor()
    AuditEvent.create(
        actor_id=who.id,
        actor_role=who.role,
        action=action,
        entity=entity,
        entity_id=entity_id,
        before=mask(before) if before else None,
        after=mask(after) if after else None,
        reason=reason,
        **_where_from(),
    )


def _where_from() -> dict[str, str | None]:
    if not has_request_context():
        return {}
    return {
        "request_id": request.environ.get("los.request_id"),
        "ip": request.remote_addr,
        "user_agent": request.user_agent.string[:200],
    }
