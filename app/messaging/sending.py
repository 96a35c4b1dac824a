"""The one place where a message leaves: a channel to whichever provider the brand chose for it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from app.brands import service as brands
from app.core.database import current_brand
from app.customers.service import Customer
from app.documents import service as documents
from app.messaging.models import UserNotification
from app.providers import ProviderClient, client
from app.providers.sendgrid import Attachment, Mail


def send(notification: UserNotification, customer: Customer) -> tuple[str, str]:
    """Hand it over; the provider and its id of the message. Raises ProviderError."""
    provider = brands.settings()["providers"][notification.channel.lower()]
    message_id = _SENDERS[notification.channel](client(provider, current_brand()), notification, customer)
    return provider, message_id


def _sms(provider: ProviderClient, notification: UserNotification, customer: Customer) -> str:
    # the wording is registered with the operator (DLT); the text goes along for the reader of the log
    text = notification.body["text"]
    variables = {name.upper(): value for name, value in notification.body["variables"].items()}
    return provider.send_sms(
        to=customer.phone, template_id=notification.event, variables={**variables, "TEXT": text}, text=text
    ).message_id


def _whatsapp(provider: ProviderClient, notification: UserNotification, customer: Customer) -> str:
    return provider.send_template(
        to=customer.phone,
        name=customer.name or "Customer",
        template_id=notification.event,
        parameters=list(notification.body["variables"].values()),
    ).message_id


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


_SENDERS: Mapping[str, Callable[[ProviderClient, UserNotification, Customer], str]] = {
    "SMS": _sms,
    "WHATSAPP": _whatsapp,
    "EMAIL": _email,
}
