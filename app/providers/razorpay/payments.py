"""Razorpay, money in: payment links, orders and what was paid on them, refunds, settlements."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.providers.errors import ProviderRejected
from app.providers.money import Mandate, Order, Payer, Payment, PaymentLink, Refund, SettlementLine
from app.providers.razorpay.account import HIDDEN, RazorpayAccount, without_none
from app.providers.razorpay.entities import (
    CURRENCY,
    read_answered_payment,
    read_order,
    read_payment,
    read_payment_link,
    read_refund,
    read_settlement_line,
    to_paise,
)
from app.providers.wire import Answer, Operation, operations

SETTLEMENT_LINES_A_PAGE = 1000


class RazorpayPayments(RazorpayAccount):
    operations = operations(
        Operation("create_payment_link", "POST", "/v1/payment_links", idempotent=False),
        Operation("fetch_payment_link", "GET", "/v1/payment_links/{id}", idempotent=True),
        Operation("find_payment_link", "GET", "/v1/payment_links", idempotent=True),
        Operation("cancel_payment_link", "POST", "/v1/payment_links/{id}/cancel", idempotent=False),
        Operation("create_order", "POST", "/v1/orders", idempotent=False),
        Operation("fetch_order", "GET", "/v1/orders/{id}", idempotent=True),
        Operation("payments_of_order", "GET", "/v1/orders/{id}/payments", idempotent=True),
        Operation("fetch_payment", "GET", "/v1/payments/{id}", idempotent=True),
        Operation("capture_payment", "POST", "/v1/payments/{id}/capture", idempotent=False),
        # Under its key a repeated refund is the same refund.
        Operation(
            "create_refund",
            "POST",
            "/v1/payments/{id}/refund",
            idempotent=True,
            idempotency_header="X-Refund-Idempotency",
        ),
        Operation("fetch_refund", "GET", "/v1/refunds/{id}", idempotent=True),
        Operation("find_refund", "GET", "/v1/payments/{id}/refunds", idempotent=True),
        Operation("settlement_lines", "GET", "/v1/settlements/recon/combined", idempotent=True, timeout_s=60),
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
            "customer": without_none(name=payer.name, contact=f"+91{payer.phone}", email=payer.email or None),
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "notes": dict(notes or {}),
        }
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

    def payments_of_link(self, link_id: str) -> tuple[Payment, ...]:
        """What was paid on a link."""
        paid = self.fetch_payment_link(link_id).payment_ids
        return tuple(self.fetch_payment(payment_id) for payment_id in paid)

    def cancel_payment_link(self, link_id: str) -> PaymentLink:
        """Rejected when something was paid on it or it has ended."""
        return self.call("cancel_payment_link", _link, path={"id": link_id}, hide=HIDDEN)

    def create_order(
        self, *, amount: Decimal, reference_id: str, payer: Payer, notice_for: Mandate | None = None
    ) -> Order:
        """An order to be paid in the checkout; reference_id is ours, at most 40.

        notice_for is a UPI mandate that will be charged for it: its customer is told a day before.
        """
        body = without_none(
            amount=to_paise(amount),
            currency=CURRENCY,
            receipt=reference_id,
            payment_capture=True,
            notes={"customer": payer.reference_id},
            notification={"token_id": notice_for.id} if notice_for else None,
        )
        return self.call("create_order", _order, json=body)

    def fetch_order(self, order_id: str) -> Order:
        return self.call("fetch_order", _order, path={"id": order_id})

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]:
        """Every attempt to pay an order."""

        def read(answer: Answer) -> tuple[Payment, ...]:
            return tuple(read_answered_payment(item) for item in answer.fields.children("items"))

        return self.call("payments_of_order", read, path={"id": order_id})

    def fetch_payment(self, payment_id: str) -> Payment:
        return self.call("fetch_payment", _answered, path={"id": payment_id})

    def find_payment(self, payment_id: str, order_id: str | None) -> Payment | None:
        """A payment by its id; None where there is none of ours."""
        try:
            return self.fetch_payment(payment_id)
        except ProviderRejected:
            return None

    def capture_payment(self, payment: Payment) -> Payment:
        """Take the whole of an authorised payment. Rejected when it was captured before."""
        body = {"amount": to_paise(payment.amount), "currency": CURRENCY}
        return self.call("capture_payment", _payment, path={"id": payment.id}, json=body)

    def create_refund(self, payment: Payment, *, amount: Decimal, reference_id: str) -> Refund:
        """Give back `amount` of a captured payment. reference_id (10 to 40 of [A-Za-z0-9_-]) is the key under
        which a repetition is the same refund; another amount under it is rejected."""
        body = {"amount": to_paise(amount), "speed": "normal", "receipt": reference_id}
        path = {"id": payment.id}
        return self.call("create_refund", _refund, path=path, json=body, idempotency_key=reference_id)

    def fetch_refund(self, payment: Payment, refund_id: str) -> Refund:
        return self.call("fetch_refund", _refund, path={"id": refund_id})

    def find_refund(self, payment: Payment, reference_id: str) -> Refund | None:
        """The refund of a payment under our reference, None when Razorpay has none."""

        def read(answer: Answer) -> Refund | None:
            refunds = [read_refund(item) for item in answer.fields.children("items")]
            return next((refund for refund in refunds if refund.reference_id == reference_id), None)

        return self.call("find_refund", read, path={"id": payment.id}, params={"count": "100"})

    def settlement_lines(self, day: date) -> tuple[SettlementLine, ...]:
        """All that was settled to our bank on a day."""
        lines: list[SettlementLine] = []
        while True:
            page = self._settlement_page(day, len(lines))
            lines += page
            if len(page) < SETTLEMENT_LINES_A_PAGE:
                return tuple(lines)

    def _settlement_page(self, day: date, skip: int) -> list[SettlementLine]:
        def read(answer: Answer) -> list[SettlementLine]:
            return [read_settlement_line(item) for item in answer.fields.children("items")]

        params = {"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}"}
        params |= {"count": str(SETTLEMENT_LINES_A_PAGE), "skip": str(skip)}
        return self.call("settlement_lines", read, params=params)


def _link(answer: Answer) -> PaymentLink:
    return read_payment_link(answer.fields)


def _order(answer: Answer) -> Order:
    return read_order(answer.fields)


def _answered(answer: Answer) -> Payment:
    return read_answered_payment(answer.fields)


def _payment(answer: Answer) -> Payment:
    return read_payment(answer.fields)


def _refund(answer: Answer) -> Refund:
    return read_refund(answer.fields)
