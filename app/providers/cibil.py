"""TransUnion CIBIL: a consumer's credit report as JSON.

Source: working clients of the consumer JSON API (path, headers, body) and the published sample of
its answer; field codes as in the TUEF guide. The connection is mutual TLS: the optional credential
`certificate_file` names a PEM file with the member's certificate and key. What the documentation
leaves open is listed in docs/providers.md.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.config import ProviderSettings
from app.providers.base import Answer, Operation, ProviderClient, operations
from app.providers.fields import FieldError, Fields

DATE = "%d%m%Y"
SERVICE_CODE = "CN1CAS0004"
PERSONAL_LOAN = "05"
GENDER_CODES: Mapping[str, str] = {"female": "1", "male": "2", "other": "3"}
FOUND = 1


@dataclass(frozen=True)
class CibilEnquiry:
    """Whom we ask about and why. gender is male, female or other; state_code the two digits of the
    GST list; amount the loan asked for, in rupees; purpose an account type code."""

    reference: str
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    pan: str
    phone: str
    address: str
    state_code: str
    pincode: str
    amount: Decimal
    middle_name: str = ""
    purpose: str = PERSONAL_LOAN


@dataclass(frozen=True)
class CibilReport:
    """A report and the head of it.

    body is the answer byte for byte, report the same as data (fractions are Decimal). is_hit is
    False when the bureau has no record. score is the bureau's number, -1 for "no history" and
    None when there is no score segment at all.
    """

    control_number: str
    is_hit: bool
    score: int | None
    processed_on: date
    report: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


class CibilClient(ProviderClient):
    """Credentials: member_ref_id, api_key, client_secret; optional member_user_id, member_password
    and certificate_file."""

    provider = "cibil"
    operations = operations(
        # A pull is paid for and leaves an enquiry in the person's file: never repeated by itself.
        Operation(
            "consumer_pull",
            "POST",
            "/acquire/credit-assessment/v1/consumer-cir-cv",
            idempotent=False,
            timeout_s=45,
            answer_bytes_max=10_000_000,
        ),
    )

    def __init__(self, settings: ProviderSettings, brand_id: str, **options: Any) -> None:
        super().__init__(settings, brand_id, **options)
        self._session.cert = settings.credentials.get("certificate_file")

    def consumer_pull(self, enquiry: CibilEnquiry, *, today: date) -> CibilReport:
        """Pull a credit report. A person without a record is an answer, not an error."""
        return self.call(
            "consumer_pull",
            read_report,
            json=self._body(enquiry, today),
            headers={"cust-ref-id": enquiry.reference},
        )

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        return {
            "member-ref-id": credentials["member_ref_id"],
            "apikey": credentials["api_key"],
            "client-secret": credentials["client_secret"],
        }

    def reason(self, answer: Answer) -> str:
        try:
            return _first_error(answer.fields)[1]
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        if not answer.fields.child("controlData").boolean("success"):
            raise self.rejected(operation, *_first_error(answer.fields))

    def _body(self, enquiry: CibilEnquiry, today: date) -> dict[str, Any]:
        return {
            "serviceCode": SERVICE_CODE,
            "monitoringDate": today.strftime(DATE),
            "consumerInputSubject": {
                "tuefHeader": self._header(enquiry),
                "names": [
                    {
                        "index": "N01",
                        "firstName": enquiry.first_name,
                        "middleName": enquiry.middle_name,
                        "lastName": enquiry.last_name,
                        "birthDate": enquiry.date_of_birth.strftime(DATE),
                        "gender": GENDER_CODES[enquiry.gender],
                    }
                ],
                "ids": [{"index": "I01", "idNumber": enquiry.pan, "idType": "01"}],
                "telephones": [
                    {
                        "index": "T01",
                        "telephoneNumber": enquiry.phone,
                        "telephoneType": "01",
                        "enquiryEnriched": "Y",
                    }
                ],
                "addresses": [_address(enquiry)],
                "enquiryAccounts": [{"index": "I01", "accountNumber": ""}],
            },
        }

    def _header(self, enquiry: CibilEnquiry) -> dict[str, str]:
        return {
            "headerType": "TUEF",
            "version": "12",
            "memberRefNo": enquiry.reference,
            "gstStateCode": enquiry.state_code,
            "enquiryMemberUserId": self.settings.credentials.get("member_user_id", ""),
            "enquiryPassword": self.settings.credentials.get("member_password", ""),
            "enquiryPurpose": enquiry.purpose,
            "enquiryAmount": f"{enquiry.amount.quantize(Decimal(1), ROUND_HALF_UP):09}",
            "scoreType": "08",
            "outputFormat": "03",
            "responseSize": "1",
            "ioMedia": "CC",
            "authenticationMethod": "L",
        }


def read_report(answer: Answer) -> CibilReport:
    """The head of a report; what is in it is read by the bureau pipeline."""
    consumers = answer.fields.children("consumerCreditData")
    if not consumers:
        raise answer.fields.error("consumerCreditData", "empty")
    header = consumers[0].child("tuefHeader")
    scores = consumers[0].children("scores", [])
    return CibilReport(
        control_number=header.text("enquiryControlNumber"),
        is_hit=header.integer("subjectReturnCode") == FOUND,
        score=_score(scores[0]) if scores else None,
        processed_on=header.date("dateProcessed", DATE),
        report=dict(answer.fields.data),
        body=answer.body,
    )


def _score(segment: Fields) -> int | None:
    """Five characters, zero-padded before the sign: 00782 is 782, 000-1 is -1."""
    text = segment.text("score", "").strip()
    if not text:
        return None
    digits, minus, below_zero = text.partition("-")
    try:
        return -int(below_zero) if minus else int(digits)
    except ValueError:
        raise segment.error("score", "not a number") from None


def _address(enquiry: CibilEnquiry) -> dict[str, str]:
    """Five lines of at most 40 characters; what does not fit is left out."""
    lines = [*textwrap.wrap(enquiry.address, 40), "", "", "", "", ""][:5]
    return {
        "index": "A01",
        **{f"line{number}": line for number, line in enumerate(lines, start=1)},
        "stateCode": enquiry.state_code,
        "pinCode": enquiry.pincode,
        "addressCategory": "04",
        "residenceCode": "01",
    }


def _first_error(fields: Fields) -> tuple[str, str]:
    """Code and message of the first error in a refusal."""
    errors = fields.child("controlData").children("errorResponseArray", [])
    if not errors:
        return "error", "refused without a reason"
    return errors[0].identifier("errorCode", "error"), errors[0].text("errorMessage", "")
