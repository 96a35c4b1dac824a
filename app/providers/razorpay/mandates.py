"""Razorpay, recurring: e-mandate, paper NACH and UPI AutoPay.

A customer registers on the page of `request_mandate` (or in the checkout of `create_mandate_order`); the token
that comes of it is the mandate. `charge_mandate` debits it against an order of its own, and the bank answers
by webhook: e-mandate and NACH two working days later, UPI a day after its pre-debit notice.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.providers.money import Beneficiary, Debit, Mandate, MandateRequest, Order, Payer, Payment
from app.providers.razorpay.account import HIDDEN, RazorpayAccount, without_none
from app.providers.razorpay.entities import (
    CURRENCY,
    read_mandate,
    read_mandate_request,
    read_order,
    to_paise,
)
from app.providers.wire import Answer, Operation, operations

# UPI takes a rupee to register, the others nothing.
UPI = "upi"
REGISTRATION_PAISE = {UPI: 100}
# The states of a link that gave no mandate, and what each makes of it; None is still open.
UNUSED = {
    "draft": None,
    "issued": None,
    "partially_paid": None,
    "expired": "expired",
    "cancelled": "cancelled",
    "deleted": "cancelled",
}


class RazorpayMandates(RazorpayAccount):
    operations = operations(
        # `fail_existing: "0"` gives the customer who is there already.
        Operation("create_customer", "POST", "/v1/customers", idempotent=True),
        Operation("request_mandate", "POST", "/v1/subscription_registration/auth_links", idempotent=False),
        Operation("fetch_mandate_request", "GET", "/v1/invoices/{id}", idempotent=True),
        Operation("cancel_mandate_request", "POST", "/v1/invoices/{id}/cancel", idempotent=False),
        Operation("mandates_of", "GET", "/v1/customers/{customer}/tokens", idempotent=True),
        Operation("fetch_mandate", "GET", "/v1/customers/{customer}/tokens/{token}", idempotent=True),
        Operation("cancel_mandate", "DELETE", "/v1/customers/{customer}/tokens/{token}", idempotent=False),
        Operation("charge_mandate", "POST", "/v1/payments/create/recurring", idempotent=False, timeout_s=30),
    )

    def create_customer(self, payer: Payer) -> str:
        """Razorpay's id of a person; the same one for the same phone and e-mail."""
        body = {"name": payer.name, "contact": payer.phone, "email": payer.email, "fail_existing": "0"}
        return self.call(
            "create_customer",
            lambda answer: answer.fields.identifier("id"),
            json=without_none(**body, notes={"customer": payer.reference_id}),
            hide=HIDDEN,
        )

    def request_mandate(
        self,
        *,
        payer: Payer,
        reference_id: str,
        description: str,
        amount_max: Decimal,
        expires_at: datetime,
        open_until: datetime,
        method: str = "emandate",
        auth_type: str = "netbanking",
        account: Beneficiary | None = None,
        return_url: str = "",
    ) -> MandateRequest:
        """A page where the customer gives a mandate of at most amount_max a debit, valid until expires_at.

        method emandate, nach or upi; auth_type netbanking, debitcard, aadhaar or physical. account is the one
        to be debited; where it is left out the customer chooses. We tell the customer ourselves. The page is
        Razorpay's and stays there: it takes no return_url.
        """
        body = {
            "customer": without_none(name=payer.name, contact=payer.phone, email=payer.email),
            "type": "link",
            "amount": REGISTRATION_PAISE.get(method, 0),
            "currency": CURRENCY,
            "description": description,
            "subscription_registration": _registration(method, auth_type, amount_max, expires_at, account),
            "receipt": reference_id,
            "expire_by": int(open_until.timestamp()),
            "sms_notify": False,
            "email_notify": False,
            "notes": {"reference": reference_id},
        }
        return self.call("request_mandate", _request, json=body, hide=HIDDEN)

    def fetch_mandate_request(self, request_id: str) -> MandateRequest:
        return self.call("fetch_mandate_request", _request, path={"id": request_id}, hide=HIDDEN)

    def cancel_mandate_request(self, request_id: str) -> MandateRequest:
        """Rejected once it was used or has ended."""
        return self.call("cancel_mandate_request", _request, path={"id": request_id}, hide=HIDDEN)

    def mandate_of(self, request: MandateRequest) -> Mandate | None:
        """What came of a registration link; None while it is not used. Only its payment knows which token it gave."""
        now = self.fetch_mandate_request(request.id)
        if now.status in UNUSED:
            ended = UNUSED[now.status]
            return ended and Mandate(now.id, now.customer_id, ended, None, None, None, None, None)
        tokens = [payment.token_id for payment in self.payments_of_order(now.order_id) if payment.token_id]
        return self.fetch_mandate(now.customer_id, tokens[-1]) if tokens else None

    def end_mandate(self, request: MandateRequest, mandate_id: str | None) -> None:
        """Give up the mandate, or its link while there is none yet. Rejected once the link was used or has ended."""
        if mandate_id:
            self.cancel_mandate(request.customer_id, mandate_id)
        else:
            self.cancel_mandate_request(request.id)

    def create_mandate_order(
        self,
        *,
        customer_id: str,
        reference_id: str,
        amount_max: Decimal,
        expires_at: datetime,
        method: str = "emandate",
        auth_type: str = "netbanking",
        account: Beneficiary | None = None,
    ) -> Order:
        """An order whose checkout (opened with `recurring`) registers a mandate instead of a page of Razorpay's."""
        token = _registration(method, auth_type, amount_max, expires_at, account)
        body = {
            "amount": REGISTRATION_PAISE.get(method, 0),
            "currency": CURRENCY,
            "method": token.pop("method"),
            "customer_id": customer_id,
            "receipt": reference_id,
            "payment_capture": True,
            "token": token,
        }
        return self.call("create_order", lambda answer: read_order(answer.fields), json=body, hide=HIDDEN)

    def mandates_of(self, customer_id: str) -> tuple[Mandate, ...]:
        """Every mandate of a customer, whatever became of it."""

        def read(answer: Answer) -> tuple[Mandate, ...]:
            return tuple(read_mandate(item, customer_id) for item in answer.fields.children("items"))

        return self.call("mandates_of", read, path={"customer": customer_id}, hide=HIDDEN)

    def fetch_mandate(self, customer_id: str, mandate_id: str) -> Mandate:
        def read(answer: Answer) -> Mandate:
            return read_mandate(answer.fields, customer_id)

        return self.call(
            "fetch_mandate", read, path={"customer": customer_id, "token": mandate_id}, hide=HIDDEN
        )

    def cancel_mandate(self, customer_id: str, mandate_id: str) -> bool:
        """Give the mandate up; True once it is gone."""
        return self.call(
            "cancel_mandate",
            lambda answer: answer.fields.boolean("deleted"),
            path={"customer": customer_id, "token": mandate_id},
        )

    def charge_mandate(self, mandate: Mandate, order: Order, payer: Payer, *, description: str) -> Debit:
        """Debit a confirmed mandate by the amount of `order`. Not repeated by itself: look at the order's payments
        when the answer is lost."""
        body = without_none(
            email=payer.email,
            contact=payer.phone,
            amount=to_paise(order.amount),
            currency=CURRENCY,
            order_id=order.id,
            customer_id=mandate.customer_id,
            token=mandate.id,
            recurring=True,
            description=description,
        )
        return self.call("charge_mandate", _debit, json=body, hide=("token", *HIDDEN))

    def prepare_debit(
        self,
        request: MandateRequest,
        mandate_id: str,
        *,
        amount: Decimal,
        reference_id: str,
        payer: Payer,
        method: str,
    ) -> str:
        """The order that the debit will be charged on. For UPI Razorpay announces it to the customer."""
        mandate = self.fetch_mandate(request.customer_id, mandate_id) if method == UPI else None
        order = self.create_order(amount=amount, reference_id=reference_id, payer=payer, notice_for=mandate)
        return order.id

    def debit(
        self,
        request: MandateRequest,
        mandate_id: str,
        *,
        amount: Decimal,
        reference_id: str,
        order_id: str | None,
        payer: Payer,
        description: str,
    ) -> Debit:
        """Charge the mandate on its order, unless that was done: then it is the debit of before."""
        done = self.payments_of_order(order_id)
        if done:
            return Debit(done[-1].id, order_id)
        mandate, order = self.fetch_mandate(request.customer_id, mandate_id), self.fetch_order(order_id)
        return self.charge_mandate(mandate, order, payer, description=description)

    def debits_of(
        self, request: MandateRequest, *, reference_id: str, order_id: str | None
    ) -> tuple[Payment, ...]:
        """Every attempt to debit the order that was made for it."""
        return self.payments_of_order(order_id)


def _registration(
    method: str, auth_type: str, amount_max: Decimal, expires_at: datetime, account: Beneficiary | None
) -> dict[str, Any]:
    about = {
        "method": method,
        "max_amount": to_paise(amount_max),
        "expire_at": int(expires_at.timestamp()),
    }
    if method == UPI:
        return about | {"frequency": "as_presented"}
    if account:
        about["bank_account"] = {
            "beneficiary_name": account.name,
            "account_number": account.account_number,
            "account_type": "savings",
            "ifsc_code": account.ifsc,
        }
    return about | {"auth_type": auth_type}


def _request(answer: Answer) -> MandateRequest:
    return read_mandate_request(answer.fields)


def _debit(answer: Answer) -> Debit:
    fields = answer.fields
    return Debit(fields.identifier("razorpay_payment_id"), fields.identifier("razorpay_order_id", None))
