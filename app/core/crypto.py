"""Personal data at rest: AES-256-GCM with a key id in front, and keyed hashes to search by.

A value is stored as ``k1:`` + base64(nonce || ciphertext || tag). The key id leaves room for rotation.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from peewee import TextField

from app.config import settings

KEY_ID = "k1"
_NONCE_BYTES = 12


def encrypt(plain: bytes) -> str:
    """`plain` under the data key; a different text each time."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(settings().data_key).encrypt(nonce, plain, KEY_ID.encode())
    return f"{KEY_ID}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str) -> bytes:
    """What `encrypt` was given. Raises cryptography's InvalidTag if a byte was changed."""
    key_id, _, text = stored.partition(":")
    raw = base64.b64decode(text)
    return AESGCM(settings().data_key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key_id.encode())


def lookup_hash(kind: str, value: str) -> str:
    """A keyed hash to find or compare `value` without storing it; `kind` keeps PANs and phones apart."""
    return hmac.new(settings().lookup_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


class EncryptedField(TextField):
    """A text column whose content only the service can read."""

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else encrypt(value.encode())

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else decrypt(value).decode()


class EncryptedJSONField(TextField):
    """A JSON value whose content only the service can read."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(json.dumps(value, default=str).encode())

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(decrypt(value))
