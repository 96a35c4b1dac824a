"""What every ReBIT v2.0.0 message has in common: version, timestamp and transaction id."""

import uuid
from datetime import UTC, datetime, timedelta

from app.providers.fields import Fields

PROVIDER = "finduit"
VERSION = "2.0.0"
CLOCK_SKEW_MAX = timedelta(minutes=15)


def timestamp(at: datetime) -> str:
    """An instant as ReBIT writes it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_timestamp(fields: Fields, name: str) -> datetime:
    """The inverse; other offsets are accepted. Raises FieldError, also for a time without an offset."""
    try:
        at = datetime.fromisoformat(fields.text(name))
        in_utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise fields.error(name, "expected an ISO date-time") from None
    if at.tzinfo is None:
        raise fields.error(name, "expected a date-time with an offset")
    return in_utc


def is_fresh(at: datetime, now: datetime) -> bool:
    """Whether a message of that instant may still be acted on: ReBIT allows 15 minutes either way."""
    return abs(now - at) <= CLOCK_SKEW_MAX


def envelope(now: datetime, txnid: str | None = None) -> dict[str, str]:
    """The first three members of every message; a new transaction id unless it answers one."""
    return {"ver": VERSION, "timestamp": timestamp(now), "txnid": txnid or str(uuid.uuid4())}
