"""Twin of FinBox BankConnect: sessions of one statement each, ready at the second look.

Documented: paths, headers, errors, the report's keys. Assumed: form field names of the upload.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, simulator
from app.sandbox.statements import StatementProblem, months_of, opened

# What FinBox calls the ways in which a file is of no use.
CODES = {
    "WRONG_PASSWORD": "PASSWORD_INCORRECT",
    "PASSWORD_NEEDED": "PASSWORD_INCORRECT",
    "SCANNED": "PDF_IS_IMAGE",
    "TOO_LARGE": "STATEMENT_TOO_MANY_PAGES",
    "NOT_A_STATEMENT": "STATEMENT_NO_TRANSACTIONS",
}


def error(status: int, code: str, message: str) -> ResponseReturnValue:
    return answer({"error": {"code": code, "message": message}}, status)


twin = Twin(
    "finbox",
    authorised=lambda: (
        twin.accepts("api_key", request.headers.get("x-api-key"))
        and (request.method == "POST" or twin.accepts("server_hash", request.headers.get("server-hash")))
    ),
    unauthorised=lambda: answer({"detail": "Authentication credentials were not provided."}, 401),
    failure=lambda: error(500, "INTERNAL", "Something went wrong"),
)


@twin.post("/v2/session/")
def create_session() -> ResponseReturnValue:
    body = json_body()
    if not body.get("link_id"):
        return error(400, "INVALID_REQUEST", "link_id is required")
    session_id = str(uuid4())
    with simulator().lock:
        simulator().shelf("finbox.sessions")[session_id] = {
            "link_id": body["link_id"],
            "names": (body.get("metadata") or {}).get("names") or [],
            "polls": 0,
            "started": False,
        }
    return answer({"session_id": session_id, "redirect_url": f"{request.host_url}session/{session_id}"})


def _session(session_id: str | None) -> dict[str, Any] | None:
    with simulator().lock:
        return simulator().shelf("finbox.sessions").get(session_id or "")


@twin.post("/v1/statement/upload_session/")
def upload() -> ResponseReturnValue:
    session, file = _session(request.form.get("session_id")), request.files.get("file")
    if session is None:
        return error(404, "SESSION_NOT_FOUND", "Session not found")
    if file is None:
        return error(400, "INVALID_REQUEST", "file is required")
    try:
        session["statement"] = opened(file.read(), request.form.get("pdf_password", ""), session["names"])
    except StatementProblem as problem:
        return error(400, CODES.get(problem.status, "UNPARSABLE"), problem.reason)
    return answer({"statement_id": str(uuid4()), "session_id": request.form["session_id"], "status": 1})


@twin.post("/v1/session_data/<session_id>/initiate_processing/")
def start(session_id: str) -> ResponseReturnValue:
    session = _session(session_id)
    if session is None:
        return error(404, "SESSION_NOT_FOUND", "Session not found")
    session["started"] = True
    return answer({"message": "Processing started"}, 202)


@twin.get("/v1/session_data/<session_id>/progress/")
def progress(session_id: str) -> ResponseReturnValue:
    session = _session(session_id)
    if session is None:
        return error(404, "SESSION_NOT_FOUND", "Session not found")
    if not session["started"]:
        return error(400, "PROCESSING_NOT_REQUESTED", "Processing was not requested")
    session["polls"] += 1
    done = session["polls"] > 1
    return answer({"session_progress": "completed" if done else "processing", "insights_available": done})


@twin.get("/v1/session_data/<session_id>/insights/")
def insights(session_id: str) -> ResponseReturnValue:
    session = _session(session_id)
    if session is None:
        return error(404, "SESSION_NOT_FOUND", "Session not found")
    accounts = [{"account_id": str(uuid4()), "data": _data(one)} for one in session["statement"].accounts]
    return answer({"session_id": session_id, "link_id": session["link_id"], "accounts": accounts})


def _data(account: Any) -> dict[str, Any]:
    facts, months = account.facts, months_of(account)
    metrics = {
        "total_amount_of_salary": {m: sum(e.amount for e in found.salary) for m, found in months.items()},
        "number_of_salary_transactions": {m: len(found.salary) for m, found in months.items()},
        "amt_emi_debit": {m: sum(e.amount for e in found.emis) for m, found in months.items()},
        "cnt_emi_bounce_credit": {m: len(found.bounces) for m, found in months.items()},
        "closing_balance": {m: found.closing for m, found in months.items() if found.closing is not None},
        "amt_credit": {m: found.credits for m, found in months.items()},
    }
    return {
        "account_details": {
            "name": (facts.holders or ("",))[0],
            "account_number": facts.masked_number,
            "bank": (facts.bank or "").lower(),
            "ifsc": facts.ifsc or "",
            "months": list(months),
        },
        "fraud": [],
        "transactions": [_transaction(entry) for entry in account.entries],
        "monthly_analysis": {
            name: {_month(month): amount for month, amount in values.items()}
            for name, values in metrics.items()
        },
    }


def _transaction(entry: Any) -> dict[str, Any]:
    text = f"{entry.on}{entry.amount}{entry.balance}{entry.narration}"
    return {
        "transaction_type": "credit" if entry.side == "CR" else "debit",
        "transaction_note": entry.narration,
        "chq_num": entry.reference,
        "amount": entry.amount,
        "balance": entry.balance,
        "date": f"{entry.on} 00:00:00",
        "hash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "category": "Others",
        "metadata": {"unclean_merchant": "", "transaction_channel": "Others", "description": ""},
    }


def _month(month: str) -> str:
    return datetime.strptime(month, "%Y-%m").strftime("%b-%Y")  # noqa: DTZ007 - a month has no zone
