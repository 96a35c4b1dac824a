"""Razorpay: payment links for money in, RazorpayX payouts for money out. One host, one key pair.

Source: Razorpay's API reference. Basic authentication with key_id and key_secret; amounts in paise. A
refusal is ProviderRejected with Razorpay's code (BAD_REQUEST_ERROR) and description.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.providers.base import Answer, Operation, ProviderClient, operations
from app.providers.razorpay.entities import (
    CURRENCY,
    Payment,
    PaymentLink,
    Payout,
    read_payment,
    read_payment_link,
    read_payout,
    to_paise,
)

# Names of people: the keys of a body say too little for the masks to find them.
HIDDEN = ("name",)


@dataclass(frozen=True)
class Payer:
    """Whom a payment link is for."""

    name: str
    phone: str
    email: str | None = None


@dataclass(frozen=True)
class Beneficiary:
    """Whose bank account a payout goes to; reference_id is our id of the person."""

    name: str
    account_number: str = field(repr=False)
    ifsc: str
    phone: str
    reference_id: str


class RazorpayClient(ProviderClient):
    """Credentials: key_id, key_secret, account_number (RazorpayX, where payouts are paid from)."""

    provider = "razorpay"
    operations = operations(
        Operation("create_payment_link", "POST", "/v1/payment_links", idempotent=False),
        Operation("fetch_payment_link", "GET", "/v1/payment_links/{id}", idempotent=True),
        Operation("find_payment_link", "GET", "/v1/payment_links", idempotent=True),
        Operation("cancel_payment_link", "POST", "/v1/payment_links/{id}/cancel", idempotent=False),
        Operation("fetch_payment", "GET", "/v1/payments/{id}", idempotent=True),
        # Repeatable under its key, but whoever moves money looks first what became of it.
        Operation(
            "create_payout",
            "POST",
            "/v1/payouts",
            idempotent=False,
            timeout_s=30.0,
            idempotency_header="X-Payout-Idempotency",
        ),
        Operation("fetch_payout", "GET", "/v1/payouts/{id}", idempotent=True),
        Operation("find_payout", "GET", "/v1/payouts", idempotent=True),
    )

    def create_payment_link(
        self,
        *,
        amount: Decimal,
        reference_id: str,
        description: str,
        payer: Payer,
        expires_at: datetime | None = None,
        first_partial_min: Decimal | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> PaymentLink:
        """A page to pay `amount` on. reference_id (at most 40) is ours, one active link each.

        first_partial_min allows partial payment, of at least that much the first time. We tell the customer
        ourselves: Razorpay sends nothing.
        """
        body: dict[str, Any] = {
            "amount": to_paise(amount),
            "currency": CURRENCY,
            "accept_partial": first_partial_min is not None,
            "description": description,
            "reference_id": reference_id,
            "customer": {"name": payer.name, "contact": f"+91{payer.phone}"},
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "notes": dict(notes or {}),
        }
        if payer.email:
            body["customer"]["email"] = payer.email
        if first_partial_min is not None:
            body["first_min_partial_amount"] = to_paise(first_partial_min)
        if expires_at:
            body["expire_by"] = int(expires_at.timestamp())
        return self.call("create_payment_link", _link, json=body, hide=HIDDEN)

    def fetch_payment_link(self, link_id: str) -> PaymentLink:
        return self.call("fetch_payment_link", _link, path={"id": link_id}, hide=HIDDEN)

    def find_payment_link(self, reference_id: str) -> PaymentLink | None:
        """The newest link with our reference: what became of a creation whose answer was lost."""

        def read(answer: Answer) -> PaymentLink | None:
            links = [read_payment_link(item) for item in answer.fields.children("payment_links")]
            return max(links, key=lambda link: link.created_at, default=None)

        return self.call("find_payment_link", read, params={"reference_id": reference_id}, hide=HIDDEN)

    def cancel_payment_link(self, link_id: str) -> PaymentLink:
        """Rejected when something was paid on it or it has ended."""
        return self.call("cancel_payment_link", _link, path={"id": link_id}, hide=HIDDEN)

    def fetch_payment(self, payment_id: str) -> Payment:
        return self.call("fetch_payment", lambda answer: read_payment(answer.fields), path={"id": payment_id})

    def create_payout(
        self,
        *,
        amount: Decimal,
        beneficiary: Beneficiary,
        reference_id: str,
        idempotency_key: str,
        mode: str = "IMPS",
        narration: str = "Loan disbursal",
        notes: Mapping[str, str] | None = None,
    ) -> Payout:
        """Send money to a bank account; a webhook tells how it ended.

        idempotency_key (4 to 36 characters) stays the same for each try of one disbursal: a new one pays
        twice. When ProviderUnavailable says that it may have happened, ask `find_payout(reference_id)`
        before anything else. reference_id at most 40, narration at most 30 of [A-Za-z0-9 ].
        """
        body = {
            "account_number": self.settings.credentials["account_number"],
            "amount": to_paise(amount),
            "currency": CURRENCY,
            "mode": mode,
            "purpose": "payout",
            "fund_account": _fund_account(beneficiary),
            # Money that waits for days in a queue would be disbursed against a stale agreement.
            "queue_if_low_balance": False,
            "reference_id": reference_id,
            "narration": narration,
            "notes": dict(notes or {}),
        }
        return self.call("create_payout", _payout, json=body, idempotency_key=idempotency_key, hide=HIDDEN)

    def fetch_payout(self, payout_id: str) -> Payout:
        return self.call("fetch_payout", _payout, path={"id": payout_id}, hide=HIDDEN)

    def find_payout(self, reference_id: str) -> Payout | None:
        """The newest payout with our reference, None when Razorpay has none."""

        def read(answer: Answer) -> Payout | None:
            payouts = [read_payout(item) for item in answer.fields.children("items")]
            return max(payouts, key=lambda payout: payout.created_at, default=None)

        account = self.settings.credentials["account_number"]
        params = {"account_number": account, "reference_id": reference_id}
        return self.call("find_payout", read, params=params, hide=HIDDEN)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        pair = f"{credentials['key_id']}:{credentials['key_secret']}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def check(self, operation: Operation, answer: Answer) -> None:
        if answer.status == 409:  # the same request is still being worked on
            raise self.unavailable(operation, "HTTP 409")
        if answer.status in (401, 403, 429) or not 400 <= answer.status < 500:
            super().check(operation, answer)
            return
        error = answer.fields.child("error", answer.fields)
        code = error.identifier("code", str(answer.status))
        raise self.rejected(operation, code, error.text("description", "") or error.text("message", ""))


def _link(answer: Answer) -> PaymentLink:
    return read_payment_link(answer.fields)


def _payout(answer: Answer) -> Payout:
    return read_payout(answer.fields)


def _fund_account(beneficiary: Beneficiary) -> dict[str, Any]:
    return {
        "account_type": "bank_account",
        "bank_account": {
            "name": beneficiary.name,
            "ifsc": beneficiary.ifsc,
            "account_number": beneficiary.account_number,
        },
        "contact": {
            "name": beneficiary.name,
            "contact": beneficiary.phone,
            "type": "customer",
            "reference_id": beneficiary.reference_id,
        },
    }
