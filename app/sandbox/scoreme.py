"""Twin of ScoreMe's bank statement analysis: takes a file, names the report's place at the second look.

From a published integration: paths, headers, SRS016 and SRC001, jsonUrl. Assumed: everything inside the report.
"""

import json
from typing import Any
from uuid import uuid4

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, simulator
from app.sandbox.statements import StatementProblem, months_of, opened


def told(code: str, message: str, data: Any = None, status: int = 200) -> ResponseReturnValue:
    return answer({"responseCode": code, "responseMessage": message, "data": data}, status)


twin = Twin(
    "scoreme",
    authorised=lambda: (
        twin.accepts("client_id", request.headers.get("clientId"))
        and twin.accepts("client_secret", request.headers.get("clientSecret"))
    ),
    unauthorised=lambda: told("SER001", "Invalid client credentials", status=401),
    failure=lambda: told("SER500", "Internal error", status=500),
)


@twin.post("/bsa/external/uploadbankstatement/sgb")
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not request.form.get("data"):
        return told("SER012", "file and data are required")
    reference = uuid4().hex
    with simulator().lock:
        simulator().shelf("scoreme.files")[reference] = {
            "data": file.read(),
            "polls": 0,
            "about": request.form["data"],
        }
    return told("SRS016", "Request submitted", {"referenceId": reference})


@twin.get("/bsa/external/getbsareport/")
def report() -> ResponseReturnValue:
    reference = request.args.get("referenceId", "")
    with simulator().lock:
        file = simulator().shelf("scoreme.files").get(reference)
        if file is None:
            return told("SER404", "Unknown referenceId")
        file["polls"] += 1
    if file["polls"] == 1:
        return told("SRS016", "In process", {"referenceId": reference})
    url = url_for("scoreme.download", reference=reference, _external=True)
    return told("SRC001", "Success", {"referenceId": reference, "jsonUrl": url, "excelUrl": url + ".xlsx"})


@twin.get("/files/<reference>.json")
def download(reference: str) -> ResponseReturnValue:
    file = simulator().shelf("scoreme.files").get(reference)
    if file is None:
        return told("SER404", "Unknown referenceId", status=404)
    password = _password(file["about"])
    try:
        statement = opened(file["data"], password)
    except StatementProblem as problem:
        return answer({"status": "FAILED", "message": problem.reason})
    return answer({"status": "COMPLETED", "accounts": [_account(one) for one in statement.accounts]})


def _password(about: str) -> str:
    try:
        return str(json.loads(about).get("password", ""))
    except (ValueError, AttributeError):
        return ""


def _account(account: Any) -> dict[str, Any]:
    months = months_of(account).values()
    salaries = [sum(entry.amount for entry in month.salary) for month in months if month.salary]
    balances = [balance for month in months for balance in month.balances.values()]
    return {
        "bankName": account.facts.bank,
        "accountNumber": account.facts.masked_number,
        "summary": {
            "averageSalary": round(sum(salaries) / len(salaries), 2) if salaries else None,
            "averageMonthlyBalance": round(sum(balances) / len(balances), 2) if balances else None,
            "inwardChequeBounces": sum(len(month.bounces) for month in months),
        },
    }
