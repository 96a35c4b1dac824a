"""Twin of Equifax India: a person's bureau file as the JSON of product CCR.

Documented: path, request, answer. Assumed: HTTP 401 for wrong credentials, an Error object with a code for a
refusal, and ErrorCode 00 beside the report of a person without a record. PANs that start with XXX have no record.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, Twin, answer, invalid_field, json_body, simulator
from app.sandbox.bureau_words import (
    SECURED,
    account_type,
    months,
    opened_on,
    reported_on,
    rupees,
)
from app.sandbox.person import Account, Person
from app.sandbox.personas import is_nobody, person_for

CREDENTIALS = {
    "CustomerId": "customer_id",
    "UserId": "user_id",
    "Password": "password",
    "MemberNumber": "member_number",
    "SecurityCode": "security_code",
}
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "InquiryAddresses": {"AddressLine1": r".{1,400}", "State": r"[A-Z]{2}", "Postal": r"[1-9]\d{5}"},
    "InquiryPhones": {"Number": r"\d{10}"},
    "IDDetails": {"IDType": r"T", "IDValue": r"[A-Za-z]{5}\d{4}[A-Za-z]"},
}
# What a month of the persona's history is called here.
STATUSES = {"000": "000", "STD": "STD", "SMA": "SMA", "SUB": "SUB", "DBT": "DBT", "LSS": "LOSS", "XXX": "*"}
BANDS = (720, 540, 360, 180, 120, 90, 60, 30, 1)
WRITTEN_OFF_STATUS = {"02": "Charge Off/Written Off", "03": "Settled"}


def _error(status: int, code: str, message: str) -> ResponseReturnValue:
    head = {"SuccessCode": "0"}
    return answer({"InquiryResponseHeader": head, "Error": {"ErrorCode": code, "ErrorDesc": message}}, status)


def _authorised() -> bool:
    header = json_body().get("RequestHeader")
    given = header if isinstance(header, dict) else {}
    return all(twin.accepts(credential, given.get(name)) for name, credential in CREDENTIALS.items())


twin = Twin(
    "equifax",
    authorised=_authorised,
    unauthorised=lambda: _error(401, "E0049", "Invalid user or password"),
    failure=lambda: _error(500, "E9999", "System error"),
)


@twin.post("/cir360service/cir360report")
def consumer_pull() -> ResponseReturnValue:
    body = json_body()
    asked = body.get("RequestBody")
    asked = asked if isinstance(asked, dict) else {}
    if wrong := _wrong(asked):
        return _error(200, "E0041", f"{wrong} is missing or invalid")
    pan, phone = asked["IDDetails"][0]["IDValue"], asked["InquiryPhones"][0]["Number"]
    today = simulator().today()
    head = _header(body["RequestHeader"], pan, today)
    person = None if is_nobody(pan) else person_for(pan=pan, phone=phone)
    if person is None or person.persona.score is None:
        return answer(
            {"InquiryResponseHeader": head, "CCRResponse": {"Status": "1", "CIRReportDataLst": [_nobody()]}}
        )
    data = {"CIRReportData": _report(person, today)}
    return answer({"InquiryResponseHeader": head, "CCRResponse": {"Status": "1", "CIRReportDataLst": [data]}})


def _wrong(asked: Mapping[str, Any]) -> str | None:
    """The first field of the request that is not as documented."""
    for segment, patterns in REQUIRED.items():
        rows = asked.get(segment)
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            return segment
        if field := invalid_field(rows[0], patterns):
            return f"{segment}.{field}"
    return invalid_field(asked, {"FirstName": r".{1,60}", "DOB": r"\d{4}-\d\d-\d\d"})


def _header(sent: Mapping[str, Any], pan: str, today: date) -> dict[str, Any]:
    key = f"{pan}{sent.get('CustRefField')}{today}"
    return {
        "ClientID": "",
        "CustRefField": sent.get("CustRefField", ""),
        "ReportOrderNO": str(int.from_bytes(hashlib.sha256(key.encode()).digest()[:4])),
        "ProductCode": ["CCR"],
        "SuccessCode": "1",
        "Date": today.isoformat(),
        "Time": datetime.now(INDIA).strftime("%H:%M:%S"),
    }


def _nobody() -> dict[str, Any]:
    return {"Error": {"ErrorCode": "00", "ErrorDesc": "Consumer not found in bureau"}}


def _report(person: Person, today: date) -> dict[str, Any]:
    persona = person.persona
    accounts = [_account(account, number, today) for number, account in enumerate(persona.accounts, start=1)]
    return {
        "IDAndContactInfo": _identity(person, today),
        "ScoreDetails": [
            {"Type": "ERS", "Version": "4.0", "Name": "RTL.ERS4.0", "Value": str(persona.score)}
        ],
        "Enquiries": [
            {
                "seq": str(number),
                "Institution": "FINANCE",
                "Date": (today - timedelta(days=enquiry.days_ago)).isoformat(),
                "Time": "12:49",
                "RequestPurpose": enquiry.purpose,
                "Amount": rupees(enquiry.amount),
            }
            for number, enquiry in enumerate(persona.enquiries, start=1)
        ],
        "RetailAccountsSummary": {"NoOfAccounts": str(len(accounts))},
        "RetailAccountDetails": accounts,
    }


def _identity(person: Person, today: date) -> dict[str, Any]:
    seen = {"seq": "1", "ReportedDate": (today - timedelta(days=40)).isoformat()}
    home = person.address
    return {
        "PersonalInfo": {
            "Name": {"FullName": person.name},
            "DateOfBirth": person.date_of_birth.isoformat(),
            "Gender": person.gender.title(),
        },
        "IdentityInfo": {"PANId": [seen | {"IdNumber": person.pan}]},
        "AddressInfo": [
            seen
            | {"Address": f"{home.house} {home.street} {home.city}", "Postal": home.pincode, "Type": "Owns"}
        ],
        "PhoneInfo": [seen | {"typeCode": "M", "Number": person.phone}],
        "EmailAddressInfo": [seen | {"EmailAddress": person.email}],
    }


def _account(account: Account, number: int, today: date) -> dict[str, Any]:
    """One account; what does not apply is left out, as in the real answer."""
    optional = {
        "DateClosed": reported_on(account, today).isoformat() if account.closed_months_ago else "",
        "CreditLimit": rupees(account.credit_limit),
        "InstallmentAmount": rupees(account.emi),
    }
    return {
        "seq": str(number),
        "AccountNumber": "**********",
        "Institution": "FINANCE",
        "AccountType": account_type(account.account_type),
        "OwnershipType": "Individual",
        "Balance": rupees(account.balance),
        "PastDueAmount": rupees(account.overdue) or "0",
        "Open": "No" if account.closed_months_ago else "Yes",
        "SanctionAmount": rupees(account.high_credit),
        "DateReported": reported_on(account, today).isoformat(),
        "DateOpened": opened_on(account, today).isoformat(),
        "TermFrequency": "Monthly",
        "AccountStatus": WRITTEN_OFF_STATUS.get(account.written_off or "", "Current Account"),
        "LoanCategoryType": "Secured" if account.account_type in SECURED else "Unsecured",
        "source": "INDIVIDUAL",
        "History48Months": [
            {
                "key": f"{month:%m-%y}",
                "PaymentStatus": _status(mark),
                "SuitFiledStatus": "*",
                "AssetClassificationStatus": "*",
            }
            for month, mark in zip(months(account, today), account.dpd, strict=True)
        ],
        **{name: value for name, value in optional.items() if value},
    }


def _status(mark: str) -> str:
    if mark in STATUSES:
        return STATUSES[mark]
    return next(f"{band:02}+" for band in BANDS if int(mark) >= band)
