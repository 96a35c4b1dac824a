"""Payouts v2: transfers and beneficiaries; and the verification of bank accounts."""

import re
from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.bank import holder_of, holder_of_vpa, is_slow, likeness
from app.sandbox.base import answer, json_body, simulator
from app.sandbox.cashfree.core import (
    Refused,
    amount_of,
    keep,
    known,
    notify,
    now,
    number,
    own,
    required,
    rrn,
    twin,
)

VPA = r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}"
IFSC = r"[A-Z]{4}0[A-Z0-9]{6}"
MODES = ("banktransfer", "imps", "neft", "rtgs", "upi", "card")
RECEIVED = ("RECEIVED", "RECEIVED", "The transfer has been received by Cashfree successfully.")
SENT = (
    "SUCCESS",
    "SENT_TO_BENEFICIARY",
    "The money was debited; the beneficiary bank has not confirmed it yet.",
)
ARRIVED = ("SUCCESS", "COMPLETED", "The money has been credited to the end beneficiary.")
FAILED = ("FAILED", "BENE_BANK_DECLINED", "The beneficiary bank declined the transfer.")
CAME_BACK = (
    "REVERSED",
    "ACCOUNT_BLOCKED",
    "The transfer was returned as the beneficiary account is blocked.",
)
# What a transfer goes through, by the end of the account number: the state, and the event that tells of it.
FATES = {
    "0000": ((FAILED, "TRANSFER_FAILED"),),
    "1111": (
        (SENT, "TRANSFER_SUCCESS"),
        (ARRIVED, "TRANSFER_ACKNOWLEDGED"),
        (CAME_BACK, "TRANSFER_REVERSED"),
    ),
}
USUAL_FATE = ((SENT, "TRANSFER_SUCCESS"), (ARRIVED, "TRANSFER_ACKNOWLEDGED"))
MATCHES = (
    (90, "DIRECT_MATCH"),
    (75, "GOOD_PARTIAL_MATCH"),
    (60, "MODERATE_PARTIAL_MATCH"),
    (30, "POOR_PARTIAL_MATCH"),
)


@twin.post("/payout/transfers")
def create_payout() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "transfer_id", "transfer_amount", "beneficiary_details")
    if not re.fullmatch(r"\w{1,40}", str(asked["transfer_id"]), re.ASCII):
        raise Refused("transfer_id_invalid", "transfer_id should be alphanumeric")
    if asked.get("transfer_mode", "banktransfer") not in MODES:
        raise Refused("transfer_mode_invalid", "transfer_mode is invalid")
    amount, account = amount_of(asked, "transfer_amount"), account_of(asked["beneficiary_details"])
    with simulator().lock:
        if known("transfers", asked["transfer_id"]):
            raise Refused("transfer_id_already_exists", "transfer_id already exists", 409)
        transfer = new_transfer(asked, amount)
        keep("transfers", asked["transfer_id"], transfer)
        begun = answer(transfer)
        carry_out(transfer, account)
    return begun


def account_of(details: dict[str, Any]) -> str:
    """The account number of a beneficiary who is named, or kept there."""
    if details.get("beneficiary_id"):
        details = own("beneficiaries", str(details["beneficiary_id"]), "beneficiary")
    instrument = details.get("beneficiary_instrument_details") or {}
    if "vpa" in instrument:
        return vpa_of(instrument)
    if not re.fullmatch(IFSC, str(instrument.get("bank_ifsc"))):
        raise Refused(
            "beneficiary_details.beneficiary_instrument_details.bank_ifsc_invalid",
            "bank_ifsc should be in standard ifsc format",
        )
    return str(instrument.get("bank_account_number"))


def vpa_of(instrument: dict[str, Any]) -> str:
    """What a UPI id says before its handle."""
    if not re.fullmatch(VPA, str(instrument["vpa"])):
        raise Refused("beneficiary_details.beneficiary_instrument_details.vpa_invalid", "vpa is invalid")
    return str(instrument["vpa"]).partition("@")[0]


