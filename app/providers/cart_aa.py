"""Client of CART (CARTBI of Novel Patterns) where it fetches bank data through an Account Aggregator for us.

Public: the header `auth-token: API://<token>`, `POST /api/generateNetBankingRequest`, and `POST /api/downloadFile`
with the docId as plain text, whose `data` is null until it is ready. What stands in the bodies of an aggregator's
request is not public; docs/providers.md lists what is assumed. The information itself is encrypted for our key of one
session, as ReBIT has it: CART passes it on.

A docId names a request: of a consent, or of the data under one.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.providers.aa.client import (
    CONSENT_STATUSES,
    ConsentRequested,
    EncryptedAccount,
    FISession,
    LinkedAccount,
    data_range,
    linked_account,
)
from app.providers.aa.crypto import KeyMaterial
from app.providers.aa.notifications import NotificationRefused
from app.providers.aa.rebit import is_fresh, read_timestamp
from app.providers.aa.terms import ConsentTerms, Period, read_period
from app.providers.base import ProviderClient
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, Operation, operations

PROVIDER = "cart_aa"
SIGNATURE = "x-cart-signature"
STATUSES = ("Submitted", "In Progress", "Processed", "Downloaded", "Deleted", "Failed")
READY = ("Processed", "Downloaded")
UNGIVEN = ("PENDING", "REJECTED", "EXPIRED")
NOT_READY = "DataFetchRequestInProgress"


@dataclass(frozen=True)
class CartConsent:
    """Where a consent stands. What follows status is there once the customer gave it."""

    status: str
    consent_id: str | None = None
    expires_at: datetime | None = None
    data_life: Period | None = None
    accounts: tuple[LinkedAccount, ...] = ()


@dataclass(frozen=True)
class CartNotification:
    """Something changed about this docId; what, is asked."""

    notification_id: str
    doc_id: str


class CartAAClient(ProviderClient):
    """Credentials: token, callback_secret."""

    provider = PROVIDER
    reason_names = ("message",)
    operations = operations(
        Operation("generate_request", "POST", "/api/generateNetBankingRequest", idempotent=False),
        Operation(
            "download_file",
            "POST",
            "/api/downloadFile",
            idempotent=True,
            timeout_s=45.0,
            answer_bytes_max=25_000_000,
            answer_is_document=True,
        ),
    )

    def request_consent(
        self, mobile: str, data_from: date, data_to: date, terms: ConsentTerms
    ) -> ConsentRequested:
        """Ask the customer with this 10-digit mobile number for data of these days (both included)."""
        body = {
            "requestType": "ACCOUNT_AGGREGATOR",
            "mobile": mobile,
            "purposeCode": terms.purpose_code,
            "fetchType": terms.fetch_type,
            "fiTypes": list(terms.fi_types),
            "consentTypes": list(terms.consent_types),
            "validDays": terms.valid_for.days,
            "dataLife": terms.data_life.as_dict(),
            "frequency": terms.frequency.as_dict(),
            "dateRange": data_range(data_from, data_to),
        }
        return self.call("generate_request", _requested, json=body)

    def consent(self, doc_id: str) -> CartConsent:
        """Where the consent of this request stands."""
        return self.call("download_file", lambda answer: _consent(answer.fields), text=doc_id)

    def request_data(
        self, consent_id: str, data_from: date, data_to: date, key_material: KeyMaterial
    ) -> FISession:
        """Have the data of a consent collected and encrypted for this key material."""
        body = {
            "requestType": "ACCOUNT_AGGREGATOR",
            "consentId": consent_id,
            "dateRange": data_range(data_from, data_to),
            "keyMaterial": key_material.public(),
        }

        def read(answer: Answer) -> FISession:
            doc_id = answer.fields.identifier("docId")
            return FISession(doc_id, doc_id, consent_id)

        return self.call("generate_request", read, json=body)

    def data(self, doc_id: str) -> tuple[EncryptedAccount, ...]:
        """The data of all accounts that came, still encrypted. Raises ProviderRejected DataFetchRequestInProgress
        while it is not ready."""
        return self.call("download_file", self._accounts, text=doc_id)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"auth-token": f"API://{self.settings.credentials['token']}"}

    def _accounts(self, answer: Answer) -> tuple[EncryptedAccount, ...]:
        status = answer.fields.one_of("status", *STATUSES)
        if status not in READY:
            code = NOT_READY if status in ("Submitted", "In Progress") else status
            raise self.rejected(self.operations["download_file"], code, answer.fields.text("message", ""))
        return tuple(
            EncryptedAccount(
                fip_id=account.identifier("fipId"),
                link_ref_number=account.identifier("linkRefNumber"),
                masked_account_number=account.identifier("accountNumber"),
                key_material=account.child("keyMaterial").data,
                encrypted_fi=account.text("encryptedFI"),
            )
            for account in answer.fields.children("data", [])
        )


def _requested(answer: Answer) -> ConsentRequested:
    fields = answer.fields
    doc_id = fields.identifier("docId")
    return ConsentRequested(doc_id, doc_id, fields.text("url"))


def _consent(fields: Fields) -> CartConsent:
    consent = fields.child("consent")
    if not consent.has("consentId"):
        return CartConsent(consent.one_of("status", *UNGIVEN))
    status = consent.one_of("status", *CONSENT_STATUSES)
    return CartConsent(
        status=status,
        consent_id=consent.identifier("consentId"),
        expires_at=read_timestamp(consent, "expiry"),
        data_life=read_period(consent, "dataLife"),
        accounts=tuple(linked_account(account) for account in consent.children("accounts")),
    )


def verify_cart_notification(
    raw_body: bytes, headers: Mapping[str, str], credentials: Mapping[str, str], now: datetime
) -> CartNotification:
    """The notification, once it is known to come from CART, unchanged and just now. Raises NotificationRefused."""
    expected = hmac.new(credentials["callback_secret"].encode(), raw_body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest((headers.get(SIGNATURE) or "").encode(), expected.encode()):
        raise NotificationRefused("SignatureDoesNotMatch", "the signature is not over this body")
    try:
        message = Answer(200, {}, raw_body).fields
        notification_id = message.identifier("notificationId")
        if not is_fresh(read_timestamp(message, "timestamp"), now):
            raise message.error("timestamp", "more than 15 minutes off")
        return CartNotification(notification_id, message.identifier("docId"))
    except FieldError as error:
        raise NotificationRefused("InvalidRequest", f"{error.field}: {error.reason}") from None


def as_body(notification: CartNotification) -> dict[str, Any]:
    """Our answer."""
    return {"notificationId": notification.notification_id, "response": "OK"}
