"""Mandates of Razorpay: given on a page, charged, cancelled, over real HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from app.providers.errors import ProviderRejected, ProviderUnavailable
from app.providers.money import Beneficiary, Mandate, MandateEvent, MandateRequest, MandateRequestEvent, Payer
from app.providers.razorpay import RazorpayClient, parse_event
from tests.providers.live import Sandbox

ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com", "customer-1")
ACCOUNT = Beneficiary("ASHA VERMA", "50100000000001", "HDFC0000123", "9000000001", "customer-1")
EMPTY_ACCOUNT = Beneficiary("ASHA VERMA", "50100000010000", "HDFC0000123", "9000000001", "customer-1")
LATER = datetime.now(UTC) + timedelta(days=365)


@pytest.fixture
def client(sandbox: Sandbox) -> RazorpayClient:
    return sandbox.client(RazorpayClient)


def ask(client: RazorpayClient, **more: object) -> MandateRequest:
    return client.request_mandate(
        payer=ASHA,
        reference_id=str(uuid.uuid4()),
        description="Repayment of your loan",
        amount_max=Decimal("25000.00"),
        expires_at=LATER,
        open_until=LATER,
        **{"account": ACCOUNT} | more,
    )


def give(request: MandateRequest, outcome: str = "confirmed") -> str:
    """The id of the mandate."""
    return requests.post(f"{request.url}/give", json={"outcome": outcome}, timeout=5).json()["token_id"]


def given(client: RazorpayClient, **more: object) -> Mandate:
    request = ask(client, **more)
    return client.fetch_mandate(request.customer_id, give(request))


def charge(client: RazorpayClient, mandate: Mandate, amount: str = "5000.00"):
    order = client.create_order(amount=Decimal(amount), reference_id=str(uuid.uuid4()), payer=ASHA)
    return client.charge_mandate(mandate, order, ASHA, description="Instalment"), order


def test_a_mandate_is_given(sandbox: Sandbox, client: RazorpayClient) -> None:
    request = ask(client)
    assert request.status == "issued"
    token_id = give(request)
    used = parse_event(sandbox.listener.next("invoice.paid", request.id).body)
    assert isinstance(used, MandateRequestEvent)
    assert (used.request.status, used.payment.token_id, used.payment.amount) == ("paid", token_id, 0)
    heard = parse_event(sandbox.listener.next("token.confirmed", token_id).body)
    assert isinstance(heard, MandateEvent)
    mandate = client.fetch_mandate(request.customer_id, token_id)
    assert (mandate.status, mandate.method, mandate.amount_max) == (
        "confirmed",
        "emandate",
        Decimal("25000.00"),
    )
    assert heard.mandate.status == mandate.status
    assert client.mandates_of(request.customer_id) == (mandate,)


def test_a_bank_says_no(sandbox: Sandbox, client: RazorpayClient) -> None:
    heard = parse_event(sandbox.listener.next("token.rejected", give(ask(client), "rejected")).body)
    assert (heard.mandate.status, heard.mandate.failure_reason) == ("rejected", "Rejected by bank")


def test_upi_autopay_takes_a_rupee_to_register(client: RazorpayClient) -> None:
    request = ask(client, method="upi", account=None)
    give(request)
    payment = client.payments_of_order(request.order_id)[0]
    assert (payment.amount, payment.method) == (Decimal("1.00"), "upi")


def test_a_mandate_is_registered_in_the_checkout_too(client: RazorpayClient) -> None:
    order = client.create_mandate_order(
        customer_id=client.create_customer(ASHA),
        reference_id="registration-1",
        amount_max=Decimal("25000.00"),
        expires_at=LATER,
        account=ACCOUNT,
    )
    assert (order.amount, order.status) == (0, "created")


def test_the_same_person_is_one_customer(client: RazorpayClient) -> None:
    assert client.create_customer(ASHA) == client.create_customer(ASHA)


def test_a_confirmed_mandate_is_charged(client: RazorpayClient) -> None:
    debit, order = charge(client, given(client))
    payment = client.fetch_payment(debit.payment_id)
    assert (payment.status, payment.amount, payment.order_id) == ("captured", Decimal("5000.00"), order.id)


def test_a_debit_bounces(sandbox: Sandbox, client: RazorpayClient) -> None:
    debit, _ = charge(client, given(client, account=EMPTY_ACCOUNT))
    failed = parse_event(sandbox.listener.next("payment.failed", debit.payment_id).body)
    assert (failed.payment.status, failed.payment.error_reason) == ("failed", "insufficient_funds")


def test_more_than_was_allowed_is_not_debited(client: RazorpayClient) -> None:
    with pytest.raises(ProviderRejected, match="maximum amount"):
        charge(client, given(client), "25000.01")


def test_a_cancelled_mandate_is_not_charged(sandbox: Sandbox, client: RazorpayClient) -> None:
    mandate = given(client)
    assert client.cancel_mandate(mandate.customer_id, mandate.id)
    assert sandbox.listener.next("token.cancelled", mandate.id)
    with pytest.raises(ProviderRejected, match="not active"):
        charge(client, mandate)


def test_a_page_can_be_taken_back_until_it_is_used(client: RazorpayClient) -> None:
    request = ask(client)
    assert client.cancel_mandate_request(request.id).status == "cancelled"
    assert requests.post(f"{request.url}/give", json={}, timeout=5).status_code == 409
    used = ask(client)
    give(used)
    with pytest.raises(ProviderRejected):
        client.cancel_mandate_request(used.id)
    assert client.fetch_mandate_request(used.id).status == "paid"


def test_a_debit_whose_answer_is_lost_is_not_sent_again(
    sandbox: Sandbox, client: RazorpayClient, fault
) -> None:
    mandate = given(client)
    fault("razorpay", "500", operation="charge_mandate")
    with pytest.raises(ProviderUnavailable) as caught:
        charge(client, mandate)
    assert caught.value.may_have_happened
    assert [r.attempt for r in sandbox.records if r.operation == "charge_mandate"] == [1]


def test_call_records_name_nobody(sandbox: Sandbox, client: RazorpayClient) -> None:
    charge(client, given(client))
    client.create_customer(ASHA)
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001", "9000000001", "asha.verma"):
        assert personal not in shown
