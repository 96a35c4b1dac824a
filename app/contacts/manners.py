"""How a customer may be contacted about a debt, as a function of its arguments: nothing is read or written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.brands.contacting import EARLIEST, LATEST
from app.core.clock import INDIA

WEEK_DAYS = 7


class Channel(StrEnum):
    """How somebody is reached."""

    CALL = "CALL"
    VISIT = "VISIT"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"
    EMAIL = "EMAIL"


class Rule(StrEnum):
    """What forbids a contact."""

    NO_CONTACT = "CONTACT_NO_CONTACT_LIST"
    HOURS = "CONTACT_OUTSIDE_HOURS"
    DAILY = "CONTACT_DAILY_LIMIT"
    WEEKLY = "CONTACT_WEEKLY_LIMIT"


# calls and visits are counted together, messages for themselves; what may be read at any time is not counted
PERSONAL, WRITTEN = (Channel.CALL, Channel.VISIT), (Channel.SMS, Channel.WHATSAPP)
COUNTED_WITH: Mapping[Channel, tuple[Channel, ...]] = {
    **dict.fromkeys(PERSONAL, PERSONAL),
    **dict.fromkeys(WRITTEN, WRITTEN),
}


@dataclass(frozen=True)
class Policy:
    """A brand's: times of India; calls and visits a day and in seven days; messages a day."""

    opens: time = EARLIEST
    closes: time = LATEST
    attempts_per_day: int = 3
    attempts_per_week: int = 10
    messages_per_day: int = 3


@dataclass(frozen=True)
class Refusal:
    """Which rule forbids it, in a sentence, and from when on it does not; None where no time helps."""

    rule: Rule
    text: str
    until: datetime | None = None


def refusal(channel: Channel, at: datetime, policy: Policy, attempts: Sequence[datetime]) -> Refusal | None:
    """Why `at` is no instant for it. `attempts` are the earlier ones that count with this channel."""
    together = COUNTED_WITH.get(channel)
    if together is None:
        return None
    return _hours(at, policy) or _limits(together, at, policy, attempts)


def _hours(at: datetime, policy: Policy) -> Refusal | None:
    local = at.astimezone(INDIA)
    if policy.opens <= local.time() < policy.closes:
        return None
    opens = _opening(local, policy)
    if opens <= local:
        opens = _opening(local + timedelta(days=1), policy)
    text = f"Customers are contacted from {policy.opens:%H:%M} to {policy.closes:%H:%M} in India."
    return Refusal(Rule.HOURS, text, opens)


def _limits(
    together: tuple[Channel, ...], at: datetime, policy: Policy, attempts: Sequence[datetime]
) -> Refusal | None:
    today = at.astimezone(INDIA).date()
    days = [(today - attempt.astimezone(INDIA).date()).days for attempt in attempts]
    personal = together == PERSONAL
    a_day = policy.attempts_per_day if personal else policy.messages_per_day
    if sum(age == 0 for age in days) >= a_day:
        text = f"{a_day} of {', '.join(together)} a day are allowed."
        return Refusal(Rule.DAILY, text, _opening(at.astimezone(INDIA) + timedelta(days=1), policy))
    within = [age for age in days if 0 <= age < WEEK_DAYS]
    if personal and len(within) >= policy.attempts_per_week:
        text = f"{policy.attempts_per_week} of {', '.join(together)} in seven days are allowed."
        later = timedelta(days=WEEK_DAYS - max(within))
        return Refusal(Rule.WEEKLY, text, _opening(at.astimezone(INDIA) + later, policy))
    return None


def _opening(local: datetime, policy: Policy) -> datetime:
    return datetime.combine(local.date(), policy.opens, INDIA)
