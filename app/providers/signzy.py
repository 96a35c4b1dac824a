"""Signzy: e-signature of a loan agreement with Aadhaar OTP (contracts API, version 3).

Source: Signzy's "contract360" v3 reference: initiate, pullData, callback. The token goes raw into
`Authorization`, without "Bearer". The callback carries the value that we gave as
callbackUrlAuthorizationHeader and nothing else that could be trusted: verify it, read the contract id, and
ask `pull_contract` what is true. The full list of contract states is not published: go by is_completed.
"""

import base64
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.providers.base import ProviderClient
from app.providers.errors import ProviderMalformed, ProviderRejected
from app.providers.esign import EXPIRED, PENDING, REJECTED, SIGNED, Envelope, EnvelopeState, Signer
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, Operation, operations

PDF_START = b"%PDF-"
SIGNED_BYTES_MAX = 25_000_000
HIDDEN = ("uidLastFourDigits", "name", "pincode", "signerIP")


@dataclass(frozen=True)
class InitiatedContract:
    """The contract waits at sign_url for its signer."""

    contract_id: str
    signer_id: str
    sign_url: str


@dataclass(frozen=True)
class SignerState:
    """How far a signer is; name_match is 0 to 1, None before the attempt, as certificate_name is: whose Aadhaar."""

    signer_id: str
    name: str
    status: str
    name_match: Decimal | None
    error: str | None
    certificate_name: str | None = None


@dataclass(frozen=True)
class ContractState:
    """How far a contract is. The URLs are there when it is completed, and not for long: download at once."""

    contract_id: str
    status: str
    is_completed: bool
    completed_at: datetime | None
    signed_pdf_url: str | None
    audit_certificate_url: str | None
    signers: tuple[SignerState, ...]


class SignzyClient(ProviderClient):
    """Credentials: token, callback_authorization (a secret of ours, which the callback must show)."""

    provider = "signzy"
    operations = operations(
        # Initiating again makes another contract, and another message to the signer.
        Operation("initiate_contract", "POST", "/api/v3/contract/initiate", idempotent=False, timeout_s=60.0),
        Operation("pull_contract", "POST", "/api/v3/contract/pullData", idempotent=True, timeout_s=30.0),
        Operation(
            "download_signed", "GET", "", idempotent=True, timeout_s=60.0, answer_bytes_max=SIGNED_BYTES_MAX
        ),
    )

    def send_for_signature(
        self,
        document: bytes,
        *,
        title: str,
        lender: str,
        reference: str,
        signer: Signer,
        callback_url: str,
        return_url: str,
        valid_for: timedelta,
    ) -> Envelope:
        """As every e-sign provider does it. The contract has no place for our reference."""
        contract = self.initiate_contract(
            document,
            contract_name=title,
            executer=lender,
            signer=signer,
            callback_url=callback_url,
            success_url=return_url,
            failure_url=return_url,
            valid_for=valid_for,
        )
        return Envelope(contract.contract_id, contract.sign_url)

    def envelope_state(self, envelope_id: str) -> EnvelopeState:
        """A contract that is not found has lapsed: its id came from Signzy."""
        try:
            state = self.pull_contract(envelope_id)
        except ProviderRejected:
            return EnvelopeState(envelope_id, EXPIRED, None, None)
        outcome = SIGNED if state.is_completed else REJECTED if state.status == REJECTED else PENDING
        matches = [signer.name_match for signer in state.signers if signer.name_match is not None]
        names = [signer.certificate_name for signer in state.signers if signer.certificate_name]
        return EnvelopeState(
            envelope_id,
            outcome,
            min(matches, default=None),
            state.signed_pdf_url,
            names[0] if names else None,
        )

    def download(self, state: EnvelopeState) -> bytes:
        return self.download_signed(state.signed_document or "")

    def initiate_contract(
        self,
        document: bytes | str,
        *,
        contract_name: str,
        executer: str,
        signer: Signer,
        callback_url: str,
        success_url: str,
        failure_url: str,
        valid_for: timedelta = timedelta(days=3),
    ) -> InitiatedContract:
        """Have a PDF signed on every page by one person. document is the PDF itself or an https URL of it."""
        body = {
            "pdf": base64.b64encode(document).decode() if isinstance(document, bytes) else document,
            "contractName": contract_name,
            "contractExecuterName": executer,
            "contractTtl": int(valid_for.total_seconds() * 1000),
            "eSignProvider": "nsdl",
            "successRedirectUrl": success_url,
            "failureRedirectUrl": failure_url,
            "callbackUrl": callback_url,
            "callbackUrlAuthorizationHeader": self.settings.credentials["callback_authorization"],
            "nameMatchThreshold": "0.50",
            "signerdetail": [_signer_detail(signer)],
            "workflow": False,
        }
        return self.call("initiate_contract", _initiated, json=body, hide=HIDDEN)

    def pull_contract(self, contract_id: str) -> ContractState:
        """How far the contract is. Rejected when it is not known or has lapsed."""

        def read(answer: Answer) -> ContractState:
            state = _contract_state(answer.fields)
            if state.contract_id != contract_id:
                raise FieldError("contractId", "another contract than asked for")
            return state

        return self.call("pull_contract", read, json={"contractId": contract_id}, hide=HIDDEN)

    def download_signed(self, url: str) -> bytes:
        """The signed PDF (or audit certificate) of a completed contract, by the URL in its state."""
        if not self._may_fetch(url):
            reason = "neither at the provider's own host nor at a public https address"
            raise ProviderMalformed(self.provider, "download_signed", "finalSignedContract", reason)
        return self.call("download_signed", _pdf, url=url)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        # A download link is open to its holder, may lead to another host, and must not take our token there.
        if operation.name == "download_signed":
            return {"Accept": "application/pdf"}
        return {"Authorization": self.settings.credentials["token"]}

    def check(self, operation: Operation, answer: Answer) -> None:
        if answer.status in (401, 403, 429) or not 400 <= answer.status < 500:
            super().check(operation, answer)
            return
        fields = answer.fields
        error = fields.child("error") if isinstance(fields.data.get("error"), Mapping) else fields
        code = error.identifier("reason", str(answer.status))
        raise self.rejected(operation, code, error.text("message", ""))

    def _may_fetch(self, url: str) -> bool:
        """A URL in an answer is outside input: it must not make us call into our own network."""
        try:
            parts, own = urlsplit(url), urlsplit(self.settings.base_url)
        except ValueError:
            return False
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        # netloc is the bare host: no user, no password, no other port.
        return (
            parts.scheme == "https" and parts.netloc.lower() == parts.hostname and _is_public(parts.hostname)
        )


