"""Cashfree over real HTTP: links, orders, refunds, settlements, transfers and the penny drop."""

import base64
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.providers.cashfree import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    CashfreeClient,
    is_recent,
    parse_event,
    verify_signature,
)
from app.providers.cashfree.entities import INDIA
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.money import (
    Beneficiary,
    Event,
    Order,
    OtherEvent,
    Payer,
    Payment,
    PaymentLink,
    PaymentLinkEvent,
    PaymentLinkHint,
    Payout,
)
from tests.providers.conftest import Scripted, hasty
from tests.providers.live import BRAND, Sandbox, default_credentials

KEYS = default_credentials("cashfree")
ASHA = Payer("ASHA VERMA", "9000000001", "asha.verma@example.com", "customer-1")
AMOUNT = Decimal("30000.50")


@pytest.fixture
def client(sandbox: Sandbox) -> CashfreeClient:
    return sandbox.client(CashfreeClient)


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


def test_a_link_is_paid(sandbox: Sandbox, client: CashfreeClient) -> None:
    link = new_link(client, notes={"loan": "L-1"})
    assert (link.status, link.amount, link.id, link.notes) == (
        "created",
        Decimal("12345.50"),
        link.reference_id,
        {"loan": "L-1"},
    )
    shown = pay(link, method="upi").json()
    hint = heard(sandbox, "PAYMENT_LINK_EVENT", link.id)
    assert isinstance(hint, PaymentLinkHint)
    payment = client.payments_of_order(hint.order_id)[0]
    assert (payment.id, payment.status, payment.amount) == (
        shown["payment_id"],
        "captured",
        Decimal("12345.50"),
    )
    assert client.payments_of_link(link.id) == (payment,)
    assert client.fetch_payment_link(link.id).status == "paid"


def test_the_payment_of_a_link_is_told_once(sandbox: Sandbox, client: CashfreeClient) -> None:
    """The payment's own event and the link's call it by different ids: money must not be booked under both."""
    link = new_link(client)
    shown = pay(link).json()
    told = heard(sandbox, "PAYMENT_SUCCESS_WEBHOOK", shown["payment_id"])
    assert told == OtherEvent("PAYMENT_SUCCESS_WEBHOOK")


def test_a_link_is_paid_in_parts(sandbox: Sandbox, client: CashfreeClient) -> None:
    link = new_link(client, "500.00", first_partial_min=Decimal(100))
    pay(link, amount="200.00")
    assert client.fetch_payment_link(link.id).amount_paid == Decimal("200.00")
    pay(link)
    amounts = sorted(payment.amount for payment in client.payments_of_link(link.id))
    assert amounts == [Decimal("200.00"), Decimal("300.00")]
    assert client.fetch_payment_link(link.id).status == "paid"


def test_less_than_what_is_due_is_refused_without_leave(client: CashfreeClient) -> None:
    assert pay(new_link(client), amount="100.00").status_code == 400


def test_a_failed_attempt_leaves_the_link_open(client: CashfreeClient) -> None:
    link = new_link(client)
    pay(link, outcome="failure")
    assert [payment.error_reason for payment in client.payments_of_link(link.id)] == ["auth_declined"]
    assert client.fetch_payment_link(link.id).status == "created"


def test_a_cancelled_link_cannot_be_paid(sandbox: Sandbox, client: CashfreeClient) -> None:
    link = new_link(client)
    assert client.cancel_payment_link(link.id).status == "cancelled"
    event = heard(sandbox, "PAYMENT_LINK_EVENT", link.id)
    assert isinstance(event, PaymentLinkEvent)
    assert (event.link.status, event.payment) == ("cancelled", None)
    assert pay(link).status_code == 409


def test_a_paid_link_cannot_be_cancelled(client: CashfreeClient) -> None:
    link = new_link(client)
    pay(link)
    with pytest.raises(ProviderRejected, match="link_not_active"):
        client.cancel_payment_link(link.id)


