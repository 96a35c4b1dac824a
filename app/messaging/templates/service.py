"""A brand's own templates: versions that are made, looked at, put in force and taken out again."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from peewee import IntegrityError, fn

from app.brands import service as brands
from app.brands.messages import SENDERS
from app.core import audit, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, Invalid
from app.core.http import paginate
from app.core.outbox import enqueue
from app.core.states import StateChange, history
from app.messaging.delivery.sending import Outcome, Parcel, line, registered_of
from app.messaging.events import EVENTS, LANGUAGES, PARTS, Event
from app.messaging.kinds import DUES, KINDS, REQUIRED
from app.messaging.models import MessageTemplate
from app.messaging.staff import portal
from app.messaging.states import ACTIVE, RETIRED, TEMPLATE
from app.messaging.templates import wording
from app.messaging.templates.texts import ALWAYS, KEPT, fault, names_in, sms_parts
from app.staff import service as staff

_SORTABLE = {
    "createdAt": MessageTemplate.created_at,
    "code": MessageTemplate.code,
    "version": MessageTemplate.version,
}
_LENGTH_MAX = {"SMS": 1_000, "WHATSAPP": 1_024, "EMAIL": 20_000}
# the variable that a loan fills with what is owed
OWED = "outstanding"


def events() -> list[dict[str, Any]]:
    """Every event that the platform raises: its variables, its kind, and its standard words."""
    return [
        {"code": code, "kind": event.kind, "meaning": KINDS[event.kind].meaning, "variables": event.variables}
        | {part: event.words(part) for part in PARTS}
        | {"languages": {language: _said_in(event, language) for language in LANGUAGES}}
        for code, event in EVENTS.items()
    ]


def _said_in(event: Event, language: str) -> dict[str, str | None]:
    return {part: event.words(part, language) for part in PARTS}


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of versions, newest first."""
    query = MessageTemplate.select()
    wanted = {name: args[name] for name in ("code", "channel", "language", "status", "kind") if args[name]}
    query = query.filter(**wanted) if wanted else query
    return paginate(query, args, _SORTABLE)


def get(template_id: UUID) -> MessageTemplate:
    """One version. Raises NotFound."""
    return MessageTemplate.find(template_id)


def steps(template_id: UUID) -> list[StateChange]:
    """When a version came into force and went out again, and by whom; oldest first."""
    return history(get(template_id).id)


def make(values: Mapping[str, Any]) -> MessageTemplate:
    """The next version of a code, channel and language, as a draft. Raises Invalid naming what does not fit."""
    values = dict(values)
    event = EVENTS.get(values["code"])
    values["kind"] = _kind(values, event)
    values["variables"] = values["variables"] or _variables_of(values, event)
    faults = list(_faults(values, event))
    if faults:
        field, told = faults[0]
        raise Invalid(told, field=field, faults=[told for name, told in faults if name == field])
    same = {name: values[name] for name in ("code", "channel", "language")}
    newest = MessageTemplate.select(fn.max(MessageTemplate.version)).filter(**same).scalar() or 0
    try:
        with db.atomic():
            template = MessageTemplate.create(**values, version=newest + 1, made_by=identity.actor().id)
    except IntegrityError:
        raise Conflict("Somebody made a version at the same moment: look at it first.") from None
    TEMPLATE.start(template)
    told = same | {"version": template.version, "body": template.body}
    audit.record("message_template.made", "message_template", template.id, after=told)
    return template


def _kind(values: Mapping[str, Any], event: Event | None) -> str:
    known = wording.kind_of(values["code"])
    kind = values["kind"] or known
    if kind is None:
        raise Invalid("A code of the brand's own needs a kind.", field="kind")
    if known and kind != known:
        raise Invalid(f"What is said under {values['code']} is {known}.", field="kind")
    if event is None and kind == REQUIRED:
        raise Invalid("Only events of the platform are what the law requires.", field="kind")
    if event is None and kind != DUES and OWED in _said(values["body"]):
        raise Invalid(f"What says how much is owed is of the kind {DUES}.", field="kind")
    return kind


def _variables_of(values: Mapping[str, Any], event: Event | None) -> list[dict[str, str]]:
    """Of an event, where they are not declared: those that are said."""
    said = {*_said(values["body"]), *_said(values["subject"] or "")}
    return [{"name": name, "example": name} for name in (event.variables if event else ()) if name in said]


def _said(text: str) -> list[str]:
    """The names of a text; none where its braces do not fit, which is told elsewhere."""
    try:
        return names_in(text)
    except ValueError:
        return []


