"""What staff are told of themselves: recorded with the change they tell of, sent by a job after it."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.database import brand_scope, current_brand
from app.core.outbox import enqueue
from app.messaging.models import PartnerNotification
from app.messaging.policy import IN_APP, PERSON, STAFF_WORDS
from app.messaging.rules import channels_of
from app.messaging.staff import portal
from app.providers import ProviderError, client
from app.providers.errors import ProviderRejected
from app.providers.sendgrid import Mail

if TYPE_CHECKING:  # staff sends mails through here, so it cannot be imported first
    from app.staff.service import Contact

# of their account, and what they asked for: event -> (subject, text); `{names}` are the event's variables. Nobody can
# switch these off.
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
    "report_ready": (
        "{title}, {days}",
        "{title} of {brand} for {days} is ready: {rows} rows.\n\n{url}\n\nThe link ends on {until} (India). Personal"
        " data in it is masked.\n",
    ),
    "report_failed": (
        "{title}, {days}: not produced",
        "{title} of {brand} for {days} could not be produced. {reason}\n",
    ),
}

BACKOFF_S = 1.0  # doubled for each try


def tell(user_id: UUID, event: str, **variables: object) -> None:
    """Tell somebody in the name of this brand: of their account by mail, of their work as the policy says. Raises
    KeyError for an unknown event or variable."""
    values = {"brand": brands.current().name, **variables}
    if event in EVENTS:
        mail(user_id, event, *(part.format(**values) for part in EVENTS[event]))
        return
    words = STAFF_WORDS[event]
    title, text = words.title.format(**values), words.text.format(**values)
    channels = channels_of(event, PERSON)
    if IN_APP in channels:
        portal.put(user_id, event, title, text)
    if "EMAIL" in channels:
        mail(user_id, event, title, f"{text}\n")


def mail(user_id: UUID, event: str, subject: str, text: str) -> None:
    """Mail somebody in the name of this brand."""
    row = PartnerNotification.create(
        partner_user_id=user_id, event=event, body={"subject": subject, "text": text}
    )
    start(row)


def deliver(brand_id: str, notification_id: str, contact: Callable[[UUID], "Contact"]) -> None:
    """Hand it to the brand's mail provider if it was not mailed yet; `contact` knows how to reach somebody. Call it
    outside of any scope. A crash after the send may repeat it; what the provider does not take is tried again, and
    becomes a dead letter."""
    with brand_scope(brand_id):
        notification = PartnerNotification.find(notification_id)
        if notification.status != "PENDING":
            return
        provider, mail_out = brands.settings()["providers"]["email"], _mail(notification, contact)
    try:
        message_id = client(provider, brand_id).send_mail(mail_out).message_id
    except ProviderError as error:
        with brand_scope(brand_id):
            _not_taken(notification.locked(), error)
        return
    with brand_scope(brand_id):
        notification.change(
            status="SENT",
            provider=provider,
            provider_message_id=message_id,
            sent_at=clock.now(),
            body=None,
            reason=None,
        )


def _not_taken(notification: PartnerNotification, error: ProviderError) -> None:
    attempts = notification.attempts + 1
    is_last = isinstance(error, ProviderRejected) or attempts >= brands.settings()["messages"]["attempts_max"]
    notification.change(
        attempts=attempts, reason=str(error)[:300], status="FAILED" if is_last else notification.status
    )
    if not is_last:
        start(notification, delay_s=BACKOFF_S * 2**attempts)


def start(notification: PartnerNotification, delay_s: float = 0) -> None:
    """Have it mailed by a job."""
    enqueue(
        "messaging.deliver_to_staff",
        delay_s=delay_s,
        brand_id=current_brand(),
        notification_id=notification.id,
    )


def _mail(notification: PartnerNotification, contact: Callable[[UUID], "Contact"]) -> Mail:
    person = contact(notification.partner_user_id)
    return Mail(
        to_email=person.email,
        to_name=person.name,
        subject=notification.body["subject"],
        text=notification.body["text"],
        reference=str(notification.id),
        category=notification.event,
    )
