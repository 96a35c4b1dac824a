"""What an Account Aggregator tells us: a consent changed, information is ready (ReBIT v2.0.0, FIU side).

A route hands the raw body and the headers to `verify_notification`, acts on the typed result and answers
with `signed_reply(acknowledge(...))`. A refusal is a NotificationRefused: it carries the HTTP status and
the body that ReBIT prescribes, and the service raises the same error for ids that it does not know
(InvalidConsentId, InvalidSessionId). A notification that was seen before has a `txnid` that was seen
before.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.providers.aa import jws
from app.providers.aa.rebit import VERSION, envelope, is_fresh, read_timestamp
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, encode

CONSENT_STATUSES = ("ACTIVE", "PENDING", "REVOKED", "PAUSED", "REJECTED", "EXPIRED")
SESSION_STATUSES = ("ACTIVE", "COMPLETED", "EXPIRED", "FAILED")
ACCOUNT_STATUSES = ("READY", "DENIED", "PENDING", "DELIVERED", "TIMEOUT")

# Every other code is a 400.
STATUS_OF_CODE = {"Unauthorized": 401, "NoSuchVersion": 404, "IdempotencyError": 409, "InternalError": 500}


class NotificationRefused(Exception):
    """We do not accept this notification: a ReBIT errorCode and one sentence without personal data."""

    def __init__(self, code: str, message: str, txnid: str = "") -> None:
        super().__init__(code, message, txnid)
        self.code = code
        self.message = message
        self.txnid = txnid

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return STATUS_OF_CODE.get(self.code, 400)

    def body(self, now: datetime) -> dict[str, str]:
        """The answer, before it is signed."""
        return envelope(now, self.txnid) | {"errorCode": self.code, "errorMsg": self.message}


@dataclass(frozen=True)
class ConsentNotification:
    """A consent's status changed. At least one of the two ids is there; a refused one has no consent_id."""

    txnid: str
    consent_handle: str | None
    consent_id: str | None
    status: str


@dataclass(frozen=True)
class AccountStatus:
    """How far one account of a session is: READY may be fetched."""

    fip_id: str
    link_ref_number: str
    status: str


@dataclass(frozen=True)
class FINotification:
    """A session of financial information moved on: COMPLETED may be fetched."""

    txnid: str
    session_id: str
    status: str
    accounts: tuple[AccountStatus, ...]


def verify_notification(
    raw_body: bytes, headers: Mapping[str, str], credentials: Mapping[str, str], now: datetime
) -> ConsentNotification | FINotification:
    """The notification, once it is known to come from our Account Aggregator, unchanged and just now.

    Checks `aa_api_key` (401), the detached signature over the raw bytes, version (404), timestamp (15
    minutes) and Notifier. Raises NotificationRefused.
    """
    if not _same(headers.get("aa_api_key"), credentials["aa_api_key"]):
        raise NotificationRefused("Unauthorized", "the api key is not valid")
    try:
        jws.verify_detached(raw_body, headers.get(jws.HEADER), credentials["aa_public_jwk"])
    except jws.InvalidSignature as error:
        raise NotificationRefused("SignatureDoesNotMatch", str(error)) from None
    return _read(raw_body, credentials["aa_id"], now)


def acknowledge(txnid: str, now: datetime) -> dict[str, str]:
    """The body of our 200, before it is signed."""
    return envelope(now, txnid) | {"response": "OK"}


def signed_reply(body: dict[str, str], credentials: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The exact bytes to answer with, and their headers."""
    raw = encode(body)
    signature = jws.sign_detached(raw, credentials["fiu_private_key"])
    return raw, {"Content-Type": "application/json", jws.HEADER: signature}


def _same(given: str | None, expected: str) -> bool:
    return hmac.compare_digest((given or "").encode(), expected.encode())


def _read(raw_body: bytes, aa_id: str, now: datetime) -> ConsentNotification | FINotification:
    txnid = ""
    try:
        message = Answer(200, {}, raw_body).fields
        txnid = message.identifier("txnid")
        _check_envelope(message, txnid, now)
        _check_notifier(message.child("Notifier"), txnid, aa_id)
        return _kind(message)(message, txnid)
    except FieldError as error:
        raise NotificationRefused("InvalidRequest", f"{error.field}: {error.reason}", txnid) from None


def _check_envelope(message: Fields, txnid: str, now: datetime) -> None:
    if message.text("ver") != VERSION:
        raise NotificationRefused("NoSuchVersion", f"version {VERSION} is spoken here", txnid)
    if not is_fresh(read_timestamp(message, "timestamp"), now):
        raise message.error("timestamp", "more than 15 minutes off")


def _check_notifier(notifier: Fields, txnid: str, aa_id: str) -> None:
    if notifier.text("type") != "AA" or notifier.text("id") != aa_id:
        raise NotificationRefused("InvalidNotifier", "not the Account Aggregator of this consent", txnid)


def _kind(message: Fields) -> Callable[[Fields, str], ConsentNotification | FINotification]:
    return _fi_notification if message.has("FIStatusNotification") else _consent_notification


def _consent_notification(message: Fields, txnid: str) -> ConsentNotification:
    about = message.child("ConsentStatusNotification")
    if not (about.has("consentHandle") or about.has("consentId")):
        raise about.error("consentHandle", "missing, and consentId too")
    return ConsentNotification(
        txnid=txnid,
        consent_handle=about.identifier("consentHandle", None),
        consent_id=about.identifier("consentId", None),
        status=about.one_of("consentStatus", *CONSENT_STATUSES),
    )


def _fi_notification(message: Fields, txnid: str) -> FINotification:
    about = message.child("FIStatusNotification")
    return FINotification(
        txnid=txnid,
        session_id=about.identifier("sessionId"),
        status=about.one_of("sessionStatus", *SESSION_STATUSES),
        accounts=tuple(
            AccountStatus(
                fip_id=fip.identifier("fipID"),
                link_ref_number=account.identifier("linkRefNumber"),
                status=account.one_of("FIStatus", *ACCOUNT_STATUSES),
            )
            for fip in about.children("FIStatusResponse")
            for account in fip.children("Accounts")
        ),
    )
