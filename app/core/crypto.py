"""Personal data at rest: AES-256-GCM with the key's id in front, and keyed hashes to search by.

A value is stored as ``d3:`` + base64(nonce || ciphertext || tag): under the third data key of its brand. Brand,
place (``customer.pan_enc``, or the key of an object) and key id are authenticated with it, so a ciphertext
that is moved to another brand, column or object does not open. Objects have the bytes after the colon as they are.

``k1:`` is from before there were data keys: one key for everything (LOS_DATA_KEY), bound to no place. It is read and
no longer written; `app.keys` rewrites it.
"""

import base64
import hmac
import json
import os
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from peewee import TextField

from app.config import settings
from app.core import keyring
from app.core.database import current_brand
from app.core.keyring import NONCE_BYTES, KeyUnknown, Ring

ONE_KEY = "k1"


def encrypt(plain: bytes, place: str) -> str:
    """`plain` under the current data key of the brand of this transaction; a different text each time."""
    key_id, raw = _seal(plain, place)
    return f"{key_id}:{base64.b64encode(raw).decode()}"


def decrypt(stored: str, place: str) -> bytes:
    """What `encrypt` was given. Raises InvalidTag if a byte, the brand or the place is another one, or KeyUnknown."""
    key_id, _, text = stored.partition(":")
    return _open(key_id, base64.b64decode(text), place, current_brand())


def encrypt_object(plain: bytes, key: str) -> bytes:
    """The object to store under `key`: a third smaller than text."""
    key_id, raw = _seal(plain, key)
    return f"{key_id}:".encode() + raw


def decrypt_object(stored: bytes, key: str) -> bytes:
    """What `encrypt_object` was given. Raises as `decrypt` does."""
    key_id, _, raw = stored.partition(b":")
    name = key_id.decode("ascii", "replace")
    return _open(name, base64.b64decode(raw) if name == ONE_KEY else raw, key, current_brand())


def sealer(brand_id: str) -> Callable[[str, str], str]:
    """`encrypt` of text for a brand and for any thread, under the key that is current now."""
    ring = keyring.reread(brand_id)

    def seal_text(plain: str, place: str) -> str:
        key_id, raw = _sealed(ring, brand_id, plain.encode(), place)
        return f"{key_id}:{base64.b64encode(raw).decode()}"

    return seal_text


def _seal(plain: bytes, place: str) -> tuple[str, bytes]:
    brand_id = current_brand()
    return _sealed(keyring.ring(brand_id), brand_id, plain, place)


def _sealed(ring: Ring, brand_id: str, plain: bytes, place: str) -> tuple[str, bytes]:
    key_id, nonce = f"d{ring.current}", os.urandom(NONCE_BYTES)
    return key_id, nonce + ring.keys[ring.current].encrypt(nonce, plain, _about(brand_id, place, key_id))


def _open(key_id: str, raw: bytes, place: str, brand_id: str) -> bytes:
    key, about = key_of(key_id, place, brand_id)
    return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about)


def key_of(key_id: str, place: str, brand_id: str, ring: Ring | None = None) -> tuple[AESGCM, bytes]:
    """The key of the values of a place that are under it, and what is authenticated with them."""
    if key_id == ONE_KEY:
        return _only_key(), ONE_KEY.encode()
    number = number_of(key_id)
    ring = ring if ring and number in ring.keys else keyring.ring(brand_id, holding=number)
    return ring.keys[number], _about(brand_id, place, key_id)


def _about(brand_id: str, place: str, key_id: str) -> bytes:
    return f"{brand_id}|{place}|{key_id}".encode()


def number_of(key_id: str) -> int:
    """The number of a data key by its id. Raises InvalidTag for one that we never wrote."""
    digits = key_id[1:]
    if not (key_id.startswith("d") and digits.isdecimal() and digits.isascii()):
        # nothing that we ever wrote: it does not open, like any other changed value
        raise InvalidTag
    return int(digits)


def _only_key() -> AESGCM:
    key = settings().data_key
    if key is None:
        raise KeyUnknown("a value is under k1, the key from before data keys: set LOS_DATA_KEY")
    return AESGCM(key)


def lookup_hash(kind: str, value: str) -> str:
    """A keyed hash to find or compare `value` without storing it; `kind` keeps PANs and phones apart."""
    return hashed(settings().lookup_keys[0], kind, value)


def lookup_hashes(kind: str, value: str) -> list[str]:
    """The hash under each of the keys, the current one first: what was hashed before a rotation is still found."""
    return [hashed(key, kind, value) for key in settings().lookup_keys]


def is_hash_of(stored: str, kind: str, value: str) -> bool:
    """Whether it is the hash of this value under one of the keys; in constant time."""
    return any(hmac.compare_digest(stored, one) for one in lookup_hashes(kind, value))


def hashed(key: bytes, kind: str, value: str) -> str:
    """The hash under this key, in hex."""
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()


class EncryptedField(TextField):
    """A text column whose content only the service can read."""

    @property
    def place(self) -> str:
        """What its values are bound to: ``customer.pan_enc``."""
        return f"{self.model._meta.table_name}.{self.column_name}"

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else encrypt(value.encode(), self.place)

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else decrypt(value, self.place).decode()


class EncryptedJSONField(EncryptedField):
    """A JSON value whose content only the service can read."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else super().db_value(json.dumps(value, default=str))

    def python_value(self, value: str | None) -> Any:
        text = super().python_value(value)
        return None if text is None else json.loads(text)


class SealedField(EncryptedField):
    """The same in a table of no brand: under the current master key, and bound to the column alone."""

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else keyring.seal(value.encode(), self.place)

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else keyring.unseal(value, self.place).decode()
