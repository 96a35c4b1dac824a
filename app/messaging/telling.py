"""Whom the policy has told of an event: the brand's rules where it has some, else those of the table."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from app.allocation import service as allocation
from app.brands import service as brands
from app.core.identity import Role
from app.messaging.policy import ASSIGNED, CUSTOMER, IN_APP, STAFF_WORDS, Rule
from app.messaging.rules import rules_of
from app.messaging.staff import mails as to_staff
from app.messaging.staff import portal
from app.staff import service as staff


def tell_staff(event: str, loan_id: UUID | None, values: Mapping[str, Any]) -> None:
    """Everybody of the staff whom the rules name, once each on each channel."""
    words = STAFF_WORDS[event]
    filled = {"brand": brands.current().name, **values}
    title, text = words.title.format(**filled), words.text.format(**filled)
    by_channel: dict[str, dict[UUID, None]] = {}
    for rule in rules_of(event):
        if rule.to != CUSTOMER:
            for channel in rule.channels:
                by_channel.setdefault(channel, {}).update(dict.fromkeys(_people(rule, loan_id)))
    for user_id in by_channel.get(IN_APP, ()):
        portal.put(user_id, event, title, text, loan_id)
    for user_id in by_channel.get("EMAIL", ()):
        to_staff.mail(user_id, event, title, text)


def _people(rule: Rule, loan_id: UUID | None) -> Iterable[UUID]:
    if rule.to == ASSIGNED:
        return [each["partner_user_id"] for each in allocation.executives(loan_id)] if loan_id else []
    return staff.working(Role(rule.to))
