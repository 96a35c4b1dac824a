"""The only place that asks what time it is. Instants are UTC; business days are those of India."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")
# a day beyond has none before or after it, where sums of days end
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The business day in India now."""
    return business_day(now())


def business_day(instant: datetime) -> date:
    """The day in India on which `instant` fell."""
    return instant.astimezone(INDIA).date()


def noon_of(day: date) -> datetime:
    """The instant of what happened on a day of which no hour is told."""
    return datetime.combine(day, time(12), INDIA)


def start_of(day: date) -> datetime:
    """The instant at which a day begins in India."""
    return datetime.combine(day, time(), INDIA)
