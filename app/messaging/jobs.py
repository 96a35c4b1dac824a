"""Sending notifications, to customers or to staff, and taking in what their providers tell of them later."""

from app.core import webhooks
from app.core.outbox import job
from app.messaging import delivering, receipts, to_staff
from app.messaging.models import PartnerNotification
from app.staff import service as staff


@job(atomic=False, attempts_max=20, lease_s=600)
def deliver(brand_id: str, message_ids: list[str]) -> None:
    """Send those of these messages that are due. What a provider refuses is not a failure of this job."""
    delivering.deliver(brand_id, message_ids)


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
