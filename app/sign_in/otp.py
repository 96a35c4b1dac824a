"""One-time codes: six digits, five minutes, stored hashed, one live code, few attempts.

Everything is counted by phone and brand, and a phone that no customer has takes the same way as one that somebody
has. The row of `OtpGuard` is locked first, so two calls about one phone come after each other.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from app.config import settings
from app.core import audit, clock
from app.core.crypto import lookup_hash
from app.core.errors import DomainError, TooMany
from app.sign_in.models import OtpGuard, OtpVerification

LIFE_MINUTES = 5
WRONG_MAX = 5
LOCK = timedelta(minutes=15)
SENDS_MAX = 5
SENDS_WINDOW = timedelta(minutes=10)
# compared with where there is no live code, so that both cases do the same
_NO_CODE = "0" * 64


class WrongCode(DomainError):
    """The code does not match. The attempt is counted, so this error commits."""

    status = 401
    code = "OTP_WRONG"
    commits = True

    def __init__(self) -> None:
        super().__init__("The code is wrong or has ended. Ask for a new one.")


def refuse_another(phone: str) -> None:
    """Raises TooMany while the phone is locked, soon after a code (OTP_TOO_SOON), and past SENDS_MAX (OTP_LIMIT)."""
    guard = _guard(phone)
    now = clock.now()  # only now: who waited for the lock must not look back
    _refuse_locked(guard, now)
    since = OtpVerification.created_at > now - SENDS_WINDOW
    rows = OtpVerification.select(OtpVerification.created_at).where(_of(phone), since)
    sent_at = [row.created_at for row in rows.order_by(OtpVerification.created_at)]
    if sent_at:
        _refuse_until(sent_at[-1] + timedelta(seconds=settings().otp_resend_s), now, "OTP_TOO_SOON")
    if len(sent_at) >= SENDS_MAX:
        _refuse_until(sent_at[-SENDS_MAX] + SENDS_WINDOW, now, "OTP_LIMIT")


def make(phone: str, customer_id: UUID) -> str:
    """A new code for `phone`; the ones before it stop working."""
    live = _of(phone), OtpVerification.used_at.is_null()
    OtpVerification.update(used_at=clock.now()).where(*live).execute()
    code = f"{secrets.randbelow(1_000_000):06d}"
    OtpVerification.create(
        customer_id=customer_id,
        phone_hash=lookup_hash("phone", phone),
        code_hash=_hash(phone, code),
        expires_at=clock.now() + timedelta(minutes=LIFE_MINUTES),
    )
    return code


def check(phone: str, code: str) -> None:
    """Use up the live code of `phone`. Raises WrongCode, the same for wrong, old and none; TooMany (OTP_LOCKED) for
    LOCK after WRONG_MAX wrong codes, whichever codes they were tried on."""
    guard = _guard(phone)
    now = clock.now()
    _refuse_locked(guard, now)
    alive = OtpVerification.used_at.is_null(), OtpVerification.expires_at > now
    live = OtpVerification.select().where(_of(phone), *alive).order_by(OtpVerification.id.desc()).first()
    matches = hmac.compare_digest(live.code_hash if live else _NO_CODE, _hash(phone, code))
    if live is None or not matches:
        _count_wrong(guard, live, now)
        raise WrongCode
    live.change(used_at=now)
    guard.change(wrong_codes=0, wrong_at=None)


def _guard(phone: str) -> OtpGuard:
    phone_hash = lookup_hash("phone", phone)
    OtpGuard.insert(phone_hash=phone_hash).on_conflict_ignore().execute()
    return OtpGuard.select().where(OtpGuard.phone_hash == phone_hash).for_update().get()


def _refuse_locked(guard: OtpGuard, now: datetime) -> None:
    if guard.locked_until:
        _refuse_until(guard.locked_until, now, "OTP_LOCKED")


def _refuse_until(instant: datetime, now: datetime, code: str) -> None:
    if now < instant:
        wait_s = int((instant - now).total_seconds()) + 1
        raise TooMany(f"{_REASONS[code]} Try again in {wait_s} s.", code=code, retry_after_s=wait_s)


_REASONS = {
    "OTP_LOCKED": "Too many wrong codes.",
    "OTP_TOO_SOON": "A code was sent just now.",
    "OTP_LIMIT": "Too many codes were asked for.",
}


def _count_wrong(guard: OtpGuard, live: OtpVerification | None, now: datetime) -> None:
    """What was wrong longer ago than a lock lasts is forgotten."""
    is_new = guard.wrong_at is None or guard.wrong_at < now - LOCK
    wrong_codes = 1 if is_new else guard.wrong_codes + 1
    if live:
        live.change(attempts=live.attempts + 1)
    audit.record("sign_in.failed", "otp_guard", guard.id, after={"wrongCodes": wrong_codes})
    if wrong_codes < WRONG_MAX:
        guard.change(wrong_codes=wrong_codes, wrong_at=now)
        return
    guard.change(wrong_codes=0, wrong_at=None, locked_until=now + LOCK)
    audit.record(
        "sign_in.locked", "otp_guard", guard.id, after={"lockedUntil": guard.locked_until.isoformat()}
    )


def _of(phone: str) -> bool:
    return OtpVerification.phone_hash == lookup_hash("phone", phone)


def _hash(phone: str, code: str) -> str:
    return lookup_hash(f"otp:{phone}", code)
