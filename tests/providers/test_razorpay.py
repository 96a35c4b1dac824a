"""Money in by payment link, money out by payout, over real HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from app.providers.errors import ProviderRejected, ProviderUnauthorised, ProviderUnavailable
from app.providers.money import Beneficiary, Event, Payer, PaymentLink, Payout
from app.providers.razorpay import (
    EVENT_ID_HEADER,
    SIGNATURE_HEADER,
    RazorpayClient,
    parse_event,
    verify_signature,
    webhook_secrets,
)
from tests.providers.live import Received, Sandbox, default_credentials

SECRETS = webhook_secrets(default_credentials("razorpay"))
ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com")
AMOUNT = Decimal("30000.00")


@pytest.fixture
def client(sandbox: Sandbox) -> RazorpayClient:
    return sandbox.client(RazorpayClient)


def new_link(client: RazorpayClient, amount: str = "12345.50", **more: object) -> PaymentLink:
    return client.create_payment_link(
        amount=Decimal(amount), reference_id=str(uuid.uuid4()), description="Repayment", payer=ASHA, **more
    )


def pay(link: PaymentLink, **body: object) -> requests.Response:
    return requests.post(f"{link.short_url}/pay", json=body, timeout=5)


def send(
    client: RazorpayClient,
    amount: Decimal = AMOUNT,
    account_number: str = "50100000000001",
    key: str | None = None,
    reference_id: str = "disbursal-1",
) -> Payout:
    return client.create_payout(
        amount=amount,
        beneficiary=Beneficiary("ASHA VERMA", account_number, "HDFC0000123", "9000000001", "customer-1"),
        reference_id=reference_id,
        idempotency_key=key or str(uuid.uuid4()),
    )


def heard(sandbox: Sandbox, name: str, entity_id: str) -> Event:
    """The event, once its signature is found good."""
    received = sandbox.listener.next(f'"event": "{name}"', entity_id)
    assert verify_signature(received.body, received.headers[SIGNATURE_HEADER], SECRETS)
    return parse_event(received.body)


def test_a_link_is_paid(sandbox: Sandbox, client: RazorpayClient) -> None:
    link = new_link(client, notes={"loan": "L-1"})
    shown = pay(link, method="upi").json()

    paid = heard(sandbox, "payment_link.paid", link.id)
    assert (paid.link.reference_id, paid.link.amount_paid) == (link.reference_id, Decimal("12345.50"))
    assert (paid.payment.id, paid.payment.status) == (shown["payment_id"], "captured")
    assert paid.payment.notes == {"loan": "L-1"}
    assert client.fetch_payment(paid.payment.id) == paid.payment
    after = client.fetch_payment_link(link.id)
    assert (after.status, after.payment_ids) == ("paid", (paid.payment.id,))


def received_payment(sandbox: Sandbox, client: RazorpayClient) -> Received:
    link = new_link(client)
    pay(link)
    return sandbox.listener.next("payment_link.paid", link.id)


def test_the_webhook_goes_to_its_brand_under_an_event_id(sandbox: Sandbox, client: RazorpayClient) -> None:
    received = received_payment(sandbox, client)
    assert received.path == "/partner/brand/qualoan/payment/webhook"
    assert received.headers[EVENT_ID_HEADER]


def test_one_changed_byte_does_not_verify(sandbox: Sandbox, client: RazorpayClient) -> None:
    received = received_payment(sandbox, client)
    changed = received.body.replace(b"1234550", b"9234550", 1)
    assert changed != received.body
    assert not verify_signature(changed, received.headers[SIGNATURE_HEADER], SECRETS)


def test_another_brands_secret_does_not_verify(sandbox: Sandbox, client: RazorpayClient) -> None:
    received = received_payment(sandbox, client)
    others = ["sandbox-razorpay-webhook_secret-paisapop"]
    assert not verify_signature(received.body, received.headers[SIGNATURE_HEADER], others)


def test_a_failed_attempt_leaves_the_link_open(sandbox: Sandbox, client: RazorpayClient) -> None:
    link = new_link(client)
    failed = heard(sandbox, "payment.failed", pay(link, outcome="failure").json()["payment_id"])
    assert failed.payment.error_reason == "payment_failed"
    assert client.fetch_payment_link(link.id).status == "created"


def test_a_link_is_paid_in_parts(sandbox: Sandbox, client: RazorpayClient) -> None:
    link = new_link(client, "500.00", first_partial_min=Decimal(100))
    pay(link, amount=20000)
    part = heard(sandbox, "payment_link.partially_paid", link.id)
    assert (part.link.amount_paid, part.payment.amount) == (Decimal("200.00"), Decimal("200.00"))
    pay(link)
    rest = heard(sandbox, "payment_link.paid", link.id)
    assert (rest.link.amount_paid, rest.payment.amount) == (Decimal("500.00"), Decimal("300.00"))


def test_less_than_what_is_due_is_refused_without_leave(client: RazorpayClient) -> None:
    assert pay(new_link(client), amount=10000).status_code == 400


def test_a_paid_link_cannot_be_paid_or_cancelled(client: RazorpayClient) -> None:
    link = new_link(client)
    pay(link)
    assert pay(link).status_code == 409
    with pytest.raises(ProviderRejected, match="BAD_REQUEST_ERROR"):
        client.cancel_payment_link(link.id)


def test_a_cancelled_link_cannot_be_paid(sandbox: Sandbox, client: RazorpayClient) -> None:
    link = new_link(client)
    assert client.cancel_payment_link(link.id).status == "cancelled"
    assert heard(sandbox, "payment_link.cancelled", link.id).payment is None
    assert pay(link).status_code == 409


def test_a_reference_has_one_active_link(client: RazorpayClient) -> None:
    link = new_link(client)
    again = {"amount": AMOUNT, "reference_id": link.reference_id, "description": "Again", "payer": ASHA}
    with pytest.raises(ProviderRejected, match="already exists"):
        client.create_payment_link(**again)
    assert client.find_payment_link(link.reference_id).id == link.id
    client.cancel_payment_link(link.id)
    assert client.create_payment_link(**again).status == "created"


def test_a_link_keeps_when_it_ends(client: RazorpayClient) -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    assert new_link(client, expires_at=ends_at).expires_at == ends_at


def test_a_person_can_pay_on_the_page(client: RazorpayClient) -> None:
    link = new_link(client)
    assert "Rs 12,345.50" in requests.get(link.short_url, timeout=5).text
    form = {"method": "upi", "outcome": "success"}
    after = requests.post(f"{link.short_url}/pay", form, headers={"Accept": "text/html"}, timeout=5).text
    assert "<dd>paid</dd>" in after
    assert "<button>" not in after


def test_a_payout_is_processed(sandbox: Sandbox, client: RazorpayClient) -> None:
    payout = send(client)
    assert (payout.status, payout.utr, payout.amount) == ("processing", None, AMOUNT)
    heard(sandbox, "payout.initiated", payout.id)
    done = heard(sandbox, "payout.processed", payout.id).payout
    assert (done.status, done.reference_id, len(done.utr)) == ("processed", "disbursal-1", 12)
    assert client.fetch_payout(payout.id).utr == done.utr


def test_payout_news_has_its_own_address(sandbox: Sandbox, client: RazorpayClient) -> None:
    received = sandbox.listener.next("payout.processed", send(client).id)
    assert received.path == "/partner/brand/qualoan/payout/webhook"


def test_a_payout_fails(sandbox: Sandbox, client: RazorpayClient) -> None:
    payout = send(client, account_number="50100000010000")
    failed = heard(sandbox, "payout.failed", payout.id).payout
    assert (failed.status, failed.reason, failed.utr) == ("failed", "beneficiary_bank_rejected", None)


def test_a_payout_comes_back(sandbox: Sandbox, client: RazorpayClient) -> None:
    payout = send(client, account_number="50100000011111")
    processed = heard(sandbox, "payout.processed", payout.id).payout
    reversed_ = heard(sandbox, "payout.reversed", payout.id).payout
    assert (reversed_.status, reversed_.utr) == ("reversed", processed.utr)
    assert client.fetch_payout(payout.id).status == "reversed"


def test_the_same_key_pays_once(client: RazorpayClient) -> None:
    key = str(uuid.uuid4())
    assert send(client, key=key).id == send(client, key=key).id


def test_the_same_key_for_something_else_is_refused(client: RazorpayClient) -> None:
    key = str(uuid.uuid4())
    send(client, key=key)
    with pytest.raises(ProviderRejected, match="Different request body"):
        send(client, Decimal(5), key=key)


@pytest.mark.parametrize("key", ["x", "a" * 37, "semi;colon"])
def test_an_unfit_key_is_refused(client: RazorpayClient, key: str) -> None:
    with pytest.raises(ProviderRejected, match="idempotency key"):
        send(client, key=key)


def test_a_lost_answer_is_looked_up_and_not_paid_again(
    sandbox: Sandbox, client: RazorpayClient, fault
) -> None:
    reference_id = str(uuid.uuid4())
    assert client.find_payout(reference_id) is None
    fault("razorpay", "malformed", operation="create_payout")
    with pytest.raises(Exception, match="create_payout"):
        send(client, reference_id=reference_id)
    assert client.find_payout(reference_id).amount == AMOUNT
    sent = [record for record in sandbox.records if record.operation == "create_payout"]
    assert len(sent) == 1


def test_a_server_error_while_paying_may_have_happened(client: RazorpayClient, fault) -> None:
    fault("razorpay", "500", operation="create_payout")
    with pytest.raises(ProviderUnavailable) as caught:
        send(client)
    assert caught.value.may_have_happened


@pytest.mark.parametrize("amount", ["0.50", "0.99"])
def test_less_than_a_rupee_is_refused(client: RazorpayClient, amount: str) -> None:
    with pytest.raises(ProviderRejected, match="at least INR"):
        send(client, Decimal(amount))


def test_another_brand_does_not_see_our_payout(sandbox: Sandbox, client: RazorpayClient) -> None:
    payout = send(client)
    keys = {name: f"sandbox-razorpay-{name}-paisapop" for name in ("key_id", "key_secret", "account_number")}
    other = sandbox.client(RazorpayClient, **keys)
    with pytest.raises(ProviderRejected, match="does not exist"):
        other.fetch_payout(payout.id)


def test_wrong_keys_are_unauthorised(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(RazorpayClient, key_secret="another").fetch_payout("pout_1")


def test_call_records_name_nobody(sandbox: Sandbox, client: RazorpayClient) -> None:
    send(client)
    new_link(client)
    client.find_payout("disbursal-1")
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001", "9000000001", "asha.verma"):
        assert personal not in shown
