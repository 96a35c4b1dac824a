"""The words of a message. One rule says whose win: the brand's active template in the customer's language, its active
template in English, the brand's settings (`templates`), the standard words of the event in the customer's language or
else in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core.errors import Invalid, NotFound
from app.messaging.events import ENGLISH, EVENTS, LANGUAGES
from app.messaging.models import MessageTemplate
from app.messaging.templates.texts import ALWAYS, misfits, names_in

# of a channel: the words of an event that are its text, and its subject
_PARTS = {"SMS": ("sms", None), "WHATSAPP": ("whatsapp", None), "EMAIL": ("email", "subject")}


@dataclass(frozen=True)
class Words:
    """What is said on one channel, and `variables`, the names that need a value; `template_id` of a brand's own."""

    code: str
    kind: str
    channel: str
    language: str
    text: str
    subject: str | None
    variables: tuple[str, ...]
    template_id: UUID | None = None

    @cached_property
    def brand(self) -> str:
        """Who says it, read once for all to whom it is said."""
        return brands.current().name

    def fill(self, name: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a message to somebody. What the text says comes in its order, as WhatsApp counts what it gets."""
        values = {"brand": self.brand, "name": name or "customer", **variables}
        body = {
            "text": self.text.format(**values),
            "variables": {name: str(values[name]) for name in names_in(self.text)},
        }
        return body | ({"subject": self.subject.format(**values)} if self.subject else {})

    def check(self, variables: Mapping[str, Any]) -> None:
        """Raises Invalid naming each variable that is missing or unknown."""
        faults = list(misfits(variables, self.variables))
        if faults:
            raise Invalid(" ".join(faults), field="variables", faults=faults, code="VARIABLES_DO_NOT_FIT")


def kind_of(code: str) -> str | None:
    """The kind of what is said under a code; None if there is no such code."""
    if code in EVENTS:
        return EVENTS[code].kind
    newest = (
        MessageTemplate.select(MessageTemplate.kind)
        .where(MessageTemplate.code == code)
        .order_by(MessageTemplate.id.desc())
        .first()
    )
    return newest and newest.kind


def find(code: str, channel: str, language: str | None) -> Words | None:
    """The words of an event or a template, by the rule above; None where nothing is said on that channel."""
    return _own(code, channel, language or ENGLISH) or _standard(code, channel, language or ENGLISH)


def get(code: str, channel: str, language: str | None) -> Words:
    """The same. Raises NotFound."""
    words = find(code, channel, language)
    if words is None:
        raise NotFound(f"template {code} for {channel}")
    return words


def _own(code: str, channel: str, language: str) -> Words | None:
    same = {"code": code, "channel": channel, "status": "ACTIVE"}
    found = {
        row.language: row
        for row in MessageTemplate.select()
        .filter(**same)
        .where(MessageTemplate.language.in_({language, ENGLISH}))
    }
    template = found.get(language) or found.get(ENGLISH)
    return template and of(template)


def of(template: MessageTemplate) -> Words:
    """The words of a version."""
    names = tuple(each["name"] for each in template.variables)
    return Words(
        template.code,
        template.kind,
        template.channel,
        template.language,
        template.body,
        template.subject,
        names,
        template.id,
    )


def _standard(code: str, channel: str, language: str) -> Words | None:
    event = EVENTS.get(code)
    if event is None:
        return None
    own = brands.settings()["templates"].get(code, {})
    if language not in LANGUAGES or any(own.get(part) for part in _PARTS[channel] if part):
        language = ENGLISH
    text, subject = (part and (own.get(part) or event.words(part, language)) for part in _PARTS[channel])
    if not text:
        return None
    said = {*names_in(text), *names_in(subject or "")} - set(ALWAYS)
    names = tuple(name for name in event.variables if name in said)
    return Words(code, event.kind, channel, language, text, subject, names)


def registered_as(code: str, language: str) -> str:
    """What providers call the standard words of an event: its code, with the language behind it but for English."""
    return code if language == ENGLISH else f"{code}_{language}"
