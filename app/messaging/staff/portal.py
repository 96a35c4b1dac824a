"""What staff see in the portal: their notifications, how many are unread, and each as it comes."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import clock, identity
from app.core.database import current_brand
from app.core.http import paginate
from app.core.ids import first_of
from app.core.memory import shared_memory
from app.core.outbox import enqueue
from app.messaging.models import StaffNotification
from app.messaging.schemas import NotificationOut

# a notification can be made before another and be seen after it: so far back a stream looks again
OVERLAP = timedelta(seconds=30)
REPLAYED_MAX = 200
_SORTABLE = {"createdAt": StaffNotification.created_at}


def put(user_id: UUID, event: str, title: str, text: str, loan_id: UUID | None = None) -> StaffNotification:
    """Show it to somebody, at once where they are looking."""
    row = StaffNotification.create(
        partner_user_id=user_id, event=event, title=title, text=text, loan_id=loan_id
    )
    enqueue("messaging.push", notification_id=row.id)
    return row


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of one's own, newest first."""
    query = StaffNotification.select().where(_mine())
    if args["unread"] is not None:
        query = query.where(StaffNotification.read_at.is_null(args["unread"]))
    return paginate(query, args, _SORTABLE)


def unread() -> dict[str, int]:
    """How many one has not read."""
    mine = StaffNotification.select().where(_mine(), StaffNotification.read_at.is_null())
    return {"unread": mine.count()}


def read(notification_id: UUID) -> StaffNotification:
    """One has read it; the first time counts. Raises NotFound if it is not one's own."""
    row = StaffNotification.find(notification_id, partner_user_id=_me())
    if row.read_at is None:
        row.change(read_at=clock.now())
    return row


def read_all() -> dict[str, int]:
    """One has read everything there is."""
    mine = _mine() & StaffNotification.read_at.is_null()
    StaffNotification.update(read_at=clock.now()).where(mine).execute()
    return unread()


def _me() -> UUID:
    return UUID(identity.actor().id)


def _mine() -> Any:
    return StaffNotification.partner_user_id == _me()


def channel(brand_id: str, user_id: UUID) -> str:
    """Where Redis carries what is new for somebody."""
    return f"notifications:{brand_id}:{user_id}"


def publish(notification_id: UUID) -> None:
    """Carry it to whoever is looking. Call it once the notification is committed."""
    row = StaffNotification.find(notification_id)
    shared_memory().publish(channel(current_brand(), row.partner_user_id), json.dumps(told(row)))


def told(row: StaffNotification) -> dict[str, Any]:
    """A notification as it goes over the wire."""
    return NotificationOut().dump(row)


def since(user_id: UUID, last_id: UUID | None) -> list[dict[str, Any]]:
    """What somebody was sent after `last_id`, oldest first; a little from before may come with it."""
    start = first_of(clock.now() - OVERLAP)
    if last_id is not None:
        start = first_of(_made_at(last_id) - OVERLAP)
    rows = (
        StaffNotification.select()
        .where(StaffNotification.partner_user_id == user_id, StaffNotification.id >= start)
        .order_by(StaffNotification.id.desc())
        .limit(REPLAYED_MAX)
    )
    return [told(row) for row in reversed(list(rows)) if row.id != last_id]


def _made_at(notification_id: UUID) -> Any:
    row = StaffNotification.get_or_none(StaffNotification.id == notification_id)
    return row.created_at if row else clock.now()
