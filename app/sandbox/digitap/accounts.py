"""The penny drop."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.bank import NAME_MATCH_MIN, holder_of, is_slow, likeness
from app.sandbox.base import invalid_field, json_body, simulator
from app.sandbox.digitap.core import REFERENCE, digits, refusal, success, twin

PENNY_DROP_INPUTS = {
    "ifsc": r"[A-Z]{4}0[A-Z0-9]{6}",
    "accNo": r"[A-Za-z0-9]{6,35}",
    "benificiaryName": r".{1,100}",
    "clientRefNum": REFERENCE,
}


@twin.post("/penny-drop/v2/check-valid")
def penny_drop() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, PENNY_DROP_INPUTS):
        return refusal("One or more parameters format is wrong")
    result = _penny_drop_model(body)
    if is_slow(body["accNo"]):
        with simulator().lock:
            simulator().shelf("digitap.penny")[result["transactionId"]] = result
        return success(
            "pending", {**_unanswered(result), "status": "PENDING", "desc": "Bank has not answered yet"}
        )
    return success("success", result)


@twin.get("/penny-drop/v2/check-status")
def penny_drop_status() -> ResponseReturnValue:
    with simulator().lock:
        result = simulator().shelf("digitap.penny").get(request.args.get("transactionId", ""))
    return success("success", result) if result else refusal("Invalid transactionId")


def _penny_drop_model(body: Mapping[str, str]) -> dict[str, Any]:
    """The account of somebody known tells their name; any other belongs to whoever is named."""
    account, name = body["accNo"], body["benificiaryName"]
    result = {
        "transactionId": digits(account + body["clientRefNum"], 18),
        "clientRefNum": body["clientRefNum"],
    }
    holder = holder_of(account, name)
    if holder is None:
        return {**_unanswered(result), "status": "FAILED", "desc": "Invalid account number"}
    score = round(likeness(name, holder), 2)
    return {
        **result,
        "status": "SUCCESS",
        "beneficiaryName": holder,
        "isNameMatch": score >= NAME_MATCH_MIN,
        "matchingScore": score,
        "rrn": "4" + digits("rrn" + account + body["clientRefNum"], 11),
        "desc": "Transaction successful",
    }


def _unanswered(result: Mapping[str, Any]) -> dict[str, Any]:
    names = ("transactionId", "clientRefNum")
    return {name: result[name] for name in names} | {"beneficiaryName": "", "isNameMatch": False, "rrn": ""}
