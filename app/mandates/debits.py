"""Debiting an account under its mandate."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from app.brands import providers
from app.customers import service as customers
from app.kyc import service as kyc
from app.mandates import service
from app.mandates.models import Mandate
from app.mandates.states import ACTIVE
from app.providers import money


def debitable(loan_id: UUID, on: date) -> Mandate | None:
    """The mandate under which the loan's account can be debited on a day, if there is one."""
    mandate = service.latest(loan_id)
    return mandate if mandate and mandate.status == ACTIVE and mandate.valid_until >= on else None


def prepare(mandate: Mandate, amount: Decimal, reference: str) -> str | None:
    """Announce a debit at the gateway; the order that it will be charged on, where the gateway has one.

    Raises ProviderError.
    """
    return providers.mandates(mandate.provider).prepare_debit(
        service.request_of(mandate),
        mandate.provider_mandate_id,
        amount=amount,
        reference_id=reference,
        payer=_payer(mandate),
        method=mandate.method,
    )


def charge(mandate: Mandate, amount: Decimal, reference: str, order_id: str | None, text: str) -> money.Debit:
    """Debit the account. Doing it again is the same debit. Raises ProviderError."""
    return providers.mandates(mandate.provider).debit(
        service.request_of(mandate),
        mandate.provider_mandate_id,
        amount=amount,
        reference_id=reference,
        order_id=order_id,
        payer=_payer(mandate),
        description=text,
    )


def known(mandate: Mandate, reference: str, order_id: str | None) -> tuple[money.Payment, ...]:
    """What the gateway knows of a debit. Raises ProviderError."""
    gateway = providers.mandates(mandate.provider)
    return gateway.debits_of(service.request_of(mandate), reference_id=reference, order_id=order_id)


def account_of(mandate: Mandate) -> money.Beneficiary | None:
    """The account that an e-mandate debits; None where it is known no more."""
    customer = customers.get(mandate.customer_id)
    if mandate.bank_account_id is None:  # asked for before mandates named the account
        account = kyc.verified_account(customer.id)
    else:
        account = kyc.bank_account(customer.id, mandate.bank_account_id)
    if account is None or not account.account_number:
        return None
    return money.Beneficiary(
        name=account.holder_name or customer.name,
        account_number=account.account_number,
        ifsc=account.ifsc,
        phone=customer.phone,
        reference_id=customer.customer_no,
    )


def _payer(mandate: Mandate) -> money.Payer:
    customer = customers.get(mandate.customer_id)
    return money.Payer(customer.name, customer.phone, customer.email, customer.customer_no)
