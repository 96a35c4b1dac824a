"""Client of FINDUIT, an Account Aggregator, as the Financial Information User (FIU) that we are.

FINDUIT publishes no wire format, so this speaks what every Account Aggregator must: ReBIT v2.0.0, FIU to
AA. When FINDUIT's own documents are at hand, what differs is the table of operations and the readers below.
ReBIT has no page for the customer either: `consent_url` follows the sandbox (`<base>/consent/<handle>`).

Each request carries a detached JWS over its exact bytes, each answer must carry the AA's. An answer with a
wrong signature, version, timestamp or transaction id is discarded as ProviderMalformed; a refusal is
ProviderRejected with ReBIT's errorCode (InvalidConsentStatus, DataFetchRequestInProgress, NoDataFound,
ConsentRevoked ...).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar, TypeVar

from app.core import clock
from app.providers.aa import jws
from app.providers.aa.crypto import KeyMaterial
from app.providers.aa.rebit import PROVIDER, VERSION, envelope, is_fresh, read_timestamp, timestamp
from app.providers.aa.terms import UNDERWRITING, ConsentTerms, Period, read_period
from app.providers.base import ProviderClient
from app.providers.errors import ProviderMalformed
from app.providers.fields import Fields
from app.providers.wire import Answer, Operation, operations

T = TypeVar("T")

HANDLE_STATUSES = ("PENDING", "READY", "APPROVED", "REJECTED", "FAILED", "EXPIRED")
CONSENT_STATUSES = ("ACTIVE", "PAUSED", "REVOKED", "EXPIRED")
# Long, personal, or both: call records do without.
HIDDEN = ("signedConsent", "encryptedFI", "digitalSignature")


@dataclass(frozen=True)
class ConsentRequested:
    """The AA will ask the customer, at `consent_url`; `consent_handle` names the request from now on."""

    txnid: str
    consent_handle: str
    consent_url: str


@dataclass(frozen=True)
class ConsentHandleStatus:
    """Where a consent request stands; consent_id is there once the customer approved."""

    consent_handle: str
    status: str
    consent_id: str | None


@dataclass(frozen=True)
class LinkedAccount:
    """One account that the customer let us see."""

    fip_id: str
    fi_type: str
    account_type: str
    link_ref_number: str
    masked_account_number: str


@dataclass(frozen=True)
class SignedConsent:
    """The consent artefact, its signature verified. `token` is the evidence to keep, as the AA signed it."""

    consent_id: str
    status: str
    created_at: datetime
    data_from: datetime
    data_to: datetime
    expires_at: datetime
    data_life: Period
    accounts: tuple[LinkedAccount, ...]
    token: str = field(repr=False)

    @property
    def digital_signature(self) -> str:
        """What an FI request must quote: the third segment of the artefact."""
        return self.token.rpartition(".")[2]


@dataclass(frozen=True)
class FISession:
    """The AA collects the information from the banks; an FI notification says when it is there."""

    txnid: str
    session_id: str
    consent_id: str


@dataclass(frozen=True)
class EncryptedAccount:
    """One account's information, readable with `crypto.decrypt(our, key_material, encrypted_fi)`."""

    fip_id: str
    link_ref_number: str
    masked_account_number: str
    key_material: Mapping[str, Any] = field(repr=False)
    encrypted_fi: str = field(repr=False)


