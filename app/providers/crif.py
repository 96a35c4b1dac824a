"""CRIF High Mark: a consumer's credit report (CIR PRO V2) as JSON.

Source: a working client (headers, body) and the published sample of the answer. The answer is the JSON followed by
the same report as an HTML document. The address of the JSON service is in no public source, nor is the wording of
refusals: docs/providers.md lists what is assumed.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.core import clock
from app.providers.bureau import (
    STATE_LETTERS,
    BureauAnswer,
    BureauClient,
    BureauEnquiry,
    consumer_pull_at,
    json_object,
)
from app.providers.wire import Answer, Operation, operations

PRODUCT, PRODUCT_VERSION, VOLUME_TYPE = "CIR PRO V2", "2.0", "C04"
DATE, INSTANT = "%d-%m-%Y", "%d-%m-%Y %H:%M:%S"
PAGE = b"<!DOCTYPE"
SECRET = ("USER-ID", "USER-PWD", "DOB-DT", "ADDRESS-TEXT", "PIN", "VALUE")


class CrifClient(BureauClient):
    """Credentials: customer_id, user_id, password."""

    provider = "crif"
    operations = operations(consumer_pull_at("/Inquiry/doGet.service/requestResponseSync"))

    def consumer_pull(self, enquiry: BureauEnquiry, *, today: date) -> BureauAnswer:
        """Pull a credit report."""
        return self.call("consumer_pull", _read, json=self._body(enquiry, today), hide=SECRET)

    @classmethod
    def reread(cls, body: bytes) -> BureauAnswer:
        return _read(Answer(200, {}, body))

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        return {
            "userId": credentials["user_id"],
            "password": credentials["password"],
            "CUSTOMER-ID": credentials["customer_id"],
            "PRODUCT-TYPE": PRODUCT,
            "PRODUCT-VER": PRODUCT_VERSION,
            "REQ-VOL-TYPE": VOLUME_TYPE,
        }

    def reason(self, answer: Answer) -> str:
        return _first_error(_json_part(answer))[1] or f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        code, message = _first_error(_json_part(answer))
        if code:
            raise self.rejected(operation, code, message)

    def _body(self, enquiry: BureauEnquiry, today: date) -> dict[str, Any]:
        credentials = self.settings.credentials
        now = datetime.combine(today, clock.now().astimezone(clock.INDIA).time()).strftime(INSTANT)
        head = {
            "PRODUCT-TYPE": PRODUCT,
            "PRODUCT-VER": PRODUCT_VERSION,
            "USER-ID": credentials["user_id"],
            "USER-PWD": credentials["password"],
            "REQ-MBR": credentials["customer_id"],
            "INQ-DT-TM": now,
            "REQ-VOL-TYPE": VOLUME_TYPE,
            "REQ-ACTN-TYPE": "AT01",
            "AUTH-FLG": "Y",
            "AUTH-TITLE": "USER",
            "RES-FRMT": "HTML",
            "MEMBER-PREF-OVERRIDE": "N",
            "RES-FRMT-EMBD": "Y",
            "REQ-SERVICES-TYPE": "CIR",
        }
        inquiry = {
            "APPLICANT-SEGMENT": _applicant(enquiry, today),
            "APPLICATION-SEGMENT": _application(enquiry, now),
        }
        return {"REQUEST-FILE": {"HEADER-SEGMENT": head, "INQUIRY": inquiry}}


def _applicant(enquiry: BureauEnquiry, today: date) -> dict[str, Any]:
    born = enquiry.date_of_birth
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return {
        "APPLICANT-ID": enquiry.reference,
        "FIRST-NAME": enquiry.first_name,
        "MIDDLE-NAME": enquiry.middle_name,
        "LAST-NAME": enquiry.last_name,
        "DOB": {"DOB-DT": born.strftime(DATE), "AGE": str(age), "AGE-AS-ON": today.strftime(DATE)},
        "RELATIONS": [],
        "IDS": [{"TYPE": "ID07", "VALUE": enquiry.pan}],
        "ADDRESSES": [
            {
                "TYPE": "D05",
                "ADDRESS-TEXT": enquiry.address,
                "CITY": enquiry.city,
                "STATE": STATE_LETTERS[enquiry.state_code],
                "LOCALITY": "",
                "PIN": enquiry.pincode,
                "COUNTRY": "INDIA",
            }
        ],
        "PHONES": [{"TYPE": "P04", "VALUE": enquiry.phone}],
        "EMAILS": [],
        "ACCOUNT-NUMBER": "",
    }


def _application(enquiry: BureauEnquiry, now: str) -> dict[str, str]:
    return {
        "INQUIRY-UNIQUE-REF-NO": enquiry.reference,
        "CREDIT-RPT-ID": "",
        "CREDIT-RPT-TRN-DT-TM": now,
        "CREDIT-INQ-PURPS-TYPE": "CP06",
        "CREDIT-INQUIRY-STAGE": "PRE-DISB",
        "CLIENT-CONTRIBUTOR-ID": "",
        "APPLICATION-ID": enquiry.reference,
        "LOAN-AMT": str(enquiry.amount.quantize(Decimal(1), ROUND_HALF_UP)),
        "LOAN-TYPE": "A01",
    }


def _read(answer: Answer) -> BureauAnswer:
    return BureauAnswer(_json_part(answer), answer.body)


def _json_part(answer: Answer) -> dict[str, Any]:
    """The report without the HTML document that follows it."""
    return json_object(replace(answer, body=answer.body.partition(PAGE)[0]))


def _first_error(report: dict[str, Any]) -> tuple[str, str]:
    """Code and words of the first error of the report asked for; empty where there is none."""
    file = report.get("CIR-REPORT-FILE")
    statuses = file.get("REQUEST-STATUS") if isinstance(file, dict) else None
    for status in statuses if isinstance(statuses, list) else ():
        errors = status.get("ERRORS") if isinstance(status, dict) else None
        if errors and isinstance(errors, list) and isinstance(errors[0], dict):
            return str(errors[0].get("CODE") or "error"), str(errors[0].get("DESCRIPTION") or "")
    return "", ""
