"""Sending one notification. Neither provider knows an idempotency key: a crash after the send may repeat it."""

from collections.abc import Callable
from uuid import UUID

from app.brands import service as brands
from app.core.database import current_brand
from app.core.outbox import job
from app.customers import service as customers
from app.customers.service import Customer
from app.documents import service as documents
from app.messaging import service
from app.messaging.models import UserNotification
from app.providers import ProviderClient, client
from app.providers.sendgrid import Attachment, Mail


@job(attempts_max=5)
def deliver(notification_id: str) -> None:
    """Send it if it was not sent yet."""
    notification = UserNotification.find(notification_id).locked()
    if notification.status != "PENDING":
        return
    provider = brands.settings()["providers"][notification.channel.lower()]
    send = _SENDERS[notification.channel]
    message_id = send(
        client(provider, current_brand()), notification, customers.get(notification.customer_id)
    )
    service.sent(notification, provider, message_id)


def _sms(provider: ProviderClient, notification: UserNotification, customer: Customer) -> str:
    # the wording is registered with the operator (DLT); the text goes along for the reader of the log
    variables = {name.upper(): value for name, value in notification.body["variables"].items()}
    accepted = provider.send_sms(
        to=customer.phone,
        template_id=notification.event,
        variables={**variables, "TEXT": notification.body["text"]},
    )
    return accepted.request_id


def _email(provider: ProviderClient, notification: UserNotification, customer: Customer) -> str:
    body = notification.body
    mail = Mail(
        to_email=customer.email,
        to_name=customer.name or "",
        subject=body["subject"],
        text=body["text"],
        reference=str(notification.id),
        category=notification.event,
        attachments=tuple(_attachment(UUID(document_id)) for document_id in body["documents"]),
    )
    return provider.send_mail(mail).message_id


def _attachment(document_id: UUID) -> Attachment:
    document = documents.get(document_id)
    return Attachment(f"{document.kind.lower()}.pdf", document.content_type, documents.read(document_id))


_SENDERS: dict[str, Callable[[ProviderClient, UserNotification, Customer], str]] = {
    "SMS": _sms,
    "EMAIL": _email,
}