class FinduitClient(ProviderClient):
    """Credentials: fiu_id, client_api_key, fiu_private_key (PEM), aa_public_jwk (JSON)."""

    provider: ClassVar[str] = PROVIDER
    operations: ClassVar[Mapping[str, Operation]] = operations(
        Operation("request_consent", "POST", "/Consent", idempotent=False),
        Operation("consent_handle", "POST", "/Consent/handle", idempotent=True),
        Operation("fetch_consent", "POST", "/Consent/fetch", idempotent=True),
        Operation("request_fi", "POST", "/FI/request", idempotent=False),
        Operation(
            "fetch_fi", "POST", "/FI/fetch", idempotent=True, timeout_s=45.0, answer_bytes_max=25_000_000
        ),
    )

    def request_consent(
        self, mobile: str, data_from: date, data_to: date, terms: ConsentTerms = UNDERWRITING
    ) -> ConsentRequested:
        """Ask the customer with this 10-digit mobile number for statements of these days (both included)."""
        customer_id = f"{mobile}@{PROVIDER}"
        detail = self._consent_detail(customer_id, mobile, data_range(data_from, data_to), terms)

        def read(fields: Fields, txnid: str) -> ConsentRequested:
            if fields.child("Customer").text("id") != customer_id:
                raise fields.error("Customer.id", "another customer than asked for")
            handle = fields.identifier("ConsentHandle")
            return ConsentRequested(txnid, handle, f"{self.settings.base_url}/consent/{handle}")

        return self._exchange("request_consent", {"ConsentDetail": detail}, read)

    def consent_handle(self, consent_handle: str) -> ConsentHandleStatus:
        """Where the request stands; for when a notification does not come."""

        def read(fields: Fields, txnid: str) -> ConsentHandleStatus:
            _expect(fields, "ConsentHandle", consent_handle)
            status = fields.child("ConsentStatus")
            return ConsentHandleStatus(
                consent_handle, status.one_of("status", *HANDLE_STATUSES), status.identifier("id", None)
            )

        return self._exchange("consent_handle", {"ConsentHandle": consent_handle}, read)

    def fetch_consent(self, consent_id: str) -> SignedConsent:
        """The artefact that the customer approved, given to us and signed by the AA."""

        def read(fields: Fields, txnid: str) -> SignedConsent:
            _expect(fields, "consentId", consent_id)
            return self._signed_consent(fields, consent_id)

        return self._exchange("fetch_consent", {"consentId": consent_id}, read)

    def request_fi(
        self, consent: SignedConsent, data_from: date, data_to: date, key_material: KeyMaterial
    ) -> FISession:
        """Have the information collected and encrypted for this key material. Keep it until `fetch_fi`."""

        def read(fields: Fields, txnid: str) -> FISession:
            _expect(fields, "consentId", consent.consent_id)
            return FISession(txnid, fields.identifier("sessionId"), consent.consent_id)

        body = {
            "FIDataRange": data_range(data_from, data_to),
            "Consent": {"id": consent.consent_id, "digitalSignature": consent.digital_signature},
            "KeyMaterial": key_material.public(),
        }
        return self._exchange("request_fi", body, read)

    def fetch_fi(self, session_id: str) -> tuple[EncryptedAccount, ...]:
        """The information of all accounts of a COMPLETED session, still encrypted."""
        return self._exchange("fetch_fi", {"sessionId": session_id}, lambda fields, txnid: _accounts(fields))

    # How messages are made and trusted.

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        signature = jws.sign_detached(body or b"", credentials["fiu_private_key"])
        return {"client_api_key": credentials["client_api_key"], jws.HEADER: signature}

    def check(self, operation: Operation, answer: Answer) -> None:
        # A gateway before the AA says these, and cannot sign.
        if answer.status in (401, 429) or answer.status >= 500:
            super().check(operation, answer)
        self._verify(operation, answer)
        if answer.status >= 400:
            fields = answer.fields
            raise self.rejected(operation, fields.identifier("errorCode"), fields.text("errorMsg", ""))
        super().check(operation, answer)

    def _verify(self, operation: Operation, answer: Answer) -> None:
        signature = answer.headers.get(jws.HEADER)
        try:
            jws.verify_detached(answer.body, signature, self.settings.credentials["aa_public_jwk"])
        except jws.InvalidSignature as error:
            raise ProviderMalformed(self.provider, operation.name, jws.HEADER, str(error)) from None

    def _exchange(self, name: str, body: Mapping[str, Any], read: Callable[[Fields, str], T]) -> T:
        message = envelope(clock.now()) | body

        def parse(answer: Answer) -> T:
            check_envelope(answer.fields, message["txnid"], clock.now())
            return read(answer.fields, message["txnid"])

        return self.call(name, parse, json=message, hide=HIDDEN)

    def _consent_detail(
        self, customer_id: str, mobile: str, data_range: Mapping[str, str], terms: ConsentTerms
    ) -> dict[str, Any]:
        now = clock.now()
        return {
            "consentStart": timestamp(now),
            "consentExpiry": timestamp(now + terms.valid_for),
            "consentMode": "STORE",
            "fetchType": terms.fetch_type,
            "consentTypes": list(terms.consent_types),
            "fiTypes": list(terms.fi_types),
            "DataConsumer": {"id": self.settings.credentials["fiu_id"], "type": "FIU"},
            "Customer": {"id": customer_id, "Identifiers": [{"type": "MOBILE", "value": mobile}]},
            "Purpose": {
                "code": terms.purpose_code,
                "refUri": f"https://api.rebit.org.in/aa/purpose/{terms.purpose_code}.xml",
                "text": terms.purpose_text,
                "Category": {"type": terms.purpose_category},
            },
            "FIDataRange": dict(data_range),
            "DataLife": terms.data_life.as_dict(),
            "Frequency": terms.frequency.as_dict(),
        }

    def _signed_consent(self, fields: Fields, consent_id: str) -> SignedConsent:
        token = fields.text("signedConsent")
        try:
            artefact = Fields(
                jws.verify_compact(token, self.settings.credentials["aa_public_jwk"]), "signedConsent"
            )
        except jws.InvalidSignature as error:
            raise fields.error("signedConsent", str(error)) from None
        _expect(artefact.child("DataConsumer"), "id", self.settings.credentials["fiu_id"])
        data_range = artefact.child("FIDataRange")
        return SignedConsent(
            consent_id=consent_id,
            status=fields.one_of("status", *CONSENT_STATUSES),
            created_at=read_timestamp(fields, "createTimestamp"),
            data_from=read_timestamp(data_range, "from"),
            data_to=read_timestamp(data_range, "to"),
            expires_at=read_timestamp(artefact, "consentExpiry"),
            data_life=read_period(artefact, "DataLife"),
            accounts=tuple(linked_account(account) for account in artefact.children("Accounts")),
            token=token,
        )


