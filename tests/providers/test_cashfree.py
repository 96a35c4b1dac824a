"""Money in at Cashfree, over real HTTP: links, orders, refunds, settlements."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from app.providers.cashfree import CashfreeClient
from app.providers.cashfree.entities import INDIA
from app.providers.errors import ProviderRejected
from app.providers.money import Order, OtherEvent, Payment, PaymentLinkEvent, PaymentLinkHint
from tests.providers.cashfree import AMOUNT, ASHA, heard, new_link, pay, place
from tests.providers.live import BRAND, Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> CashfreeClient:
    return sandbox.client(CashfreeClient)


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
    assert client.find_refund(payment, key) is None
    refund = client.create_refund(payment, amount=Decimal("500.25"), reference_id=key)
    assert client.find_refund(payment, key).id == refund.id
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
    assert came.net == came.amount - came.fee
    assert came.fee == came.tax + (AMOUNT * Decimal("0.0195")).quantize(Decimal("0.01"))
    assert (went.kind, went.net) == ("refund", Decimal("-100.00"))
    assert client.settlement_lines(date(2020, 1, 1)) == ()
