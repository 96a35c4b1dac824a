"""The aggregator's calls: verified on the raw bytes, stored once, answered as ReBIT prescribes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.core import clock
from app.providers.aa import jws
from app.providers.aa.rebit import timestamp
from app.providers.wire import encode
from app.sandbox import aa_crypto, keys
from tests.banking.aa import Case, any_id, consent_message, new_case, notification, send, session_message
from tests.platform import OTHER_BRAND, Platform


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return new_case(platform)


@pytest.fixture(scope="module")
def consent(case: Case) -> dict:
    return case.ask()


def stored(platform: Platform, message: dict) -> int:
    return platform.sql("SELECT count(*) FROM webhook_event WHERE event_id = %s", message["txnid"])[0][0]


def test_it_is_acknowledged_and_stored(platform: Platform, consent: dict) -> None:
    message = consent_message(consent, "PENDING")
    response = send(platform, "Consent", message)
    assert (response.status_code, response.json()["response"]) == (200, "OK")
    assert response.json()["txnid"] == message["txnid"]
    assert stored(platform, message) == 1


def test_the_acknowledgement_is_signed(platform: Platform, consent: dict) -> None:
    response = send(platform, "Consent", consent_message(consent, "PENDING"))
    assert aa_crypto.is_signed_by_fiu(response.content, response.headers[jws.HEADER])


def test_a_replayed_message_is_refused_and_stored_once(platform: Platform, consent: dict) -> None:
    message = consent_message(consent, "PENDING")
    assert send(platform, "Consent", message).status_code == 200
    replayed = send(platform, "Consent", message)
    assert (replayed.status_code, replayed.json()["errorCode"]) == (409, "IdempotencyError")
    assert stored(platform, message) == 1


def test_the_id_of_a_message_is_good_for_one_message(platform: Platform, consent: dict) -> None:
    message = consent_message(consent, "PENDING")
    send(platform, "Consent", message)
    other = consent_message(consent, "ACTIVE", txnid=message["txnid"])
    assert send(platform, "Consent", other).status_code == 409


REFUSED = {
    "wrong api key": (401, "Unauthorized", {}, {"aa_api_key": "guessed"}),
    "no signature": (400, "SignatureDoesNotMatch", {}, {jws.HEADER: ""}),
    "another version": (404, "NoSuchVersion", {"ver": "1.1.2"}, {}),
    "a message of yesterday": (
        400,
        "InvalidRequest",
        {"timestamp": timestamp(clock.now() - timedelta(days=1))},
        {},
    ),
    "another aggregator": (400, "InvalidNotifier", {"Notifier": {"type": "AA", "id": "else"}}, {}),
    "a bank": (400, "InvalidNotifier", {"Notifier": {"type": "FIP", "id": "HDFC-FIP"}}, {}),
    "no status": (400, "InvalidRequest", {"ConsentStatusNotification": {}}, {}),
}


@pytest.mark.parametrize(("status", "code", "changes", "headers"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_in_rebits_words(
    platform: Platform, consent: dict, status: int, code: str, changes: dict, headers: dict
) -> None:
    message = consent_message(consent, "ACTIVE", **changes)
    response = send(platform, "Consent", message, **headers)
    assert (response.status_code, response.json()["errorCode"]) == (status, code)
    assert stored(platform, message) == 0


def test_a_changed_byte_is_refused(platform: Platform, consent: dict) -> None:
    signature = aa_crypto.sign_detached(encode(consent_message(consent, "PENDING")))
    response = send(platform, "Consent", consent_message(consent, "ACTIVE"), **{jws.HEADER: signature})
    assert response.json()["errorCode"] == "SignatureDoesNotMatch"


def test_our_own_key_does_not_speak_for_the_aggregator(platform: Platform, consent: dict) -> None:
    message = consent_message(consent, "ACTIVE")
    ours = jws.sign_detached(encode(message), keys.FIU_PRIVATE_KEY)
    response = send(platform, "Consent", message, **{jws.HEADER: ours})
    assert response.json()["errorCode"] == "SignatureDoesNotMatch"


def test_a_message_on_the_wrong_path_is_refused(platform: Platform) -> None:
    response = send(platform, "Consent", session_message(any_id()))
    assert (response.status_code, response.json()["errorCode"]) == (400, "InvalidRequest")


def test_the_aggregator_of_one_brand_does_not_speak_to_another(platform: Platform, consent: dict) -> None:
    response = send(platform, "Consent", consent_message(consent, "ACTIVE"), brand_id=OTHER_BRAND)
    assert response.status_code == 401


def test_a_brand_that_is_none_is_not_found(platform: Platform, consent: dict) -> None:
    assert send(platform, "Consent", consent_message(consent, "ACTIVE"), brand_id="nobody").status_code == 404


UNKNOWN = {
    "session": ("FI", lambda: session_message(any_id()), "InvalidSessionId"),
    "consent": (
        "Consent",
        lambda: notification("Consent", {"consentId": any_id(), "consentStatus": "ACTIVE"}),
        "InvalidConsentId",
    ),
    "handle": (
        "Consent",
        lambda: notification("Consent", {"consentHandle": any_id(), "consentStatus": "ACTIVE"}),
        "InvalidRequest",
    ),
}


@pytest.mark.parametrize(("kind", "make", "code"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_we_did_not_ask_for_is_refused(
    platform: Platform, kind: str, make: Callable[[], dict], code: str
) -> None:
    message = make()
    response = send(platform, kind, message)
    assert (response.status_code, response.json()["errorCode"]) == (400, code)
    assert stored(platform, message) == 0
