"""What gateways told, or answered, and nothing here can keep: genuine, looked at by people, and never booked."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import clock
from app.core.webhooks import REFUSED, WebhookEvent
from app.providers.hearing import shown

SORTABLE = {"createdAt": WebhookEvent.created_at}


def search(day: date | None, **wanted: str | None) -> ModelSelect:
    """What was refused, by `provider`, `kind` and `reason_code`, and by the business day on which it came."""
    query = WebhookEvent.asked(status=REFUSED, **wanted)
    if day:
        within = clock.start_of(day), clock.start_of(day + timedelta(days=1))
        query = query.where(WebhookEvent.created_at >= within[0], WebhookEvent.created_at < within[1])
    return query


def one(event_id: UUID | str) -> dict[str, Any]:
    """One of them with what was told, in which no person can be recognised. Raises NotFound."""
    event = WebhookEvent.find(event_id, status=REFUSED)
    return event.__data__ | {"told": shown(event.provider, event.body)}
