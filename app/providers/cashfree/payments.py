"""Cashfree, money in: payment links, orders and what was paid on them, refunds, settlements."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.providers.cashfree.account import HIDDEN, IDEMPOTENCY_HEADER, CashfreeAccount, key_for
from app.providers.cashfree.entities import (
    CURRENCY,
    INDIA,
    in_india,
    read_answered_payment,
    read_order,
    read_payment_link,
    read_refund,
    read_settlement_line,
)
from app.providers.errors import ProviderRejected
from app.providers.fields import FieldError, Fields
from app.providers.money import Order, Payer, Payment, PaymentLink, Refund, SettlementLine
from app.providers.wire import Answer, Operation, operations

LINK_UNKNOWN = "link_not_found"
REFUND_UNKNOWN = "refund_not_found"
SETTLEMENT_LINES_A_PAGE = 1000


class CashfreePayments(CashfreeAccount):
    operations = operations(
        # Under its key a repetition is the same link, order or refund.
        Operation(
            "create_payment_link", "POST", "/pg/links", idempotent=True, idempotency_header=IDEMPOTENCY_HEADER
        ),
        Operation("fetch_payment_link", "GET", "/pg/links/{id}", idempotent=True),
        Operation("cancel_payment_link", "POST", "/pg/links/{id}/cancel", idempotent=False),
        Operation("orders_of_link", "GET", "/pg/links/{id}/orders", idempotent=True),
        Operation(
            "create_order", "POST", "/pg/orders", idempotent=True, idempotency_header=IDEMPOTENCY_HEADER
        ),
        Operation("fetch_order", "GET", "/pg/orders/{id}", idempotent=True),
        Operation("end_order", "PATCH", "/pg/orders/{id}", idempotent=True),
        Operation("payments_of_order", "GET", "/pg/orders/{id}/payments", idempotent=True),
        Operation(
            "create_refund",
            "POST",
            "/pg/orders/{id}/refunds",
            idempotent=True,
            idempotency_header=IDEMPOTENCY_HEADER,
        ),
        Operation("fetch_refund", "GET", "/pg/orders/{id}/refunds/{refund}", idempotent=True),
        Operation("settlement_lines", "POST", "/pg/settlement/recon", idempotent=True, timeout_s=60),
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
        """A page to pay `amount` on. reference_id (at most 50 of [A-Za-z0-9_-]) becomes its id, and is used once.

        first_partial_min allows partial payment, of at least that much. We tell the customer ourselves.
        """
        body: dict[str, Any] = {
            "link_id": reference_id,
            "link_amount": amount,
            "link_currency": CURRENCY,
            "link_purpose": description,
            "customer_details": _customer(payer),
            "link_partial_payments": first_partial_min is not None,
            "link_notify": {"send_sms": False, "send_email": False},
            "link_auto_reminders": False,
            "link_notes": dict(notes or {}),
        }
        if first_partial_min is not None:
            body["link_minimum_partial_amount"] = first_partial_min
        if expires_at:
            body["link_expiry_time"] = in_india(expires_at)
        key = key_for("link", reference_id)
        return self.call("create_payment_link", _link, json=body, idempotency_key=key, hide=HIDDEN)

    def fetch_payment_link(self, link_id: str) -> PaymentLink:
        return self.call("fetch_payment_link", _link, path={"id": link_id}, hide=HIDDEN)

    def find_payment_link(self, reference_id: str) -> PaymentLink | None:
        """The link with our reference: what became of a creation whose answer was lost."""
        try:
            return self.fetch_payment_link(reference_id)
        except ProviderRejected as refusal:
            if refusal.code != LINK_UNKNOWN:
                raise
            return None

    def cancel_payment_link(self, link_id: str) -> PaymentLink:
        """Rejected when something was paid on it or it has ended."""
        return self.call("cancel_payment_link", _link, path={"id": link_id}, hide=HIDDEN)

    def payments_of_link(self, link_id: str) -> tuple[Payment, ...]:
        """Every attempt to pay on a link, by the orders that it made."""

        def read(answer: Answer) -> list[str]:
            return [order.identifier("order_id") for order in _items(answer)]

        orders = self.call(
            "orders_of_link", read, path={"id": link_id}, params={"status": "ALL"}, hide=HIDDEN
        )
        return tuple(payment for order_id in orders for payment in self.payments_of_order(order_id))

    def create_order(self, *, amount: Decimal, reference_id: str, payer: Payer) -> Order:
        """An order to be paid in the checkout; reference_id (3 to 45 of [A-Za-z0-9_-]) becomes its id."""
        body = {
            "order_id": reference_id,
            "order_amount": amount,
            "order_currency": CURRENCY,
            "customer_details": {"customer_id": payer.reference_id, **_customer(payer)},
        }
        key = key_for("order", reference_id)
        return self.call("create_order", _order, json=body, idempotency_key=key, hide=HIDDEN)

    def fetch_order(self, order_id: str) -> Order:
        return self.call("fetch_order", _order, path={"id": order_id}, hide=HIDDEN)

    def end_order(self, order_id: str) -> Order:
        """Close an order that must not be paid any more."""
        body = {"order_status": "TERMINATED"}
        return self.call("end_order", _order, path={"id": order_id}, json=body, hide=HIDDEN)

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]:
        """Every attempt to pay an order."""

        def read(answer: Answer) -> tuple[Payment, ...]:
            return tuple(read_answered_payment(item) for item in _items(answer))

        return self.call("payments_of_order", read, path={"id": order_id}, hide=HIDDEN)

    def find_payment(self, payment_id: str, order_id: str | None) -> Payment | None:
        """A payment by its id and its order's, without which none is found."""
        try:
            attempts = self.payments_of_order(order_id) if order_id else ()
        except ProviderRejected:
            return None
        return next((payment for payment in attempts if payment.id == payment_id), None)

    def create_refund(self, payment: Payment, *, amount: Decimal, reference_id: str) -> Refund:
        """Give back `amount` of what was paid on the payment's order; reference_id (3 to 40) becomes its id."""
        body = {"refund_id": reference_id, "refund_amount": amount, "refund_speed": "STANDARD"}
        key = key_for("refund", reference_id)
        return self.call(
            "create_refund", _refund, path={"id": payment.order_id or ""}, json=body, idempotency_key=key
        )

    def fetch_refund(self, payment: Payment, refund_id: str) -> Refund:
        path = {"id": payment.order_id or "", "refund": refund_id}
        return self.call("fetch_refund", _refund, path=path)

    def find_refund(self, payment: Payment, reference_id: str) -> Refund | None:
        """The refund with our id, None when Cashfree has none."""
        try:
            return self.fetch_refund(payment, reference_id)
        except ProviderRejected as refusal:
            if refusal.code != REFUND_UNKNOWN:
                raise
            return None

    def settlement_lines(self, day: date) -> tuple[SettlementLine, ...]:
        """All that was settled to our bank on a day."""
        starts_at = datetime.combine(day, time.min, INDIA)
        filters = {"start_date": _utc(starts_at), "end_date": _utc(starts_at + timedelta(days=1, seconds=-1))}
        lines: list[SettlementLine] = []
        cursor: str | None = None
        while True:
            page, cursor = self._settlement_page(filters, cursor)
            # the transfer itself is what the others add up to
            lines += [line for line in page if line.kind != "settlement"]
            if not page or not cursor:
                return tuple(lines)

    def _settlement_page(
        self, filters: Mapping[str, str], cursor: str | None
    ) -> tuple[list[SettlementLine], str | None]:
        def read(answer: Answer) -> tuple[list[SettlementLine], str | None]:
            lines = [read_settlement_line(item) for item in answer.fields.children("data", [])]
            return lines, answer.fields.identifier("cursor", None)

        body = {
            "pagination": {"limit": SETTLEMENT_LINES_A_PAGE, "cursor": cursor},
            "filters": dict(filters),
        }
        return self.call("settlement_lines", read, json=body, hide=HIDDEN)


def _customer(payer: Payer) -> dict[str, str]:
    about = {"customer_name": payer.name, "customer_phone": payer.phone, "customer_email": payer.email or ""}
    return {name: value for name, value in about.items() if value}


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _items(answer: Answer) -> list[Fields]:
    """A list that is the whole answer."""
    if not isinstance(answer.data, list):
        raise FieldError("body", "expected a list")
    return [Fields(item, f"[{i}]") for i, item in enumerate(answer.data)]


def _link(answer: Answer) -> PaymentLink:
    return read_payment_link(answer.fields)


def _order(answer: Answer) -> Order:
    return read_order(answer.fields)


def _refund(answer: Answer) -> Refund:
    return read_refund(answer.fields)
