"""Sending one notification, to a customer or to staff, and taking in what its provider tells of it later."""

from app.core import webhooks
from app.core.outbox import job
from app.customers import service as customers
from app.messaging import receipts, sending, service, to_staff
from app.messaging.models import PartnerNotification, UserNotification
from app.staff import service as staff


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


@job(attempts_max=5)
def deliver_to_staff(notification_id: str) -> None:
    """Mail it to a member of staff if it was not mailed yet. A crash after the send may repeat it."""
    notification = PartnerNotification.find(notification_id).locked()
    if notification.status == "PENDING":
        to_staff.send(notification, staff.contact(notification.partner_user_id))
