"""JSON Web Signatures as ReBIT uses them: RS256, always over the exact bytes on the wire.

Messages carry a detached signature with an unencoded payload (RFC 7797) in the header `x-jws-signature`:
`BASE64URL(header)..BASE64URL(signature)`. The consent artefact is an ordinary compact JWS.
"""

import base64
import hashlib
import json
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

HEADER = "x-jws-signature"
ALGORITHM = "RS256"


class InvalidSignature(Exception):
    """The signature is absent, malformed, made with another key or over other bytes."""


def sign_detached(body: bytes, private_key: str) -> str:
    """The detached signature over exactly these bytes. `private_key` is an RSA key in PEM."""
    headers = {"kid": _key_id(private_key), "typ": None, "b64": False, "crit": ["b64"]}
    key = _private_key(private_key)
    return jwt.PyJWS().encode(body, key, ALGORITHM, headers=headers, is_payload_detached=True)


def verify_detached(body: bytes, signature: str | None, public_jwk: str) -> None:
    """Return if the owner of the key signed exactly these bytes. Raises InvalidSignature."""
    header, dot, rest = (signature or "").partition("..")
    if not (header and dot and rest):
        raise InvalidSignature("a detached JWS was expected")
    _decode(signature, public_jwk, detached_payload=body)


def verify_compact(token: str, public_jwk: str) -> dict:
    """The JSON object that a compact JWS carries. Raises InvalidSignature."""
    try:
        payload = json.loads(_decode(token, public_jwk)["payload"])
    except ValueError:
        raise InvalidSignature("the signed payload is not JSON") from None
    if not isinstance(payload, dict):
        raise InvalidSignature("the signed payload is not an object")
    return payload


def _decode(token: str, public_jwk: str, **options: bytes) -> dict:
    try:
        key, key_id = _public_key(public_jwk)
        decoded = jwt.PyJWS().decode_complete(token, key, [ALGORITHM], **options)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidSignature(str(error)) from None
    if decoded["header"].get("kid") != key_id:
        raise InvalidSignature("signed with another key id")
    return decoded


# reading an RSA key from text takes longer than signing with it


@lru_cache(maxsize=32)
def _private_key(pem: str) -> RSAPrivateKey:
    return load_pem_private_key(pem.encode(), None)


@lru_cache(maxsize=32)
def _public_key(jwk: str) -> tuple[RSAPublicKey, str]:
    """The key and its id. Raises jwt's InvalidKeyError."""
    read = json.loads(jwk)
    return RSAAlgorithm.from_jwk(read), read["kid"]


@lru_cache(maxsize=32)
def _key_id(private_key: str) -> str:
    """The thumbprint of the key (RFC 7638): what we register as its `kid` in the Central Registry."""
    jwk = RSAAlgorithm.to_jwk(_private_key(private_key).public_key(), as_dict=True)
    members = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()
