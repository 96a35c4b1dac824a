"""A brand's own words for what is said to its customers, in place of those of `app.messaging.events`."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.messaging.events import EVENTS

ALWAYS = {"brand", "name"}
KEPT = {"code", "url"}  # without these a message leads nowhere


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
    texts = {channel: getattr(standard, channel) for channel in ("sms", "subject", "email")}
    known = ALWAYS.union(*(_names(text) for text in texts.values() if text))
    for channel, text in words.items():
        fault = text and _fault(text, known, KEPT & _names(texts[channel] or ""))
        if fault:
            yield channel, [fault]
    if words["email"] and not (words["subject"] or standard.subject):
        yield "subject", ["A mail needs one."]


def _fault(text: str, known: set[str], kept: set[str]) -> str:
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        return f"The braces do not fit: {error}."
    strange = [name for _, name, form, conversion in parts if name not in known or form or conversion]
    if strange:
        return f"{{{strange[0]}}} cannot be said here; there are {', '.join(sorted(known))}, plain."
    lost = kept - {name for _, name, _, _ in parts}
    return f"{{{min(lost)}}} must be in it." if lost else ""


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
