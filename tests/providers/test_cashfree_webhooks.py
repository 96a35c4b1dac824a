"""Cashfree's webhooks: the signature over timestamp and bytes, the window, the form of version 1, the quirks."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from app.providers.cashfree import is_recent, parse_event, verify_form, verify_signature
from app.providers.cashfree.entities import instant, read_settlement_line
from app.providers.errors import ProviderMalformed
from app.providers.money import (
    DisputeEvent,
    OtherEvent,
    PaymentEvent,
    PayoutEvent,
    PayoutHint,
    RefundEvent,
    RefusedEvent,
)
from app.providers.wire import Answer

SECRET, TIMESTAMP = "a-client-secret", "1777629600000"
BODY = b'{"data":{"order":{"order_id":"o1","order_amount":170.00}},"type":"PAYMENT_SUCCESS_WEBHOOK"}'
SIGNATURE = base64.b64encode(hmac.digest(SECRET.encode(), TIMESTAMP.encode() + BODY, hashlib.sha256)).decode()
SENT_AT = datetime.fromtimestamp(1777629600, UTC)


def test_accepts_what_was_signed() -> None:
    assert verify_signature(BODY, TIMESTAMP, SIGNATURE, SECRET)


@pytest.mark.parametrize("signature", [None, "", "é", SIGNATURE[:-2], SIGNATURE.lower()])
def test_refuses_another_signature(signature: str | None) -> None:
    assert not verify_signature(BODY, TIMESTAMP, signature, SECRET)


def test_refuses_other_bytes_another_time_and_another_secret() -> None:
    # 170.00 read and written again is 170.0: the bytes are what counts
    assert not verify_signature(json.dumps(json.loads(BODY)).encode(), TIMESTAMP, SIGNATURE, SECRET)
    assert not verify_signature(BODY, "1777629600001", SIGNATURE, SECRET)
    assert not verify_signature(BODY, None, SIGNATURE, SECRET)
    assert not verify_signature(BODY, TIMESTAMP, SIGNATURE, "another")


def test_no_secret_verifies_nothing() -> None:
    forged = base64.b64encode(hmac.digest(b"", TIMESTAMP.encode() + BODY, hashlib.sha256)).decode()
    assert not verify_signature(BODY, TIMESTAMP, forged, "")


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, True), (59, True), (61, False), (-4, True), (-6, False)]
)
def test_a_delivery_is_honest_for_an_hour(minutes: int, expected: bool) -> None:
    assert is_recent(TIMESTAMP, SENT_AT + timedelta(minutes=minutes)) is expected


@pytest.mark.parametrize(
    "timestamp", [None, "", "yesterday", "-1", "1777629600.5", "9" * 40, "१७७७६२९६०००००"]
)
def test_a_timestamp_that_is_none_is_not_recent(timestamp: str | None) -> None:
    assert not is_recent(timestamp, SENT_AT)


FORM = {
    "event": "TRANSFER_SUCCESS",
    "transferId": "L_1_D1",
    "referenceId": "12",
    "utr": "4123",
    "acknowledged": "1",
}


def signed_form(form: dict[str, str]) -> bytes:
    text = "".join(form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256)).decode()
    return urlencode({**form, "signature": signature}).encode()


def test_the_form_of_version_1_is_only_a_hint() -> None:
    raw = signed_form(FORM)
    assert verify_form(raw, SECRET)
    assert not verify_form(raw.replace(b"4123", b"4124"), SECRET)
    assert not verify_form(raw, "another")
    assert not verify_form(b"", SECRET)
    assert parse_event(raw) == PayoutHint("TRANSFER_SUCCESS", "L-1-D1")
    assert parse_event(signed_form({"event": "LOW_BALANCE_ALERT"})) == OtherEvent("LOW_BALANCE_ALERT")


def event(name: str, data: dict, **more: object) -> bytes:
    return json.dumps(
        {"data": data, "event_time": "2026-05-01T15:30:00+05:30", "type": name, **more}
    ).encode()


PAYMENT = {
    "order": {"order_id": "o1", "order_amount": 170.0, "order_tags": None},
    "payment": {
        "cf_payment_id": 1453002795,
        "payment_status": "SUCCESS",
        "payment_amount": 170.0,
        "payment_currency": "INR",
        "payment_time": "2026-05-01T15:29:00+05:30",
        "bank_reference": "NA",
        "payment_group": "upi",
    },
}


def test_an_id_is_a_number_or_a_text_and_NA_is_no_reference() -> None:
    read = parse_event(event("PAYMENT_SUCCESS_WEBHOOK", PAYMENT))
    assert isinstance(read, PaymentEvent)
    assert (read.payment.id, read.payment.bank_reference, read.payment.amount) == (
        "1453002795",
        None,
        Decimal("170.00"),
    )
    assert read.payment.created_at == datetime(2026, 5, 1, 9, 59, tzinfo=UTC)


def test_a_success_that_is_pending_is_not_money() -> None:
    payment = PAYMENT["payment"] | {"payment_status": "PENDING"}
    read = parse_event(event("PAYMENT_SUCCESS_WEBHOOK", PAYMENT | {"payment": payment}))
    assert read.payment.status == "created"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("SUCCESS", "COMPLETED", "processed"),
        ("SUCCESS", "SENT_TO_BENEFICIARY", "processing"),
        ("APPROVAL_PENDING", "APPROVAL_PENDING", "pending"),
        ("REVERSED", "INVALID_ACCOUNT_FAIL", "reversed"),
        ("MANUALLY_REJECTED", "REJECTED", "rejected"),
    ],
)
def test_only_completed_is_credited(status: str, code: str, expected: str) -> None:
    data = {"transfer_id": "L_1_D1", "status": status, "status_code": code, "transfer_amount": 1}
    read = parse_event(event("TRANSFER_ACKNOWLEDGED", data))
    assert isinstance(read, PayoutEvent)
    assert (read.payout.status, read.payout.reference_id) == (expected, "L-1-D1")


@pytest.mark.parametrize("name", ["SETTLEMENT_SUCCESS", "BENEFICIARY_INCIDENT", "SOMETHING_NEW"])
def test_events_that_nobody_asked_for_are_let_be(name: str) -> None:
    assert parse_event(event(name, {})) == OtherEvent(name)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        event("PAYMENT_SUCCESS_WEBHOOK", {}),
        event("TRANSFER_FAILED", {"transfer_id": "1", "status": "LOST", "transfer_amount": 1}),
        event("PAYMENT_SUCCESS_WEBHOOK", PAYMENT, event_time="now"),
    ],
)
def test_a_malformed_event_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(ProviderMalformed):
        parse_event(body)


def test_what_cashfree_gives_back_by_itself_is_called_by_its_own_id() -> None:
    given = {
        "event": "AUTO-REFUND",
        "cf_refund_id": 1243460973,
        "cf_payment_id": "2148333968",
        "refund_amount": 39,
    }
    given |= {
        "order_id": "order_1",
        "refund_currency": "INR",
        "refund_status": "SUCCESS",
        "refund_arn": "2059",
    }
    given |= {"refund_type": "PAYMENT_AUTO_REFUND", "created_at": "2023-08-11T14:08:28+05:30"}
    told = parse_event(event("AUTO_REFUND_STATUS_WEBHOOK", {"auto_refund": given}))
    assert isinstance(told, RefundEvent)
    assert (told.refund.id, told.refund.reference_id) == ("1243460973", None)
    assert told.refund.payment_id == "2148333968"
    assert (told.refund.status, told.refund.amount) == ("processed", Decimal("39.00"))


def test_money_that_is_not_in_rupees_is_refused_and_its_settlement_names_the_currency() -> None:
    abroad = PAYMENT | {"payment": PAYMENT["payment"] | {"payment_currency": "USD"}}
    told = parse_event(event("PAYMENT_SUCCESS_WEBHOOK", abroad))
    why = "data.payment.payment_currency: expected INR, got USD"
    assert told == RefusedEvent("PAYMENT_SUCCESS_WEBHOOK", "OTHER_CURRENCY", why)
    line = {"event_type": "PAYMENT", "cf_payment_id": 1, "event_amount": 170.0, "event_currency": "USD"}
    line |= {"event_settlement_amount": 168.0, "sale_type": "CREDIT", "cf_settlement_id": 9}
    line |= {"settlement_date": "2026-05-01T15:29:00+05:30"}
    read = read_settlement_line(Answer(200, {}, json.dumps(line).encode()).fields)
    assert (read.id, read.currency) == ("1", "USD")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("DISPUTE_CREATED", "open"),
        ("CHARGEBACK_UNDER_REVIEW", "under_review"),
        ("PRE_ARBITRATION_MERCHANT_WON", "won"),
        ("CHARGEBACK_MERCHANT_LOST", "lost"),
        ("DISPUTE_MERCHANT_ACCEPTED", "lost"),
    ],
)
def test_a_dispute_is_of_a_payment(said: str, status: str) -> None:
    dispute = {
        "dispute_id": "433475258",
        "dispute_type": "CHARGEBACK",
        "dispute_amount": 3,
        "reason_code": "1402",
    }
    dispute |= {"reason_description": "Duplicate Processing", "respond_by": "2023-06-18T23:59:59+05:30"}
    data = {"dispute": dispute | {"dispute_status": said}, "order_details": {"cf_payment_id": 885473311}}
    read = parse_event(event("DISPUTE_UPDATED", data))
    assert isinstance(read, DisputeEvent)
    told = read.dispute
    assert (told.id, told.payment_id, told.amount) == ("433475258", "885473311", Decimal("3.00"))
    assert (told.status, told.phase, told.respond_by) == (
        status,
        "chargeback",
        datetime(2023, 6, 18, 18, 29, 59, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "text", ["2023-06-15T21:50:04+05:30", "2023-06-15T21: 50: 04+05: 30", "2023-06-15 21:50:04"]
)
def test_an_instant_reads_as_their_samples_write_it(text: str):
    assert instant(text) == datetime(2023, 6, 15, 16, 20, 4, tzinfo=UTC)