def test_a_link_is_made_once(sandbox: Sandbox, client: CashfreeClient, fault) -> None:
    """Tried again under the same key after an answer that broke."""
    fault("cashfree", "500", operation="create_payment_link")
    link = new_link(client)
    assert [record.outcome for record in sandbox.records] == ["unavailable", "ok"]
    assert client.find_payment_link(link.reference_id).id == link.id
    assert client.find_payment_link("nobody-knows-it") is None


def test_the_same_key_for_something_else_is_refused(client: CashfreeClient) -> None:
    link = new_link(client)
    with pytest.raises(ProviderRejected, match="request_invalid"):
        client.create_payment_link(amount=Decimal(5), reference_id=link.id, description="Other", payer=ASHA)


def test_a_link_keeps_when_it_ends(client: CashfreeClient) -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    assert new_link(client, expires_at=ends_at).expires_at == ends_at


def test_a_person_can_pay_on_the_page(client: CashfreeClient) -> None:
    link = new_link(client)
    assert "Rs 12,345.50" in requests.get(link.short_url, timeout=5).text
    form = {"method": "upi", "outcome": "success"}
    after = requests.post(f"{link.short_url}/pay", form, headers={"Accept": "text/html"}, timeout=5).text
    assert "<dd>PAID</dd>" in after


def place(client: CashfreeClient, amount: Decimal = AMOUNT) -> Order:
    return client.create_order(amount=amount, reference_id=str(uuid.uuid4()), payer=ASHA)


def pay_order(sandbox: Sandbox, order: Order) -> None:
    url = f"{sandbox.url}/cashfree/o/{BRAND}:{order.id}/pay"
    requests.post(url, json={}, timeout=5).raise_for_status()


def paid(sandbox: Sandbox, client: CashfreeClient) -> Payment:
    order = place(client)
    pay_order(sandbox, order)
    return client.payments_of_order(order.id)[0]


def test_an_order_is_paid_and_stays_so(sandbox: Sandbox, client: CashfreeClient) -> None:
    order = place(client)
    assert (order.status, bool(order.checkout_key)) == ("created", True)
    pay_order(sandbox, order)
    event = heard(sandbox, "PAYMENT_SUCCESS_WEBHOOK", order.id)
    assert (event.payment.status, event.payment.amount, event.payment.order_id) == (
        "captured",
        AMOUNT,
        order.id,
    )
    assert client.fetch_order(order.id).status == "paid"
    told = client.payments_of_order(order.id)[0]
    assert (told.id, told.bank_reference) == (event.payment.id, event.payment.bank_reference)


def test_an_order_can_be_ended(client: CashfreeClient) -> None:
    assert client.end_order(place(client).id).status == "cancelled"


def test_a_part_is_refunded_once(sandbox: Sandbox, client: CashfreeClient, fault) -> None:
    payment, key = paid(sandbox, client), f"refund-{uuid.uuid4().hex[:12]}"
    fault("cashfree", "500", operation="create_refund")
    refund = client.create_refund(payment, amount=Decimal("500.25"), reference_id=key)
    assert client.create_refund(payment, amount=Decimal("500.25"), reference_id=key) == refund
    event = heard(sandbox, "REFUND_STATUS_WEBHOOK", key)
    assert (event.refund.status, event.refund.amount) == ("processed", Decimal("500.25"))
    assert client.fetch_refund(payment, refund.id).bank_reference == event.refund.bank_reference


def test_more_than_was_paid_is_not_refunded(sandbox: Sandbox, client: CashfreeClient) -> None:
    with pytest.raises(ProviderRejected, match="refund_amount_invalid"):
        client.create_refund(paid(sandbox, client), amount=AMOUNT + 1, reference_id=str(uuid.uuid4()))


