"""Sending one notification, and taking in what its provider tells of it later."""

from app.core import webhooks
from app.core.outbox import job
from app.customers import service as customers
from app.messaging import receipts, sending, service
from app.messaging.models import UserNotification


@job(attempts_max=5)
def deliver(notification_id: str) -> None:
    """Send it if it was not sent yet, and may still be. No provider knows an idempotency key: a crash after the send
    may repeat it."""
    notification = UserNotification.find(notification_id).locked()
    if notification.status != "PENDING":
        return
    if not service.may_go(notification):
        service.dropped(notification)
        return
    provider, message_id = sending.send(notification, customers.get(notification.customer_id))
    service.sent(notification, provider, message_id)


@job(attempts_max=5)
def take_receipts(event_id: str) -> None:
    """What a provider told of its messages."""
    event = webhooks.take(event_id)
    if event is None:
        return
    receipts.take(event.provider, event.body.encode())
    webhooks.processed(event)
