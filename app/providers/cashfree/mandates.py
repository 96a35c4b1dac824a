"""Cashfree, recurring: subscriptions on demand, authorised as e-mandate, paper NACH or UPI AutoPay.

A subscription is a mandate: its id is ours, and its UMRN (UMN for UPI) comes with the authorisation. The customer
authorises it in the checkout, opened with `checkout_key`. A charge is answered by the bank a day or more later.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.providers.cashfree.account import HIDDEN, IDEMPOTENCY_HEADER, CashfreeAccount, key_for
from app.providers.cashfree.entities import (
    CURRENCY,
    in_india,
    read_answered_debit,
    read_mandate,
    read_mandate_request,
)
from app.providers.errors import ProviderRejected
from app.providers.money import Beneficiary, Debit, Mandate, MandateRequest, Payer, Payment
from app.providers.wire import Answer, Operation, operations

# Our word for the way a mandate is given: Cashfree's, and what the authorisation takes in rupees.
METHODS = {"emandate": ("enach", 0), "nach": ("pnach", 0), "upi": ("upi", 1)}

UNAUTHORISED = "INITIALIZED"


class CashfreeMandates(CashfreeAccount):
    operations = operations(
        Operation(
            "request_mandate",
            "POST",
            "/pg/subscriptions",
            idempotent=True,
            idempotency_header=IDEMPOTENCY_HEADER,
        ),
        Operation("fetch_mandate", "GET", "/pg/subscriptions/{id}", idempotent=True),
        Operation("manage_mandate", "POST", "/pg/subscriptions/{id}/manage", idempotent=False),
        Operation("charge_mandate", "POST", "/pg/subscriptions/pay", idempotent=False, timeout_s=30),
        Operation("fetch_debit", "GET", "/pg/subscriptions/{id}/payments/{payment}", idempotent=True),
    )

    def request_mandate(
        self,
        *,
        payer: Payer,
        reference_id: str,
        description: str,
        amount_max: Decimal,
        expires_at: datetime,
        return_url: str,
        method: str = "emandate",
        account: Beneficiary | None = None,
        open_until: datetime | None = None,
    ) -> MandateRequest:
        """Begin a mandate of at most amount_max a debit, valid until expires_at; reference_id becomes its id.

        method emandate, nach or upi; account is the one to be debited. Cashfree is not told open_until: after it we
        give the subscription up.
        """
        payment_method, authorisation_amount = METHODS[method]
        body = {
            "subscription_id": reference_id,
            "customer_details": _customer(payer, account),
            "plan_details": {
                "plan_name": description,
                "plan_type": "ON_DEMAND",
                "plan_currency": CURRENCY,
                "plan_max_amount": amount_max,
            },
            "authorization_details": {
                "authorization_amount": authorisation_amount,
                "authorization_amount_refund": True,
                "payment_methods": [payment_method],
            },
            "subscription_meta": {"return_url": return_url},
            "subscription_expiry_time": in_india(expires_at),
        }
        key = key_for("subscription", reference_id)
        return self.call(
            "request_mandate",
            lambda answer: read_mandate_request(answer.fields),
            json=body,
            idempotency_key=key,
            hide=HIDDEN,
        )

    def fetch_mandate(self, mandate_id: str) -> Mandate:
        return self.call("fetch_mandate", _mandate, path={"id": mandate_id}, hide=HIDDEN)

    def mandate_of(self, request: MandateRequest) -> Mandate | None:
        """What came of a subscription; None while nobody has authorised it."""
        path = {"id": request.id}
        return self.call("fetch_mandate", _authorised_mandate, path=path, hide=HIDDEN)

    def end_mandate(self, request: MandateRequest, mandate_id: str | None) -> None:
        """Give it up, authorised or not. Rejected once it has ended."""
        self.cancel_mandate(request.id)

    def cancel_mandate(self, mandate_id: str) -> Mandate:
        """Give the mandate up. Rejected once it has ended."""
        body = {"subscription_id": mandate_id, "action": "CANCEL"}
        return self.call("manage_mandate", _mandate, path={"id": mandate_id}, json=body, hide=HIDDEN)

    def charge_mandate(
        self,
        mandate_id: str,
        *,
        amount: Decimal,
        reference_id: str,
        description: str,
        on: datetime | None = None,
    ) -> Debit:
        """Debit a confirmed mandate; reference_id becomes the debit's id, and is taken once.

        UPI needs `on`, tomorrow at the earliest and asked for before 21:00; e-mandate and NACH without it are
        presented today when asked for before 07:00. When the answer is lost, ask `fetch_debit`.
        """
        body: dict[str, Any] = {
            "subscription_id": mandate_id,
            "payment_id": reference_id,
            "payment_amount": amount,
            "payment_type": "CHARGE",
            "payment_remarks": description,
        }
        if on:
            body["payment_schedule_date"] = in_india(on)
        return self.call(
            "charge_mandate",
            lambda answer: Debit(answer.fields.identifier("payment_id"), None),
            json=body,
            hide=HIDDEN,
        )

    def fetch_debit(self, mandate_id: str, debit_id: str) -> Payment:
        path = {"id": mandate_id, "payment": debit_id}
        return self.call(
            "fetch_debit", lambda answer: read_answered_debit(answer.fields), path=path, hide=HIDDEN
        )

    def prepare_debit(
        self,
        request: MandateRequest,
        mandate_id: str,
        *,
        amount: Decimal,
        reference_id: str,
        payer: Payer,
        method: str,
    ) -> None:
        """Cashfree has no order of a debit, and announces it itself."""

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
        """Debit the mandate; one that is there already under the reference is the same."""
        try:
            return self.charge_mandate(
                request.id, amount=amount, reference_id=reference_id, description=description
            )
        except ProviderRejected:
            known = self.fetch_debit(request.id, reference_id)
            return Debit(known.id, None)

    def debits_of(
        self, request: MandateRequest, *, reference_id: str, order_id: str | None
    ) -> tuple[Payment, ...]:
        """The debit with our reference, as it stands."""
        return (self.fetch_debit(request.id, reference_id),)


def _customer(payer: Payer, account: Beneficiary | None) -> dict[str, str]:
    customer = {
        "customer_name": payer.name,
        "customer_phone": payer.phone,
        "customer_email": payer.email or "",
    }
    if account:
        customer |= {
            "customer_bank_account_holder_name": account.name,
            "customer_bank_account_number": account.account_number,
            "customer_bank_ifsc": account.ifsc,
        }
    return {name: value for name, value in customer.items() if value}


def _mandate(answer: Answer) -> Mandate:
    return read_mandate(answer.fields)


def _authorised_mandate(answer: Answer) -> Mandate | None:
    is_new = answer.fields.identifier("subscription_status") == UNAUTHORISED
    return None if is_new else read_mandate(answer.fields)