def test_the_settlement_report_names_what_came_and_went(
    sandbox: Sandbox, client: CashfreeClient, monkeypatch
) -> None:
    monkeypatch.setattr("app.providers.cashfree.payments.SETTLEMENT_LINES_A_PAGE", 2)
    payment = paid(sandbox, client)
    refund = client.create_refund(payment, amount=Decimal("100.00"), reference_id=str(uuid.uuid4()))
    lines = {line.id: line for line in client.settlement_lines(datetime.now(INDIA).date())}
    came, went = lines[payment.id], lines[refund.id]
    assert (came.kind, came.amount, came.order_id) == ("payment", AMOUNT, payment.order_id)
    assert came.net == came.amount - came.fee - came.tax
    assert (went.kind, went.net) == ("refund", Decimal("-100.00"))
    assert client.settlement_lines(date(2020, 1, 1)) == ()


def test_a_transfer_arrives(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client)
    assert (payout.status, payout.utr, payout.amount) == ("processing", None, AMOUNT)
    sent = heard(sandbox, "TRANSFER_SUCCESS", payout.id, secret="payout_client_secret").payout
    assert sent.status == "processing", "sent is not arrived"
    done = heard(sandbox, "TRANSFER_ACKNOWLEDGED", payout.id, secret="payout_client_secret").payout
    assert (done.status, done.reference_id, len(done.utr)) == ("processed", payout.reference_id, 12)
    assert client.fetch_payout(payout.id).utr == done.utr


def test_a_transfer_fails(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client, account_number="50100000010000")
    failed = heard(sandbox, "TRANSFER_FAILED", payout.id, secret="payout_client_secret").payout
    assert (failed.status, failed.reason, failed.utr) == ("failed", "BENE_BANK_DECLINED", None)


def test_a_transfer_comes_back(client: CashfreeClient) -> None:
    payout = send(client, account_number="50100000011111")
    assert client.fetch_payout(payout.id).status == "reversed"


def test_a_reference_is_sent_once_and_found(client: CashfreeClient, sandbox: Sandbox, fault) -> None:
    reference_id = reference()
    assert client.find_payout(reference_id) is None
    fault("cashfree", "malformed", operation="create_payout")
    with pytest.raises(ProviderMalformed):
        send(client, reference_id=reference_id)
    assert client.find_payout(reference_id).reference_id == reference_id
    with pytest.raises(ProviderRejected, match="transfer_id_already_exists"):
        send(client, reference_id=reference_id)
    assert len([r for r in sandbox.records if r.operation == "create_payout"]) == 2


def test_a_server_error_while_paying_may_have_happened(
    client: CashfreeClient, sandbox: Sandbox, fault
) -> None:
    fault("cashfree", "500", operation="create_payout")
    with pytest.raises(ProviderUnavailable) as caught:
        send(client)
    assert caught.value.may_have_happened
    assert len(sandbox.records) == 1


def test_a_timeout_while_paying_is_not_tried_again(client: CashfreeClient, sandbox: Sandbox, fault) -> None:
    fault("cashfree", "timeout", operation="create_payout")
    with pytest.raises(ProviderUnavailable):
        send(hasty(client))
    assert len(sandbox.records) == 1


def test_a_reference_that_could_not_be_read_back_is_refused(client: CashfreeClient) -> None:
    with pytest.raises(ValueError, match="underscore"):
        send(client, reference_id="L_1")


def test_a_beneficiary_is_kept_and_removed(client: CashfreeClient) -> None:
    person = Beneficiary("ASHA VERMA", "50100000000001", "HDFC0000123", "9000000001", f"C{uuid.uuid4().hex}")
    assert client.register_beneficiary(person).status == "VERIFIED"
    assert client.fetch_beneficiary(person.reference_id).account_number == person.account_number
    with pytest.raises(ProviderRejected, match="already_exists"):
        client.register_beneficiary(person)
    assert client.remove_beneficiary(person.reference_id).status == "DELETED"


def drop(client: CashfreeClient, account_number: str, name: str = "ASHA VERMA"):
    return client.penny_drop(account_number=account_number, ifsc="HDFC0000123", name=name, reference="1")