def check_envelope(fields: Fields, txnid: str, now: datetime) -> None:
    """Raise FieldError unless the answer is of our version, fresh, and to our request."""
    _expect(fields, "ver", VERSION)
    _expect(fields, "txnid", txnid)
    if not is_fresh(read_timestamp(fields, "timestamp"), now):
        raise fields.error("timestamp", "more than 15 minutes off")


def _expect(fields: Fields, name: str, value: str) -> None:
    if fields.text(name) != value:
        raise fields.error(name, "not the one that was asked for")


def data_range(data_from: date, data_to: date) -> dict[str, str]:
    """Whole business days, as instants."""
    return {
        "from": timestamp(datetime.combine(data_from, time.min, clock.INDIA)),
        "to": timestamp(datetime.combine(data_to, time(23, 59, 59), clock.INDIA)),
    }


def linked_account(fields: Fields) -> LinkedAccount:
    """One entry of an artefact's Accounts."""
    return LinkedAccount(
        fip_id=fields.identifier("fipId"),
        fi_type=fields.text("fiType"),
        account_type=fields.text("accType"),
        link_ref_number=fields.identifier("linkRefNumber"),
        masked_account_number=fields.identifier("maskedAccNumber"),
    )


def _accounts(fields: Fields) -> tuple[EncryptedAccount, ...]:
    return tuple(
        EncryptedAccount(
            fip_id=fip.identifier("fipID"),
            link_ref_number=account.identifier("linkRefNumber"),
            masked_account_number=account.identifier("maskedAccNumber"),
            key_material=fip.child("KeyMaterial").data,
            encrypted_fi=account.text("encryptedFI"),
        )
        for fip in fields.children("FI")
        for account in fip.children("data")
    )
