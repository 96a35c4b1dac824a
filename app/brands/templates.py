"""A brand's own words for what is said to its customers, in place of those of `app.messaging.events`."""

from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.messaging.events import EVENTS
from app.messaging.templates.texts import ALWAYS, KEPT, fault, names_in


class MessageWords(Schema):
    """What is left out is said as everywhere. `{names}` are those of the standard words of the event."""

    sms = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=500))
    subject = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=150)
    )
    email = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=5000))


def refuse_unusable(templates: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises a ValidationError naming event and channel: an unknown event or name, or a code or link that is lost."""
    faults = {event: dict(_faults(event, words)) for event, words in templates.items()}
    found = {event: told for event, told in faults.items() if told}
    if found:
        raise ma.ValidationError(found)


def _faults(event: str, words: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    standard = EVENTS.get(event)
    if standard is None:
        yield "event", [f"There is none of this name; there are {', '.join(EVENTS)}."]
        return
    texts = {part: standard.words(part) for part in ("sms", "subject", "email")}
    known = {*ALWAYS, *standard.variables}
    for channel, text in words.items():
        found = text and fault(text, known, KEPT & set(names_in(texts[channel] or "")))
        if found:
            yield channel, [found]
    if words["email"] and not (words["subject"] or texts["subject"]):
        yield "subject", ["A mail needs one."]
