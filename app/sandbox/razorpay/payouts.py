"""RazorpayX: payouts, which settle by the end of the account number, and the penny drop.

A payout goes to `processed` with a UTR, unless the account number ends with 0000 (failed,
beneficiary_bank_rejected) or 1111 (processed, and then reversed, bank_account_frozen). An account number that
starts with 000 is unknown to its bank, 999 makes the bank slow.
"""

import re
import time
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.bank import holder_of, holder_of_vpa, is_slow, likeness
from app.sandbox.base import answer, json_body, simulator
from app.sandbox.razorpay import entities
from app.sandbox.razorpay.core import (
    Refused,
    all_own,
    brand,
    check_amount,
    notify,
    own,
    twin,
)

PAYOUT_MODES = ("NEFT", "RTGS", "IMPS", "UPI", "card")
VPA = r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}"
UPI_PAISE_MAX = 100_000_00
IFSC = r"[A-Z]{4}0[A-Z0-9]{6}"
# What a payout goes through after `processing`, by the end of the beneficiary's account number.
FATES = {"0000": ("failed",), "1111": ("processed", "reversed")}
USUAL_FATE = ("processed",)


@twin.post("/v1/payouts")
def create_payout() -> ResponseReturnValue:
    asked = json_body()
    with simulator().lock:
        key = idempotency_key()
        seen = simulator().shelf("razorpay.idempotency").get(key)
        if seen and seen[0] != request.get_data():
            raise Refused("Different request body sent for the same Idempotency Header")
        if seen:
            return answer(own("razorpay.payouts", seen[1]))
        check_payout(asked)
        payout = entities.payout(asked)
        simulator().shelf("razorpay.idempotency")[key] = (request.get_data(), payout["id"])
        notify(brand(), "payout", "payout.initiated", {"payout": payout})
        simulator().shelf("razorpay.payouts")[payout["id"]] = (brand(), carry_out(payout))
    return answer(payout)


@twin.get("/v1/payouts/<payout_id>")
def fetch_payout(payout_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.payouts", payout_id))


@twin.get("/v1/payouts")
def find_payout() -> ResponseReturnValue:
    if not twin.accepts("account_number", request.args.get("account_number")):
        raise Refused("The account number field is required.", "account_number")
    wanted = request.args.get("reference_id")
    payouts = [payout for payout in all_own("razorpay.payouts") if wanted in (None, payout["reference_id"])]
    return answer({"entity": "collection", "count": len(payouts), "items": payouts})


def idempotency_key() -> str:
    key = request.headers.get("X-Payout-Idempotency", "")
    if not key:
        missing = "Idempotency key is missing. Include idempotency header and key in the request."
        raise Refused(missing, "X-Payout-Idempotency")
    if not re.fullmatch(r"[A-Za-z0-9_ -]{4,36}", key):
        raise Refused("The idempotency key is invalid.", "X-Payout-Idempotency")
    return f"{brand()}:{key}"


def check_payout(asked: dict[str, Any]) -> None:
    check_amount(asked)
    if not twin.accepts("account_number", asked.get("account_number")):
        raise Refused("The account number is invalid.", "account_number")
    if asked.get("mode") not in PAYOUT_MODES:
        raise Refused("The selected mode is invalid.", "mode")
    if not asked.get("purpose"):
        raise Refused("The purpose field is required.", "purpose")
    account = asked.get("fund_account") or {}
    if account.get("account_type") == "vpa":
        check_vpa(asked, str((account.get("vpa") or {}).get("address")))
    elif not asked.get("fund_account_id") and not re.fullmatch(
        IFSC, str((account.get("bank_account") or {}).get("ifsc"))
    ):
        raise Refused("Invalid IFSC Code.", "ifsc")


def check_vpa(asked: dict[str, Any], vpa: str) -> None:
    if not re.fullmatch(VPA, vpa):
        raise Refused("Invalid VPA.", "vpa")
    if asked["mode"] != "UPI":
        raise Refused("Payout mode is invalid for a fund account of type vpa.", "mode")
    if asked["amount"] > UPI_PAISE_MAX:
        raise Refused("The amount exceeds what UPI carries.", "amount")


def carry_out(payout: dict[str, Any]) -> dict[str, Any]:
    """Take the payout to its end, telling the lender of each state on the way."""
    account = payout["fund_account"]
    ends = (
        account["bank_account"].get("account_number", "") or account["vpa"].get("address", "").split("@")[0]
    )
    for state in FATES.get(ends[-4:], USUAL_FATE):
        payout = entities.payout_in(state, payout)
        notify(brand(), "payout", f"payout.{state}", {"payout": payout})
    return payout


@twin.post("/v1/payouts/<payout_id>/cancel")
def cancel_payout(payout_id: str) -> ResponseReturnValue:
    payout = own("razorpay.payouts", payout_id)
    # nothing waits here: money is always there
    raise Refused(f"Payout cannot be cancelled: it is {payout['status']}")


@twin.post("/v1/payments/validate/vpa")
def validate_vpa() -> ResponseReturnValue:
    vpa = str(json_body().get("vpa"))
    holder = holder_of_vpa(vpa) if re.fullmatch(VPA, vpa) else None
    if holder is None:
        raise Refused("Invalid VPA. Please enter a valid Virtual Payment Address", "vpa")
    return answer({"vpa": vpa, "success": True, "customer_name": holder})


@twin.post("/v1/fund_accounts/validations")
def penny_drop() -> ResponseReturnValue:
    asked = json_body()
    account = (asked.get("fund_account") or {}).get("bank_account") or {}
    if not twin.accepts("account_number", asked.get("source_account_number")):
        raise Refused("The source account number is invalid.", "source_account_number")
    if not re.fullmatch(IFSC, str(account.get("ifsc"))):
        raise Refused("Invalid IFSC Code.", "ifsc")
    if not re.fullmatch(r"[A-Za-z0-9]{5,35}", str(account.get("account_number"))):
        raise Refused("The account number format is invalid.", "account_number")
    begun = entities.validation(asked)
    answered = begun | bank_says(account)
    with simulator().lock:
        simulator().shelf("razorpay.validations")[begun["id"]] = (brand(), answered)
        if not is_slow(account["account_number"]):
            notify_validation(answered)
    return answer(begun)


@twin.get("/v1/fund_accounts/validations/<validation_id>")
def penny_drop_status(validation_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.validations", validation_id))


def bank_says(account: dict[str, Any]) -> dict[str, Any]:
    """What the validation becomes once the bank has answered."""
    name = str(account.get("name", ""))
    holder = holder_of(account["account_number"], name)
    if holder is None:
        return entities.validation_results("invalid")
    return entities.validation_results("active", holder, round(likeness(name, holder) * 100))


def notify_validation(validation: dict[str, Any]) -> None:
    # the webhook says `results` for what the API calls `validation_results`
    shown = {name: value for name, value in validation.items() if name != "validation_results"}
    shown |= {"results": validation["validation_results"], "created_at": int(time.time())}
    event = f"fund_account.validation.{validation['status']}"
    notify(brand(), "payout", event, {"fund_account.validation": shown})
