"""A message that did not reach the customer on one channel goes out on another, once, where the policy names one."""

from uuid import UUID

from app.core.database import insert_rows
from app.core.ids import new_id
from app.customers import service as customers
from app.messaging import gates, sending, wording
from app.messaging.models import UserNotification
from app.messaging.rules import instead_of


def for_failed(message: UserNotification) -> list[UUID]:
    """The message made to stand in for one that failed, to be delivered; none where there is nothing to say it with,
    it was stood in for before, or stands in itself."""
    given = message.body.get("given")
    if given is None or message.stands_in_for is not None or gates.is_too_late(message):
        return []
    channel, customer = instead_of(message.event, message.channel), customers.get(message.customer_id)
    words = channel and wording.find(message.event, channel, customer.preferred_language)
    if not words or not sending.address(customer, channel):
        return []
    if gates.not_agreed(customer.id, message.kind, channel):
        return []
    row = {
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
    insert_rows(UserNotification, [row], skip_known=True)
    made = UserNotification.get_or_none(UserNotification.id == row["id"])
    return [made.id] if made else []
