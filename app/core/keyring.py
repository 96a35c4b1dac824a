"""The data keys of a brand, unwrapped once a process.

A brand has numbered data keys (AES-256-GCM). The highest number encrypts what is new, the others open what they
encrypted. The table `data_key` holds them wrapped by a master key; master keys come from LOS_MASTER_KEYS and are
nowhere in the database.
"""

import base64
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.config import Settings, settings
from app.core.database import side_db

NONCE_BYTES = 12
KEY_BYTES = 32
# After a rotation another process goes on with the key before for at most this long.
FRESH_S = 60.0


class KeyUnknown(Exception):
    """A key that is needed is not here; the text names it."""


@dataclass(frozen=True)
class Ring:
    """A brand's data keys by number as they were at `read_at`; `current` is for new values."""

    keys: Mapping[int, AESGCM]
    current: int
    read_at: float


class _Cache:
    """The rings of this process. Other settings may mean another database: they begin with none."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._rings: dict[str, Ring] = {}

    def rings(self) -> dict[str, Ring]:
        if self._settings is not settings():
            self._settings, self._rings = settings(), {}
        return self._rings


_cache = _Cache()
_loading = threading.Lock()


def ring(brand_id: str, *, holding: int | None = None) -> Ring:
    """The brand's keys, read again when they may have changed, or when number `holding` is not among them.

    A brand that has no key gets its first one. Raises KeyUnknown.
    """
    known = _cache.rings().get(brand_id)
    if (
        known is None
        or time.monotonic() - known.read_at > FRESH_S
        or (holding or known.current) not in known.keys
    ):
        known = reread(brand_id)
    if holding is not None and holding not in known.keys:
        raise KeyUnknown(f"data key d{holding} of {brand_id} is not in the database")
    return known


def reread(brand_id: str) -> Ring:
    """The brand's keys as the database has them now."""
    with _loading:
        rings = _cache.rings()
        known = rings.get(brand_id)
        rings[brand_id] = found = _read(brand_id, dict(known.keys) if known else {})
        return found


def _read(brand_id: str, unwrapped: dict[int, AESGCM]) -> Ring:
    # through the second pool: a key must be there whatever becomes of the transaction that needed it first,
    # and must be seen also from a snapshot that is older
    with side_db.connection_context(), side_db.atomic():
        side_db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
        rows = side_db.execute_sql(_SELECT).fetchall() or _first(brand_id)
    for number, wrapped, master_key_id in rows:
        if number not in unwrapped:
            unwrapped[number] = AESGCM(unwrap(brand_id, number, wrapped, master_key_id))
    return Ring(unwrapped, max(unwrapped), time.monotonic())


_SELECT = "SELECT number, wrapped, master_key_id FROM data_key ORDER BY number"
_INSERT = """
INSERT INTO data_key (brand_id, number, wrapped, master_key_id) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"""


def _first(brand_id: str) -> list[tuple[int, str, str]]:
    side_db.execute_sql(_INSERT, (brand_id, 1, *new_key(brand_id, 1)))
    # two processes at once: both go on with the one that was stored
    return side_db.execute_sql(_SELECT).fetchall()


def add(brand_id: str) -> int:
    """A new data key for what is written from now on; its number. Of two at once, one key comes."""
    number = reread(brand_id).current + 1
    with side_db.connection_context(), side_db.atomic():
        side_db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
        side_db.execute_sql(_INSERT, (brand_id, number, *new_key(brand_id, number)))
    return reread(brand_id).current


def new_key(brand_id: str, number: int) -> tuple[str, str]:
    """A new key, wrapped, and the id of the master key that wraps it."""
    return wrap(brand_id, number, os.urandom(KEY_BYTES))


def wrap(brand_id: str, number: int, key: bytes) -> tuple[str, str]:
    """The key wrapped by the current master key, and that one's id."""
    master_key_id, master = settings().master_keys[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(master).encrypt(nonce, key, _about(brand_id, number, master_key_id))
    return base64.b64encode(nonce + sealed).decode(), master_key_id


def unwrap(brand_id: str, number: int, wrapped: str, master_key_id: str) -> bytes:
    """The key itself. Raises KeyUnknown if its master key is not in the environment, or is another one."""
    master = dict(settings().master_keys).get(master_key_id)
    if master is None:
        raise KeyUnknown(f"master key {master_key_id} of d{number} of {brand_id} is not in LOS_MASTER_KEYS")
    raw = base64.b64decode(wrapped)
    about = _about(brand_id, number, master_key_id)
    try:
        return AESGCM(master).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about)
    except InvalidTag:
        raise KeyUnknown(
            f"master key {master_key_id} in LOS_MASTER_KEYS does not open d{number} of {brand_id}"
        ) from None


def seal(plain: bytes, place: str) -> str:
    """What belongs to no brand, under the current master key itself: ``<its id>:`` + base64."""
    master_key_id, master = settings().master_keys[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(master).encrypt(nonce, plain, f"{place}|{master_key_id}".encode())
    return f"{master_key_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(stored: str, place: str) -> bytes:
    """What `seal` was given. Raises KeyUnknown without its master key, InvalidTag if a byte was changed."""
    master_key_id, _, text = stored.partition(":")
    master = dict(settings().master_keys).get(master_key_id)
    if master is None:
        raise KeyUnknown(f"master key {master_key_id} of {place} is not in LOS_MASTER_KEYS")
    raw = base64.b64decode(text)
    about = f"{place}|{master_key_id}".encode()
    return AESGCM(master).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about)


def _about(brand_id: str, number: int, master_key_id: str) -> bytes:
    return f"data-key|{brand_id}|{number}|{master_key_id}".encode()
