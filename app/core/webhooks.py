"""The webhook inbox: verified on the raw bytes, stored once by the provider's event id, processed by a job.

The route verifies and calls `receive`; the sender gets its 2xx as soon as the row is committed. The second
delivery of the same event finds the row and changes nothing.
"""

from uuid import UUID

from peewee import IntegrityError, TextField
from playhouse.postgres_ext import DateTimeTZField

from app.core import clock
from app.core.crypto import EncryptedField
from app.core.database import TenantModel, db
from app.core.outbox import enqueue

RECEIVED, PROCESSED = "RECEIVED", "PROCESSED"


class WebhookEvent(TenantModel):
    """One event as it came in. `body` is the raw text, encrypted: it may hold personal data."""

    provider = TextField()
    event_id = TextField()
    body = EncryptedField()
    status = TextField(default=RECEIVED)
    processed_at = DateTimeTZField(null=True)


def receive(provider: str, event_id: str, raw_body: bytes, job: str) -> bool:
    """Store a verified event and enqueue `job(event_id=...)` for it. False when it was here before."""
    try:
        with db.atomic():
            body = raw_body.decode("utf-8", "replace").replace("\0", "")
            event = WebhookEvent.create(provider=provider, event_id=event_id, body=body)
    except IntegrityError:
        return False
    enqueue(job, event_id=event.id)
    return True


def take(event_id: str | UUID) -> WebhookEvent | None:
    """The stored event for its job, locked; None when it has been processed already."""
    event = WebhookEvent.find(event_id).locked()
    return event if event.status == RECEIVED else None


def processed(event: WebhookEvent) -> None:
    """Mark it done, in the transaction of its effects."""
    event.change(status=PROCESSED, processed_at=clock.now())
