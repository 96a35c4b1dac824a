"""Subscriptions: mandates given in the checkout, and what is debited against them.

A debit of an account number that ends with 0000 bounces; every other one succeeds.
"""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.cashfree.core import (
    Refused,
    amount_of,
    keep,
    known,
    notify,
    now,
    number,
    of_page,
    own,
    remembered,
    replayed,
    required,
    twin,
)
from app.sandbox.pages import done, form_or_json, page

OUTCOMES = {"confirmed": "ACTIVE", "rejected": "LINK_EXPIRED"}
ACTIONS = {"CANCEL": "CANCELLED", "PAUSE": "PAUSED", "ACTIVATE": "ACTIVE"}
ENDED = ("CANCELLED", "CUSTOMER_CANCELLED", "EXPIRED", "LINK_EXPIRED", "COMPLETED")
BOUNCE = "DEBIT FAILED | Insufficient Funds In Customer (Remitter) Account"


@twin.post("/pg/subscriptions")
def request_mandate() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "subscription_id", "customer_details", "plan_details")
    amount_of(asked["plan_details"], "plan_max_amount")
    with simulator().lock:
        before = replayed()
        if before:
            return before
        if known("subscriptions", asked["subscription_id"]):
            raise Refused("subscription_already_exists", "subscription with same id is already present", 409)
        subscription = {
            "cf_subscription_id": number(),
            "subscription_id": asked["subscription_id"],
            "subscription_session_id": f"sub_session_{number()}{number()}",
            "subscription_status": "INITIALIZED",
            "subscription_expiry_time": asked.get("subscription_expiry_time"),
            "customer_details": asked["customer_details"],
            "plan_details": asked["plan_details"],
            "authorisation_details": {
                "authorization_amount": (asked.get("authorization_details") or {}).get(
                    "authorization_amount"
                ),
                "authorization_reference": None,
                "authorization_status": "INITIALIZED",
                "payment_group": (
                    (asked.get("authorization_details") or {}).get("payment_methods") or [None]
                )[0],
            },
            "subscription_meta": asked.get("subscription_meta"),
        }
        keep("subscriptions", asked["subscription_id"], subscription)
        return remembered(subscription)


@twin.get("/pg/subscriptions/<subscription_id>")
def fetch_mandate(subscription_id: str) -> ResponseReturnValue:
    return answer(own("subscriptions", subscription_id, "subscription"))


@twin.post("/pg/subscriptions/<subscription_id>/manage")
def manage_mandate(subscription_id: str) -> ResponseReturnValue:
    action = json_body().get("action")
    with simulator().lock:
        subscription = own("subscriptions", subscription_id, "subscription")
        if action not in ACTIONS or subscription["subscription_status"] in ENDED:
            raise Refused(
                "action_invalid", f"action : not allowed when {subscription['subscription_status']}"
            )
        move(subscription, ACTIONS[action])
    return answer(subscription)


@twin.get("/s/<path:subscription_id>")
def mandate_page(subscription_id: str) -> ResponseReturnValue:
    """What the customer sees."""
    found = of_page("subscriptions", subscription_id)
    if found is None:
        return page("No such subscription", {}, {}), 404
    url = url_for("cashfree.give_mandate", subscription_id=subscription_id)
    status = found[1]["subscription_status"]
    buttons = {outcome.title(): (url, {"outcome": outcome}) for outcome in OUTCOMES}
    facts = {"For": found[1]["plan_details"].get("plan_name"), "Status": status}
    return page("Allow debits from your account", facts, buttons if status == "INITIALIZED" else {})


@twin.post("/s/<path:subscription_id>/give")
def give_mandate(subscription_id: str) -> ResponseReturnValue:
    """What the customer and their bank do."""
    outcome = str(form_or_json().get("outcome", "confirmed"))
    with simulator().lock:
        found = of_page("subscriptions", subscription_id)
        if found is None or found[1]["subscription_status"] != "INITIALIZED" or outcome not in OUTCOMES:
            raise Refused("subscription_not_active", "no mandate can be given here", 409)
        subscription = found[1]
        if outcome == "confirmed":
            about = {"authorization_reference": f"CASH{number()}{number()}", "authorization_status": "ACTIVE"}
            subscription["authorisation_details"] |= about | {"authorization_time": now()}
        move(subscription, OUTCOMES[outcome])
    shown = {
        "subscription_id": subscription["subscription_id"],
        "status": subscription["subscription_status"],
    }
    return done(shown, url_for("cashfree.mandate_page", subscription_id=subscription_id))


def move(subscription: dict[str, Any], status: str) -> None:
    """Bring it to a state and tell the lender, who hears it spelt otherwise than the API does."""
    subscription["subscription_status"] = status
    about = ("cf_subscription_id", "subscription_id", "subscription_status", "subscription_expiry_time")
    data = {
        "subscription_details": {name: subscription[name] for name in about},
        "customer_details": subscription["customer_details"],
        "plan_details": subscription["plan_details"],
        "authorization_details": subscription["authorisation_details"],
    }
    notify("payment", "SUBSCRIPTION_STATUS_CHANGED", data)


@twin.post("/pg/subscriptions/pay")
def charge_mandate() -> ResponseReturnValue:
    asked = json_body()
    required(asked, "subscription_id", "payment_id", "payment_type")
    amount = amount_of(asked, "payment_amount")
    with simulator().lock:
        subscription = own("subscriptions", str(asked["subscription_id"]), "subscription")
        if subscription["subscription_status"] != "ACTIVE":
            raise Refused("subscription_not_active", "the subscription is not active")
        if amount > amount_of(subscription["plan_details"], "plan_max_amount"):
            raise Refused("payment_amount_invalid", "payment_amount : is more than plan_max_amount")
        if known("debits", asked["payment_id"]):
            raise Refused("payment_already_exists", "payment with same id is already present", 409)
        debit = new_debit(subscription, asked) | {"payment_amount": amount}
        begun = answer(debit)
        settle(subscription, debit)
    return begun


def new_debit(subscription: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "payment_id": asked["payment_id"],
        "cf_payment_id": number(),
        "cf_order_id": number(),
        "subscription_id": subscription["subscription_id"],
        "cf_subscription_id": subscription["cf_subscription_id"],
        "payment_type": asked["payment_type"],
        "authorization_details": subscription["authorisation_details"],
        "payment_currency": "INR",
        "payment_schedule_date": asked.get("payment_schedule_date"),
        "payment_initiated_date": now(),
        "payment_remarks": asked.get("payment_remarks"),
        "retry_attempts": 0,
        "failure_details": None,
        "payment_status": "INITIALIZED",
    }


def settle(subscription: dict[str, Any], debit: dict[str, Any]) -> None:
    """The bank's answer, which comes at once here."""
    account = str(subscription["customer_details"].get("customer_bank_account_number", ""))
    is_bounce = account.endswith("0000")
    debit |= {
        "payment_status": "FAILED" if is_bounce else "SUCCESS",
        "failure_details": {"failure_reason": BOUNCE} if is_bounce else None,
    }
    keep("debits", debit["payment_id"], debit)
    notify("payment", f"SUBSCRIPTION_PAYMENT_{debit['payment_status']}", debit)


@twin.get("/pg/subscriptions/<subscription_id>/payments/<payment_id>")
def fetch_debit(subscription_id: str, payment_id: str) -> ResponseReturnValue:
    own("subscriptions", subscription_id, "subscription")
    return answer(own("debits", payment_id, "payment"))
