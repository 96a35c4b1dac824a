"""Passwords of staff: how they are kept, and which are taken.

The policy is that of OWASP ASVS 6.2: long, not common, not about oneself, not one of the last few; no rules about
kinds of characters, and no expiry.
"""

import re
from functools import cache
from importlib.resources import files
from uuid import UUID

import bcrypt

from app.config import settings
from app.core.errors import Invalid
from app.staff.models import PartnerPasswordHistory, PartnerUser

CHARS_MIN = 12
BYTES_MAX = 72  # bcrypt reads no further, so what is longer is refused instead of cut
REMEMBERED = 3


def hash_password(password: str) -> str:
    """bcrypt, which reads BYTES_MAX at most."""
    return bcrypt.hashpw(_cut(password), bcrypt.gensalt(settings().password_cost)).decode()


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one of `stored`; takes as long when there is none."""
    right = bcrypt.checkpw(_cut(password), (stored or _nobodys()).encode())
    return right and stored is not None


@cache
def _nobodys() -> str:
    return hash_password("nobody")


def _cut(password: str) -> bytes:
    return password.encode()[:BYTES_MAX]


def choose(user: PartnerUser, password: str, field: str = "password") -> None:
    """Make `password` the one of `user`. Raises Invalid with every reason against it."""
    faults = [*_faults(user, password)]
    if not faults and _was_used(user, password):
        faults = [f"You used this password before; the last {REMEMBERED} cannot be taken again."]
    if faults:
        raise Invalid(faults[0], field=field, faults=faults, code="PASSWORD_REFUSED")
    user.password_hash = hash_password(password)
    user.save(only=[PartnerUser.password_hash])
    PartnerPasswordHistory.create(partner_user_id=user.id, password_hash=user.password_hash)


def _faults(user: PartnerUser, password: str) -> list[str]:
    plain = password.casefold()
    own = {user.email.partition("@")[0], *re.split(r"[^a-z]+", f"{user.name} {user.email}".casefold())}
    checks = {
        f"Must be at least {CHARS_MIN} characters long.": len(password) < CHARS_MIN,
        f"Must be at most {BYTES_MAX} bytes long.": len(password.encode()) > BYTES_MAX,
        "Is one of the passwords that everybody tries.": _is_common(plain),
        "Must not contain your name or e-mail.": any(len(word) > 3 and word in plain for word in own),
    }
    return [fault for fault, holds in checks.items() if holds]


_SPELT = str.maketrans("013457@$", "oleastas")


def _is_common(plain: str) -> bool:
    """A common word stays one with digits and signs around it, written twice, or with 0 for o."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    cores = {plain, core, core.translate(_SPELT)}
    return any(core in _common() or _halved(core) in _common() for core in cores) or len(set(plain)) < 5


def _halved(text: str) -> str:
    half = text[: len(text) // 2]
    return half if half * 2 == text else text


@cache
def _common() -> frozenset[str]:
    return frozenset(files("app.staff").joinpath("common_passwords.txt").read_text(encoding="utf-8").split())


def _was_used(user: PartnerUser, password: str) -> bool:
    return any(matches(stored, password) for stored in _last_hashes(user.id)) or (
        user.password_hash is not None and matches(user.password_hash, password)
    )


def _last_hashes(user_id: UUID) -> list[str]:
    rows = (
        PartnerPasswordHistory.select(PartnerPasswordHistory.password_hash)
        .where(PartnerPasswordHistory.partner_user_id == user_id)
        .order_by(PartnerPasswordHistory.created_at.desc())
        .limit(REMEMBERED)
    )
    return [row.password_hash for row in rows]
