"""Customers, the page where they give a mandate, tokens, and what is debited against them.

A debit of an account number that ends with 0000 bounces (insufficient_funds); every other one is captured.
"""

import time
import uuid
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.pages import done, form_or_json, page
from app.sandbox.razorpay import entities
from app.sandbox.razorpay.core import Refused, all_own, brand, notify, own, twin
from app.sandbox.razorpay.orders import settle_order

OUTCOMES = ("confirmed", "rejected")
METHODS = ("emandate", "nach", "upi")


@twin.post("/v1/customers")
def create_customer() -> ResponseReturnValue:
    asked = json_body()
    if known_customer(asked) and asked.get("fail_existing", "1") == "1":
        raise Refused("Customer already exists for the merchant")
    return answer(customer_of(asked))


def known_customer(asked: dict[str, Any]) -> dict[str, Any] | None:
    mine = all_own("razorpay.customers")
    return next((known for known in mine if known["contact"] == asked.get("contact")), None)


def customer_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The customer of this phone, made when there is none."""
    with simulator().lock:
        customer = known_customer(asked)
        if customer is None:
            customer = entities.customer(asked)
            simulator().shelf("razorpay.customers")[customer["id"]] = (brand(), customer)
    return customer


@twin.post("/v1/subscription_registration/auth_links")
def request_mandate() -> ResponseReturnValue:
    asked = json_body()
    registration = asked.get("subscription_registration") or {}
    if registration.get("method") not in METHODS:
        raise Refused("The selected method is invalid.", "method")
    with simulator().lock:
        customer, order = customer_of(asked.get("customer") or {}), entities.order(asked)
        invoice = entities.registration(asked, customer, order)
        invoice["short_url"] = url_for("razorpay.mandate_page", invoice_id=invoice["id"], _external=True)
        simulator().shelf("razorpay.orders")[order["id"]] = (brand(), order)
        simulator().shelf("razorpay.invoices")[invoice["id"]] = (brand(), invoice)
        simulator().shelf("razorpay.registrations")[invoice["id"]] = registration
    return answer(invoice)


@twin.get("/v1/invoices/<invoice_id>")
def fetch_mandate_request(invoice_id: str) -> ResponseReturnValue:
    return answer(own("razorpay.invoices", invoice_id))


@twin.post("/v1/invoices/<invoice_id>/cancel")
def cancel_mandate_request(invoice_id: str) -> ResponseReturnValue:
    invoice = own("razorpay.invoices", invoice_id)
    if invoice["status"] != "issued":
        raise Refused(f"Invoice cannot be cancelled: it is {invoice['status']}")
    invoice |= {"status": "cancelled", "cancelled_at": int(time.time())}
    return answer(invoice)


@twin.get("/m/<invoice_id>")
def mandate_page(invoice_id: str) -> ResponseReturnValue:
    """What the customer sees."""
    _, invoice = simulator().shelf("razorpay.invoices").get(invoice_id, (None, None))
    if invoice is None:
        return page("No such registration", {}, {}), 404
    url = url_for("razorpay.give_mandate", invoice_id=invoice_id)
    buttons = {outcome.title(): (url, {"outcome": outcome}) for outcome in OUTCOMES}
    facts = {"For": invoice["description"], "Status": invoice["status"]}
    return page("Allow debits from your account", facts, buttons if invoice["status"] == "issued" else {})


twin.on_page("/m/{id}/give", "give_mandate")


@twin.post("/m/<invoice_id>/give")
def give_mandate(invoice_id: str) -> ResponseReturnValue:
    """What the customer and their bank do."""
    outcome = form_or_json().get("outcome", "confirmed")
    with simulator().lock:
        brand_id, invoice = simulator().shelf("razorpay.invoices").get(invoice_id, (None, None))
        if invoice is None or invoice["status"] != "issued" or outcome not in OUTCOMES:
            raise Refused("no mandate can be given here", status=409)
        token = entities.token(simulator().shelf("razorpay.registrations")[invoice_id])
        payment = authorisation(brand_id, invoice, token)
        notify(
            brand_id,
            "payment",
            "invoice.paid",
            {"payment": payment, "order": own_order(invoice), "invoice": invoice},
        )
        token["recurring_details"] = {
            "status": outcome,
            "failure_reason": None if outcome == "confirmed" else "Rejected by bank",
        }
        token["recurring"] = outcome == "confirmed"
        # of 20 letters and digits, as NPCI gives one with the bank's yes
        token["mrn"] = uuid.uuid4().hex[:20].upper() if token["recurring"] else None
        simulator().shelf("razorpay.tokens")[token["id"]] = (
            brand_id,
            token | {"customer": invoice["customer_id"]},
        )
        notify(brand_id, "payment", f"token.{outcome}", {"token": token})
    shown = {"token_id": token["id"], "customer_id": invoice["customer_id"], "status": outcome}
    return done(shown, url_for("razorpay.mandate_page", invoice_id=invoice_id))


def own_order(invoice: dict[str, Any]) -> dict[str, Any]:
    return simulator().shelf("razorpay.orders")[invoice["order_id"]][1]


def authorisation(brand_id: str, invoice: dict[str, Any], token: dict[str, Any]) -> dict[str, Any]:
    """The payment (of nothing, or of a rupee) that registers the mandate."""
    order = own_order(invoice)
    payment = entities.payment(entities.checkout_of(order), order["amount"], token["method"], True)
    payment |= {"customer_id": invoice["customer_id"], "token_id": token["id"], "invoice_id": invoice["id"]}
    simulator().shelf("razorpay.payments")[payment["id"]] = (brand_id, payment)
    order |= {"status": "paid", "amount_paid": order["amount"], "amount_due": 0}
    invoice |= {"status": "paid", "payment_id": payment["id"], "paid_at": int(time.time())}
    return payment


@twin.get("/v1/customers/<customer_id>/tokens")
def mandates_of(customer_id: str) -> ResponseReturnValue:
    mine = [shown(token) for token in all_own("razorpay.tokens") if token["customer"] == customer_id]
    return answer({"entity": "collection", "count": len(mine), "items": mine})


@twin.get("/v1/customers/<customer_id>/tokens/<token_id>")
def fetch_mandate(customer_id: str, token_id: str) -> ResponseReturnValue:
    return answer(shown(token_of(customer_id, token_id)))


@twin.delete("/v1/customers/<customer_id>/tokens/<token_id>")
def cancel_mandate(customer_id: str, token_id: str) -> ResponseReturnValue:
    with simulator().lock:
        token = token_of(customer_id, token_id)
        token["recurring_details"] = {"status": "cancelled", "failure_reason": None}
        notify(brand(), "payment", "token.cancelled", {"token": shown(token)})
    return answer({"deleted": True})


@twin.post("/v1/payments/create/recurring")
def charge_mandate() -> ResponseReturnValue:
    asked = json_body()
    with simulator().lock:
        order = own("razorpay.orders", str(asked.get("order_id")))
        token = token_of(str(asked.get("customer_id")), str(asked.get("token")))
        if token["recurring_details"]["status"] != "confirmed":
            raise Refused("The mandate is not active", "token")
        if asked.get("amount") != order["amount"] or order["amount"] > token["max_amount"]:
            raise Refused("Amount exceeds the maximum amount of the mandate", "amount")
        account = (token.get("bank_details") or {}).get("account_number", "")
        payment = entities.payment(
            entities.checkout_of(order), order["amount"], token["method"], not account.endswith("0000")
        )
        payment |= {"customer_id": token["customer"], "token_id": token["id"]}
        if not payment["captured"]:
            payment["error_reason"] = "insufficient_funds"
        settle_order(brand(), order, payment)
    return answer({"razorpay_payment_id": payment["id"], "razorpay_order_id": order["id"]})


def token_of(customer_id: str, token_id: str) -> dict[str, Any]:
    token = own("razorpay.tokens", token_id)
    if token["customer"] != customer_id:
        raise Refused("The id provided does not exist")
    return token


def shown(token: dict[str, Any]) -> dict[str, Any]:
    """A token as the API has it: without its customer."""
    return {name: value for name, value in token.items() if name != "customer"}
