"""The one place that says whether a message may leave, asked at the moment it would."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.brands.messages import about
from app.consents import service as consents
from app.contacts import service as contacts
from app.core import clock
from app.messaging.events import EVENTS
from app.messaging.kinds import CHANNEL_PURPOSES, DUES, KINDS
from app.messaging.models import MessagePreference, UserNotification


@dataclass(frozen=True)
class Verdict:
    """`refused` says why it must not be said; else it goes, not before `wait_until`."""

    refused: str = ""
    wait_until: datetime | None = None


GO = Verdict()


def ask(message: UserNotification) -> Verdict:
    """Whether this message may leave now: consent and wishes of the customer, its age, the brand's hours."""
    now = clock.now()
    refused = (
        _too_old(message, now)
        or unwanted(message.customer_id, message.kind, message.channel)
        or not_agreed(message.customer_id, message.kind, message.channel)
    )
    if refused:
        return Verdict(refused)
    rules = about(brands.settings()["messages"]["hours"], message.kind, message.channel)
    opens = opens_at(rules, now)
    return GO if opens <= now else Verdict(wait_until=opens)


def reach(message: UserNotification) -> Verdict:
    """The last question before a message leaves: what is owed reaches a customer only by the rules of `app.contacts`,
    which count it. Another try of the same message is the same contact."""
    if message.kind != DUES or message.attempts:
        return GO
    found = contacts.begin(message.customer_id, message.channel, loan_id=message.loan_id)
    if found is None:
        return GO
    return Verdict(wait_until=found.until) if found.until else Verdict(found.rule.value)


def not_agreed(customer_id: UUID, kind: str, channel: str = "") -> str:
    """Why a kind of message may not be said, on that channel, for want of a consent; empty if it may."""
    purposes = filter(None, (KINDS[kind].purpose, CHANNEL_PURPOSES.get(channel)))
    missing = next((purpose for purpose in purposes if consents.live(customer_id, purpose) is None), None)
    return f"NO_CONSENT: {missing}" if missing else ""


def unwanted(customer_id: UUID, kind: str, channel: str) -> str:
    """Why the customer does not want it; empty if it cannot be stopped or was not."""
    if not KINDS[kind].can_be_stopped:
        return ""
    wishes = MessagePreference.get_or_none(MessagePreference.customer_id == customer_id)
    if wishes is None:
        return ""
    if wishes.do_not_disturb:
        return "DO_NOT_DISTURB"
    return "STOPPED" if f"{channel}:{kind}" in wishes.stopped else ""


def is_too_late(message: UserNotification) -> bool:
    """Whether it is not worth saying any more."""
    return bool(_too_old(message, clock.now()))


def _too_old(message: UserNotification, now: datetime) -> str:
    event = EVENTS.get(message.event)
    if event is None or event.good_for_s is None:
        return ""
    return "TOO_LATE" if now - message.created_at > timedelta(seconds=event.good_for_s) else ""


def opens_at(rules: Iterable[Mapping[str, Any]], now: datetime) -> datetime:
    """The first instant from `now` on at which all these hours of India are open; they leave time in common."""
    rules = list(rules)
    if not rules:
        return now
    opens = max(rule["opens"] for rule in rules)
    closes = min(rule["closes"] for rule in rules)
    local = now.astimezone(clock.INDIA)
    if opens <= local.time() < closes:
        return now
    day = local.date() + timedelta(days=local.time() >= closes)
    return datetime.combine(day, opens, clock.INDIA)
