"""Messages as staff look for them: the list, dead letters and sending them again, and what messages cost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock
from app.core.database import db
from app.core.errors import Conflict, DomainError, Invalid
from app.core.http import paginate
from app.messaging.delivery import service as delivering
from app.messaging.models import UserNotification

DAYS_MAX = 366
_FILTERS = ("channel", "status", "delivery", "event", "kind", "provider", "customer_id", "loan_id")
_SORTABLE = {
    "createdAt": UserNotification.created_at,
    "sentAt": UserNotification.sent_at,
    "costPaise": UserNotification.cost_paise,
}
_DEAD = (UserNotification.status == "FAILED") | UserNotification.delivery.in_(["FAILED", "BOUNCED"])
_COSTS = """
SELECT provider, channel, count(*), count(*) FILTER (WHERE delivery IN ('DELIVERED', 'READ')),
       count(*) FILTER (WHERE delivery IN ('FAILED', 'BOUNCED')), sum(cost_paise)
FROM user_notification
WHERE sent_at >= %(start)s AND sent_at < %(end)s AND provider IS NOT NULL
GROUP BY provider, channel ORDER BY provider, channel
"""


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of messages, newest first; the dates are days in India, both included."""
    return _page(UserNotification.select(), args)


def _page(query: ModelSelect, args: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: args[name] for name in _FILTERS if args[name]}
    query = query.filter(**wanted) if wanted else query
    return paginate(_within(query, args["from_date"], args["to_date"]), args, _SORTABLE)


def dead(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of those that did not arrive: given up by us, or told so by a provider that had taken them."""
    return _page(UserNotification.select().where(_DEAD), {**dict.fromkeys(_FILTERS), **args})


def _within(query: ModelSelect, first: date | None, last: date | None) -> ModelSelect:
    if first:
        query = query.where(UserNotification.created_at >= clock.start_of(first))
    if last:
        query = query.where(UserNotification.created_at < clock.start_of(last + timedelta(days=1)))
    return query


def get(message_id: UUID) -> UserNotification:
    """One message. Raises NotFound."""
    return UserNotification.find(message_id)


def resend(message_id: UUID, remark: str) -> UserNotification:
    """Try a dead letter again, as if it was new. Raises Conflict if it is none, or its text was erased."""
    message = get(message_id).locked()
    if message.status != "FAILED" and message.delivery not in ("FAILED", "BOUNCED"):
        raise Conflict(f"Only what failed is sent again: this is {message.status}.", code="NOT_DEAD")
    if message.erased_at:
        raise Conflict("Its text was erased.", code="ERASED")
    before = {name: getattr(message, name) for name in ("status", "reason", "delivery", "delivery_reason")}
    again = dict.fromkeys(("reason", "delivery", "delivery_at", "delivery_reason", "provider_message_id"))
    message.change(status="PENDING", attempts=0, due_at=clock.now(), **again)
    audit.record(
        "message.sent_again",
        "message",
        message.id,
        subject_id=message.customer_id,
        before=before,
        after={"status": "PENDING"},
        reason=remark,
    )
    delivering.start([message.id])
    return message


def resend_all(message_ids: Sequence[UUID], remark: str) -> dict[str, Any]:
    """The same for many: how many are tried again, and which are not, and why."""
    refused = []
    for message_id in dict.fromkeys(message_ids):
        try:
            with db.atomic():
                resend(message_id, remark)
        except DomainError as error:
            refused.append({"id": message_id, "reason": error.message})
    return {"sent_again": len(set(message_ids)) - len(refused), "refused": refused}


def costs(from_date: date, to_date: date) -> dict[str, Any]:
    """What messages that were sent in these days of India cost, by provider and channel. Raises Invalid."""
    if not 0 <= (to_date - from_date).days < DAYS_MAX:
        raise Invalid(f"Ask for 1 to {DAYS_MAX} days.", field="to_date")
    values = {"start": clock.start_of(from_date), "end": clock.start_of(to_date + timedelta(days=1))}
    rows = db.execute_sql(_COSTS, values).fetchall()
    names = ("provider", "channel", "messages", "delivered", "failed", "cost_paise")
    lines = [dict(zip(names, row, strict=True)) for row in rows]
    return {"lines": lines, "total": _total(lines)}


def _total(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    lines = list(lines)
    counted = {name: sum(line[name] for line in lines) for name in ("messages", "delivered", "failed")}
    return counted | {"cost_paise": sum((line["cost_paise"] for line in lines), Decimal(0))}