def verify_callback(headers: Mapping[str, str], credentials: Mapping[str, str]) -> bool:
    """Whether a callback shows the secret that we gave with the contract. Compares in constant time."""
    given, agreed = headers.get("Authorization") or "", credentials["callback_authorization"]
    return bool(agreed) and hmac.compare_digest(given.encode(), agreed.encode())


def parse_callback(raw_body: bytes) -> str:
    """The id of the contract that something happened to. Raises ProviderMalformed."""
    try:
        return Answer(200, {}, raw_body).fields.identifier("contractId")
    except FieldError as error:
        raise ProviderMalformed("signzy", "callback", error.field, error.reason) from error


def _is_public(host: str) -> bool:
    """Whether no address of the host is loopback, private or link-local."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        # Not resolved here, so not in our network either: the call itself will say what is wrong.
        return True
    return all(ipaddress.ip_address(address[4][0].partition("%")[0]).is_global for address in found)


def _signer_detail(signer: Signer) -> dict[str, Any]:
    detail = {
        "signerName": signer.name,
        "signerMobile": signer.phone,
        "signerEmail": signer.email,
        "uidLastFourDigits": signer.aadhaar_last4,
        "signerYearOfBirth": str(signer.birth_year) if signer.birth_year else None,
        "signatureType": "AADHAARESIGN-OTP",
        "signatures": [{"pageNo": ["All"], "signaturePosition": ["BottomRight"]}],
    }
    return {name: value for name, value in detail.items() if value is not None}


def _initiated(answer: Answer) -> InitiatedContract:
    signers = answer.fields.children("signerdetail")
    if len(signers) != 1:
        raise FieldError("signerdetail", "expected one signer")
    return InitiatedContract(
        contract_id=answer.fields.identifier("contractId"),
        signer_id=signers[0].identifier("signerId"),
        sign_url=signers[0].identifier("esignUrl", "") or signers[0].identifier("workflowUrl"),
    )


def _contract_state(fields: Fields) -> ContractState:
    return ContractState(
        contract_id=fields.identifier("contractId"),
        status=fields.identifier("contractStatus"),
        is_completed=fields.boolean("isCompleted"),
        completed_at=_instant(fields, "contractCompletionTime"),
        signed_pdf_url=fields.identifier("finalSignedContract", None),
        audit_certificate_url=fields.identifier("auditCertificateUrl", None),
        signers=tuple(_signer_state(signer) for signer in fields.children("signerdetail")),
    )


def _signer_state(fields: Fields) -> SignerState:
    return SignerState(
        signer_id=fields.identifier("signerId"),
        name=fields.text("signerName"),
        status=fields.identifier("status"),
        name_match=fields.decimal("nameMatchResult", None),
        error=fields.identifier("errorMessage", None) or fields.identifier("aadhaarErrorMessage", None),
        certificate_name=_certificate_name(fields),
    )


def _certificate_name(signer: Fields) -> str | None:
    """Of the last attempt to sign, the one that counts."""
    attempts = signer.children("esignAttempts") if signer.has("esignAttempts") else []
    if not attempts:
        return None
    return attempts[-1].child("signerDscData", Fields({})).text("name", "") or None


def _instant(fields: Fields, name: str) -> datetime | None:
    text = fields.identifier(name, None)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise fields.error(name, "expected an ISO date-time") from None


def _pdf(answer: Answer) -> bytes:
    if not answer.body.startswith(PDF_START):
        raise FieldError("body", "not a PDF")
    return answer.body
