"""One-time codes: six digits, five minutes, stored hashed, one live code, few attempts."""

import hmac
import secrets
from datetime import timedelta

from app.core import clock
from app.core.crypto import lookup_hash
from app.core.errors import DomainError, TooMany
from app.customers.service import Customer
from app.sign_in.models import OtpVerification

LIFE_MINUTES = 5
ATTEMPTS_MAX = 5
SENDS_MAX = 5
SENDS_WINDOW_MINUTES = 10


class WrongCode(DomainError):
    """The code does not match. The attempt is counted, so this error commits."""

    status = 401
    code = "OTP_WRONG"
    commits = True


def make(customer: Customer) -> str:
    """A new code for `customer`; the ones before it stop working. Raises TooMany past SENDS_MAX in the window."""
    since = clock.now() - timedelta(minutes=SENDS_WINDOW_MINUTES)
    mine = OtpVerification.customer_id == customer.id
    if OtpVerification.select().where(mine, OtpVerification.created_at > since).count() >= SENDS_MAX:
        raise TooMany(
            f"Too many codes were asked for. Try again in {SENDS_WINDOW_MINUTES} minutes.", code="OTP_LIMIT"
        )
    OtpVerification.update(used_at=clock.now()).where(mine, OtpVerification.used_at.is_null()).execute()
    code = f"{secrets.randbelow(1_000_000):06d}"
    OtpVerification.create(
        customer_id=customer.id,
        code_hash=_hash(customer, code),
        expires_at=clock.now() + timedelta(minutes=LIFE_MINUTES),
    )
    return code


def check(customer: Customer, code: str) -> None:
    """Use up the live code of `customer`. Raises WrongCode; the same words for wrong, old and none."""
    live = (
        OtpVerification.select()
        .where(
            OtpVerification.customer_id == customer.id,
            OtpVerification.used_at.is_null(),
            OtpVerification.expires_at > clock.now(),
            OtpVerification.attempts < ATTEMPTS_MAX,
        )
        .order_by(OtpVerification.id.desc())
        .for_update()
        .first()
    )
    if live is None:
        raise WrongCode("The code is wrong or has ended. Ask for a new one.")
    if not hmac.compare_digest(live.code_hash, _hash(customer, code)):
        live.change(attempts=live.attempts + 1)
        raise WrongCode("The code is wrong or has ended. Ask for a new one.")
    live.change(used_at=clock.now())


def _hash(customer: Customer, code: str) -> str:
    return lookup_hash(f"otp:{customer.id}", code)
