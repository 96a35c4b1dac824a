"""Orders, what was paid on them, refunds, settlements and the penny drop of Razorpay, over real HTTP."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests

from app.providers.errors import ProviderMalformed, ProviderRejected, ProviderUnavailable
from app.providers.money import Order, Payer, Payment, RefundEvent
from app.providers.razorpay import RazorpayClient, parse_event
from tests.providers.live import Sandbox

ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com", "customer-1")
AMOUNT = Decimal("2500.00")
INDIA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def client(sandbox: Sandbox) -> RazorpayClient:
    return sandbox.client(RazorpayClient)


def place(client: RazorpayClient, amount: Decimal = AMOUNT) -> Order:
    return client.create_order(amount=amount, reference_id=str(uuid.uuid4()), payer=ASHA)


def pay(sandbox: Sandbox, order: Order, outcome: str = "success") -> None:
    url = f"{sandbox.url}/razorpay/o/{order.id}/pay"
    requests.post(url, json={"outcome": outcome}, timeout=5).raise_for_status()


def paid(sandbox: Sandbox, client: RazorpayClient, amount: Decimal = AMOUNT) -> Payment:
    order = place(client, amount)
    pay(sandbox, order)
    return client.payments_of_order(order.id)[0]


def reference() -> str:
    return f"refund-{uuid.uuid4().hex[:12]}"


def test_an_order_is_paid_and_stays_so(sandbox: Sandbox, client: RazorpayClient) -> None:
    order = place(client)
    assert (order.status, order.checkout_key) == ("created", order.id)
    pay(sandbox, order)
    assert client.fetch_order(order.id).status == "paid"
    payment = client.payments_of_order(order.id)[0]
    assert (payment.status, payment.amount, payment.order_id) == ("captured", AMOUNT, order.id)


def test_an_attempt_that_failed_is_no_money(sandbox: Sandbox, client: RazorpayClient) -> None:
    order = place(client)
    pay(sandbox, order, "failure")
    assert client.fetch_order(order.id).status == "attempted"
    assert [payment.status for payment in client.payments_of_order(order.id)] == ["failed"]


def test_a_captured_payment_is_not_captured_again(sandbox: Sandbox, client: RazorpayClient) -> None:
    with pytest.raises(ProviderRejected, match="already been captured"):
        client.capture_payment(paid(sandbox, client))


def test_a_part_is_refunded_and_the_webhook_says_so(sandbox: Sandbox, client: RazorpayClient) -> None:
    payment = paid(sandbox, client)
    refund = client.create_refund(payment, amount=Decimal("500.00"), reference_id=reference())
    event = parse_event(sandbox.listener.next("refund.processed", refund.id).body)
    assert isinstance(event, RefundEvent)
    assert (event.refund.status, event.refund.amount) == ("processed", Decimal("500.00"))
    assert client.fetch_refund(payment, refund.id).bank_reference


def test_a_refund_under_the_same_key_happens_once(sandbox: Sandbox, client: RazorpayClient, fault) -> None:
    payment, key = paid(sandbox, client), reference()
    fault("razorpay", "500", operation="create_refund")
    assert client.find_refund(payment, key) is None
    first = client.create_refund(payment, amount=AMOUNT, reference_id=key)
    assert client.find_refund(payment, key).id == first.id
    assert client.create_refund(payment, amount=AMOUNT, reference_id=key).id == first.id
    assert client.fetch_payment(payment.id).status == "refunded"
    with pytest.raises(ProviderRejected, match="same idempotency key"):
        client.create_refund(payment, amount=Decimal(1), reference_id=key)


def test_more_than_was_paid_is_not_refunded(sandbox: Sandbox, client: RazorpayClient) -> None:
    with pytest.raises(ProviderRejected, match="greater than amount captured"):
        client.create_refund(paid(sandbox, client), amount=AMOUNT + 1, reference_id=reference())


def test_the_settlement_report_names_what_came_and_went(sandbox: Sandbox, client: RazorpayClient) -> None:
    payment = paid(sandbox, client)
    refund = client.create_refund(payment, amount=Decimal("100.00"), reference_id=reference())
    lines = {line.id: line for line in client.settlement_lines(datetime.now(INDIA).date())}
    came, went = lines[payment.id], lines[refund.id]
    assert (came.kind, came.amount, came.net) == ("payment", AMOUNT, AMOUNT - payment.fee)
    assert (came.fee, came.tax, came.order_id) == (payment.fee, payment.tax, payment.order_id)
    assert (went.kind, went.net) == ("refund", Decimal("-100.00"))
    assert came.settled_at <= datetime.now(UTC)


def test_a_day_without_settlements_is_empty(client: RazorpayClient) -> None:
    assert client.settlement_lines(date(2020, 1, 1)) == ()


def test_the_settlement_report_is_read_to_its_end(
    client: RazorpayClient, sandbox: Sandbox, monkeypatch
) -> None:
    monkeypatch.setattr("app.providers.razorpay.payments.SETTLEMENT_LINES_A_PAGE", 1)
    one, two = paid(sandbox, client), paid(sandbox, client)
    found = [line.id for line in client.settlement_lines(datetime.now(INDIA).date())]
    assert {one.id, two.id} <= set(found)
    assert len(found) == len(set(found))


def drop(client: RazorpayClient, account_number: str, name: str = "ASHA VERMA"):
    return client.penny_drop(
        account_number=account_number, ifsc="HDFC0000123", name=name, reference=str(uuid.uuid4())
    )


def test_a_penny_drop_tells_the_holder(sandbox: Sandbox, client: RazorpayClient) -> None:
    begun = drop(client, "50100000000001")
    assert (begun.status, begun.beneficiary_name) == ("PENDING", "")
    heard = parse_event(sandbox.listener.next("fund_account.validation.completed", begun.transaction_id).body)
    assert (heard.drop.status, heard.drop.beneficiary_name) == ("SUCCESS", "ASHA VERMA")
    told = client.penny_drop_status(begun.transaction_id)
    assert (told.beneficiary_name, told.matching_score, told.rrn) == ("ASHA VERMA", 1, heard.drop.rrn)


def test_completed_is_not_the_same_as_good(client: RazorpayClient) -> None:
    told = client.penny_drop_status(drop(client, "00012345678").transaction_id)
    assert (told.status, told.rrn) == ("FAILED", "")
    assert "does not exist" in told.description


def test_a_penny_drop_is_not_sent_again_by_itself(sandbox: Sandbox, client: RazorpayClient, fault) -> None:
    fault("razorpay", "500", operation="penny_drop")
    with pytest.raises(ProviderUnavailable):
        drop(client, "50100000000001")
    assert [record.outcome for record in sandbox.records] == ["unavailable"]


def test_half_an_answer_is_malformed(client: RazorpayClient, fault) -> None:
    order = place(client)
    fault("razorpay", "malformed", operation="fetch_order")
    with pytest.raises(ProviderMalformed):
        client.fetch_order(order.id)


def test_call_records_name_nobody(sandbox: Sandbox, client: RazorpayClient) -> None:
    begun = drop(client, "50100000000001")
    client.penny_drop_status(begun.transaction_id)
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001"):
        assert personal not in shown
