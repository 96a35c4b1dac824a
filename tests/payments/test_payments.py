"""Money comes in: once, on its day, and never lost."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest

from app.core.clock import INDIA, now, today
from app.core.identity import Role
from app.loans import service as loans
from app.payments import service
from app.providers import client, money
from tests.lending import Case, active, approved, at_work, noon
from tests.platform import BRAND, OTHER_BRAND, Platform

SECRET = f"sandbox-razorpay-webhook_secret-{BRAND}"
WEBHOOK = f"/partner/brand/{BRAND}/payment/webhook"


def begin(case: Case, expect: int = 201, **body: Any) -> dict[str, Any]:
    return case.app.post(f"/web/loans/{case.loan_id}/payments", once=True, expect=expect, json=body)


def pay(case: Case, request: dict[str, Any], outcome: str = "success") -> None:
    case.app.sandbox.call("POST", request["shortUrl"] + "/pay", json={"method": "upi", "outcome": outcome})


def paid(case: Case, **body: Any) -> dict[str, Any]:
    """A payment that was begun, made and heard of."""
    request = begin(case, **body)
    pay(case, request)
    return until_request(case, request, "SUCCESS")


def until_request(case: Case, request: dict[str, Any], status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        known = case.app.get(f"/web/loans/{case.loan_id}/payments")
        return next(
            (each for each in known if each["id"] == request["id"] and each["status"] == status), None
        )

    return case.platform.until(reached, f"the payment to be {status}")


def until(case: Case, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        loan = case.loan
        return loan if loan["status"] == status else None

    return case.platform.until(reached, f"the loan to be {status}")


def received(case: Case) -> list[dict[str, Any]]:
    return case.staff.get(f"/loans/{case.loan_id}/payments")


def fault(
    case: Case,
    name: str,
    match: str,
    operation: str | None = None,
    provider: str = "razorpay",
    times: int = 1,
) -> None:
    body = {"provider": provider, "fault": name, "operation": operation, "match": match, "times": times}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)


def all_delivered(case: Case) -> bool:
    sent = case.app.sandbox.call("GET", "/__sandbox__/webhooks", params={"provider": "razorpay"})["webhooks"]
    return not {webhook["state"] for webhook in sent} & {"queued", "held"}


def captured(amount: str, request_id: str | None, payment_id: str, at: Any = None) -> money.Payment:
    return money.Payment(
        id=payment_id,
        order_id=None,
        amount=Decimal(amount),
        status="captured",
        method="upi",
        fee=None,
        tax=None,
        # a bank tells payments apart, and so do reports
        bank_reference=f"{crc32(payment_id.encode()):012d}",
        error_reason=None,
        error_description=None,
        notes={"payment_request": request_id} if request_id else {},
        created_at=at or now(),
    )


def heard(payment: money.Payment, name: str = "payment.captured") -> None:
    with at_work():
        service.hear(money.PaymentEvent(name, now(), payment), "razorpay")


def signed_event(body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body).encode()
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return raw, {"X-Razorpay-Signature": signature, "x-razorpay-event-id": f"evt-{uuid4()}"}


def test_it_works(platform: Platform):
    case = active(platform, days_ago=18)
    request = begin(case)
    assert (request["status"], request["amount"]) == ("PENDING", "23600.00")
    pay(case, request)
    until(case, "COMPLETED")
    assert case.outstanding == 0
    assert [each["amount"] for each in received(case)] == ["23600.00"]
    assert case.states()[-2:] == ["PAID", "COMPLETED"]


def test_a_part_leaves_the_rest(platform: Platform):
    case = active(platform, days_ago=18)
    paid(case, amount="8600.00")
    assert case.loan["status"] == "PARTIALLY_PAID"
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (owed["principal"], owed["interest"]) == ("15000.00", "0.00")
    assert case.loan["outstandingAmount"] == "15000.00"


def test_two_parts_close_it(platform: Platform):
    case = active(platform)
    paid(case, amount="5000.00")
    paid(case)
    until(case, "COMPLETED")


def test_money_counts_on_the_day_on_which_it_came(platform: Platform):
    case = active(platform, days_ago=18)
    request = begin(case)
    ten_days_ago = today() - timedelta(days=8)
    heard(captured("22000.00", request["id"], f"pay_{uuid4().hex[:14]}", noon(ten_days_ago)))
    assert case.outstanding == 0
    assert received(case)[0]["receivedOn"] == ten_days_ago.isoformat()


def test_a_payment_after_midnight_in_india_is_of_the_next_day(platform: Platform):
    case = active(platform, days_ago=18)
    request = begin(case)
    just_after = noon(today() - timedelta(days=3)).replace(hour=0, minute=30)
    assert just_after.astimezone(INDIA).utcoffset()
    heard(captured("100.00", request["id"], f"pay_{uuid4().hex[:14]}", just_after))
    assert received(case)[0]["receivedOn"] == (today() - timedelta(days=3)).isoformat()


def test_the_webhook_twice_books_once(platform: Platform):
    case = active(platform)
    request = begin(case, amount="5000.00")
    fault(case, "duplicate", request["id"])
    pay(case, request)
    until_request(case, request, "SUCCESS")
    platform.drain()
    assert len(received(case)) == 1
    assert case.outstanding == Decimal("15000.00")


@pytest.mark.parametrize(
    ("amount", "trouble"), [("5000.91", "late"), ("5000.92", "twice"), ("5000.93", "overtaken")]
)
def test_whatever_happens_to_its_webhook_a_payment_is_booked_once(
    platform: Platform, amount: str, trouble: str
):
    case = active(platform)
    request = begin(case, amount=amount)
    pay(case, request)
    until_request(case, request, "SUCCESS")
    platform.until(lambda: all_delivered(case), "the sandbox to have sent everything")
    platform.drain()
    assert [each["amount"] for each in received(case)] == [amount], trouble
    assert case.outstanding == Decimal("20000.00") - Decimal(amount)


def test_two_events_of_one_payment_book_once(platform: Platform):
    case = active(platform)
    request = paid(case, amount="5000.00")
    payment_id = received(case)[0]["providerPaymentId"]
    heard(captured("5000.00", request["id"], payment_id))
    assert len(received(case)) == 1
    assert case.outstanding == Decimal("15000.00")


def test_an_attempt_that_failed_changes_nothing(platform: Platform):
    case = active(platform)
    request = begin(case)
    pay(case, request, outcome="failure")
    platform.drain()
    assert until_request(case, request, "PENDING")
    assert case.outstanding == Decimal("20000.00")


def test_more_than_is_owed_is_refused(platform: Platform):
    answer = begin(active(platform), expect=422, amount="20000.01")
    assert answer["error"]["code"] == "MORE_THAN_OUTSTANDING"
    assert "amount" in answer["error"]["fields"]


@pytest.mark.parametrize("amount", ["0", "-5", "0.50", "1.001", "abc"])
def test_an_amount_that_is_none_is_refused(platform: Platform, amount: str):
    assert "amount" in begin(active(platform), expect=422, amount=amount)["error"]["fields"]


def test_nothing_can_be_paid_before_the_disbursal(platform: Platform):
    assert begin(approved(platform), expect=409)["error"]["code"] == "NOTHING_OUTSTANDING"


def test_two_links_paid_in_a_race_leave_the_excess_to_the_customer(platform: Platform):
    case = active(platform)
    first, second = begin(case), begin(case)
    pay(case, first)
    pay(case, second)
    until(case, "COMPLETED")
    platform.until(lambda: len(received(case)) == 2, "both payments")
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (owed["total"], owed["excess"]) == ("0.00", "20000.00")


def test_an_event_of_no_interest_is_done_with(platform: Platform):
    raw, headers = signed_event({"event": "order.paid", "created_at": 1, "payload": {}})
    platform.api.call("POST", WEBHOOK, data=raw, headers=headers)
    platform.drain()
    event_id = headers["x-razorpay-event-id"]
    assert platform.sql("SELECT status FROM webhook_event WHERE event_id = %s", event_id) == [("PROCESSED",)]


def test_the_same_event_id_is_stored_once(platform: Platform):
    raw, headers = signed_event({"event": "order.paid", "created_at": 1, "payload": {}})
    first = platform.api.call("POST", WEBHOOK, data=raw, headers=headers)
    second = platform.api.call("POST", WEBHOOK, data=raw, headers=headers)
    assert (first["received"], second["received"]) == (True, False)


@pytest.mark.parametrize("change", ["body", "signature", "none", "brand"])
def test_a_wrong_signature_gets_401_and_leaves_nothing(platform: Platform, change: str):
    raw, headers = signed_event({"event": "payment.captured", "created_at": 1, "payload": {}})
    path = WEBHOOK.replace(BRAND, OTHER_BRAND) if change == "brand" else WEBHOOK
    signature = headers.pop("X-Razorpay-Signature")
    if change in ("body", "brand"):
        headers["X-Razorpay-Signature"] = signature
    elif change == "signature":
        headers["X-Razorpay-Signature"] = signature[::-1]
    platform.api.call("POST", path, data=raw + b" " * (change == "body"), headers=headers, expect=401)
    event_id = headers["x-razorpay-event-id"]
    assert platform.sql("SELECT 1 FROM webhook_event WHERE event_id = %s", event_id) == []


def test_a_link_that_ends_is_expired_and_a_late_payment_still_counts(platform: Platform):
    case = active(platform)
    request = begin(case, amount="5000.00")
    with at_work():
        (known,) = service.requests_of(case.loan_id)
        link = client("razorpay", BRAND).fetch_payment_link(known.provider_link_id)
        ended = replace(link, status="expired")
        service.hear(money.PaymentLinkEvent("payment_link.expired", now(), ended, None), "razorpay")
    until_request(case, request, "EXPIRED")
    pay(case, request)
    until_request(case, request, "SUCCESS")
    assert case.outstanding == Decimal("15000.00")


def test_the_page_closes_with_the_business_day(platform: Platform):
    case = active(platform)
    begin(case)
    with at_work():
        (known,) = service.requests_of(case.loan_id)
        link = client("razorpay", BRAND).fetch_payment_link(known.provider_link_id)
    closes = link.expires_at.astimezone(INDIA)
    assert closes - now() <= timedelta(days=1)
    assert (closes.date(), closes.hour) == (today() + timedelta(days=1), 0) or closes - now() >= timedelta(
        minutes=19
    )


def test_a_provider_that_does_not_answer_is_told_as_such(platform: Platform):
    case = active(platform)
    fault(case, "500", case.loan["loanNo"], "create_payment_link")
    assert begin(case, expect=503)["error"]["code"] == "UNAVAILABLE"
    assert case.app.get(f"/web/loans/{case.loan_id}/payments") == []
    begin(case)


def test_the_same_request_twice_makes_one_page(platform: Platform):
    case = active(platform)
    key = {"Idempotency-Key": str(uuid4())}
    path = f"/web/loans/{case.loan_id}/payments"
    answers = [
        platform.api.call("POST", path, json={}, headers=case.app._headers | key, expect=201) for _ in "12"
    ]
    assert answers[0] == answers[1]
    assert len(case.app.get(path)) == 1


def test_a_loan_executive_may_not_send_a_link(platform: Platform):
    case = active(platform)
    portal = platform.staff(Role.LOAN_EXECUTIVE)
    portal.post(f"/loans/{case.loan_id}/payment-link", once=True, expect=403, json={})


def test_an_overdue_loan_stays_overdue_until_it_is_paid(platform: Platform):
    case = active(platform, days_ago=35)
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    paid(case, amount="5000.00")
    assert case.loan["status"] == "OVERDUE"
    paid(case)
    until(case, "COMPLETED")


def test_nobody_pays_or_sees_another_customers_loan(platform: Platform):
    case, stranger = active(platform), platform.customer()
    path = f"/web/loans/{case.loan_id}/payments"
    stranger.post(path, once=True, expect=404, json={})
    stranger.get(path, expect=404)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"/loans/{case.loan_id}/payments", expect=404)
