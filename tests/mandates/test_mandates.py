"""A mandate is asked for, given, heard of, waived and given up, at both gateways, with the sandbox over HTTP."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.brands import providers
from app.core.clock import now
from app.core.identity import Role
from app.core.outbox import enqueue
from app.disbursement import checklist
from app.loans import service as loans
from app.mandates import service as mandates
from app.mandates.models import Mandate
from tests.lending import Case, approved, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform

GATEWAYS = ("razorpay", "cashfree")


@contextmanager
def policy(platform: Platform, need: str, gateway: str = "razorpay") -> Iterator[None]:
    """The brand asks for mandates while the block lasts."""
    ((before,),) = platform.sql("SELECT settings FROM brand WHERE id = %s", BRAND)
    asked = {**before, "mandate": {"need": need}, "providers": {**before["providers"], "payments": gateway}}
    write = "UPDATE brand SET settings = %s::jsonb WHERE id = %s"
    platform.sql(write, json.dumps(asked), BRAND)
    try:
        yield
    finally:
        platform.sql(write, json.dumps(before), BRAND)


@pytest.fixture(params=GATEWAYS)
def gateway(request: pytest.FixtureRequest, platform: Platform) -> Iterator[str]:
    """A brand that cannot do without, at each gateway."""
    with policy(platform, "REQUIRED", request.param):
        yield request.param


def state(case: Case) -> dict[str, Any]:
    return case.app.get(f"/web/loans/{case.loan_id}/mandate")


def begin(case: Case, **body: str) -> dict[str, Any]:
    return case.app.post(f"/web/loans/{case.loan_id}/mandate", json=body, expect=201)


def asked(platform: Platform, **body: str) -> Case:
    case = approved(platform)
    begin(case, **body)
    return case


def row(case: Case) -> Mandate:
    with at_work():
        return Mandate.select().where(Mandate.loan_id == case.loan_id).order_by(Mandate.id.desc()).get()


def give(case: Case, gateway: str, outcome: str = "confirmed") -> None:
    request_id = row(case).provider_request_id
    page = {
        "razorpay": f"/razorpay/m/{request_id}/give",
        "cashfree": f"/cashfree/s/{BRAND}:{request_id}/give",
    }
    case.app.sandbox.call("POST", page[gateway], json={"outcome": outcome})


def until(case: Case, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        shown = state(case)
        return shown if shown["mandate"]["status"] == status else None

    return case.platform.until(reached, f"the mandate to be {status}")


def fault(case: Case, gateway: str, name: str) -> None:
    body = {"provider": gateway, "fault": name, "operation": None, "match": ""}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)


def failing(case: Case) -> list[str]:
    with at_work():
        return [check.name for check in checklist.failing(loans.get(case.loan_id))]


def test_it_works(platform: Platform, gateway: str):
    case = asked(platform)
    shown = state(case)
    assert (shown["need"], shown["isMet"], shown["mandate"]["status"]) == ("REQUIRED", False, "CREATED")
    assert shown["mandate"]["amountMax"] == "39000.00"
    assert "MANDATE_REGISTERED" in failing(case)
    give(case, gateway)
    shown = until(case, "ACTIVE")
    assert shown["isMet"]
    assert shown["mandate"]["umrn"].startswith("XXXX")
    assert "MANDATE_REGISTERED" not in failing(case)


def test_the_umrn_is_encrypted(platform: Platform, gateway: str):
    case = asked(platform)
    give(case, gateway)
    until(case, "ACTIVE")
    umrn = row(case).umrn
    ((stored,),) = platform.sql("SELECT umrn_enc FROM mandate WHERE loan_id = %s", str(case.loan_id))
    assert len(umrn) > 8
    assert umrn not in stored


def test_it_is_asked_for_when_the_agreement_is_signed(platform: Platform, gateway: str):
    case = approved(platform)
    with at_work():
        enqueue("disbursement.agreement_signed", loan_id=case.loan_id)
        enqueue("disbursement.agreement_signed", loan_id=case.loan_id)
    platform.drain()
    assert state(case)["mandate"]["status"] == "CREATED"
    texts = [message["text"] for message in case.app.sandbox.messages(case.app.person["phone"])]
    assert len([text for text in texts if "automatic repayment" in text]) == 1


def test_asking_twice_is_one(platform: Platform, gateway: str):
    case = asked(platform)
    first = row(case).id
    assert begin(case)["mandate"]["id"] == str(first)


def test_a_webhook_twice_takes_one_step(platform: Platform, gateway: str):
    case = asked(platform)
    fault(case, gateway, "duplicate")
    give(case, gateway)
    until(case, "ACTIVE")
    platform.drain()
    steps = "SELECT to_state FROM state_change WHERE entity = 'mandate' AND entity_id = %s ORDER BY id"
    assert platform.sql(steps, str(row(case).id)) == [("CREATED",), ("ACTIVE",)]


def test_polling_finds_what_no_webhook_told(platform: Platform, gateway: str):
    case = asked(platform)
    fault(case, gateway, "no_webhook")
    give(case, gateway)
    with at_work():
        enqueue("mandates.poll_pending")
    until(case, "ACTIVE")


def test_one_that_was_not_given_is_asked_for_again(platform: Platform, gateway: str):
    case = asked(platform)
    give(case, gateway, "rejected")
    # Cashfree tells of a rejection only that the link has ended
    until(case, {"razorpay": "REJECTED", "cashfree": "EXPIRED"}[gateway])
    assert not state(case)["isMet"]
    assert begin(case)["mandate"]["status"] == "CREATED"
    give(case, gateway)
    assert until(case, "ACTIVE")["isMet"]


def test_a_page_that_nobody_used_in_time_is_expired(platform: Platform, gateway: str):
    case = asked(platform)
    with at_work():
        row_of = Mandate.get(Mandate.loan_id == case.loan_id)
        row_of.change(open_until=now() - timedelta(minutes=1))
        enqueue("mandates.refresh", mandate_id=row_of.id)
    until(case, "EXPIRED")


def test_it_is_given_up_when_the_loan_is_closed(platform: Platform, gateway: str):
    case = asked(platform)
    give(case, gateway)
    until(case, "ACTIVE")
    with at_work():
        enqueue("mandates.end_for_loan", loan_id=case.loan_id)
        enqueue("mandates.end_for_loan", loan_id=case.loan_id)
    until(case, "CANCELLED")
    platform.drain()
    assert state(case)["mandate"]["status"] == "CANCELLED"


def test_one_that_waits_ends_with_its_loan(platform: Platform, gateway: str):
    case = asked(platform)
    case.app.post(f"/web/loans/{case.loan_id}/cancel")
    with at_work():
        enqueue("mandates.poll_pending")
    until(case, "CANCELLED")


def told(gateway: str, case: Case) -> bytes:
    """What the gateway would say of a mandate that was confirmed."""
    request_id = row(case).provider_request_id
    if gateway == "razorpay":
        invoice = {"id": request_id, "status": "paid", "short_url": "https://rzp.example/1"}
        return json.dumps(
            {
                "event": "invoice.paid",
                "created_at": int(time.time()),
                "payload": {"invoice": {"entity": invoice}},
            }
        ).encode()
    about = {"subscription_id": request_id, "subscription_status": "ACTIVE"}
    event = {"type": "SUBSCRIPTION_STATUS_CHANGED", "event_time": "2026-05-01T10:00:00+05:30"}
    return json.dumps({**event, "data": {"subscription_details": about}}).encode()


def signed(gateway: str, raw: bytes, brand_id: str = BRAND) -> dict[str, str]:
    if gateway == "razorpay":
        secret = f"sandbox-razorpay-webhook_secret-{brand_id}"
        return {"X-Razorpay-Signature": hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}
    timestamp = str(int(time.time() * 1000))
    mac = hmac.digest(
        f"sandbox-cashfree-client_secret-{brand_id}".encode(), timestamp.encode() + raw, hashlib.sha256
    )
    return {"x-webhook-timestamp": timestamp, "x-webhook-signature": base64.b64encode(mac).decode()}


def test_a_forged_event_is_refused_and_one_that_lies_changes_nothing(platform: Platform, gateway: str):
    """What counts is what the gateway says when asked."""
    case = asked(platform)
    raw, path = told(gateway, case), f"/partner/brand/{BRAND}/payment/webhook"
    platform.api.call("POST", path, data=raw, headers=signed(gateway, raw, OTHER_BRAND), expect=401)
    platform.api.call("POST", path, data=raw + b" ", headers=signed(gateway, raw), expect=401)
    platform.api.call("POST", path, data=raw, headers=signed(gateway, raw))
    platform.drain()
    assert state(case)["mandate"]["status"] == "CREATED"


def test_an_event_that_comes_late_does_not_bring_back_what_ended(platform: Platform, gateway: str):
    case = asked(platform)
    give(case, gateway)
    until(case, "ACTIVE")
    raw = told(gateway, case)
    with at_work():
        enqueue("mandates.end_for_loan", loan_id=case.loan_id)
    until(case, "CANCELLED")
    platform.api.call(
        "POST", f"/partner/brand/{BRAND}/payment/webhook", data=raw, headers=signed(gateway, raw)
    )
    platform.drain()
    assert state(case)["mandate"]["status"] == "CANCELLED"


def test_the_rupee_of_upi_repays_nothing(platform: Platform):
    with policy(platform, "REQUIRED"):
        case = asked(platform, method="upi")
        give(case, "razorpay")
        until(case, "ACTIVE")
        platform.drain()
        assert case.staff.get(f"/loans/{case.loan_id}/payments") == []
        order_id = row(case).provider_order_id
        with at_work():
            payment = providers.payments("razorpay").payments_of_order(order_id)[0]
            assert payment.amount == Decimal("1.00")
            assert mandates.is_registration(payment, "razorpay")


def test_staff_send_cancel_and_see_it(platform: Platform, gateway: str):
    case = approved(platform)
    path = f"/loans/{case.loan_id}/mandate"
    assert case.staff.post(path, json={}, expect=201)["mandate"]["status"] == "CREATED"
    cancelled = case.staff.post(f"{path}/cancel", json={"reason": "Wrong account"})
    assert cancelled["mandate"]["status"] == "CANCELLED"
    case.staff.post(f"{path}/cancel", json={"reason": "Wrong account"}, expect=409)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(path, expect=404)
    platform.staff(Role.CREDIT_EXECUTIVE).post(path, json={}, expect=403)


def test_a_head_waives_it_with_a_reason(platform: Platform):
    with policy(platform, "REQUIRED"):
        case = approved(platform)
        path, body = f"/loans/{case.loan_id}/mandate/waive", {"reason": "The bank is down for days"}
        platform.staff(Role.SANCTION_MANAGER).post(path, json=body, expect=403)
        head = platform.staff(Role.SANCTION_HEAD)
        head.post(path, json={"reason": "x"}, expect=422)
        waived = head.post(path, json=body)
        assert waived["isMet"]
        assert waived["waiver"]["reason"] == body["reason"]
        head.post(path, json=body, expect=409)
        assert "MANDATE_REGISTERED" not in failing(case)


def test_a_brand_without_mandates_asks_for_none(platform: Platform):
    case = approved(platform)
    assert (state(case)["need"], state(case)["isMet"]) == ("NOT_NEEDED", True)
    refused = case.app.post(f"/web/loans/{case.loan_id}/mandate", json={}, expect=409)
    assert refused["error"]["code"] == "MANDATE_NOT_OFFERED"
    case.staff.post(f"/loans/{case.loan_id}/mandate/waive", json={"reason": "Not needed"}, expect=409)


def test_where_it_is_optional_a_loan_goes_without(platform: Platform):
    with policy(platform, "OPTIONAL"):
        case = approved(platform)
        with at_work():
            enqueue("disbursement.agreement_signed", loan_id=case.loan_id)
        platform.drain()
        assert state(case) | {"loanId": ""} == {
            "loanId": "",
            "need": "OPTIONAL",
            "isMet": True,
            "mandate": None,
            "waiver": None,
        }
        assert begin(case)["mandate"]["status"] == "CREATED"


def test_one_below_the_repayment_is_not_enough(platform: Platform):
    with policy(platform, "REQUIRED"):
        case = asked(platform)
        give(case, "razorpay")
        until(case, "ACTIVE")
        with at_work():
            Mandate.get(Mandate.loan_id == case.loan_id).change(amount_max=Decimal("25999.00"))
        assert not state(case)["isMet"]
