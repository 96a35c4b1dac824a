"""The cryptography of the Account Aggregator, against values computed with other libraries."""

import base64
import json
from datetime import UTC, datetime

import pytest

from app.providers.aa import DecryptionFailed, KeyMaterial, decrypt, jws
from app.providers.errors import ProviderMalformed
from app.sandbox import aa_crypto
from app.sandbox.keys import AA_PUBLIC_JWK, FIU_PRIVATE_KEY, FIU_PUBLIC_JWK

EXPIRY = datetime(2026, 5, 2, 10, tzinfo=UTC)
OUR = KeyMaterial(bytes(range(32)), bytes(range(32, 64)), EXPIRY)

# Made with PyCryptodome (X25519, AES-GCM) and an HKDF by hand: private key 100..131, nonce 200..231.
THEIRS = {
    "cryptoAlg": "ECDH",
    "curve": "X25519",
    "DHPublicKey": {
        "expiry": "2026-05-02T10:00:00.000Z",
        "Parameters": "",
        "KeyValue": "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VuAyEAfZwkMWU5glwYluV/KBl3Rnk85gy+461H2p0HuF+lXio=\n"
        "-----END PUBLIC KEY-----\n",
    },
    "Nonce": "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=",
}
ENCRYPTED = "BuMXrS9LQooUnuCn11q3tBBpT0MkLAmJiVw/WB51VV/XBXG4Ir/H0+k="
PLAIN = b'<Account type="deposit"/>'


def test_decrypts_what_another_implementation_encrypted() -> None:
    assert decrypt(OUR, THEIRS, ENCRYPTED) == PLAIN


def test_decrypts_with_keys_that_were_stored() -> None:
    assert decrypt(KeyMaterial.from_json(OUR.to_json()), THEIRS, ENCRYPTED) == PLAIN


def test_decrypts_what_the_sandbox_encrypts() -> None:
    our = KeyMaterial.generate()
    encrypted, material = aa_crypto.encrypt(PLAIN, our.public())
    assert decrypt(our, material, encrypted) == PLAIN


def test_unwraps_a_document_that_was_base64_once_more() -> None:
    our = KeyMaterial.generate()
    encrypted, material = aa_crypto.encrypt(base64.b64encode(PLAIN), our.public())
    assert decrypt(our, material, encrypted) == PLAIN


def test_another_key_cannot_decrypt() -> None:
    with pytest.raises(DecryptionFailed):
        decrypt(KeyMaterial.generate(), THEIRS, ENCRYPTED)


@pytest.mark.parametrize("index", [0, 20, -1])
def test_a_changed_byte_is_noticed(index: int) -> None:
    changed = bytearray(base64.b64decode(ENCRYPTED))
    changed[index] ^= 1
    with pytest.raises(DecryptionFailed, match="encryptedFI"):
        decrypt(OUR, THEIRS, base64.b64encode(changed).decode())


@pytest.mark.parametrize(
    "material",
    [
        {},
        THEIRS | {"Nonce": "c2hvcnQ="},
        THEIRS | {"Nonce": "?"},
        THEIRS | {"DHPublicKey": {"KeyValue": "not a key"}},
        THEIRS | {"DHPublicKey": {"KeyValue": None}},
    ],
)
def test_malformed_key_material_is_a_typed_error(material: dict) -> None:
    with pytest.raises(DecryptionFailed, match="KeyMaterial"):
        decrypt(OUR, material, ENCRYPTED)


def test_a_failed_decryption_is_a_malformed_answer_of_the_provider() -> None:
    assert issubclass(DecryptionFailed, ProviderMalformed)


def test_what_is_sent_does_not_hold_the_private_key() -> None:
    secret = base64.b64encode(OUR.private_key).decode()
    assert secret in OUR.to_json()
    assert secret not in json.dumps(OUR.public())
    assert "private_key" not in repr(OUR)


def test_the_other_side_accepts_our_signature() -> None:
    signature = jws.sign_detached(b'{"ver":"2.0.0"}', FIU_PRIVATE_KEY)
    assert aa_crypto.is_signed_by_fiu(b'{"ver":"2.0.0"}', signature)
    assert not aa_crypto.is_signed_by_fiu(b'{"ver": "2.0.0"}', signature)


def test_our_signature_has_the_documented_header() -> None:
    header, payload, _ = jws.sign_detached(b"{}", FIU_PRIVATE_KEY).split(".")
    kid = json.loads(FIU_PUBLIC_JWK)["kid"]
    decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
    assert (payload, decoded) == ("", {"alg": "RS256", "kid": kid, "b64": False, "crit": ["b64"]})


def test_accepts_the_other_sides_signature() -> None:
    jws.verify_detached(
        b"exactly these bytes", aa_crypto.sign_detached(b"exactly these bytes"), AA_PUBLIC_JWK
    )


def _without_kid(signature: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","b64":false,"crit":["b64"]}').decode().rstrip("=")
    return f"{header}..{signature.rpartition('.')[2]}"


def _unsigned(signature: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","b64":false,"crit":["b64"]}').decode().rstrip("=")
    return f"{header}.."


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signature: None,
        lambda signature: "",
        lambda signature: "a.b.c",
        lambda signature: signature[:-8],
        lambda signature: signature.replace("..", "."),
        lambda signature: signature.replace("..", ".e30."),
        _without_kid,
        _unsigned,
    ],
)
def test_a_spoilt_signature_is_refused(spoil) -> None:
    signature = aa_crypto.sign_detached(b"body")
    with pytest.raises(jws.InvalidSignature):
        jws.verify_detached(b"body", spoil(signature), AA_PUBLIC_JWK)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(jws.InvalidSignature):
        jws.verify_detached(b"body ", aa_crypto.sign_detached(b"body"), AA_PUBLIC_JWK)


def test_another_key_is_refused() -> None:
    with pytest.raises(jws.InvalidSignature):
        jws.verify_detached(b"body", jws.sign_detached(b"body", FIU_PRIVATE_KEY), AA_PUBLIC_JWK)


def test_reads_a_signed_artefact() -> None:
    token = aa_crypto.sign_compact({"fetchType": "ONETIME"})
    assert jws.verify_compact(token, AA_PUBLIC_JWK) == {"fetchType": "ONETIME"}


def test_a_changed_artefact_is_refused() -> None:
    header, _, signature = aa_crypto.sign_compact({"fetchType": "ONETIME"}).split(".")
    other = base64.urlsafe_b64encode(b'{"fetchType":"PERIODIC"}').decode().rstrip("=")
    with pytest.raises(jws.InvalidSignature):
        jws.verify_compact(f"{header}.{other}.{signature}", AA_PUBLIC_JWK)