def _faults(values: Mapping[str, Any], event: Event | None) -> Iterator[tuple[str, str]]:
    """What does not fit, as field and sentence."""
    channel, body, subject = values["channel"], values["body"], values["subject"]
    declared = [each["name"] for each in values["variables"]]
    for name in declared:
        if event and name not in event.variables:
            there = ", ".join(event.variables) or "none"
            yield "variables", f"{name} is no variable of {values['code']}; there are {there}."
        if name in ALWAYS or declared.count(name) > 1:
            yield "variables", f"{name} is there already."
        elif name not in {*_said(body), *_said(subject or "")}:
            yield "variables", f"{name} is declared and not said."
    kept = KEPT & set(event.variables) if event else ()
    if found := fault(body, {*ALWAYS, *declared}, kept):
        yield "body", found
    if len(body) > _LENGTH_MAX[channel]:
        yield "body", f"Longer than {_LENGTH_MAX[channel]} letters."
    if found := subject and fault(subject, {*ALWAYS, *declared}):
        yield "subject", found
    yield from _registration_faults(values)


def _registration_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    channel = values["channel"]
    needs = {
        "subject": channel == "EMAIL",
        "dlt_template_id": channel == "SMS",
        "sender_header": channel == "SMS",
    }
    for name, is_needed in needs.items():
        if is_needed and not values[name]:
            yield name, f"{channel} needs one."
        elif values[name] and not is_needed:
            yield name, f"{channel} has none."
    for provider in values["provider_ids"]:
        if provider not in SENDERS[channel.lower()]:
            yield (
                "provider_ids",
                f"{provider} does not send {channel}; {', '.join(SENDERS[channel.lower()])} do.",
            )


def activate(template_id: UUID, remark: str) -> MessageTemplate:
    """Put a version in force, in place of the one that is. Raises Conflict if it is in force."""
    template = get(template_id)
    same = {name: getattr(template, name) for name in ("code", "channel", "language")}
    for other in MessageTemplate.select().filter(**same, status=ACTIVE).for_update():
        if other.id != template.id:
            TEMPLATE.move(other, RETIRED, remark=f"Version {template.version} follows")
    return TEMPLATE.move(template, ACTIVE, remark=remark)


def retire(template_id: UUID, remark: str) -> MessageTemplate:
    """Take a version out of force: what the settings or the platform say is said again."""
    return TEMPLATE.move(get(template_id), RETIRED, remark=remark)


def preview(template_id: UUID, variables: Mapping[str, str] | None) -> dict[str, Any]:
    """What would be said: with these values, or with the examples. Raises Invalid naming those that do not fit."""
    template = get(template_id)
    words = wording.of(template)
    if variables is None:
        variables = {each["name"]: each["example"] for each in template.variables}
    words.check(variables)
    body = words.fill("Asha Rao", variables)
    parts = sms_parts(body["text"]) if template.channel == "SMS" else None
    return {"subject": body.get("subject"), "sms_parts": parts, **body}


def test_send(template_id: UUID, variables: Mapping[str, str] | None, phone: str | None) -> None:
    """Send what `preview` shows: a mail to whoever asks, else to a phone that the brand's settings name for tests.

    They hear in the portal what came of it. Raises Invalid.
    """
    template, said = get(template_id), preview(template_id, variables)
    if template.channel != "EMAIL" and phone not in brands.settings()["messages"]["test_phones"]:
        raise Invalid("Not among messages.testPhones of the brand's settings.", field="phone")
    audit.record(
        "message_template.tested", "message_template", template.id, after={"channel": template.channel}
    )
    enqueue(
        "messaging.test_send",
        brand_id=current_brand(),
        template_id=template.id,
        user_id=identity.actor().id,
        phone=phone or "",
        said={"subject": said["subject"] or "", "text": said["text"]},
        values=said["variables"],
    )


def test_parcel(
    template_id: UUID, user_id: UUID, phone: str, said: Mapping[str, str], values: Mapping[str, str]
) -> Parcel:
    """What goes out for a test."""
    template, person = get(template_id), staff.contact(user_id)
    return Parcel(
        channel=template.channel,
        line=line(template.channel),
        to=person.email if template.channel == "EMAIL" else phone,
        name=person.name,
        event=template.code,
        reference=str(template.id),
        variables=values,
        registered=registered_of(template),
        sender=template.sender_header or "",
        **said,
    )


def tested(template_id: UUID, user_id: UUID, outcome: Outcome) -> None:
    """Tell whoever tried a template out what came of it."""
    template = get(template_id)
    came = f"Sent through {outcome.provider}." if outcome.is_sent else f"Not sent: {outcome.reason}"
    title = f"{template.code} for {template.channel}, version {template.version}, was tried out"
    portal.put(user_id, "template_tested", title, came)
