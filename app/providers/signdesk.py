"""SignDesk (Melento): e-signature of a loan agreement with Aadhaar OTP.

Source: SignDesk's published request samples: signRequest, getSignatureStatus, getDocketInfo; the headers
x-parse-application-id and x-parse-rest-api-key. A refusal is HTTP 200 with status "failed". No webhook is
documented: what comes is a hint to ask `envelope_state`, if it shows the secret that we agreed. An envelope is a
docket with one document, and its id names both.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.providers.base import ProviderClient
from app.providers.errors import ProviderMalformed
from app.providers.esign import EXPIRED, PENDING, REJECTED, SIGNED, Envelope, EnvelopeState, Signer
from app.providers.fields import FieldError
from app.providers.wire import Answer, Operation, operations

SECRET_HEADER = "x-callback-secret"
PDF_START = b"%PDF-"
SIGNED_BYTES_MAX = 35_000_000  # base64 of 25 MB
HIDDEN = (
    "name",
    "signer_name",
    "name_as_per_aadhaar",
    "last_four_digits_of_aadhaar",
    "year_of_birth",
    "content",
)
OUTCOMES = {"signed": SIGNED, "rejected": REJECTED, "declined": REJECTED, "expired": EXPIRED}
# Bottom right of an A4 page, in points.
POSITION = {"x1": 380, "x2": 560, "y1": 40, "y2": 100}


class SigndeskClient(ProviderClient):
    """Credentials: application_id, api_key, callback_secret (ours, which a callback must show)."""

    provider = "signdesk"
    operations = operations(
        # Another request is another docket, and another message to the signer.
        Operation("sign_request", "POST", "/signRequest", idempotent=False, timeout_s=60.0),
        Operation("signature_status", "POST", "/getSignatureStatus", idempotent=True, timeout_s=30.0),
        Operation(
            "docket_info",
            "POST",
            "/getDocketInfo",
            idempotent=True,
            timeout_s=60.0,
            answer_bytes_max=SIGNED_BYTES_MAX,
            answer_is_document=True,
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
        """Have a PDF signed on every page by one person. SignDesk is told neither where to call back (that is set in
        its portal) nor how long it is valid: after that time we stop asking."""
        body = {
            "reference_id": reference,
            "docket_title": title,
            "docket_description": f"With {lender}",
            "documents": [
                {
                    "reference_doc_id": reference,
                    "content_type": "pdf",
                    "content": base64.b64encode(document).decode(),
                    "signature_sequence": "sequential",
                }
            ],
            "signers_info": [_signer_info(signer, reference)],
        }
        return self.call("sign_request", _envelope, json=body, hide=HIDDEN)

    def envelope_state(self, envelope_id: str) -> EnvelopeState:
        """How far it is. Signed is only a document that its signer signed."""
        _, document_id = _ids(envelope_id)

        def read(answer: Answer) -> EnvelopeState:
            signers = answer.fields.children("signer_info")
            if len(signers) != 1:
                raise FieldError("signer_info", "expected one signer")
            outcome = OUTCOMES.get(signers[0].identifier("status").lower(), PENDING)
            return EnvelopeState(envelope_id, outcome, None, envelope_id)

        return self.call("signature_status", read, json={"document_id": document_id}, hide=HIDDEN)

    def download(self, state: EnvelopeState) -> bytes:
        """The signed PDF."""
        docket_id, document_id = _ids(state.id)
        body = {"docket_id": docket_id, "document_id": document_id}
        return self.call("docket_info", _pdf, json=body)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        return {
            "x-parse-application-id": credentials["application_id"],
            "x-parse-rest-api-key": credentials["api_key"],
        }

    def reason(self, answer: Answer) -> str:
        try:
            return answer.fields.text("error", "") or f"HTTP {answer.status}"
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        if answer.fields.text("status", "success") != "success":
            raise self.rejected(
                operation, answer.fields.identifier("error_code", "failed"), self.reason(answer)
            )


def verify_callback(headers: Mapping[str, str], credentials: Mapping[str, str]) -> bool:
    """Whether a callback shows the secret that we agreed. Compares in constant time."""
    given, agreed = headers.get(SECRET_HEADER) or "", credentials["callback_secret"]
    return bool(agreed) and hmac.compare_digest(given.encode(), agreed.encode())


def parse_callback(raw_body: bytes) -> str:
    """The id of the envelope that something happened to. Raises ProviderMalformed."""
    try:
        fields = Answer(200, {}, raw_body).fields
        return _id(fields.identifier("docket_id"), fields.identifier("document_id"))
    except FieldError as error:
        raise ProviderMalformed("signdesk", "callback", error.field, error.reason) from error


def _signer_info(signer: Signer, reference: str) -> dict[str, Any]:
    expected = {
        "name_as_per_aadhaar": signer.name,
        "year_of_birth": str(signer.birth_year) if signer.birth_year else None,
        "last_four_digits_of_aadhaar": signer.aadhaar_last4,
    }
    return {
        "document_to_be_signed": reference,
        "signer_ref_id": reference,
        "signer_name": signer.name,
        "signer_email": signer.email or "",
        "signer_mobile": signer.phone,
        "sequence": 1,
        "page_number": "all",
        "esign_type": "otp",
        "signature_type": "aadhaar",
        "authentication_mode": "mobile",
        "trigger_esign_request": True,
        "access_type": "otp",
        "signer_position": {"appearance": [POSITION]},
        "signer_validation_inputs": {name: value for name, value in expected.items() if value},
    }


def _envelope(answer: Answer) -> Envelope:
    signers = answer.fields.children("signer_info")
    if len(signers) != 1:
        raise FieldError("signer_info", "expected one signer")
    docket_id, document_id = answer.fields.identifier("docket_id"), signers[0].identifier("document_id")
    return Envelope(_id(docket_id, document_id), signers[0].identifier("invitation_link"))


def _id(docket_id: str, document_id: str) -> str:
    return f"{docket_id}/{document_id}"


def _ids(envelope_id: str) -> tuple[str, str]:
    """The docket's and the document's."""
    docket_id, _, document_id = envelope_id.partition("/")
    return docket_id, document_id


def _pdf(answer: Answer) -> bytes:
    dockets = answer.fields.children("docket_Info")
    if not dockets:
        raise FieldError("docket_Info", "empty")
    pdf = dockets[0].binary("content")
    if not pdf.startswith(PDF_START):
        raise dockets[0].error("content", "not a PDF")
    return pdf
