"""Twin of CRIF High Mark: a person's bureau file as the JSON of CIR PRO V2, followed by an HTML document.

Documented: headers, request, answer. Assumed: the address, HTTP 401 for wrong credentials, the ERRORS of a refusal,
and empty segments with the status NO-HIT for a person without a record. PANs that start with XXX have no record.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, invalid_field, json_body, simulator
from app.sandbox.bureau_words import (
    SECURED,
    account_type,
    grouped,
    months,
    opened_on,
    reported_on,
)
from app.sandbox.person import Account, Person
from app.sandbox.personas import is_nobody, person_for

CREDENTIALS = {"userId": "user_id", "password": "password", "CUSTOMER-ID": "customer_id"}
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "IDS": {"TYPE": r"ID07", "VALUE": r"[A-Za-z]{5}\d{4}[A-Za-z]"},
    "PHONES": {"VALUE": r"\d{10}"},
    "ADDRESSES": {"ADDRESS-TEXT": r".{1,400}", "STATE": r"[A-Z]{2}", "PIN": r"[1-9]\d{5}"},
}
DATE = "%d-%m-%Y"
CLASSES = {"STD", "SMA", "SUB", "DBT", "LSS"}
WRITTEN_OFF_STATUS = {"02": "Written Off", "03": "Settled"}
HTML = "<!DOCTYPE html><html><body><h1>CIR PRO V2</h1></body></html>"


def _reply(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body) + HTML, status, mimetype="application/json")


def _error(status: int, code: str, message: str) -> Response:
    failed = {"TYPE": "CIR", "STATUS": "FAILURE", "ERRORS": [{"CODE": code, "DESCRIPTION": message}]}
    return _reply(
        {"CIR-REPORT-FILE": {"HEADER-SEGMENT": {"STATUS": "FAILURE"}, "REQUEST-STATUS": [failed]}}, status
    )


twin = Twin(
    "crif",
    authorised=lambda: all(
        twin.accepts(credential, request.headers.get(header)) for header, credential in CREDENTIALS.items()
    ),
    unauthorised=lambda: _error(401, "ERR01", "Invalid credentials"),
    failure=lambda: _error(500, "ERR99", "System error"),
)


@twin.post("/Inquiry/doGet.service/requestResponseSync")
def consumer_pull() -> ResponseReturnValue:
    file = json_body().get("REQUEST-FILE")
    inquiry = file.get("INQUIRY") if isinstance(file, dict) else None
    applicant = inquiry.get("APPLICANT-SEGMENT") if isinstance(inquiry, dict) else None
    if wrong := _wrong(applicant if isinstance(applicant, dict) else {}):
        return _error(200, "ERR10", f"{wrong} is missing or invalid")
    pan, phone = applicant["IDS"][0]["VALUE"], applicant["PHONES"][0]["VALUE"]
    today = simulator().today()
    person = None if is_nobody(pan) else person_for(pan=pan, phone=phone)
    known = person if person and person.persona.score is not None else None
    return _reply({"CIR-REPORT-FILE": _file(known, pan, today)})


def _wrong(applicant: Mapping[str, Any]) -> str | None:
    """The first field of the request that is not as documented."""
    for segment, patterns in REQUIRED.items():
        rows = applicant.get(segment)
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            return segment
        if field := invalid_field(rows[0], patterns):
            return f"{segment}.{field}"
    return invalid_field(applicant, {"FIRST-NAME": r".{1,60}"})


def _file(person: Person | None, pan: str, today: date) -> dict[str, Any]:
    number = int.from_bytes(hashlib.sha256(f"{pan}{today}".encode()).digest()[:4])
    head = {
        "DATE-OF-REQUEST": today.strftime(DATE),
        "DATE-OF-ISSUE": today.strftime(DATE),
        "REPORT-ID": f"SAND{today:%y%m%d}CR{number:010}",
        "STATUS": "SUCCESS",
        "PRODUCT-TYPE": "CIR PRO V2",
        "PRODUCT-VER": "2.0",
    }
    status = {"TYPE": "CIR", "STATUS": "SUCCESS" if person else "NO-HIT", "ERRORS": []}
    data = _standard_data(person, today) if person else {"TRADELINES": [], "INQUIRY-HISTORY": [], "SCORE": []}
    count = str(len(person.persona.accounts) if person else 0)
    summary = {"PRIMARY-ACCOUNTS-SUMMARY": {"NUMBER-OF-ACCOUNTS": count}}
    return {
        "HEADER-SEGMENT": head,
        "REQUEST-STATUS": [status],
        "REPORT-DATA": {"STANDARD-DATA": data, "ACCOUNTS-SUMMARY": summary},
        "PRINTABLE-REPORT": {},
    }


def _standard_data(person: Person, today: date) -> dict[str, Any]:
    persona = person.persona
    return {
        "DEMOGS": {"VARIATIONS": _variations(person, today)},
        "TRADELINES": [_tradeline(account, today) for account in persona.accounts],
        "INQUIRY-HISTORY": [
            {
                "LENDER-NAME": "XXXX",
                "LENDER-TYPE": "NBF",
                "INQUIRY-DT": (today - timedelta(days=enquiry.days_ago)).strftime(DATE),
                "OWNERSHIP-TYPE": "PRIMARY",
                "AMOUNT": grouped(enquiry.amount),
                "LOAN-TYPE": account_type(enquiry.purpose).upper(),
            }
            for enquiry in persona.enquiries
        ],
        "SCORE": [
            {"NAME": "PERFORM CONSUMER 2.2", "VERSION": "", "VALUE": str(persona.score), "FACTORS": []}
        ],
    }


def _variations(person: Person, today: date) -> list[dict[str, Any]]:
    home = person.address
    known = {
        "NAME-VARIATIONS": person.name,
        "DOB-VARIATIONS": person.date_of_birth.strftime(DATE),
        "PAN-VARIATIONS": person.pan,
        "PHONE-VARIATIONS": person.phone,
        "EMAIL-VARIATIONS": person.email.upper(),
        "ADDRESS-VARIATIONS": f"{home.house} {home.street} {home.city} {home.pincode}",
    }
    reported = (today - timedelta(days=40)).strftime(DATE)
    return [
        {"TYPE": kind, "VARIATION": [{"VALUE": value, "REPORTED-DT": reported}]}
        for kind, value in known.items()
    ]


def _tradeline(account: Account, today: date) -> dict[str, Any]:
    reported = reported_on(account, today).strftime(DATE)
    return {
        "ACCT-NUMBER": "XXXX",
        "CREDIT-GRANTOR": "XXXX",
        "ACCT-TYPE": account_type(account.account_type).upper().replace("-", " "),
        "REPORTED-DT": reported,
        "OWNERSHIP-TYPE": "Individual",
        "ACCOUNT-STATUS": "Closed" if account.closed_months_ago else "Active",
        "CLOSED-DT": reported if account.closed_months_ago else "",
        "DISBURSED-AMT": grouped(account.high_credit),
        "DISBURSED-DT": opened_on(account, today).strftime(DATE),
        "INSTALLMENT-AMT": f"{grouped(account.emi)}/Monthly" if account.emi else "",
        "CREDIT-LIMIT": grouped(account.credit_limit),
        "CURRENT-BAL": grouped(account.balance),
        "OVERDUE-AMT": grouped(account.overdue) or "0",
        "WRITE-OFF-AMT": "0",
        "HISTORY": [_history(account, today)],
        "SECURITY-STATUS": "Secured" if account.account_type in SECURED else "Un-Secured",
        "SUIT-FILED-WILFUL-DEFAULT-STATUS": "No Suit filed",
        "WRITTEN-OFF-SETTLED-STATUS": WRITTEN_OFF_STATUS.get(account.written_off or "", ""),
    }


def _history(account: Account, today: date) -> dict[str, str]:
    """Days past due and asset class of each month, newest first, each followed by a bar."""
    dates = "".join(f"{month:%b:%Y}|" for month in months(account, today))
    values = "".join(f"{_mark(mark)}|" for mark in account.dpd)
    return {"NAME": "COMBINED-PAYMENT-HISTORY", "DATES": dates, "VALUES": values}


def _mark(mark: str) -> str:
    if mark in CLASSES:
        return f"XXX/{mark}"
    return "XXX/XXX" if mark == "XXX" else f"{mark}/STD"
