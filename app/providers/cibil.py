"""TransUnion CIBIL: a consumer's credit report as JSON.

Source: working clients of the consumer JSON API (path, headers, body) and the published sample of
its answer; field codes as in the TUEF guide. The connection is mutual TLS: the optional credential
`certificate_file` names a PEM file with the member's certificate and key. What the documentation
leaves open is listed in docs/providers.md.
"""

import textwrap
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.config.providers import ProviderSettings
from app.providers.bureau import (
    BureauAnswer,
    BureauClient,
    BureauEnquiry,
    consumer_pull_at,
    json_object,
    read_answer,
)
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, Operation, operations

DATE = "%d%m%Y"
SERVICE_CODE = "CN1CAS0004"
GENDER_CODES: Mapping[str, str] = {"female": "1", "male": "2", "other": "3"}


class CibilClient(BureauClient):
    """Credentials: member_ref_id, api_key, client_secret; optional member_user_id, member_password
    and certificate_file."""

    provider = "cibil"
    operations = operations(consumer_pull_at("/acquire/credit-assessment/v1/consumer-cir-cv"))

    def __init__(self, settings: ProviderSettings, brand_id: str, **options: Any) -> None:
        super().__init__(settings, brand_id, **options)
        self._session.cert = settings.credentials.get("certificate_file")

    def consumer_pull(self, enquiry: BureauEnquiry, *, today: date) -> BureauAnswer:
        """Pull a credit report."""
        return self.call(
            "consumer_pull",
            read_answer,
            json=self._body(enquiry, today),
            headers={"cust-ref-id": enquiry.reference},
            hide=("pinCode",),
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
        control = json_object(answer).get("controlData")
        if isinstance(control, dict) and control.get("success") is False:
            raise self.rejected(operation, *_first_error(answer.fields))

    def _body(self, enquiry: BureauEnquiry, today: date) -> dict[str, Any]:
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

    def _header(self, enquiry: BureauEnquiry) -> dict[str, str]:
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


def _address(enquiry: BureauEnquiry) -> dict[str, str]:
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
