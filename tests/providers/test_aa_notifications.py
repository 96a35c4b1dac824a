"""What we let an Account Aggregator tell us, and what not (ReBIT's FIU certification scenarios)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.providers.aa import (
    AccountStatus,
    ConsentNotification,
    FINotification,
    NotificationRefused,
    acknowledge,
    jws,
    signed_reply,
    verify_notification,
)
from app.sandbox import aa_crypto
from app.sandbox.keys import FIU_PRIVATE_KEY
from tests.providers.live import default_credentials

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
CREDENTIALS = default_credentials("finduit")
CONSENT = {
    "ver": "2.0.0",
    "timestamp": "2026-05-01T09:59:58.000Z",
    "txnid": "0b811819-9044-4856-b0ee-8c88035f8858",
    "Notifier": {"type": "AA", "id": "sandbox-finduit-aa_id-qualoan"},
    "ConsentStatusNotification": {"consentId": "c-1", "consentHandle": "h-1", "consentStatus": "ACTIVE"},
}
INFORMATION = {name: value for name, value in CONSENT.items() if name != "ConsentStatusNotification"} | {
    "FIStatusNotification": {
        "sessionId": "s-1",
        "sessionStatus": "COMPLETED",
        "FIStatusResponse": [
            {"fipID": "FIP-1", "Accounts": [{"linkRefNumber": "l-1", "FIStatus": "READY", "description": ""}]}
        ],
    }
}


def verify(message: dict, now: datetime = NOW, **headers: str) -> ConsentNotification | FINotification:
    raw = json.dumps(message).encode()
    sent = {"aa_api_key": CREDENTIALS["aa_api_key"], jws.HEADER: aa_crypto.sign_detached(raw)}
    return verify_notification(raw, sent | headers, CREDENTIALS, now)


def refusal(message: dict, now: datetime = NOW, **headers: str) -> tuple[int, str]:
    with pytest.raises(NotificationRefused) as caught:
        verify(message, now, **headers)
    return caught.value.status, caught.value.code


def test_a_consent_became_active() -> None:
    assert verify(CONSENT) == ConsentNotification(CONSENT["txnid"], "h-1", "c-1", "ACTIVE")


def test_a_rejected_consent_has_no_id() -> None:
    about = {"consentHandle": "h-1", "consentStatus": "REJECTED"}
    assert verify(CONSENT | {"ConsentStatusNotification": about}).consent_id is None


def test_information_is_ready() -> None:
    accounts = (AccountStatus("FIP-1", "l-1", "READY"),)
    assert verify(INFORMATION) == FINotification(CONSENT["txnid"], "s-1", "COMPLETED", accounts)


def test_a_wrong_api_key_is_unauthorised() -> None:
    assert refusal(CONSENT, aa_api_key="another") == (401, "Unauthorized")


def test_no_api_key_is_unauthorised() -> None:
    raw = json.dumps(CONSENT).encode()
    with pytest.raises(NotificationRefused, match="Unauthorized"):
        verify_notification(raw, {jws.HEADER: aa_crypto.sign_detached(raw)}, CREDENTIALS, NOW)


def test_a_signature_over_other_bytes_is_refused() -> None:
    signature = aa_crypto.sign_detached(json.dumps(CONSENT, indent=1).encode())
    assert refusal(CONSENT, **{jws.HEADER: signature}) == (400, "SignatureDoesNotMatch")


def test_a_signature_by_another_key_is_refused() -> None:
    signature = jws.sign_detached(json.dumps(CONSENT).encode(), FIU_PRIVATE_KEY)
    assert refusal(CONSENT, **{jws.HEADER: signature}) == (400, "SignatureDoesNotMatch")


def test_another_version_is_not_spoken() -> None:
    assert refusal(CONSENT | {"ver": "1.1.2"}) == (404, "NoSuchVersion")


@pytest.mark.parametrize("off", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_a_notification_replayed_later_is_stale(off: timedelta) -> None:
    assert refusal(CONSENT, NOW + off) == (400, "InvalidRequest")


def test_fifteen_minutes_are_allowed() -> None:
    assert verify(CONSENT, NOW + timedelta(minutes=14))


@pytest.mark.parametrize(
    "notifier", [{"type": "AA", "id": "AA-2"}, {"type": "FIP", "id": CREDENTIALS["aa_id"]}]
)
def test_another_notifier_is_refused(notifier: dict) -> None:
    assert refusal(CONSENT | {"Notifier": notifier}) == (400, "InvalidNotifier")


@pytest.mark.parametrize(
    "change",
    [
        {"txnid": ""},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-05-01T10:00:00"},
        {"Notifier": None},
        {"ConsentStatusNotification": None},
        {"ConsentStatusNotification": {"consentStatus": "ACTIVE"}},
        {"ConsentStatusNotification": {"consentHandle": "h-1", "consentStatus": "SURE"}},
        {"FIStatusNotification": {"sessionId": "s-1", "sessionStatus": "COMPLETED"}},
        {"FIStatusNotification": {"sessionId": "s-1", "sessionStatus": "DONE", "FIStatusResponse": []}},
    ],
)
def test_a_malformed_notification_is_an_invalid_request(change: dict) -> None:
    assert refusal(CONSENT | change) == (400, "InvalidRequest")


@pytest.mark.parametrize("raw", [b"", b"[]", b"not json", b"\xff"])
def test_a_body_that_is_no_object_is_an_invalid_request(raw: bytes) -> None:
    headers = {"aa_api_key": CREDENTIALS["aa_api_key"], jws.HEADER: aa_crypto.sign_detached(raw)}
    with pytest.raises(NotificationRefused) as caught:
        verify_notification(raw, headers, CREDENTIALS, NOW)
    assert caught.value.code == "InvalidRequest"


def test_a_refusal_answers_as_rebit_says() -> None:
    body = NotificationRefused("InvalidConsentId", "no such consent", "t-1").body(NOW)
    assert body == {
        "ver": "2.0.0",
        "timestamp": "2026-05-01T10:00:00.000Z",
        "txnid": "t-1",
        "errorCode": "InvalidConsentId",
        "errorMsg": "no such consent",
    }


def test_our_acknowledgement_is_signed() -> None:
    raw, headers = signed_reply(acknowledge("t-1", NOW), CREDENTIALS)
    assert json.loads(raw)["response"] == "OK"
    assert aa_crypto.is_signed_by_fiu(raw, headers[jws.HEADER])
