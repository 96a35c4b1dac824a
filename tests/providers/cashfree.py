"""What tests do at Cashfree: make and pay links and orders, send money, hear what it tells."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import requests

from app.providers.cashfree import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    CashfreeClient,
    is_recent,
    parse_event,
    verify_signature,
)
from app.providers.money import Beneficiary, Event, Order, Payer, PaymentLink, Payout
from tests.providers.conftest import Scripted
from tests.providers.live import Sandbox, default_credentials

KEYS = default_credentials("cashfree")

ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com", "customer-1")

AMOUNT = Decimal("30000.50")


def new_link(client: CashfreeClient, amount: str = "12345.50", **more: object) -> PaymentLink:
    return client.create_payment_link(
        amount=Decimal(amount), reference_id=str(uuid.uuid4()), description="Repayment", payer=ASHA, **more
    )


def pay(link: PaymentLink, **body: object) -> requests.Response:
    return requests.post(f"{link.short_url}/pay", json=body, timeout=5)


def reference() -> str:
    return f"L-{uuid.uuid4().hex[:10]}-D1"


def send(
    client: CashfreeClient,
    amount: Decimal = AMOUNT,
    account_number: str = "50100000000001",
    reference_id: str | None = None,
) -> Payout:
    return client.create_payout(
        amount=amount,
        beneficiary=Beneficiary("ASHA VERMA", account_number, "HDFC0000123", "9000000001", "customer-1"),
        reference_id=reference_id or reference(),
        idempotency_key=str(uuid.uuid4()),
    )


def heard(sandbox: Sandbox, name: str, *words: str, secret: str = "client_secret") -> Event:
    """The event, once its signature is found good."""
    received = sandbox.listener.next(f'"type": "{name}"', *words)
    timestamp, signature = received.headers[TIMESTAMP_HEADER], received.headers[SIGNATURE_HEADER]
    assert verify_signature(received.body, timestamp, signature, KEYS[secret])
    assert is_recent(timestamp, datetime.now(UTC))
    return parse_event(received.body)


def place(client: CashfreeClient, amount: Decimal = AMOUNT) -> Order:
    return client.create_order(amount=amount, reference_id=str(uuid.uuid4()), payer=ASHA)


def drop(client: CashfreeClient, account_number: str, name: str = "ASHA VERMA"):
    return client.penny_drop(account_number=account_number, ifsc="HDFC0000123", name=name, reference="1")


def scripted(sandbox: Sandbox, upstream, *answers: Scripted) -> CashfreeClient:
    client = sandbox.client(CashfreeClient)
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    upstream.plays(*answers)
    return client
