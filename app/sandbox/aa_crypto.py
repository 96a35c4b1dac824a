"""The other side's cryptography: how an Account Aggregator signs and verifies, and how a bank encrypts.

Written from RFC 7515, RFC 7797 and the Rahasya profile on the primitives of `cryptography`, on purpose not
with the code of app/providers/aa: were both sides one piece of code, its mistakes would agree with each
other.
"""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.sandbox.keys import AA_PRIVATE_KEY, AA_PUBLIC_JWK, FIU_PUBLIC_JWK

_AA_KEY = serialization.load_pem_private_key(AA_PRIVATE_KEY.encode(), None)
_AA_KEY_ID = json.loads(AA_PUBLIC_JWK)["kid"]
_FIU_JWK = json.loads(FIU_PUBLIC_JWK)


def sign_detached(body: bytes) -> str:
    """The AA's detached JWS over these bytes."""
    header = _encode(_json({"alg": "RS256", "kid": _AA_KEY_ID, "b64": False, "crit": ["b64"]}))
    return f"{header}..{_sign(header.encode() + b'.' + body)}"


def sign_compact(payload: dict[str, Any]) -> str:
    """The AA's compact JWS, as a consent artefact is."""
    signed = f"{_encode(_json({'alg': 'RS256', 'kid': _AA_KEY_ID}))}.{_encode(_json(payload))}"
    return f"{signed}.{_sign(signed.encode())}"


def is_signed_by_fiu(body: bytes, signature: str) -> bool:
    """Whether the lender's development key signed exactly these bytes, and says so."""
    header, _, rest = signature.partition(".")
    payload, _, signed = rest.partition(".")
    try:
        facts = json.loads(_decode(header))
        _fiu_key().verify(_decode(signed), header.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return False
    expected = {"alg": "RS256", "kid": _FIU_JWK["kid"], "b64": False, "crit": ["b64"]}
    return payload == "" and facts == expected


def encrypt(document: bytes, their_material: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A bank's part: (encryptedFI, KeyMaterial) for the lender's KeyMaterial. Raises ValueError, KeyError."""
    their_key = serialization.load_pem_public_key(their_material["DHPublicKey"]["KeyValue"].encode())
    their_nonce = base64.b64decode(their_material["Nonce"], validate=True)
    if not isinstance(their_key, X25519PublicKey) or len(their_nonce) != 32:
        raise ValueError("not X25519 key material")
    own, own_nonce = X25519PrivateKey.generate(), os.urandom(32)
    mixed = (int.from_bytes(own_nonce) ^ int.from_bytes(their_nonce)).to_bytes(32)
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=mixed[:20], info=b"").derive(
        own.exchange(their_key)
    )
    sealed = AESGCM(key).encrypt(mixed[20:], document, None)
    return base64.b64encode(sealed).decode(), _material(own, own_nonce)


def another_material() -> dict[str, Any]:
    """Key material of nobody: what is encrypted for it stays closed."""
    return _material(X25519PrivateKey.generate(), os.urandom(32))


def _material(own: X25519PrivateKey, nonce: bytes) -> dict[str, Any]:
    public = own.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    expiry = (datetime.now(UTC) + timedelta(hours=24)).isoformat(timespec="milliseconds")
    return {
        "cryptoAlg": "ECDH",
        "curve": "X25519",
        "params": "cipher=AES/GCM/NoPadding;KeyPairGenerator=ECDH",
        "DHPublicKey": {"expiry": expiry, "Parameters": "", "KeyValue": public.decode()},
        "Nonce": base64.b64encode(nonce).decode(),
    }


def _sign(data: bytes) -> str:
    return _encode(_AA_KEY.sign(data, padding.PKCS1v15(), hashes.SHA256()))


def _fiu_key() -> rsa.RSAPublicKey:
    exponent, modulus = (int.from_bytes(_decode(_FIU_JWK[name])) for name in ("e", "n"))
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
