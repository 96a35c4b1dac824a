"""CART's wrapper over real HTTP: ask, look, collect, open; and who may call back."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from app.core import clock
from app.providers.aa import TERMS, UNDERWRITING, DecryptionFailed, KeyMaterial, NotificationRefused, decrypt
from app.providers.cart_aa import CartAAClient, verify_cart_notification
from app.providers.errors import ProviderRejected, ProviderUnauthorised, ProviderUnavailable
from tests.providers.live import Sandbox, default_credentials

ASHA = "9000000001"
TO = clock.today()
FROM = TO - timedelta(days=180)


@pytest.fixture
def cart(sandbox: Sandbox) -> CartAAClient:
    return sandbox.client(CartAAClient)


def given(cart: CartAAClient, terms=UNDERWRITING, **trouble: list[str]):
    """A consent that the customer gave."""
    requested = cart.request_consent(ASHA, FROM, TO, terms)
    requests.post(f"{requested.consent_url}/approve", json=trouble, timeout=5)
    return cart.consent(requested.consent_handle)


def test_the_whole_way_to_the_documents(cart: CartAAClient) -> None:
    consent = given(cart, TERMS["UNDERWRITING_WIDE"])
    assert (consent.status, len(consent.accounts)) == ("ACTIVE", 5)
    keys = KeyMaterial.generate()
    accounts = cart.data(cart.request_data(consent.consent_id, FROM, TO, keys).session_id)
    documents = [decrypt(keys, account.key_material, account.encrypted_fi) for account in accounts]
    assert [document[:1] for document in documents] == [b"<", b"{", b"<", b"{", b"<"]


def test_a_consent_that_waits_has_no_id(cart: CartAAClient) -> None:
    requested = cart.request_consent(ASHA, FROM, TO, UNDERWRITING)
    assert (cart.consent(requested.consent_handle).status, requested.txnid) == (
        "PENDING",
        requested.consent_handle,
    )


def test_what_is_encrypted_for_somebody_else_stays_closed(cart: CartAAClient) -> None:
    consent, keys = given(cart, wrongKeyFips=["HDFC-FIP"]), KeyMaterial.generate()
    (account,) = cart.data(cart.request_data(consent.consent_id, FROM, TO, keys).session_id)
    with pytest.raises(DecryptionFailed):
        decrypt(keys, account.key_material, account.encrypted_fi)


def test_a_consent_for_once_is_used_once(cart: CartAAClient) -> None:
    consent = given(cart)
    cart.request_data(consent.consent_id, FROM, TO, KeyMaterial.generate())
    with pytest.raises(ProviderRejected, match="one fetch"):
        cart.request_data(consent.consent_id, FROM, TO, KeyMaterial.generate())


def test_wrong_credentials(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(CartAAClient, token="wrong").consent("C1")


def test_asking_is_not_repeated_and_looking_is(cart: CartAAClient, sandbox: Sandbox, fault) -> None:
    fault("cart_aa", "500", operation="generate_request")
    with pytest.raises(ProviderUnavailable):
        cart.request_consent(ASHA, FROM, TO, UNDERWRITING)
    assert len(sandbox.records) == 1
    requested = cart.request_consent(ASHA, FROM, TO, UNDERWRITING)
    fault("cart_aa", "500", operation="download_file", times=2)
    assert cart.consent(requested.consent_handle).status == "PENDING"


def test_the_record_of_a_call_shows_no_data(cart: CartAAClient, sandbox: Sandbox) -> None:
    consent = given(cart)
    cart.data(cart.request_data(consent.consent_id, FROM, TO, KeyMaterial.generate()).session_id)
    shown = json.dumps([[call.request_body, call.response_body] for call in sandbox.records])
    assert ASHA not in shown
    assert "encryptedFI" not in shown


def callback(**changes: object) -> bytes:
    message = {"notificationId": "N1", "docId": "C1", "timestamp": datetime.now(UTC).isoformat()}
    return json.dumps(message | changes).encode()


def signed(raw: bytes, secret: str | None = None) -> dict[str, str]:
    secret = secret or default_credentials("cart_aa")["callback_secret"]
    return {"x-cart-signature": hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def verify(raw: bytes, headers: dict[str, str]):
    return verify_cart_notification(raw, headers, default_credentials("cart_aa"), datetime.now(UTC))


def test_a_callback() -> None:
    raw = callback()
    told = verify(raw, signed(raw))
    assert (told.notification_id, told.doc_id) == ("N1", "C1")


@pytest.mark.parametrize("secret", ["guessed", "sandbox-cart_aa-callback_secret-paisapop"])
def test_a_callback_of_somebody_else_is_refused(secret: str) -> None:
    raw = callback()
    with pytest.raises(NotificationRefused, match="SignatureDoesNotMatch"):
        verify(raw, signed(raw, secret))


def test_a_changed_byte_is_refused() -> None:
    with pytest.raises(NotificationRefused, match="SignatureDoesNotMatch"):
        verify(callback(docId="C2"), signed(callback()))
    with pytest.raises(NotificationRefused, match="SignatureDoesNotMatch"):
        verify(callback(), {})


@pytest.mark.parametrize(
    "changes", [{"timestamp": "2020-01-01T00:00:00Z"}, {"timestamp": "now"}, {"docId": None}]
)
def test_a_callback_that_is_not_right_is_refused(changes: dict) -> None:
    raw = callback(**changes)
    with pytest.raises(NotificationRefused, match="InvalidRequest"):
        verify(raw, signed(raw))


@pytest.mark.parametrize("raw", [b"[]", b"{", b""], ids=["list", "half", "nothing"])
def test_a_callback_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(NotificationRefused, match="InvalidRequest"):
        verify(raw, signed(raw))