def test_a_penny_drop_tells_the_holder_at_once(client: CashfreeClient) -> None:
    told = drop(client, "50100000000001")
    assert (told.status, told.beneficiary_name, told.matching_score) == ("SUCCESS", "ASHA VERMA", 1)
    assert (told.is_name_match, len(told.rrn)) == (True, 12)
    assert drop(client, "50100000000001", "ZOYA KHAN").is_name_match is False


def test_an_invalid_account_is_an_answer(client: CashfreeClient) -> None:
    told = drop(client, "00012345678")
    assert (told.status, told.description, told.beneficiary_name) == ("FAILED", "INVALID_ACCOUNT_FAIL", "")


def test_a_slow_bank_is_asked_again(client: CashfreeClient) -> None:
    begun = drop(client, "99912345678")
    assert begun.status == "PENDING"
    assert client.penny_drop_status(begun.transaction_id).status == "SUCCESS"


def scripted(sandbox: Sandbox, upstream, *answers: Scripted) -> CashfreeClient:
    client = sandbox.client(CashfreeClient)
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    upstream.plays(*answers)
    return client


def test_trouble_at_the_bank_is_no_refusal(sandbox: Sandbox, upstream) -> None:
    body = b'{"type":"validation_error","code":"npci_unavailable","message":"npci unavailable."}'
    with pytest.raises(ProviderUnavailable, match="npci_unavailable"):
        drop(scripted(sandbox, upstream, Scripted(422, body)), "50100000000001")


def test_an_account_known_for_fraud_is_refused(sandbox: Sandbox, upstream) -> None:
    body = b'{"type":"validation_error","code":"fraud_account","message":"Fraud activity detected."}'
    with pytest.raises(ProviderRejected, match="fraud_account"):
        drop(scripted(sandbox, upstream, Scripted(422, body)), "50100000000001")


def test_amounts_go_out_digit_for_digit(sandbox: Sandbox, upstream) -> None:
    client = scripted(sandbox, upstream)
    with pytest.raises(ProviderMalformed):
        send(client, Decimal("0.10") + Decimal("99999.20"))
    assert b'"transfer_amount":99999.30,' in upstream.received[0][3]


def test_an_address_that_is_not_on_the_list_is_sealed(sandbox: Sandbox, upstream, tmp_path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(public)
    client = sandbox.client(CashfreeClient, public_key_file=str(tmp_path / "key.pem"))
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    upstream.plays(Scripted(404, b'{"code":"transfer_id_not_found","message":"unknown"}'))
    assert client.find_payout("L-1") is None
    sealed = base64.b64decode(upstream.received[0][2]["X-Cf-Signature"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    client_id, _, seconds = key.decrypt(sealed, oaep).decode().rpartition(".")
    assert (client_id, seconds.isdecimal()) == (KEYS["payout_client_id"], True)


@pytest.mark.parametrize("key", ["client_secret", "payout_client_secret", "verification_client_secret"])
def test_each_product_has_its_own_key(sandbox: Sandbox, key: str) -> None:
    client = sandbox.client(CashfreeClient, **{key: "another"})
    calls = {
        "client_secret": lambda: client.fetch_order("1"),
        "payout_client_secret": lambda: client.fetch_payout("1"),
        "verification_client_secret": lambda: client.penny_drop_status("1"),
    }
    with pytest.raises(ProviderUnauthorised):
        calls.pop(key)()
    for call in calls.values():
        with pytest.raises(ProviderRejected, match="not_found"):
            call()


def test_another_brand_does_not_see_our_transfer(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client)
    keys = {name: value.replace(BRAND, "paisapop") for name, value in KEYS.items()}
    with pytest.raises(ProviderRejected, match="not_found"):
        sandbox.client(CashfreeClient, **keys).fetch_payout(payout.id)


def test_call_records_name_nobody(sandbox: Sandbox, client: CashfreeClient) -> None:
    send(client)
    new_link(client)
    place(client)
    drop(client, "50100000000001")
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001", "9000000001", "asha.verma", "'session_"):
        assert personal not in shown
