"""The one place that says whether messages may leave, asked at the moment they would: for all of a batch at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.brands.messages import about
from app.consents import service as consents
from app.contacts import service as contacts
from app.contacts.service import Contact
from app.core import clock
from app.loans.listing import owing_among
from app.messaging.events import EVENTS
from app.messaging.kinds import CHANNEL_PURPOSES, DUES, KINDS
from app.messaging.models import MessagePreference, UserNotification


@dataclass(frozen=True)
class Verdict:
    """`refused` says why it must not be said; else it goes, not before `wait_until`."""

    refused: str = ""
    wait_until: datetime | None = None


GO = Verdict()
# how the reason of a message begins that there is no occasion for any more
WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True)
class _Wishes:
    """What these customers want, and what they agreed to: by purpose who did."""

    wishes: Mapping[UUID, MessagePreference]
    agreed: Mapping[str, Collection[UUID]]

    @classmethod
    def of(cls, customer_ids: Collection[UUID], said: Collection[tuple[str, str]]) -> "_Wishes":
        """`said`: kinds and channels."""
        wanted = any(KINDS[kind].can_be_stopped for kind, _ in said)
        theirs = MessagePreference.customer_id.in_(list(customer_ids) if wanted else [])
        purposes = {purpose for kind, channel in said for purpose in _purposes(kind, channel)}
        return cls(
            {row.customer_id: row for row in MessagePreference.select().where(theirs)} if wanted else {},
            {purpose: consents.live_among(customer_ids, purpose) for purpose in purposes},
        )

    def against(self, customer_id: UUID, kind: str, channel: str) -> str:
        """Why the customer is not told this; empty if they may be."""
        wishes = self.wishes.get(customer_id)
        if wishes and KINDS[kind].can_be_stopped:
            if wishes.do_not_disturb:
                return "DO_NOT_DISTURB"
            if f"{channel}:{kind}" in wishes.stopped:
                return "STOPPED"
        missing = (each for each in _purposes(kind, channel) if customer_id not in self.agreed[each])
        return next((f"NO_CONSENT: {purpose}" for purpose in missing), "")


def ask(messages: Sequence[UserNotification]) -> dict[UUID, Verdict]:
    """Whether these messages may leave now: consent and wishes of the customers, their age, what is owed still, the
    brand's hours."""
    now, hours = clock.now(), brands.settings()["messages"]["hours"]
    said = {(each.kind, each.channel) for each in messages}
    wishes = _Wishes.of({each.customer_id for each in messages}, said)
    paid, verdicts = _paid(messages), {}
    for message in messages:
        against = wishes.against(message.customer_id, message.kind, message.channel)
        refused = _too_old(message, now) or paid.get(message.id) or against
        opens = opens_at(about(hours, message.kind, message.channel), now)
        verdicts[message.id] = (
            Verdict(refused) if refused else GO if opens <= now else Verdict(wait_until=opens)
        )
    return verdicts


def _paid(messages: Sequence[UserNotification]) -> dict[UUID, str]:
    """Those that ask for what was paid since they were written."""
    asking = [each for each in messages if each.kind == DUES and each.loan_id]
    owing = owing_among({each.loan_id for each in asking}) if asking else ()
    return {each.id: f"{WITHDRAWN}: NOTHING_OWED" for each in asking if each.loan_id not in owing}


def reach(messages: Sequence[UserNotification]) -> dict[UUID, Verdict]:
    """The last question before messages leave: what is owed reaches a customer only by the rules of `app.contacts`,
    which count it. Another try of the same message is the same contact."""
    asked = [each for each in messages if each.kind == DUES and not each.attempts]
    found = contacts.begin_all([Contact(each.customer_id, each.channel, each.loan_id) for each in asked])
    answers = {each.id: _of_rule(refusal) for each, refusal in zip(asked, found, strict=True)}
    return {each.id: answers.get(each.id, GO) for each in messages}


def _of_rule(found: contacts.Refusal | None) -> Verdict:
    if found is None:
        return GO
    return Verdict(wait_until=found.until) if found.until else Verdict(found.rule.value)


def foresee(customer_ids: Collection[UUID], kind: str, channel: str) -> dict[UUID, Verdict]:
    """What would be said if these customers were to be told something of a kind now. Nothing is counted."""
    whom, now = list(customer_ids), clock.now()
    wishes = _Wishes.of(whom, {(kind, channel)})
    opens = opens_at(about(brands.settings()["messages"]["hours"], kind, channel), now)
    rules = contacts.find_refusals([Contact(each, channel) for each in whom]) if kind == DUES else []
    verdicts = dict(zip(whom, map(_of_rule, rules), strict=True)) if rules else dict.fromkeys(whom, GO)
    for each, verdict in verdicts.items():
        if refused := wishes.against(each, kind, channel):
            verdicts[each] = Verdict(refused)
        elif verdict == GO and opens > now:
            verdicts[each] = Verdict(wait_until=opens)
    return verdicts


def closed_until(kind: str, channel: str) -> datetime | None:
    """Until when the hours let nobody be told something of a kind; None where they are open."""
    now = clock.now()
    opens = opens_at(about(brands.settings()["messages"]["hours"], kind, channel), now)
    rule = contacts.out_of_hours(channel, now) if kind == DUES else None
    later = [each for each in (opens, rule and rule.until) if each and each > now]
    return max(later, default=None)


def not_agreed(customer_id: UUID, kind: str, channel: str = "") -> str:
    """Why a kind of message may not be said, on that channel, for want of a consent; empty if it may."""
    missing = (each for each in _purposes(kind, channel) if consents.live(customer_id, each) is None)
    return next((f"NO_CONSENT: {purpose}" for purpose in missing), "")


def _purposes(kind: str, channel: str) -> list[str]:
    """What has to be agreed to."""
    return [*filter(None, (KINDS[kind].purpose, CHANNEL_PURPOSES.get(channel)))]


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
