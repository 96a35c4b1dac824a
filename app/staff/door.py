"""The log of the door, and the lock that follows from it.

Attempts are counted by e-mail, whether anybody has it or not, so neither an answer nor a lock tells who exists.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.core import clock
from app.core.crypto import is_hash_of, lookup_hash, lookup_hashes
from app.core.database import db
from app.core.errors import TooMany, Unauthenticated
from app.staff.models import PartnerDevice, PartnerUser, PartnerUserLoginLog

FAILURES_MAX = 5
WINDOW_MINUTES = 15


class Event(StrEnum):
    """What the log tells of. Only SIGNED_IN is a success, and ends the count of failures."""

    SIGNED_IN = "SIGNED_IN"
    WRONG_PASSWORD = "WRONG_PASSWORD"
    WRONG_CODE = "WRONG_CODE"
    LOCKED = "LOCKED"
    REFRESH_REUSED = "REFRESH_REUSED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    SECOND_FACTOR_SET = "SECOND_FACTOR_SET"
    SECOND_FACTOR_REMOVED = "SECOND_FACTOR_REMOVED"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"


_DEVICE = "staff-device"
_FAILURES = [Event.WRONG_PASSWORD.value, Event.WRONG_CODE.value]


class BadCredentials(Unauthenticated):
    """The same for an unknown e-mail, a wrong password and somebody deactivated. The attempt stays counted."""

    code = "BAD_CREDENTIALS"
    commits = True


class WrongCode(Unauthenticated):
    """The code of the authenticator is wrong, old or used. The attempt stays counted."""

    code = "SECOND_FACTOR_WRONG"
    commits = True


class Locked(TooMany):
    code = "LOCKED"
    commits = True


@dataclass(frozen=True)
class Device:
    """Where a call comes from."""

    fingerprint: str | None = None
    ip: str | None = None
    user_agent: str | None = None

    @property
    def hash(self) -> str | None:
        """What is kept of the fingerprint."""
        return lookup_hash(_DEVICE, self.fingerprint) if self.fingerprint else None

    def is_of(self, stored: str | None) -> bool:
        """Whether this is the device of a hash, or none where there is none."""
        if stored is None or self.fingerprint is None:
            return stored is None and self.fingerprint is None
        return is_hash_of(stored, _DEVICE, self.fingerprint)


def log(event: Event, email: str, user: PartnerUser | None, device: Device) -> None:
    """Add one line."""
    PartnerUserLoginLog.create(
        email=email,
        partner_user_id=user.id if user else None,
        event=event.value,
        success=event is Event.SIGNED_IN,
        ip=device.ip,
        user_agent=device.user_agent,
        device_fingerprint=device.hash,
    )


def enter(email: str, user: PartnerUser | None, device: Device) -> None:
    """Before a password or code is looked at: one attempt of an e-mail at a time. Raises Locked."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"sign-in|{email}",))
    if _failures(email) >= FAILURES_MAX:
        log(Event.LOCKED, email, user, device)
        raise _locked()


def refuse(
    error: Unauthenticated, event: Event, email: str, user: PartnerUser | None, device: Device
) -> None:
    """Count a failure, then raise `error`, or Locked if it was one too many."""
    log(event, email, user, device)
    raise _locked() if _failures(email) >= FAILURES_MAX else error


def _locked() -> Locked:
    return Locked(f"Too many wrong attempts. Try again in {WINDOW_MINUTES} minutes.")


def _failures(email: str) -> int:
    """Failures of the last minutes, since the last success."""
    row = PartnerUserLoginLog
    recent = row.email == email, row.created_at > clock.now() - timedelta(minutes=WINDOW_MINUTES)
    last = row.select(row.created_at).where(*recent, row.success).order_by(row.created_at.desc()).scalar()
    failed = row.select().where(*recent, row.event.in_(_FAILURES))
    return (failed.where(row.created_at > last) if last else failed).count()


def register(device: Device, user: PartnerUser) -> bool:
    """Remember the device. True if `user` had others and this one is new."""
    if device.hash is None:
        return False
    mine = PartnerDevice.partner_user_id == user.id
    others = PartnerDevice.select().where(mine).exists()
    seen = {"ip": device.ip, "user_agent": device.user_agent, "last_seen_at": clock.now()}
    here = mine, PartnerDevice.device_hash.in_(lookup_hashes(_DEVICE, device.fingerprint))
    if PartnerDevice.update(**seen).where(*here).execute():
        return False
    PartnerDevice.create(partner_user_id=user.id, device_hash=device.hash, **seen)
    return others
