"""The one place where a message leaves: a channel to whichever provider the brand chose for it, or who stands in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.brands import service as brands
from app.brands.messages import SENDERS
from app.customers.service import Customer
from app.documents import service as documents
from app.messaging import unsubscribing, wording
from app.messaging.models import MessageTemplate, UserNotification
from app.providers import ProviderClient, ProviderError, ProviderUnavailable, client
from app.providers.errors import ProviderMalformed, ProviderRejected
from app.providers.sendgrid import Attachment, Mail

# what the record of a call names a message by, and its price
OPERATIONS = {"SMS": "send_sms", "WHATSAPP": "send_template", "EMAIL": "send_mail"}


@dataclass(frozen=True)
class Parcel:
    """A message as it goes out, with everything that was read of it, so that no transaction waits for a provider.

    `line`: the providers to try, in order. `registered`: a provider's own name of the template, where it has one.
    """

    channel: str
    line: Sequence[str]
    to: str = field(repr=False)
    name: str = field(repr=False)
    event: str
    reference: str
    text: str = field(repr=False)
    subject: str = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    registered: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of handing it over: taken under an id; or not, `reason` saying why.

    `is_unsure`: it may have been taken. `again`: worth trying later.
    """

    provider: str = ""
    message_id: str = ""
    reason: str = ""
    is_unsure: bool = False
    again: bool = False

    @property
    def is_sent(self) -> bool:
        return not self.reason


def address(customer: Customer, channel: str) -> str | None:
    """Where a channel reaches the customer."""
    return customer.email if channel == "EMAIL" else customer.phone


def line(channel: str) -> list[str]:
    """The provider that the brand chose for a channel, then those who stand in for it."""
    settings, name = brands.settings(), channel.lower()
    chosen = settings["providers"][name]
    return [chosen, *(other for other in settings["messages"]["stand_ins"][name] if other != chosen)]


def pack(message: UserNotification, customer: Customer) -> Parcel:
    """Read everything that a message needs to go out."""
    template = message.template_id and MessageTemplate.find(message.template_id)
    body = message.body
    unsubscribe = unsubscribing.url_of(message)
    return Parcel(
        channel=message.channel,
        line=line(message.channel),
        to=address(customer, message.channel) or "",
        name=customer.name or "",
        event=message.event,
        reference=str(message.id),
        text=f"{body['text']}\n\nTo stop such mails: {unsubscribe}\n" if unsubscribe else body["text"],
        headers=unsubscribing.headers_of(unsubscribe) if unsubscribe else {},
        subject=body.get("subject") or "",
        variables=body["variables"],
        registered=registered_of(template) if template else _standard_names(message),
        sender=(template and template.sender_header) or "",
        attachments=tuple(_attachment(UUID(document_id)) for document_id in body.get("documents", ())),
    )


def registered_of(template: MessageTemplate) -> dict[str, str]:
    """What each provider calls a template: its own name for it, else for an SMS the operator's."""
    if not template.dlt_template_id:
        return template.provider_ids
    return dict.fromkeys(SENDERS["sms"], template.dlt_template_id) | template.provider_ids


def _standard_names(message: UserNotification) -> dict[str, str]:
    name = wording.registered_as(message.event, message.language)
    return dict.fromkeys(SENDERS[message.channel.lower()], name)


def _attachment(document_id: UUID) -> Attachment:
    document = documents.get(document_id)
    return Attachment(f"{document.kind.lower()}.pdf", document.content_type, documents.read(document_id))


def hand_over(parcel: Parcel, brand_id: str, *, even_unsure: bool = False) -> Outcome:
    """Try the providers in line until one takes it. Who may have taken it without saying so ends the line, unless
    `even_unsure`: then twice is better than never. Nothing is raised for what a provider does."""
    outcome = Outcome(reason="nobody serves this channel")
    is_hopeless = True
    for provider in parcel.line:
        try:
            message_id = _SENDERS[parcel.channel](client(provider, brand_id), parcel)
            return Outcome(provider, message_id)
        except ProviderError as error:
            outcome = Outcome(provider, reason=str(error)[:300], is_unsure=_is_unsure(error))
            is_hopeless = is_hopeless and isinstance(error, ProviderRejected)
        if outcome.is_unsure and not even_unsure:
            return outcome
    return Outcome(
        outcome.provider, reason=outcome.reason, is_unsure=outcome.is_unsure, again=not is_hopeless
    )


def _is_unsure(error: ProviderError) -> bool:
    """Whether the provider may have taken it: the answer was lost, or could not be read."""
    if isinstance(error, ProviderUnavailable):
        return error.may_have_happened and not error.was_answered
    return isinstance(error, ProviderMalformed)


def _sms(provider: ProviderClient, parcel: Parcel) -> str:
    # the wording is registered with the operator (DLT); the text goes along for the reader of the log
    variables = {name.upper(): value for name, value in parcel.variables.items()} | {"TEXT": parcel.text}
    return provider.send_sms(
        to=parcel.to,
        template_id=parcel.registered.get(provider.provider, parcel.event),
        variables=variables,
        text=parcel.text,
        sender=parcel.sender,
    ).message_id


def _whatsapp(provider: ProviderClient, parcel: Parcel) -> str:
    return provider.send_template(
        to=parcel.to,
        name=parcel.name or "Customer",
        template_id=parcel.registered.get(provider.provider, parcel.event),
        parameters=list(parcel.variables.values()),
    ).message_id


def _email(provider: ProviderClient, parcel: Parcel) -> str:
    mail = Mail(
        to_email=parcel.to,
        to_name=parcel.name,
        subject=parcel.subject,
        text=parcel.text,
        reference=parcel.reference,
        category=parcel.event,
        attachments=parcel.attachments,
        headers=parcel.headers,
    )
    return provider.send_mail(mail).message_id


_SENDERS: Mapping[str, Callable[[ProviderClient, Parcel], str]] = {
    "SMS": _sms,
    "WHATSAPP": _whatsapp,
    "EMAIL": _email,
}
