"""Sending notifications, to customers or to staff, and taking in what their providers tell of them later."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from app.core import clock, webhooks
from app.core.database import brand_scope
from app.core.outbox import enqueue, job
from app.messaging import telling
from app.messaging.delivery import receipts, sending
from app.messaging.delivery import service as delivering
from app.messaging.staff import mails as to_staff
from app.messaging.staff import portal
from app.messaging.templates import service as templates
from app.messaging.wishes import incoming
from app.staff import service as staff

# A receipt may overtake what tells us of which message it is.
TAKEN_WITHIN, LOOK_AGAIN_S = timedelta(minutes=1), 10


@job(atomic=False, attempts_max=20, lease_s=600)
def deliver(brand_id: str, message_ids: list[str]) -> None:
    """Send those of these messages that are due. What a provider refuses is not a failure of this job."""
    delivering.deliver(brand_id, message_ids)


@job("bulk", atomic=False, attempts_max=20, lease_s=600)
def deliver_many(brand_id: str, message_ids: list[str]) -> None:
    """The same for so many that nobody is to wait behind them."""
    delivering.deliver(brand_id, message_ids)


@job(attempts_max=5)
def take_receipts(event_id: str) -> None:
    """What a provider told of its messages."""
    event = webhooks.take(event_id)
    if event is None:
        return
    is_last = clock.now() - event.created_at > TAKEN_WITHIN
    if not receipts.take(event.provider, event.body.encode(), is_last=is_last):
        enqueue("messaging.take_receipts", delay_s=LOOK_AGAIN_S, event_id=event.id)
        return
    webhooks.processed(event)


@job(attempts_max=5)
def take_incoming(event_id: str) -> None:
    """What somebody wrote to the brand by SMS."""
    event = webhooks.take(event_id)
    if event is None:
        return
    incoming.take(event.provider, event.body.encode())
    webhooks.processed(event)


@job(atomic=False, attempts_max=5, lease_s=120)
def deliver_to_staff(brand_id: str, notification_id: str) -> None:
    """Mail it to a member of staff if it was not mailed yet."""
    to_staff.deliver(brand_id, notification_id, staff.contact)


@job(attempts_max=5)
def tell_staff(event: str, loan_id: str | None, values: Mapping[str, str]) -> None:
    """What happened to a customer, to whoever of the staff the policy names."""
    telling.tell_staff(event, UUID(loan_id) if loan_id else None, values)


@job(attempts_max=3)
def push(notification_id: str) -> None:
    """Carry a notification to the screen of whoever is looking."""
    portal.publish(UUID(notification_id))


@job(atomic=False, attempts_max=1, lease_s=120)
def test_send(
    brand_id: str,
    template_id: str,
    user_id: str,
    phone: str,
    said: Mapping[str, str],
    values: Mapping[str, str],
) -> None:
    """Send a template to whoever tries it out, and tell them what came of it."""
    with brand_scope(brand_id):
        parcel = templates.test_parcel(UUID(template_id), UUID(user_id), phone, said, values)
    outcome = sending.hand_over([parcel], brand_id)[parcel.reference]
    with brand_scope(brand_id):
        templates.tested(UUID(template_id), UUID(user_id), outcome)
