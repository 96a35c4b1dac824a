"""Equifax India: a consumer's credit report (product CCR) as JSON.

Source: request builders in working clients (path, header, body) and the published samples of its answer. The
credentials stand in the body. What no source says (refusals, the answer on a person without a record) is listed in
docs/providers.md.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.providers.bureau import (
    STATE_LETTERS,
    BureauAnswer,
    BureauClient,
    BureauEnquiry,
    consumer_pull_at,
    json_object,
    read_answer,
)
from app.providers.wire import Answer, Operation, operations

PRODUCT = "CCR"
SCORE = {"Type": "ERS", "Version": "4.0"}
NOBODY = "00"  # ErrorCode: consumer not found in bureau
SECRET = (
    "CustomerId",
    "UserId",
    "Password",
    "MemberNumber",
    "SecurityCode",
    "Number",
    "AddressLine1",
    "Postal",
)


class EquifaxClient(BureauClient):
    """Credentials: customer_id, user_id, password, member_number, security_code."""

    provider = "equifax"
    operations = operations(consumer_pull_at("/cir360service/cir360report"))

    def consumer_pull(self, enquiry: BureauEnquiry, *, today: date) -> BureauAnswer:
        """Pull a credit report."""
        return self.call("consumer_pull", read_answer, json=self._body(enquiry), hide=SECRET)

    def reason(self, answer: Answer) -> str:
        error = _error(json_object(answer))
        return str(error.get("ErrorDesc") or f"HTTP {answer.status}")

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        error = _error(json_object(answer))
        code = str(error.get("ErrorCode", NOBODY))
        if code != NOBODY:
            raise self.rejected(operation, code, str(error.get("ErrorDesc", "")))

    def _body(self, enquiry: BureauEnquiry) -> dict[str, Any]:
        credentials = self.settings.credentials
        return {
            "RequestHeader": {
                "CustomerId": credentials["customer_id"],
                "UserId": credentials["user_id"],
                "Password": credentials["password"],
                "MemberNumber": credentials["member_number"],
                "SecurityCode": credentials["security_code"],
                "CustRefField": enquiry.reference,
                "ProductCode": [PRODUCT],
            },
            "RequestBody": _person(enquiry),
            "Score": [SCORE],
        }


def _person(enquiry: BureauEnquiry) -> dict[str, Any]:
    return {
        "InquiryPurpose": enquiry.purpose,
        "TransactionAmount": str(enquiry.amount.quantize(Decimal(1), ROUND_HALF_UP)),
        "FirstName": enquiry.first_name,
        "MiddleName": enquiry.middle_name,
        "LastName": enquiry.last_name,
        "DOB": enquiry.date_of_birth.isoformat(),
        "InquiryAddresses": [
            {
                "seq": "1",
                "AddressType": ["H"],
                "AddressLine1": enquiry.address,
                "State": STATE_LETTERS[enquiry.state_code],
                "Postal": enquiry.pincode,
            }
        ],
        "InquiryPhones": [{"seq": "1", "Number": enquiry.phone, "PhoneType": ["M"]}],
        "IDDetails": [{"seq": "1", "IDType": "T", "IDValue": enquiry.pan, "Source": "Inquiry"}],
    }


def _error(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error object of an answer: at the top, or beside a report that is not there."""
    response = report.get("CCRResponse")
    listed = response.get("CIRReportDataLst") if isinstance(response, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else {}
    for place in (report, first):
        error = place.get("Error") if isinstance(place, dict) else None
        if isinstance(error, dict):
            return error
    return {}
