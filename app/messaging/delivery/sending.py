"""The one place where messages leave: a channel to whichever provider the brand chose for it, or who stands in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.brands.messages import SENDERS
from app.customers.service import Customer
from app.documents import service as documents
from app.messaging.kinds import KINDS
from app.messaging.models import MessageTemplate, UserNotification
from app.messaging.templates import wording
from app.messaging.wishes import unsubscribing
from app.provider_calls import service as provider_calls
from app.providers import CLIENTS, ProviderError, ProviderUnavailable, client
from app.providers.errors import ProviderMalformed, ProviderRejected
from app.providers.messages import Accepted, Sms, WhatsApp
from app.providers.sendgrid import Attachment, Mail

# After this no provider is begun with, so that a batch is over while its claim lasts (`service.py`).
BEGIN_WITHIN_S = 120.0
# How many a batch has where a provider takes one a request: as many are in doubt when their worker dies.
ONE_EACH = 40
# what the record of a call names a message by, and its price
OPERATIONS = {"SMS": "send_sms", "WHATSAPP": "send_template", "EMAIL": "send_mail"}


@dataclass(frozen=True)
class Parcel:
    """A message as it goes out, with everything that was read of it, so that no transaction waits for a provider.

    `line`: the providers to try, in order. `registered`: a provider's own name of the template, where it has one.
    `repeats`: rather twice than not at all.
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
    repeats: bool = False


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


def price(channel: str) -> Decimal:
    """What a message costs today through the provider that the brand chose, in paise."""
    return provider_calls.price(line(channel)[0], OPERATIONS[channel])


def together(channel: str) -> int:
    """How many messages of a channel are one batch."""
    return max(ONE_EACH, CLIENTS[line(channel)[0]].together_max)


def pack(messages: Sequence[UserNotification], people: Mapping[UUID, Customer]) -> list[Parcel]:
    """Read everything that these messages need to go out."""
    wanted = {message.template_id for message in messages if message.template_id}
    found = MessageTemplate.select().where(MessageTemplate.id.in_(list(wanted))) if wanted else ()
    templates = {template.id: template for template in found}
    lines = {channel: line(channel) for channel in {message.channel for message in messages}}
    return [
        _parcel(
            message, people[message.customer_id], templates.get(message.template_id), lines[message.channel]
        )
        for message in messages
    ]


def _parcel(
    message: UserNotification, customer: Customer, template: MessageTemplate | None, line_: Sequence[str]
) -> Parcel:
    body = message.body
    unsubscribe = unsubscribing.url_of(message)
    return Parcel(
        channel=message.channel,
        line=line_,
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
        repeats=KINDS[message.kind].repeats,
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


def hand_over(parcels: Sequence[Parcel], brand_id: str) -> dict[str, Outcome]:
    """Try the providers in the line of these parcels of one channel until one takes each; by reference what came of it.
    Who may have taken it without saying so ends the line of a parcel, unless it `repeats`. Nothing is raised for what a
    provider does."""
    outcomes = {parcel.reference: Outcome(reason="nobody serves this channel") for parcel in parcels}
    left, worth_it = list(parcels), set()
    for provider in parcels[0].line if parcels else ():
        letters = [_LETTERS[parcel.channel](parcel, provider) for parcel in left]
        answers = client(provider, brand_id).send_many(letters, within_s=BEGIN_WITHIN_S)
        for parcel, answer in zip(left, answers, strict=True):
            if not isinstance(answer, ProviderRejected):
                worth_it.add(parcel.reference)
            outcomes[parcel.reference] = _outcome(provider, answer, parcel.reference in worth_it)
        left = [parcel for parcel in left if _goes_on(parcel, outcomes[parcel.reference])]
        if not left:
            break
    return outcomes


def _outcome(provider: str, answer: Accepted | ProviderError, again: bool) -> Outcome:
    if isinstance(answer, Accepted):
        return Outcome(provider, answer.message_id)
    return Outcome(provider, reason=str(answer)[:300], is_unsure=_is_unsure(answer), again=again)


def _goes_on(parcel: Parcel, outcome: Outcome) -> bool:
    """Whether the next in line is tried."""
    return not outcome.is_sent and (parcel.repeats or not outcome.is_unsure)


def _is_unsure(error: ProviderError) -> bool:
    """Whether the provider may have taken it: the answer was lost, or could not be read."""
    if isinstance(error, ProviderUnavailable):
        return error.may_have_happened and not error.was_answered
    return isinstance(error, ProviderMalformed)


def _sms(parcel: Parcel, provider: str) -> Sms:
    # the wording is registered with the operator (DLT); the text goes along for the reader of the log
    variables = {name.upper(): value for name, value in parcel.variables.items()} | {"TEXT": parcel.text}
    name = parcel.registered.get(provider, parcel.event)
    return Sms(to=parcel.to, template_id=name, variables=variables, text=parcel.text, sender=parcel.sender)


def _whatsapp(parcel: Parcel, provider: str) -> WhatsApp:
    return WhatsApp(
        to=parcel.to,
        name=parcel.name or "Customer",
        template_id=parcel.registered.get(provider, parcel.event),
        parameters=list(parcel.variables.values()),
    )


def _email(parcel: Parcel, _provider: str) -> Mail:
    return Mail(
        to_email=parcel.to,
        to_name=parcel.name,
        subject=parcel.subject,
        text=parcel.text,
        reference=parcel.reference,
        category=parcel.event,
        attachments=parcel.attachments,
        headers=parcel.headers,
    )


_LETTERS: Mapping[str, Callable[[Parcel, str], Any]] = {
    "SMS": _sms,
    "WHATSAPP": _whatsapp,
    "EMAIL": _email,
}
