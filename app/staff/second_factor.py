"""The second factor: time-based codes (RFC 6238) of an authenticator, and recovery codes for when it is lost.

A code is worth something once: the time step of the last one is kept, and earlier ones and itself are refused.
"""

import base64
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from app.core import clock
from app.core.crypto import lookup_hashes
from app.core.identity import Role
from app.staff.models import PartnerRecoveryCode, PartnerUser

# who cannot sign in without one
REQUIRED_OF = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.SANCTION_HEAD, Role.COLLECTION_HEAD})

ISSUER = "Lending"  # one word: some authenticators show a space as a plus
PERIOD_S = 30
DIGITS = 6
SKEW_STEPS = 1  # a phone's clock may be half a minute off
RECOVERY_CODES = 10
_SEED_BYTES = 20


def begin(user: PartnerUser) -> dict[str, str]:
    """A new seed for `user`, not in force before `confirm`. Shown now and never again."""
    user.second_factor = base64.b32encode(secrets.token_bytes(_SEED_BYTES)).decode()
    user.save(only=[PartnerUser.second_factor])
    uri = _totp(user.second_factor).get_provisioning_uri(user.email, ISSUER)
    return {"secret": user.second_factor, "otpauth_uri": uri}


def confirm(user: PartnerUser, code: str) -> bool:
    """Put the seed in force if `code` is of it."""
    if user.second_factor is None or not accepts(user, code):
        return False
    user.second_factor_since = clock.now()
    user.save(only=[PartnerUser.second_factor_since])
    return True


def accepts(user: PartnerUser, code: str) -> bool:
    """Use `code` up. `user` is locked, so that two calls at once cannot both use it."""
    now = int(clock.now().timestamp()) // PERIOD_S
    for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1):
        if step > user.second_factor_step and secrets.compare_digest(code_at(user.second_factor, step), code):
            user.second_factor_step = step
            # the seed too: that brings it under the current master key
            user.save(only=[PartnerUser.second_factor_step, PartnerUser.second_factor])
            return True
    return False


def code_at(seed: str, step: int) -> str:
    """The code of one time step: `seed` in base32, `step` counted in PERIOD_S since 1970."""
    return _totp(seed).generate(step * PERIOD_S).decode()


def _totp(seed: str) -> TOTP:
    # authenticators know SHA-1 and no other; HMAC does not suffer from its collisions
    return TOTP(base64.b32decode(seed), DIGITS, hashes.SHA1(), PERIOD_S)


def remove(user: PartnerUser) -> None:
    """Take the second factor away, with its recovery codes."""
    user.second_factor = user.second_factor_since = None
    user.save(only=[PartnerUser.second_factor, PartnerUser.second_factor_since])
    _end_recovery_codes(user)


def new_recovery_codes(user: PartnerUser) -> list[str]:
    """Ten codes that each stand in for the authenticator once; the ones before them end."""
    _end_recovery_codes(user)
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
    for code in codes:
        PartnerRecoveryCode.create(partner_user_id=user.id, code_hash=_hashes(user, code)[0])
    return codes


def accepts_recovery(user: PartnerUser, code: str) -> bool:
    """Use a recovery code up."""
    live = _live_recovery_codes(user)
    return bool(
        PartnerRecoveryCode.update(used_at=clock.now())
        .where(*live, PartnerRecoveryCode.code_hash.in_(_hashes(user, code)))
        .execute()
    )


def _end_recovery_codes(user: PartnerUser) -> None:
    PartnerRecoveryCode.update(used_at=clock.now()).where(*_live_recovery_codes(user)).execute()


def _live_recovery_codes(user: PartnerUser) -> tuple:
    return PartnerRecoveryCode.partner_user_id == user.id, PartnerRecoveryCode.used_at.is_null()


def _hashes(user: PartnerUser, code: str) -> list[str]:
    return lookup_hashes(f"recovery:{user.id}", code.strip().lower())
