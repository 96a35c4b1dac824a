"""Mandates of Cashfree (subscriptions): given in the checkout, charged, cancelled, over real HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from app.providers.cashfree import CashfreeClient, parse_event
from app.providers.errors import ProviderRejected
from app.providers.money import Beneficiary, MandateEvent, MandateRequest, Payer, PaymentEvent
from tests.providers.live import BRAND, Sandbox

ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com", "customer-1")
ACCOUNT = Beneficiary("ASHA VERMA", "50100000000001", "HDFC0000123", "9000000001", "customer-1")
EMPTY_ACCOUNT = Beneficiary("ASHA VERMA", "50100000010000", "HDFC0000123", "9000000001", "customer-1")


@pytest.fixture
def client(sandbox: Sandbox) -> CashfreeClient:
    return sandbox.client(CashfreeClient)


def ask(client: CashfreeClient, account: Beneficiary = ACCOUNT, method: str = "emandate") -> MandateRequest:
    return client.request_mandate(
        payer=ASHA,
        reference_id=str(uuid.uuid4()),
        description="Repayment of your loan",
        amount_max=Decimal("25000.00"),
        expires_at=datetime.now(UTC) + timedelta(days=365),
        return_url="https://lender.example/back",
        method=method,
        account=account,
    )


def give(sandbox: Sandbox, request: MandateRequest, outcome: str = "confirmed") -> str:
    url = f"{sandbox.url}/cashfree/s/{BRAND}:{request.id}/give"
    requests.post(url, json={"outcome": outcome}, timeout=5).raise_for_status()
    return request.id


def charge(client: CashfreeClient, mandate_id: str, amount: str = "5000.00") -> str:
    debit = client.charge_mandate(
        mandate_id, amount=Decimal(amount), reference_id=str(uuid.uuid4()), description="Instalment"
    )
    return debit.payment_id


def test_a_mandate_is_given_and_charged(sandbox: Sandbox, client: CashfreeClient) -> None:
    request = ask(client)
    assert (request.status, bool(request.checkout_key)) == ("INITIALIZED", True)
    mandate_id = give(sandbox, request)
    event = parse_event(sandbox.listener.next("SUBSCRIPTION_STATUS_CHANGED", mandate_id).body)
    assert isinstance(event, MandateEvent)
    mandate = client.fetch_mandate(mandate_id)
    assert (mandate.status, mandate.method, mandate.amount_max) == (
        "confirmed",
        "enach",
        Decimal("25000.00"),
    )
    assert event.mandate == mandate

    debit_id = charge(client, mandate_id)
    paid = parse_event(sandbox.listener.next("SUBSCRIPTION_PAYMENT_SUCCESS", debit_id).body)
    assert isinstance(paid, PaymentEvent)
    assert (paid.payment.status, paid.payment.token_id) == ("captured", mandate_id)
    assert client.fetch_debit(mandate_id, debit_id) == paid.payment


def test_a_debit_bounces(sandbox: Sandbox, client: CashfreeClient) -> None:
    debit_id = charge(client, give(sandbox, ask(client, EMPTY_ACCOUNT)))
    failed = parse_event(sandbox.listener.next("SUBSCRIPTION_PAYMENT_FAILED", debit_id).body).payment
    assert failed.status == "failed"
    assert "Insufficient Funds" in failed.error_description


def test_what_the_customer_did_not_allow_is_not_debited(sandbox: Sandbox, client: CashfreeClient) -> None:
    with pytest.raises(ProviderRejected, match="payment_amount_invalid"):
        charge(client, give(sandbox, ask(client)), "25000.01")
    with pytest.raises(ProviderRejected, match="not_active"):
        charge(client, give(sandbox, ask(client), "rejected"))


def test_a_mandate_is_cancelled_once(sandbox: Sandbox, client: CashfreeClient) -> None:
    mandate_id = give(sandbox, ask(client, method="upi"))
    assert client.cancel_mandate(mandate_id).status == "cancelled"
    with pytest.raises(ProviderRejected, match="action_invalid"):
        client.cancel_mandate(mandate_id)


def test_a_debit_is_made_once(sandbox: Sandbox, client: CashfreeClient) -> None:
    mandate_id = give(sandbox, ask(client))
    debit_id = charge(client, mandate_id)
    with pytest.raises(ProviderRejected, match="payment_already_exists"):
        client.charge_mandate(mandate_id, amount=Decimal(1), reference_id=debit_id, description="Again")


def test_call_records_name_nobody(sandbox: Sandbox, client: CashfreeClient) -> None:
    charge(client, give(sandbox, ask(client)))
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001", "9000000001", "asha.verma", "'sub_session_"):
        assert personal not in shown