def new_transfer(asked: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    transfer = {
        "transfer_id": asked["transfer_id"],
        "cf_transfer_id": number(),
        "beneficiary_details": {
            "beneficiary_id": asked["beneficiary_details"].get("beneficiary_id") or f"BENE{number()}",
            "beneficiary_instrument_details": asked["beneficiary_details"].get(
                "beneficiary_instrument_details"
            ),
        },
        "transfer_amount": amount,
        "transfer_mode": "BANK",
        "fundsource_id": "CASHFREE_1",
        "added_on": now(),
    }
    return in_state(transfer, RECEIVED)


def in_state(transfer: dict[str, Any], state: tuple[str, str, str]) -> dict[str, Any]:
    status, code, description = state
    return transfer | {
        "status": status,
        "status_code": code,
        "status_description": description,
        "updated_on": now(),
    }


def carry_out(transfer: dict[str, Any], account_number: str) -> None:
    """Take the transfer to its end, telling the lender of each state on the way."""
    for state, event in FATES.get(account_number[-4:], USUAL_FATE):
        transfer = in_state(transfer, state)
        if state in (SENT, ARRIVED):
            charges = {"transfer_service_charge": Decimal("3.00"), "transfer_service_tax": Decimal("0.54")}
            transfer |= charges | {"transfer_utr": transfer.get("transfer_utr") or rrn()}
        notify("payout", event, dict(transfer))
    keep("transfers", transfer["transfer_id"], transfer)


@twin.get("/payout/transfers")
def fetch_payout() -> ResponseReturnValue:
    return answer(own("transfers", request.args.get("transfer_id", ""), "transfer_id"))


@twin.post("/payout/beneficiary")
def register_beneficiary() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "beneficiary_id", "beneficiary_name")
    account_of(asked | {"beneficiary_id": None})
    if known("beneficiaries", asked["beneficiary_id"]):
        raise Refused(
            "beneficiary_id_already_exists", "Beneficiary already exists with the given beneficiary_id", 409
        )
    kept = asked | {"beneficiary_status": "VERIFIED", "added_on": now()}
    keep("beneficiaries", asked["beneficiary_id"], kept)
    return answer(kept, 201)


@twin.get("/payout/beneficiary")
def fetch_beneficiary() -> ResponseReturnValue:
    return answer(own("beneficiaries", request.args.get("beneficiary_id", ""), "beneficiary"))


@twin.delete("/payout/beneficiary")
def remove_beneficiary() -> ResponseReturnValue:
    kept = own("beneficiaries", request.args.get("beneficiary_id", ""), "beneficiary")
    kept["beneficiary_status"] = "DELETED"
    return answer(kept)


@twin.post("/verification/bank-account/sync")
def penny_drop() -> ResponseReturnValue:
    asked = json_body()
    account, ifsc = str(asked.get("bank_account") or ""), str(asked.get("ifsc") or "")
    if not re.fullmatch(r"[A-Za-z0-9]{6,40}", account):
        raise Refused(
            "bank_account_value_invalid", "bank_account should be alphanumeric.", kind="validation_error"
        )
    if not re.fullmatch(IFSC, ifsc):
        message = "ifsc should be of 11 characters and 5th character should be 0."
        raise Refused("ifsc_value_invalid", message, kind="validation_error")
    told = verification(account, ifsc, str(asked.get("name") or ""))
    with simulator().lock:
        keep("verifications", str(told["reference_id"]), told)
    return answer(told | SLOW if is_slow(account) else told)


@twin.post("/verification/upi")
def validate_vpa() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "verification_id", "vpa")
    if not re.fullmatch(VPA, str(asked["vpa"])):
        raise Refused("vpa_value_invalid", "vpa is invalid.", kind="validation_error")
    holder = holder_of_vpa(str(asked["vpa"]))
    told = {"verification_id": asked["verification_id"], "reference_id": int(number()), "vpa": asked["vpa"]}
    return answer(told | {"status": "VALID" if holder else "INVALID", "name_at_bank": holder})


@twin.get("/verification/bank-account")
def penny_drop_status() -> ResponseReturnValue:
    return answer(own("verifications", request.args.get("reference_id", ""), "reference_id"))


NOTHING = dict.fromkeys(
    ("name_at_bank", "bank_name", "city", "branch", "micr", "utr", "name_match_score", "name_match_result")
)
SLOW = NOTHING | {"account_status": "RECEIVED", "account_status_code": "VALIDATION_IN_PROGRESS"}


def verification(account: str, ifsc: str, name: str) -> dict[str, Any]:
    told = {"reference_id": int(number())}
    holder = holder_of(account, name)
    if holder is None:
        return told | NOTHING | {"account_status": "INVALID", "account_status_code": "INVALID_ACCOUNT_FAIL"}
    score = likeness(name, holder) * 100 if name else None
    match = next((word for least, word in MATCHES if score is not None and score >= least), "NO_MATCH")
    return told | {
        "name_at_bank": holder,
        "bank_name": f"{ifsc[:4]} BANK",
        "city": "MUMBAI",
        "branch": "FORT, MUMBAI",
        "micr": 400000001,
        "utr": rrn(),
        "name_match_score": None if score is None else f"{score:.2f}",
        "name_match_result": None if score is None else match,
        "account_status": "VALID",
        "account_status_code": "ACCOUNT_IS_VALID",
    }
