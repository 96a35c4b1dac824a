"""Twin of TransUnion CIBIL: a person's bureau file as the consumer JSON.

Documented: path, headers, request, answer, date and DPD formats. Assumed: subjectReturnCode 0 with
score 000-1 for a person without a record, the shape of an error, and the spelling of amountOverdue,
creditLimit and writtenOffAndSettledStatus. PANs that start with XXX have no record.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, Twin, answer, invalid_field, json_body, simulator
from app.sandbox.person import Account, Enquiry, Person, months_before
from app.sandbox.personas import is_nobody, person_for

DATE = r"\d{8}"
HEADER_CREDENTIALS = {"member-ref-id": "member_ref_id", "apikey": "api_key", "client-secret": "client_secret"}
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "names": {"firstName": r".{1,26}", "birthDate": DATE, "gender": r"[123]"},
    "ids": {"idNumber": r"[A-Za-z]{5}\d{4}[A-Za-z]", "idType": r"01"},
    "telephones": {"telephoneNumber": r"\d{10}", "telephoneType": r"\d\d"},
    "addresses": {"line1": r".{1,40}", "stateCode": r"\d\d", "pinCode": r"[1-9]\d{5}"},
}
GENDER_CODES = {"female": "1", "male": "2"}
NO_HISTORY = "000-1"
LENDER = "NOT DISCLOSED"


def _error(status: int, code: str, message: str) -> ResponseReturnValue:
    errors = [{"errorCode": code, "errorMessage": message}]
    return answer({"controlData": {"success": False, "errorResponseArray": errors}}, status)


twin = Twin(
    "cibil",
    authorised=lambda: all(
        twin.accepts(credential, request.headers.get(header))
        for header, credential in HEADER_CREDENTIALS.items()
    ),
    unauthorised=lambda: _error(401, "UNAUTHORIZED", "Invalid credentials"),
    failure=lambda: _error(500, "INTERNAL_ERROR", "Internal server error"),
)


@twin.post("/acquire/credit-assessment/v1/consumer-cir-cv")
def consumer_pull() -> ResponseReturnValue:
    body = json_body()
    subject = body.get("consumerInputSubject")
    if wrong := _wrong_segment(subject if isinstance(subject, dict) else {}):
        return _error(400, "INVALID_REQUEST", f"{wrong} is missing or invalid")
    pan, phone = subject["ids"][0]["idNumber"], subject["telephones"][0]["telephoneNumber"]
    today = simulator().today()
    head = _header(subject, pan, today)
    if is_nobody(pan):
        return answer(_file(head | {"subjectReturnCode": 0}, [], today))
    person = person_for(pan=pan, phone=phone)
    if person.persona.score is None:
        return answer(_file(head | {"subjectReturnCode": 0}, [], today))
    return answer(_file(head, _accounts(person, today), today, person))


def _wrong_segment(subject: Mapping[str, Any]) -> str | None:
    """The first field of the request that is not as documented."""
    for segment, patterns in REQUIRED.items():
        rows = subject.get(segment)
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            return segment
        if field := invalid_field(rows[0], patterns):
            return f"{segment}.{field}"
    return None if isinstance(subject.get("tuefHeader"), dict) else "tuefHeader"


def _header(subject: Mapping[str, Any], pan: str, today: date) -> dict[str, Any]:
    sent = subject["tuefHeader"]
    key = f"{pan}{sent.get('memberRefNo')}{today}"
    return {
        "headerType": "TUEF",
        "version": "12",
        "memberRefNo": sent.get("memberRefNo", ""),
        "enquiryMemberUserId": sent.get("enquiryMemberUserId", ""),
        "subjectReturnCode": 1,
        "enquiryControlNumber": str(int.from_bytes(hashlib.sha256(key.encode()).digest()[:5])).zfill(12),
        "dateProcessed": _ddmmyyyy(today),
        "timeProcessed": datetime.now(INDIA).strftime("%H%M%S"),
    }


def _file(
    header: dict[str, Any], accounts: list[dict[str, Any]], today: date, person: Person | None = None
) -> dict[str, Any]:
    score = f"{person.persona.score:05}" if person else NO_HISTORY
    enquiries = _enquiries(person.persona.enquiries, today) if person else []
    return {
        "controlData": {"success": True},
        "consumerCreditData": [
            {
                "tuefHeader": header,
                **(_identity(person, today) if person else {}),
                "scores": [
                    {
                        "scoreName": "CIBILTUSC3",
                        "scoreCardName": "08",
                        "scoreCardVersion": "10",
                        "scoreDate": _ddmmyyyy(today),
                        "score": score,
                    }
                ],
                "accounts": accounts,
                "enquiries": enquiries,
            }
        ],
        "consumerSummaryData": {
            "accountSummary": _account_summary(accounts),
            "inquirySummary": _enquiry_summary(person.persona.enquiries if person else (), today),
        },
    }


def _identity(person: Person, today: date) -> dict[str, Any]:
    reported = _ddmmyyyy(today - timedelta(days=40))
    name = {
        "index": "N01",
        "name": person.name,
        "birthDate": _ddmmyyyy(person.date_of_birth),
        "gender": GENDER_CODES[person.gender],
    }
    home = person.address
    address = {
        "index": "A01",
        "line1": f"{home.house} {home.street}",
        "line2": home.locality,
        "stateCode": home.state_code,
        "pinCode": home.pincode,
        "addressCategory": "02",
        "dateReported": reported,
    }
    income = {"index": "E01", "accountType": "05", "dateReported": reported, "occupationCode": "01"}
    return {
        "names": [name],
        "ids": [{"index": "I01", "idType": "01", "idNumber": person.pan}],
        "telephones": [{"index": "T01", "telephoneNumber": person.phone, "telephoneType": "01"}],
        "emails": [{"index": "C01", "emailID": person.email}],
        "employment": [income],
        "addresses": [address],
    }


def _accounts(person: Person, today: date) -> list[dict[str, Any]]:
    return [
        _account(account, number, today) for number, account in enumerate(person.persona.accounts, start=1)
    ]


def _account(account: Account, number: int, today: date) -> dict[str, Any]:
    """One account; what does not apply is left out, as in the real answer."""
    newest = account.closed_months_ago or 1
    reported = months_before(today, newest - 1) - timedelta(days=1)
    optional = {
        "dateClosed": _ddmmyyyy(reported) if account.closed_months_ago else None,
        "amountOverdue": account.overdue,
        "creditLimit": account.credit_limit,
        "emiAmount": account.emi,
        "paymentFrequency": "03" if account.emi else None,
        "interestRate": Decimal("16.50") if account.emi else None,
        "writtenOffAndSettledStatus": account.written_off,
    }
    return {
        "index": f"T{number:03}",
        "memberShortName": LENDER,
        "accountType": account.account_type,
        "ownershipIndicator": 1,
        "dateOpened": _ddmmyyyy(months_before(today, account.opened_months_ago).replace(day=12)),
        "lastPaymentDate": _ddmmyyyy(reported.replace(day=10)),
        "dateReported": _ddmmyyyy(reported),
        "highCreditAmount": account.high_credit,
        "currentBalance": account.balance,
        "paymentHistory": "".join(account.dpd),
        "paymentStartDate": _ddmmyyyy(months_before(today, newest)),
        "paymentEndDate": _ddmmyyyy(months_before(today, newest + len(account.dpd) - 1)),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _enquiries(enquiries: Iterable[Enquiry], today: date) -> list[dict[str, Any]]:
    return [
        {
            "index": f"I{number:03}",
            "enquiryDate": _ddmmyyyy(today - timedelta(days=enquiry.days_ago)),
            "memberShortName": LENDER,
            "enquiryPurpose": enquiry.purpose,
            "enquiryAmount": enquiry.amount,
        }
        for number, enquiry in enumerate(enquiries, start=1)
    ]


def _account_summary(accounts: list[dict[str, Any]]) -> dict[str, Any]:
    opened = sorted((a["dateOpened"] for a in accounts), key=lambda d: (d[4:], d[2:4], d[:2]))
    summary = {
        "totalAccounts": len(accounts),
        "overdueAccounts": sum(1 for a in accounts if a.get("amountOverdue")),
        "zeroBalanceAccounts": sum(1 for a in accounts if not a["currentBalance"]),
        "highCreditAmount": sum(a["highCreditAmount"] for a in accounts),
        "currentBalance": sum(a["currentBalance"] for a in accounts),
        "overdueBalance": sum(a.get("amountOverdue", 0) for a in accounts),
    }
    return summary | ({"recentDateOpened": opened[-1], "oldestDateOpened": opened[0]} if opened else {})


def _enquiry_summary(enquiries: Iterable[Enquiry], today: date) -> dict[str, Any]:
    ages = sorted(enquiry.days_ago for enquiry in enquiries)
    summary = {
        "totalInquiry": len(ages),
        "inquiryPast30Days": sum(1 for age in ages if age <= 30),
        "inquiryPast12Months": sum(1 for age in ages if age <= 365),
        "inquiryPast24Months": sum(1 for age in ages if age <= 730),
    }
    return summary | ({"recentInquiryDate": _ddmmyyyy(today - timedelta(days=ages[0]))} if ages else {})


def _ddmmyyyy(day: date) -> str:
    return day.strftime("%d%m%Y")
