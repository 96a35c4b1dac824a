"""A message that did not reach the customer on one channel goes out on another, once, where the policy names one."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.core.database import insert_rows
from app.core.ids import new_id
from app.customers import service as customers
from app.messaging.delivery import gates, sending
from app.messaging.models import UserNotification
from app.messaging.rules import instead_of
from app.messaging.templates import wording


def for_failed(message_ids: Iterable[UUID]) -> list[UUID]:
    """The messages made to stand in for those that failed, to be delivered; none for one where there is nothing to say
    it with, it was stood in for before, or stands in itself."""
    found = UserNotification.select().where(UserNotification.id.in_(list(message_ids)))
    rows = [row for message in found if (row := _row(message))]
    insert_rows(UserNotification, rows, skip_known=True)
    made = UserNotification.select(UserNotification.id)
    return [each.id for each in made.where(UserNotification.id.in_([row["id"] for row in rows]))]


def _row(message: UserNotification) -> dict[str, Any] | None:
    given = message.body.get("given")
    if given is None or message.stands_in_for is not None or gates.is_too_late(message):
        return None
    channel, customer = instead_of(message.event, message.channel), customers.get(message.customer_id)
    words = channel and wording.find(message.event, channel, customer.preferred_language)
    if not words or not sending.address(customer, channel):
        return None
    if gates.not_agreed(customer.id, message.kind, channel):
        return None
    return {
        "id": new_id(),
        "customer_id": customer.id,
        "loan_id": message.loan_id,
        "event": message.event,
        "kind": message.kind,
        "channel": channel,
        "language": words.language,
        "template_id": words.template_id,
        "body": words.fill(customer.name, given) | {"documents": message.body["documents"]},
        "stands_in_for": message.id,
    }
