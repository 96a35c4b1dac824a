"""Mails to staff: recorded with the change they tell of, sent by a job after it."""

from typing import TYPE_CHECKING
from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.database import current_brand
from app.core.outbox import enqueue
from app.messaging.models import PartnerNotification
from app.providers import client
from app.providers.sendgrid import Mail

if TYPE_CHECKING:  # staff sends mails through here, so it cannot be imported first
    from app.staff.service import Contact

# event -> (subject, text); `{names}` are the event's variables
EVENTS: dict[str, tuple[str, str]] = {
    "invitation": (
        "Your account for {brand}",
        "You were given an account in the portal of {brand}. Choose your password within three days:\n\n{url}\n",
    ),
    "brand_given": (
        "You now work for {brand}",
        "You were given these roles in {brand}: {roles}. Sign in with the password you have.\n",
    ),
    "password_reset": (
        "A new password",
        "Choose a new password within half an hour:\n\n{url}\n\n"
        "If you did not ask for this, leave the link alone: nothing has changed.\n",
    ),
    "password_changed": (
        "Your password was changed",
        "Your password was changed and all your sessions were ended. If this was not you, tell an administrator.\n",
    ),
    "second_factor_changed": (
        "Your second factor was changed",
        "Your second factor was {change}. If this was not you, tell an administrator.\n",
    ),
    "new_device": (
        "A sign-in from a new device",
        "You signed in from a device that was not seen before. If this was not you, change your password.\n",
    ),
    "sent_back": (
        "{loan_no} was sent back",
        "Loan {loan_no} of {brand} was sent back. The reason is on the file; the rules have to run on it again.\n",
    ),
    "work_given": (
        "Work was given to you",
        "Yours in {brand} since the last mail of this kind: {what}. Your queue in the portal shows them.\n",
    ),
}


def tell(user_id: UUID, event: str, **variables: object) -> None:
    """Mail somebody in the name of this brand. Raises KeyError for an unknown event or variable."""
    values = {"brand": brands.current().name, **variables}
    subject, text = (part.format(**values) for part in EVENTS[event])
    row = PartnerNotification.create(
        partner_user_id=user_id, event=event, body={"subject": subject, "text": text}
    )
    enqueue("messaging.deliver_to_staff", notification_id=row.id)


def send(notification: PartnerNotification, person: "Contact") -> None:
    """Hand it to the brand's mail provider. Raises ProviderError."""
    provider = brands.settings()["providers"]["email"]
    mail = Mail(
        to_email=person.email,
        to_name=person.name,
        subject=notification.body["subject"],
        text=notification.body["text"],
        reference=str(notification.id),
        category=notification.event,
    )
    message_id = client(provider, current_brand()).send_mail(mail).message_id
    notification.change(
        status="SENT", provider=provider, provider_message_id=message_id, sent_at=clock.now(), body=None
    )
