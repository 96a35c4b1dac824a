"""End-to-end encryption of financial information between a bank (FIP) and us, the Rahasya profile of ReBIT.

X25519 key agreement; both 32-byte nonces XORed; the first 20 bytes are the salt of HKDF-SHA256, the last 12
the IV of AES-256-GCM (128-bit tag appended, nothing else authenticated). Public keys travel as PEM
SubjectPublicKeyInfo. The Account Aggregator in the middle sees ciphertext only.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from app.core import clock
from app.providers.aa.rebit import PROVIDER, timestamp
from app.providers.errors import ProviderMalformed

NONCE_BYTES = 32
SALT_BYTES = 20
KEY_LIFETIME = timedelta(hours=24)


class DecryptionFailed(ProviderMalformed):
    """Encrypted for another key, changed on the way, or the key material is malformed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(PROVIDER, "decrypt", field, reason)


@dataclass(frozen=True)
class KeyMaterial:
    """Our half of one session's keys: made for an FI request, kept (encrypted at rest) until the FI fetch."""

    private_key: bytes = field(repr=False)
    nonce: bytes
    expires_at: datetime

    @classmethod
    def generate(cls, now: datetime | None = None) -> "KeyMaterial":
        """Fresh keys. A session never reuses another session's."""
        expires_at = (now or clock.now()) + KEY_LIFETIME
        return cls(X25519PrivateKey.generate().private_bytes_raw(), os.urandom(NONCE_BYTES), expires_at)

    def to_json(self) -> str:
        """Everything, the private key included: to be encrypted before it is stored."""
        return json.dumps(
            {
                "privateKey": base64.b64encode(self.private_key).decode(),
                "nonce": base64.b64encode(self.nonce).decode(),
                "expiresAt": timestamp(self.expires_at),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "KeyMaterial":
        """The inverse of `to_json`."""
        data = json.loads(text)
        return cls(
            base64.b64decode(data["privateKey"]),
            base64.b64decode(data["nonce"]),
            datetime.fromisoformat(data["expiresAt"]),
        )

    def public(self) -> dict:
        """The ReBIT KeyMaterial object: what the other side may see."""
        public_key = X25519PrivateKey.from_private_bytes(self.private_key).public_key()
        pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return {
            "cryptoAlg": "ECDH",
            "curve": "X25519",
            "params": "cipher=AES/GCM/NoPadding;KeyPairGenerator=ECDH",
            "DHPublicKey": {"expiry": timestamp(self.expires_at), "Parameters": "", "KeyValue": pem},
            "Nonce": base64.b64encode(self.nonce).decode(),
        }


def decrypt(our: KeyMaterial, their_material: Mapping, encrypted_fi: str) -> bytes:
    """The plain financial information (XML or JSON) of one account.

    `their_material` is the KeyMaterial object that came with it, `encrypted_fi` base64. Raises
    DecryptionFailed.
    """
    their_key, their_nonce = _read_material(their_material)
    xored = bytes(a ^ b for a, b in zip(our.nonce, their_nonce, strict=True))
    try:
        shared = X25519PrivateKey.from_private_bytes(our.private_key).exchange(their_key)
        key = HKDF(hashes.SHA256(), 32, salt=xored[:SALT_BYTES], info=None).derive(shared)
        plain = AESGCM(key).decrypt(xored[SALT_BYTES:], base64.b64decode(encrypted_fi, validate=True), None)
    except (InvalidTag, ValueError):
        raise DecryptionFailed(
            "encryptedFI", "wrong key, or the information was changed on the way"
        ) from None
    return _unwrap(plain)


def _read_material(material: Mapping) -> tuple[X25519PublicKey, bytes]:
    try:
        key = load_pem_public_key(material["DHPublicKey"]["KeyValue"].encode())
        nonce = base64.b64decode(material["Nonce"], validate=True)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise DecryptionFailed("KeyMaterial", "malformed") from None
    if not isinstance(key, X25519PublicKey) or len(nonce) != NONCE_BYTES:
        raise DecryptionFailed("KeyMaterial", "not of the X25519 profile")
    return key, nonce


def _unwrap(plain: bytes) -> bytes:
    """Some banks encode the document as base64 once more before they encrypt it."""
    if plain.lstrip()[:1] in (b"<", b"{"):
        return plain
    try:
        return base64.b64decode(plain, validate=True)
    except binascii.Error:
        return plain
