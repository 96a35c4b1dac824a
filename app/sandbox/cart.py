"""Twin of CART (CARTBI): takes a statement, is at work for one poll, then gives the report.

From a published integration: paths, header, status words, keys of the report. Assumed: the words of refusals.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, simulator
from app.sandbox.statements import StatementProblem, months_of, opened

TOKEN_PREFIX = "API://"

twin = Twin(
    "cart",
    authorised=lambda: twin.accepts(
        "token", request.headers.get("auth-token", "").removeprefix(TOKEN_PREFIX)
    ),
    unauthorised=lambda: answer({"status": "Failed", "message": "Invalid auth token"}, 401),
    failure=lambda: answer({"status": "Failed", "message": "Internal Server Error"}, 500),
)


@twin.post("/api/upload")
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    try:
        metadata = json.loads(request.form.get("metadata", ""))
    except ValueError:
        metadata = None
    if file is None or not isinstance(metadata, dict):
        return answer({"status": "Failed", "message": "file and metadata are mandatory"}, 400)
    document = {"data": file.read(), "password": str(metadata.get("password") or ""), "polls": 0}
    doc_id = str(uuid4())
    with simulator().lock:
        simulator().shelf("cart.documents")[doc_id] = document
    return answer({"status": "Submitted", "docId": doc_id, "message": "File submitted"})


@twin.post("/api/downloadFile")
def download() -> ResponseReturnValue:
    with simulator().lock:
        document = simulator().shelf("cart.documents").get(request.get_data(as_text=True).strip())
        if document is None:
            return answer({"status": "Failed", "message": "No such document", "data": None}, 404)
        document["polls"] += 1
    if document["polls"] == 1:
        return answer({"status": "In Progress", "message": "", "data": None})
    try:
        statement = opened(document["data"], document["password"])
    except StatementProblem as problem:
        return answer({"status": "Failed", "message": problem.reason, "data": None})
    return answer(
        {"status": "Processed", "message": "", "data": [_account(one) for one in statement.accounts]}
    )


def _account(account: Any) -> dict[str, Any]:
    facts, (start, end), months = account.facts, account.period, months_of(account)
    salaries = {month: found.salary for month, found in months.items() if found.salary}
    emis = [entry for found in months.values() for entry in found.emis]
    bounces = [entry for found in months.values() for entry in found.bounces]
    balances = [balance for found in months.values() for balance in found.balances.values()]
    return {
        "bankName": facts.bank or "",
        "accountNumber": facts.masked_number,
        "accountName": (facts.holders or ("",))[0],
        "ifscCode": facts.ifsc or "",
        "accountType": "Savings",
        "periodStart": start.strftime("%d/%m/%Y"),
        "periodEnd": end.strftime("%d/%m/%Y"),
        "fraudScore": 0,
        "fraudIndicators": [],
        "camAnalysisData": {
            "inwardReturnCount": len(bounces),
            "outwardReturnCount": 0,
            "averageBalance": round(sum(balances) / max(len(balances), 1), 2),
            "camAnalysisMonthly": [
                {
                    "month": _month(month),
                    "customDayBalances": {str(day): amount for day, amount in found.balances.items()},
                }
                for month, found in months.items()
            ],
        },
        "salary": [
            {
                "month": _month(month),
                "totalSalary": sum(entry.amount for entry in entries),
                "transactions": [_transaction(entry) for entry in entries],
            }
            for month, entries in salaries.items()
        ],
        "emi": [
            {
                "commonEntity": entry.narration[:40],
                "amount": entry.amount,
                "transactions": [_transaction(entry)],
            }
            for entry in emis[-1:]
        ],
        "chequeBounces": [],
        "recurringIncome": [],
    }


def _transaction(entry: Any) -> dict[str, Any]:
    at = datetime(entry.on.year, entry.on.month, entry.on.day, tzinfo=UTC)
    side = "CREDIT" if entry.side == "CR" else "DEBIT"
    return {
        "transactionDate": int(at.timestamp() * 1000),
        "narration": entry.narration,
        "amount": entry.amount,
        "type": side,
    }


def _month(month: str) -> str:
    return datetime.strptime(month, "%Y-%m").strftime("%b %Y")  # noqa: DTZ007 - a month has no zone
