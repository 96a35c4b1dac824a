"""A loan goes its whole way at a brand that chose Cashfree and SignDesk; each webhook is believed by its own proof."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from app.core.identity import Role
from tests.platform import BRAND, Platform
from tests.stages import Stages

OTHER = "fastsalary"
SIGNATURE, TIMESTAMP = "x-webhook-signature", "x-webhook-timestamp"


@pytest.fixture(scope="module")
def stages(platform: Platform) -> Stages:
    """A loan that was signed at SignDesk and paid out by Cashfree."""
    return Stages(platform, brand_id=OTHER).active()


def test_a_loan_is_signed_paid_out_and_paid_back(platform: Platform, stages: Stages):
    path = f"/loans/{stages.id}"
    (payout,) = platform.staff(Role.ADMIN, OTHER).get(f"{path}/payouts")
    assert (payout["status"], len(payout["utr"])) == ("SUCCESS", 12)
    part = stages.app.post(
        f"/web/loans/{stages.id}/payments", once=True, expect=201, json={"amount": "1000.50"}
    )
    stages.app.sandbox.call("POST", part["shortUrl"] + "/pay", json={})
    platform.until(lambda: paid(stages), "the payment to be booked")
    (received,) = paid(stages)
    assert (received["amount"], received["provider"], len(received["reference"])) == (
        "1000.50",
        "cashfree",
        12,
    )
    assert stages.now()["status"] == "PARTIALLY_PAID"
    providers = platform.sql(
        "SELECT DISTINCT provider, operation FROM provider_call WHERE brand_id = %s AND outcome = 'ok'", OTHER
    )
    asked = {
        ("cashfree", "penny_drop"),
        ("signdesk", "sign_request"),
        ("signdesk", "docket_info"),
        ("cashfree", "create_payout"),
        ("cashfree", "create_payment_link"),
        ("cashfree", "payments_of_order"),
    }
    assert asked <= set(providers)
    assert not {name for name, _ in providers} & {"razorpay", "signzy"}


def paid(stages: Stages) -> list[dict[str, Any]]:
    return stages.platform.staff(Role.ADMIN, OTHER).get(f"/loans/{stages.id}/payments")


def hint(order_id: str, link_id: str) -> bytes:
    """What Cashfree says when something was paid on a link."""
    data = {
        "cf_link_id": 1,
        "link_id": link_id,
        "link_status": "PAID",
        "link_currency": "INR",
        "link_amount": "10.00",
        "link_amount_paid": "10.00",
        "link_created_at": "2026-05-01T10:00:00",
        "link_url": "https://pay.example/1",
        "order": {
            "order_id": order_id,
            "order_amount": "10.00",
            "transaction_id": 7,
            "transaction_status": "SUCCESS",
        },
    }
    event = {"data": data, "type": "PAYMENT_LINK_EVENT", "event_time": "2026-05-01T10:00:00+05:30"}
    return json.dumps(event).encode()


def signed(raw: bytes, brand_id: str = OTHER, ago_s: int = 0, product: str = "client") -> dict[str, str]:
    timestamp = str(int((time.time() - ago_s) * 1000))
    secret = f"sandbox-cashfree-{product}_secret-{brand_id}"
    mac = hmac.digest(secret.encode(), timestamp.encode() + raw, hashlib.sha256)
    return {TIMESTAMP: timestamp, SIGNATURE: base64.b64encode(mac).decode()}


def call(platform: Platform, raw: bytes, headers: dict[str, str], expect: int, kind: str = "payment") -> Any:
    path = f"/partner/brand/{OTHER}/{kind}/webhook"
    return platform.api.call("POST", path, data=raw, headers=headers, expect=expect)


def test_a_forged_an_old_and_a_changed_event_are_refused(platform: Platform):
    raw = hint("CFPay_nobody", "nothing")
    call(platform, raw, {}, 401)
    call(platform, raw, signed(raw, BRAND), 401)
    call(platform, raw, signed(raw, product="payout_client"), 401)
    call(platform, raw, signed(raw, ago_s=3700), 401)
    call(platform, raw + b" ", signed(raw), 401)
    call(platform, raw, {SIGNATURE: signed(raw)[SIGNATURE]}, 401)
    assert stored(platform, raw) == []


def stored(platform: Platform, raw: bytes) -> list[tuple]:
    event_id = hashlib.sha256(raw).hexdigest()
    return platform.sql("SELECT status FROM webhook_event WHERE event_id = %s", event_id)


def test_the_same_event_twice_is_one(platform: Platform):
    raw = json.dumps({"type": "SETTLEMENT_INITIATED", "data": {}, "event_time": str(time.time_ns())}).encode()
    assert call(platform, raw, signed(raw), 200) == {"received": True}
    assert call(platform, raw, signed(raw), 200) == {"received": False}
    platform.drain()
    assert stored(platform, raw) == [("PROCESSED",)]


def test_an_event_that_lies_books_nothing(platform: Platform, stages: Stages):
    """Its signature is good; what counts is what the gateway says when asked."""
    before = paid(stages)
    request = stages.app.post(
        f"/web/loans/{stages.id}/payments", once=True, expect=201, json={"amount": "10.00"}
    )
    raw = hint("CFPay_nobody", request["id"])
    call(platform, raw, signed(raw), 200)
    platform.drain()
    assert paid(stages) == before


def test_a_form_of_payouts_version_1_is_a_hint(platform: Platform):
    form = {"event": "TRANSFER_SUCCESS", "transferId": "L_0", "eventTime": str(time.time_ns())}
    text = "".join(form[name] for name in sorted(form))
    secret = f"sandbox-cashfree-payout_client_secret-{OTHER}"
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()
    body = {**form, "signature": signature}
    path = f"/partner/brand/{OTHER}/payout/webhook"
    assert platform.api.call("POST", path, data=body) == {"received": True}
    platform.api.call("POST", path, data=body | {"transferId": "L_1"}, expect=401)
