"""Razorpay's webhooks: its own published signatures, and the quirks of its bodies."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.providers.errors import ProviderMalformed
from app.providers.fields import Fields
from app.providers.money import (
    DisputeEvent,
    OtherEvent,
    PaymentEvent,
    PaymentLinkEvent,
    PayoutEvent,
    RefusedEvent,
)
from app.providers.razorpay import parse_event, verify_signature, webhook_secrets
from app.providers.razorpay.entities import read_settlement_line, to_paise

# Published in the tests of Razorpay's Node library: secret, body, signature.
SECRET = "123456"
BODY = b'{"a":1,"b":2,"c":{"d":3}}'
SIGNATURE = "2fe04e22977002e6c7cb553adab8b460cb9e2a4970d5953cb27a8472752e3bbc"


def test_accepts_the_published_signature() -> None:
    assert verify_signature(BODY, SIGNATURE, [SECRET])


def test_accepts_the_old_secret_after_a_rotation() -> None:
    assert verify_signature(BODY, SIGNATURE, ["new-secret", SECRET])
    assert webhook_secrets({"webhook_secret": "new-secret, 123456"}) == ("new-secret", SECRET)


@pytest.mark.parametrize(
    "signature", [None, "", "é", SIGNATURE.upper(), SIGNATURE[:-1], SIGNATURE[:-1] + "d"]
)
def test_refuses_another_signature(signature: str | None) -> None:
    assert not verify_signature(BODY, signature, [SECRET])


def test_refuses_another_secret_and_none() -> None:
    assert not verify_signature(BODY, SIGNATURE, ["another"])
    assert not verify_signature(BODY, SIGNATURE, [])


@pytest.mark.parametrize(
    "body", [BODY + b"\n", BODY.replace(b"1", b"2"), json.dumps(json.loads(BODY)).encode()]
)
def test_refuses_other_bytes(body: bytes) -> None:
    assert not verify_signature(body, SIGNATURE, [SECRET])


PAYMENT = {
    "id": "pay_0000000000000A",
    "order_id": "order_0000000000000A",
    "amount": 1234550,
    "currency": "INR",
    "status": "captured",
    "method": "upi",
    "fee": 29135,
    "tax": 4444,
    "notes": [],
    "acquirer_data": {"rrn": "612345678901"},
    "created_at": 1777629600,
}
LINK = {
    "id": "plink_0000000000000A",
    "reference_id": "loan-1",
    "amount": 1234550,
    "amount_paid": 1234550,
    "currency": "INR",
    "status": "paid",
    "short_url": "https://pay.example/1",
    "expire_by": 0,
    "notes": None,
    "created_at": 1777629500,
}
PAYOUT = {
    "id": "pout_0000000000000A",
    "reference_id": "disbursal-1",
    "amount": 3000000,
    "currency": "INR",
    "status": "processed",
    "mode": "IMPS",
    "utr": "612345678902",
    "fees": 590,
    "tax": 90,
    "notes": {"loan": "1"},
    "status_details": {"reason": "payout_processed", "description": "done", "source": "beneficiary_bank"},
    "created_at": 1777629600,
}


def event(name: str, **entities: dict) -> bytes:
    payload = {kind: {"entity": entity} for kind, entity in entities.items()}
    return json.dumps(
        {"entity": "event", "event": name, "payload": payload, "created_at": 1777629700}
    ).encode()


def test_reads_a_paid_link_with_its_payment() -> None:
    paid = parse_event(
        event("payment_link.paid", payment_link=LINK, payment=PAYMENT, order={"id": "no-prefix"})
    )
    assert isinstance(paid, PaymentLinkEvent)
    assert (paid.link.reference_id, paid.link.amount_paid) == ("loan-1", Decimal("12345.50"))
    assert (paid.payment.amount, paid.payment.fee, paid.payment.tax) == (
        Decimal("12345.50"),
        Decimal("291.35"),
        Decimal("44.44"),
    )
    assert paid.payment.bank_reference == "612345678901"
    assert paid.occurred_at == datetime(2026, 5, 1, 10, 1, 40, tzinfo=UTC)


def test_an_expired_link_comes_without_a_payment() -> None:
    expired = parse_event(event("payment_link.expired", payment_link=LINK | {"status": "expired"}))
    assert expired.payment is None


@pytest.mark.parametrize("notes", [[], {}, None])
def test_no_notes_come_in_three_shapes(notes: object) -> None:
    assert parse_event(event("payment.captured", payment=PAYMENT | {"notes": notes})).payment.notes == {}


def test_an_authorised_payment_may_read_captured_already() -> None:
    read = parse_event(event("payment.authorized", payment=PAYMENT))
    assert isinstance(read, PaymentEvent)
    assert read.payment.status == "captured"


def test_a_failed_payment_says_why_and_has_no_fee() -> None:
    failed = PAYMENT | {"status": "failed", "fee": None, "tax": None, "error_reason": "payment_failed"}
    payment = parse_event(event("payment.failed", payment=failed | {"acquirer_data": {"rrn": None}})).payment
    assert (payment.error_reason, payment.fee, payment.bank_reference) == ("payment_failed", None, None)


def test_reads_a_payout() -> None:
    read = parse_event(event("payout.processed", payout=PAYOUT))
    assert isinstance(read, PayoutEvent)
    assert (read.payout.utr, read.payout.amount, read.payout.reason) == (
        "612345678902",
        Decimal("30000.00"),
        "payout_processed",
    )


@pytest.mark.parametrize("name", ["order.paid", "payout.downtime.started", "something.new"])
def test_events_that_nobody_asked_for_are_let_be(name: str) -> None:
    assert parse_event(json.dumps({"event": name, "payload": {}}).encode()) == OtherEvent(name)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        event("payout.processed"),
        event("payout.processed", payout=PAYOUT | {"amount": "3000000"}),
        event("payout.processed", payout=PAYOUT | {"amount": 1.5}),
        event("payout.processed", payout=PAYOUT | {"status": "lost"}),
    ],
)
def test_a_malformed_event_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(ProviderMalformed):
        parse_event(body)


def test_money_that_is_not_in_rupees_is_refused_and_its_settlement_names_the_currency() -> None:
    told = parse_event(event("payout.processed", payout=PAYOUT | {"currency": "USD"}))
    why = "payload.payout.entity.currency: expected INR, got USD"
    assert told == RefusedEvent("payout.processed", "OTHER_CURRENCY", why)
    line = {"type": "payment", "entity_id": "pay_1", "amount": 17000, "currency": "USD", "credit": 16800}
    read = read_settlement_line(Fields(line | {"settlement_id": "setl_1", "settled_at": 1777629700}))
    assert (read.id, read.currency) == ("pay_1", "USD")


@pytest.mark.parametrize(("rupees", "paise"), [("1", 100), ("12345.50", 1234550), ("0.01", 1)])
def test_rupees_become_paise_exactly(rupees: str, paise: int) -> None:
    assert to_paise(Decimal(rupees)) == paise


@pytest.mark.parametrize("rupees", ["0.005", "0", "-1", "NaN"])
def test_what_is_not_whole_paise_is_refused(rupees: str) -> None:
    with pytest.raises(ValueError, match="whole paise"):
        to_paise(Decimal(rupees))


@pytest.mark.parametrize(
    ("what", "status"), [("created", "open"), ("under_review", "under_review"), ("lost", "lost")]
)
def test_a_dispute_is_of_a_payment(what: str, status: str) -> None:
    dispute = {"id": "disp_0000000000000A", "payment_id": PAYMENT["id"], "amount": 500000, "currency": "INR"}
    dispute |= {"status": status, "phase": "chargeback", "reason_code": "fraud", "respond_by": 1777639600}
    read = parse_event(event(f"payment.dispute.{what}", payment=PAYMENT, dispute=dispute))
    assert isinstance(read, DisputeEvent)
    assert (read.dispute.payment_id, read.dispute.amount) == (PAYMENT["id"], Decimal("5000.00"))
    assert (read.dispute.status, read.dispute.respond_by.year) == (status, 2026)
