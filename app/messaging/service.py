"""Messages to customers: recorded with the change they tell of, sent by a job after it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import service as brands
from app.consents import service as consents
from app.core import clock
from app.core.outbox import enqueue
from app.customers import service as customers
from app.customers.service import Customer
from app.messaging.events import EVENTS, Template
from app.messaging.models import UserNotification


def notify(
    customer_id: UUID | str,
    event: str,
    *,
    loan_id: UUID | None = None,
    documents: Sequence[UUID] = (),
    **variables: Any,
) -> None:
    """Tell a customer of `event` on every channel that has words for it and an address to go to.

    Nothing is said where the event needs a consent that is not there. `documents` go along as attachments of the
    mail. Raises KeyError for an unknown event or variable.
    """
    customer, template = customers.get(customer_id), _worded(event)
    if not _is_agreed(customer_id, template):
        return
    values = {"brand": brands.current().name, "name": customer.name or "customer", **variables}
    for channel, body in _bodies(template, values, customer):
        body |= {
            "variables": {k: str(v) for k, v in variables.items()},
            "documents": [str(d) for d in documents],
        }
        row = UserNotification.create(
            customer_id=customer.id, loan_id=loan_id, event=event, channel=channel, body=body
        )
        enqueue("messaging.deliver", notification_id=row.id)


def _worded(event: str) -> Template:
    """The standard words of an event with those of the brand in their place."""
    own = brands.settings()["templates"].get(event, {})
    return replace(EVENTS[event], **{channel: words for channel, words in own.items() if words})


def _bodies(
    template: Template, values: dict[str, Any], customer: "Customer"
) -> list[tuple[str, dict[str, Any]]]:
    bodies = []
    if template.sms:
        bodies.append(("SMS", {"text": template.sms.format(**values)}))
    if template.email and customer.email:
        mail = {"subject": template.subject.format(**values), "text": template.email.format(**values)}
        bodies.append(("EMAIL", mail))
    return bodies


def _is_agreed(customer_id: UUID | str, template: Template) -> bool:
    return template.purpose is None or consents.live(customer_id, template.purpose) is not None


def told(customer_id: UUID, loan_id: UUID | None = None) -> ModelSelect:
    """What a customer was told, newest first; with a loan, of that loan and of none."""
    query = UserNotification.select().where(UserNotification.customer_id == customer_id)
    if loan_id:
        query = query.where((UserNotification.loan_id == loan_id) | UserNotification.loan_id.is_null())
    return query.order_by(UserNotification.id.desc())


def may_go(notification: UserNotification) -> bool:
    """Whether a message may still be sent: the consent that it needs has not been withdrawn since."""
    return _is_agreed(notification.customer_id, EVENTS[notification.event])


def dropped(notification: UserNotification) -> None:
    """It will not be sent."""
    notification.change(status="FAILED")


def sent(notification: UserNotification, provider: str, message_id: str) -> None:
    """The provider took it."""
    notification.change(status="SENT", provider=provider, provider_message_id=message_id, sent_at=clock.now())
