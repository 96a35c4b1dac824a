"""What a client must offer to be a gateway for money: to collect, to pay out, to debit, to check an account.

A brand names its gateway for each capability (`settings.providers`), so whoever collects, pays out or checks an account
speaks to a protocol of this file and gets the dataclasses of `app.providers.money` back.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from app.providers.money import (
    Beneficiary,
    Debit,
    Mandate,
    MandateRequest,
    Order,
    Payer,
    Payment,
    PaymentLink,
    Payout,
    PennyDrop,
    Refund,
    SettlementLine,
    VpaHolder,
)


class PaymentGateway(Protocol):
    """`settings.providers.payments`: money in."""

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
    ) -> PaymentLink: ...

    def fetch_payment_link(self, link_id: str) -> PaymentLink: ...

    def find_payment_link(self, reference_id: str) -> PaymentLink | None: ...

    def cancel_payment_link(self, link_id: str) -> PaymentLink: ...

    def payments_of_link(self, link_id: str) -> tuple[Payment, ...]: ...

    def create_order(self, *, amount: Decimal, reference_id: str, payer: Payer) -> Order: ...

    def fetch_order(self, order_id: str) -> Order: ...

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]: ...

    def find_payment(self, payment_id: str, order_id: str | None) -> Payment | None: ...

    def create_refund(self, payment: Payment, *, amount: Decimal, reference_id: str) -> Refund: ...

    def fetch_refund(self, payment: Payment, refund_id: str) -> Refund: ...

    def find_refund(self, payment: Payment, reference_id: str) -> Refund | None: ...

    def settlement_lines(self, day: date) -> tuple[SettlementLine, ...]: ...


class PayoutGateway(Protocol):
    """`settings.providers.payouts`: money out."""

    def create_payout(
        self,
        *,
        amount: Decimal,
        beneficiary: Beneficiary,
        reference_id: str,
        idempotency_key: str,
        mode: str = "IMPS",
        narration: str = "Loan disbursal",
    ) -> Payout: ...

    def fetch_payout(self, payout_id: str) -> Payout: ...

    def find_payout(self, reference_id: str) -> Payout | None: ...


class MandateGateway(Protocol):
    """`settings.providers.payments`, for leave to debit, and debits."""

    def request_mandate(
        self,
        *,
        payer: Payer,
        reference_id: str,
        description: str,
        amount_max: Decimal,
        expires_at: datetime,
        open_until: datetime,
        return_url: str,
        method: str,
        account: Beneficiary | None,
    ) -> MandateRequest: ...

    def mandate_of(self, request: MandateRequest) -> Mandate | None: ...

    def end_mandate(self, request: MandateRequest, mandate_id: str | None) -> None: ...

    def prepare_debit(
        self,
        request: MandateRequest,
        mandate_id: str,
        *,
        amount: Decimal,
        reference_id: str,
        payer: Payer,
        method: str,
    ) -> str | None: ...

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
    ) -> Debit: ...

    def debits_of(
        self, request: MandateRequest, *, reference_id: str, order_id: str | None
    ) -> tuple[Payment, ...]: ...


class VpaValidator(Protocol):
    """`settings.providers.upi_validation`: whose UPI id it is."""

    def validate_vpa(self, *, vpa: str, name: str, reference: str) -> VpaHolder: ...


class AccountValidator(Protocol):
    """`settings.providers.account_validation`: whose bank account it is."""

    def penny_drop(self, *, account_number: str, ifsc: str, name: str, reference: str) -> PennyDrop: ...

    def penny_drop_status(self, transaction_id: str) -> PennyDrop: ...
