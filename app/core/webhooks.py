"""The webhook inbox: verified on the raw bytes, stored once by the provider's event id, processed by a job.

The route verifies and calls `receive`; the sender gets its 2xx as soon as the row is committed. The second
delivery of the same event finds the row and changes nothing.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address
from uuid import UUID

from flask import request
from peewee import IntegrityError, TextField
from playhouse.postgres_ext import DateTimeTZField

from app.config import settings
from app.core import audit, clock
from app.core.crypto import EncryptedField
from app.core.database import TenantModel, current_brand, db
from app.core.errors import Forbidden
from app.core.outbox import enqueue

RECEIVED, PROCESSED, REFUSED = "RECEIVED", "PROCESSED", "REFUSED"
# The kind of what nobody told us by itself.
ANSWER = "answer"
# After how long something is asked about again of which the answer could not be read.
_ASK_AGAIN, _ASK_AGAIN_MAX = timedelta(hours=1), timedelta(days=1)


class WebhookEvent(TenantModel):
    """One event as it came in. `body` is the raw text, encrypted: it may hold personal data. Of one that was refused
    `kind` is what the provider calls it, `reason_code` what is wrong with it, and `reason` where."""

    provider = TextField()
    event_id = TextField()
    body = EncryptedField()
    status = TextField(default=RECEIVED)
    kind = TextField(null=True)
    reason_code = TextField(null=True)
    reason = TextField(null=True)
    processed_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)


def receive(provider: str, event_id: str, raw_body: bytes, job: str, *, is_id_proven: bool = True) -> bool:
    """Store a verified event and enqueue `job(event_id=...)` for it. False when it was here before. Where what proves
    the body does not prove the id, as with a header, another body under a known id is another event.

    Raises Forbidden if it came from elsewhere than the provider's networks, where the settings name them.
    """
    _refuse_strangers(provider)
    body = raw_body.decode("utf-8", "replace").replace("\0", "")
    event = _stored(provider, event_id, body)
    if event is None and not is_id_proven:
        event = _stored_beside(provider, event_id, body)
    if event is not None:
        enqueue(job, event_id=event.id)
    return event is not None


def _stored(provider: str, event_id: str, body: str) -> WebhookEvent | None:
    """None where it was here before."""
    try:
        with db.atomic():
            return WebhookEvent.create(provider=provider, event_id=event_id, body=body)
    except IntegrityError:
        return None


def _stored_beside(provider: str, event_id: str, body: str) -> WebhookEvent | None:
    """None where the body is the same, or was erased."""
    known = WebhookEvent.get(WebhookEvent.provider == provider, WebhookEvent.event_id == event_id)
    if known.erased_at or known.body == body:
        return None
    return _stored(provider, f"{event_id}:{hashlib.sha256(body.encode()).hexdigest()}", body)


def _refuse_strangers(provider: str) -> None:
    networks = settings().callers(provider, current_brand())
    if networks and not any(ip_address(request.remote_addr) in network for network in networks):
        raise Forbidden(f"This address does not call for {provider}.", code="ADDRESS_NOT_ALLOWED")


def take(event_id: str | UUID) -> WebhookEvent | None:
    """The stored event for its job, locked; None when it has been processed already."""
    event = WebhookEvent.find(event_id).locked()
    return event if event.status == RECEIVED else None


def processed(event: WebhookEvent) -> None:
    """Mark it done, in the transaction of its effects."""
    event.change(status=PROCESSED, processed_at=clock.now())


def refused(event: WebhookEvent, kind: str, reason_code: str, reason: str) -> None:
    """It is genuine and cannot be acted on, however often it is tried: it stays in the inbox with the reason."""
    why = {"kind": kind, "reason_code": reason_code, "reason": reason}
    event.change(status=REFUSED, processed_at=clock.now(), **why)
    audit.record("webhook_event.refused", "webhook_event", event.id, after={"status": REFUSED}, reason=reason)


def refuse_unread(provider: str, event_id: str, body: str, reason_code: str, reason: str) -> None:
    """The same of what cannot be read and is asked about again: it keeps when it was asked last."""
    refuse_answer(provider, event_id, body, reason_code, reason)
    same = WebhookEvent.provider == provider, WebhookEvent.event_id == event_id
    WebhookEvent.update(processed_at=clock.now(), reason=reason).where(*same).execute()


def wait(event_ids: Iterable[str]) -> set[str]:
    """Those of what could not be read that are not to be asked about yet: for an hour after the first time, then for as
    long again as it has been so, a day at most."""
    rows = WebhookEvent.select().where(
        WebhookEvent.event_id.in_(list(event_ids)), WebhookEvent.status == REFUSED
    )
    return {row.event_id for row in rows if clock.now() < row.processed_at + _wait(row)}


def _wait(event: WebhookEvent) -> timedelta:
    return min(max(event.processed_at - event.created_at, _ASK_AGAIN), _ASK_AGAIN_MAX)


def refuse_answer(provider: str, event_id: str, body: str, reason_code: str, reason: str) -> None:
    """What a provider answered when it was asked, and cannot be acted on, is kept as what it tells by itself; once,
    however often it is asked."""
    event = _stored(provider, event_id, body)
    if event is not None:
        refused(event, ANSWER, reason_code, reason)
