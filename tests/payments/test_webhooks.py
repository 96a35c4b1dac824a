"""What gateways tell of payments, as they tell it: signed bytes to the public door, in any order, twice and at once."""

import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.closure import service as closure
from app.core import jobs
from app.core.clock import now, today
from app.core.identity import Role
from app.documents import papers
from app.ledger import service as ledger
from app.payments import booking
from app.payments import service as payments
from app.providers import client
from tests.disbursement.test_once import Killed, dying
from tests.lending import Case, active, at_work
from tests.mandates.test_mandates import policy, signed
from tests.payments.desk import approve, books_hold, told, waiting
from tests.payments.test_payments import WEBHOOK, begin, fault, pay, received, until, until_request
from tests.platform import BRAND, OTHER_BRAND, Platform

GATEWAYS = ("razorpay", "cashfree")
CAPTURED = {"razorpay": "captured", "cashfree": "SUCCESS"}
# a payment that is authorised and not captured; Cashfree says so beside its state
AUTHORISED = {"razorpay": "authorized", "cashfree": "SUCCESS"}
FAILED = {"razorpay": "failed", "cashfree": "FAILED"}


@pytest.fixture(scope="module", params=GATEWAYS)
def gateway(request: pytest.FixtureRequest, platform: Platform) -> Iterator[str]:
    with policy(platform, "NOT_NEEDED", request.param):
        yield request.param


def payment_id() -> str:
    return f"{uuid4().int % 10**12}"


def event(
    gateway: str,
    status: str,
    amount: str,
    payment: str,
    order: str | None,
    *,
    rrn: str = "",
    is_captured: bool = True,
) -> bytes:
    """What the gateway says of a payment of an order."""
    if gateway == "razorpay":
        entity = {"id": payment, "amount": int(Decimal(amount) * 100), "currency": "INR", "status": status}
        entity |= {"method": "upi", "notes": [], "created_at": int(time.time()), "order_id": order}
        entity["acquirer_data"] = {"rrn": rrn or None}
        body = {"event": f"payment.{status}", "created_at": int(time.time())}
        return json.dumps(body | {"payload": {"payment": {"entity": entity}}}).encode()
    at = now().isoformat()
    paid = {"cf_payment_id": payment, "payment_status": status, "payment_amount": float(amount)}
    paid |= {
        "payment_currency": "INR",
        "payment_time": at,
        "payment_group": "upi",
        "is_captured": is_captured,
    }
    paid["bank_reference"] = rrn or "NA"
    data = {"order": {"order_id": order or f"CF{payment}", "order_tags": None}, "payment": paid}
    kind = "FAILED" if status == "FAILED" else "SUCCESS"
    return json.dumps({"type": f"PAYMENT_{kind}_WEBHOOK", "event_time": at, "data": data}).encode()


def send(platform: Platform, gateway: str, raw: bytes, expect: int = 200, **headers: str) -> Any:
    signature = signed(gateway, raw) | headers
    return platform.api.call("POST", WEBHOOK, data=raw, headers=signature, expect=expect)


def hear(platform: Platform, gateway: str, raw: bytes) -> None:
    send(platform, gateway, raw)
    platform.drain()


def status_of(case: Case, request: dict[str, Any]) -> str:
    known = case.app.get(f"/web/loans/{case.loan_id}/payments")
    return next(each["status"] for each in known if each["id"] == request["id"])


def test_a_request_lives_as_its_gateway_tells(platform: Platform, gateway: str):
    """Authorised, failed, captured; then the same again, and news that come too late."""
    case, payment = active(platform), payment_id()
    request = begin(case, amount="5000.00", channel="CHECKOUT")
    order = request["providerOrderId"]
    begun = event(gateway, AUTHORISED[gateway], "5000.00", payment_id(), order, is_captured=False)
    failed = event(gateway, FAILED[gateway], "5000.00", payment_id(), order)
    captured = event(gateway, CAPTURED[gateway], "4999.50", payment, order)
    seen = []
    for raw in (begun, failed, captured, captured, begun, failed):
        hear(platform, gateway, raw)
        seen.append(status_of(case, request))
    assert seen == ["PROCESSING", "FAILED", "SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS"]
    # what came counts, not what was asked for
    assert (case.outstanding, case.loan["outstandingAmount"]) == (Decimal("15000.50"), "15000.50")
    (booked,) = received(case)
    assert (booked["provider"], booked["amount"]) == (gateway, "4999.50")
    books_hold(case)


def test_a_page_that_is_closed_at_the_gateway_is_expired(platform: Platform, gateway: str):
    case = active(platform)
    request = begin(case, amount="5000.00")
    with at_work():
        (known,) = payments.requests_of(case.loan_id)
    client(gateway, BRAND).cancel_payment_link(known.provider_link_id)
    until_request(case, request, "EXPIRED")
    assert (case.outstanding, received(case)) == (Decimal("20000.00"), [])


def test_a_page_that_an_agent_sent_is_paid_and_its_receipt_is_on_paper_and_phone(
    platform: Platform, gateway: str
):
    case = active(platform, days_ago=3)
    agent = platform.staff(Role.COLLECTION_EXECUTIVE)
    path = f"/loans/{case.loan_id}/payment-link"
    link = agent.post(path, once=True, expect=201, json={"amount": "600.00"})
    pay(case, link)
    until_request(case, link, "SUCCESS")
    platform.drain()
    for address in (case.app.person["phone"], f"{case.customer_id}@mail.example"):
        said = [f"{each}" for each in case.app.sandbox.messages(address)]
        assert any("600.00" in text and "20000.00" in text for text in said), address
    (seen,) = agent.get(f"/loans/{case.loan_id}/payment-requests")
    me = platform.api.call("GET", "/partner/me", headers=agent._headers)
    assert (seen["id"], seen["status"], seen["requestedBy"]) == (link["id"], "SUCCESS", me["id"])
    # three days of interest are paid, and no instalment yet
    assert case.ledger()["timeline"][0]["paidAt"] is None
    assert case.outstanding == Decimal("20000.00")


def test_what_is_not_the_gateways_word_leaves_nothing(platform: Platform, gateway: str):
    raw = event(gateway, CAPTURED[gateway], "70.00", payment_id(), None)
    forged = signed(gateway, raw, OTHER_BRAND)
    refused = [(raw, forged), (raw + b" ", signed(gateway, raw)), (raw, {})]
    if gateway == "cashfree":
        long_ago = str(int((time.time() - 7200) * 1000))
        refused.append((raw, signed(gateway, raw) | {"x-webhook-timestamp": long_ago}))
    count = "SELECT count(*) FROM webhook_event WHERE provider = %s"
    before = platform.sql(count, gateway)
    for body, headers in refused:
        platform.api.call("POST", WEBHOOK, data=body, headers=headers, expect=401)
    assert platform.sql(count, gateway) == before


def test_money_for_nobody_known_waits_and_on_a_closed_loan_as_well(
    platform: Platform, gateway: str, admin: Any
):
    case = active(platform)
    request = begin(case, channel="CHECKOUT")
    order, unknown, again = request["providerOrderId"], payment_id(), payment_id()
    hear(platform, gateway, event(gateway, CAPTURED[gateway], "20000.00", payment_id(), order))
    until(case, "COMPLETED")
    hear(platform, gateway, event(gateway, CAPTURED[gateway], "31.00", unknown, None))
    hear(platform, gateway, event(gateway, CAPTURED[gateway], "32.00", again, order))
    (nobodys,) = waiting(admin, providerPaymentId=unknown)
    (closed,) = waiting(admin, providerPaymentId=again)
    assert (nobodys["kind"], nobodys["loanId"], nobodys["amount"]) == ("UNKNOWN", None, "31.00")
    assert (closed["kind"], closed["loanId"], closed["amount"]) == ("CLOSED_LOAN", f"{case.loan_id}", "32.00")
    assert (case.loan["status"], case.outstanding) == ("COMPLETED", Decimal(0))
    books_hold(case)


def test_what_no_column_holds_or_nobody_can_read_is_refused_at_once_and_seen(
    platform: Platform, gateway: str
):
    case = active(platform)
    order = begin(case, channel="CHECKOUT")["providerOrderId"]
    large = event(gateway, CAPTURED[gateway], "9999999999999.00", payment_id(), order)
    unread = event(gateway, CAPTURED[gateway], "500.00", payment_id(), order)
    unread = unread.replace(b'"payment_time"', b'"other"').replace(
        b'"status": "captured"', b'"status": "odd"'
    )
    assert {why_refused(platform, gateway, one) for one in (large, unread)} == {"TOO_LARGE", "MALFORMED"}
    assert (case.outstanding, received(case)) == (Decimal("20000.00"), [])


def why_refused(platform: Platform, gateway: str, told: bytes) -> str:
    """Why an event is on the list of what was refused, by one try."""
    hear(platform, gateway, told)
    listed = platform.staff().get(f"/refused-events?provider={gateway}&pageSize=100&sort=-createdAt")["items"]
    (found,) = [one for one in listed if one["eventId"] == hashlib.sha256(told).hexdigest()]
    job = "SELECT status, attempts FROM outbox WHERE job = 'payments.process_event' AND args ->> 'event_id' = %s"
    assert platform.sql(job, found["id"]) == [("DONE", 0)]
    return found["reasonCode"]


def test_money_that_is_not_in_rupees_stays_in_the_inbox(platform: Platform, gateway: str):
    case, payment = active(platform), payment_id()
    request = begin(case, channel="CHECKOUT")
    told = event(gateway, CAPTURED[gateway], "5000.00", payment, request["providerOrderId"])
    abroad = told.replace(b'"INR"', b'"USD"')
    hear(platform, gateway, abroad)
    ((event_id, status, reason),) = platform.sql(
        "SELECT id, status, reason FROM webhook_event WHERE event_id = %s", hashlib.sha256(abroad).hexdigest()
    )
    assert (status, reason.partition(": ")[2]) == ("REFUSED", "expected INR, got USD")
    day = today()
    for told, found in ((day, [str(event_id)]), (day - timedelta(days=1), [])):
        asked = f"provider={gateway}&reasonCode=OTHER_CURRENCY&day={told}&pageSize=100"
        listed = platform.staff().get(f"/refused-events?{asked}")["items"]
        assert [each["id"] for each in listed if each["id"] == str(event_id)] == found
    assert not platform.staff().get("/refused-events?reasonCode=ODD_AMOUNT&kind=refund.created")["items"]
    job = "SELECT status, attempts FROM outbox WHERE job = 'payments.process_event' AND args ->> 'event_id' = %s"
    assert platform.sql(job, str(event_id)) == [("DONE", 0)], "no try failed"
    assert (case.outstanding, received(case)) == (Decimal("20000.00"), [])
    assert status_of(case, request) != "SUCCESS"
    books_hold(case)


def refused(case: Case, order: str | None) -> list[dict[str, Any]]:
    """Every answer about an order that could not be booked, with what it told."""
    staff = case.platform.staff()
    listed = staff.get("/refused-events?kind=answer&sort=-createdAt&pageSize=100")["items"]
    found = [staff.get(f"/refused-events/{each['id']}") for each in listed]
    return [each for each in found if each["told"].get("order") == order]


def test_money_that_is_not_in_rupees_and_is_found_by_asking_ends_its_request_and_is_listed(
    platform: Platform, gateway: str
):
    case = active(platform)
    for channel, path in (("LINK", None), ("CHECKOUT", "o")):
        request = begin(case, amount="5000.00", channel=channel)
        order = request["providerOrderId"]
        named = order if gateway == "razorpay" else f"{BRAND}:{order}"
        url = request["shortUrl"] or f"{case.app.sandbox.base_url}/{gateway}/{path}/{named}"
        fault(case, "no_webhook", order or request["id"], provider=gateway, times=5)
        case.app.sandbox.call("POST", f"{url}/pay", json={"method": "upi", "currency": "USD"})
        with at_work():
            (row,) = [each for each in payments.requests_of(case.loan_id) if str(each.id) == request["id"]]
            row.change(expires_at=now() - timedelta(hours=1))
            assert row.id in {each.id for each in payments.past_their_end()}
            payments.refresh(row.id)
        with at_work():
            payments.refresh(row.id)
            assert row.id not in {each.id for each in payments.past_their_end()}
        assert status_of(case, request) == "EXPIRED"
        ((remark,),) = platform.sql(
            "SELECT remark FROM state_change WHERE entity_id = %s AND to_state = 'EXPIRED'", request["id"]
        )
        assert remark.endswith("currency: expected INR, got USD")
        told = "reason_code = 'OTHER_CURRENCY' AND reason = %s AND kind = 'answer' AND event_id LIKE 'payment:%%'"
        assert platform.sql(f"SELECT count(*) FROM webhook_event WHERE {told}", remark)[0][0]
        if order:
            (one,) = refused(case, order)
            assert (one["told"]["paymentRequest"], one["reason"]) == (request["id"], remark)
    assert (case.outstanding, received(case)) == (Decimal("20000.00"), [])
    books_hold(case)


def test_an_amount_that_cannot_be_kept_is_refused_and_no_person_is_shown(platform: Platform, gateway: str):
    payment = payment_id()
    raw = event(gateway, CAPTURED[gateway], "-5.00", payment, None)
    person = b'"contact": "+919812345678", "email": "asha@example.in", "name": "Asha Rao", '
    raw = raw.replace(b'"currency"', person + b'"currency"').replace(
        b'"payment_currency"', person + b'"payment_currency"'
    )
    hear(platform, gateway, raw)
    known = platform.staff().get(f"/refused-events?provider={gateway}&reasonCode=ODD_AMOUNT")["items"]
    one = platform.staff().get(f"/refused-events/{known[0]['id']}")
    assert one["eventId"] == hashlib.sha256(raw).hexdigest()
    shown = json.dumps(one["told"])
    assert not [word for word in ("9812345678", "asha@example.in", "Asha") if word in shown]
    assert one["kind"] in ("payment.captured", "PAYMENT_SUCCESS_WEBHOOK")
    assert not waiting(platform.staff(), providerPaymentId=payment)


def test_the_same_event_at_once_is_one(platform: Platform, gateway: str):
    """Four deliveries of the same bytes and two of another event of the same payment, and two workers."""
    case, payment = active(platform), payment_id()
    order = begin(case, channel="CHECKOUT")["providerOrderId"]
    raw = event(gateway, CAPTURED[gateway], "5000.00", payment, order)
    other = raw.replace(b'"upi"', b'"netbanking"')
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda body: send(platform, gateway, body), [raw] * 4 + [other] * 2))
        list(threads.map(lambda _: platform.drain(), range(2)))
    assert sorted(each["received"] for each in answers) == [False] * 4 + [True] * 2
    platform.until(lambda: len(received(case)) == 1, "the payment")
    assert case.outstanding == Decimal("15000.00")
    books_hold(case)


def test_a_transfer_that_was_told_by_hand_before_does_not_count_twice(
    platform: Platform, gateway: str, admin: Any
):
    case, rrn = active(platform), payment_id()
    order = begin(case, amount="5000.00", channel="CHECKOUT")["providerOrderId"]
    by_hand = told(case, amount="5000.00", method="UPI", reference=rrn)
    approve(admin, by_hand)
    payment = payment_id()
    hear(platform, gateway, event(gateway, CAPTURED[gateway], "5000.00", payment, order, rrn=rrn))
    assert case.outstanding == Decimal("15000.00")
    (item,) = waiting(admin, loanId=f"{case.loan_id}")
    assert (item["kind"], item["amount"]) == ("TOLD_TWICE", "5000.00")
    # nothing counts as received that is held
    assert sorted(each["status"] for each in received(case)) == ["HELD", "SUCCESS"]
    # the other way round it is refused
    again = told(case, expect=409, amount="5000.00", method="UPI", reference=rrn)
    assert again["error"]["code"] == "DUPLICATE_REFERENCE"
    # the one by hand was no money of its own: it is taken back, and the other one counts
    second = platform.staff(Role.SUPER_ADMIN)
    (manual,) = [each["id"] for each in received(case) if each["provider"] == "manual"]
    path, body = (
        f"/loans/{case.loan_id}/payments/{manual}/reversals",
        {"kind": "RETURNED", "reason": "Told twice"},
    )
    reversal = admin.post(path, once=True, expect=201, json=body)
    second.post(f"/payment-reversals/{reversal['id']}/approve", once=True, json={})
    assert case.outstanding == Decimal("20000.00")
    place = {"loanId": f"{case.loan_id}", "remark": "The gateway has it"}
    admin.post(f"/suspense/{item['id']}/place", once=True, json=place)
    second.post(f"/suspense/{item['id']}/approve", once=True, json={})
    assert case.outstanding == Decimal("15000.00")
    assert sorted(each["status"] for each in received(case)) == ["REVERSED", "SUCCESS"]
    books_hold(case)


def test_a_transfer_that_was_told_by_hand_waits_also_when_its_request_is_named_later(
    platform: Platform, gateway: str, admin: Any
):
    case, reference, payment = active(platform), f"axis{uuid4().hex[:10]}", payment_id()
    order = begin(case, amount="5000.00", channel="CHECKOUT")["providerOrderId"]
    approve(admin, told(case, amount="5000.00", reference=reference))
    # nobody knows what it was paid for, then it is known
    for named in (None, order):
        hear(platform, gateway, event(gateway, CAPTURED[gateway], "5000.00", payment, named, rrn=reference))
    assert case.outstanding == Decimal("15000.00")
    (item,) = waiting(admin, providerPaymentId=payment)
    assert (item["kind"], item["reference"]) == ("UNKNOWN", reference.upper())
    # and what the gateway told of is known, however it is written by hand
    hear(
        platform, gateway, event(gateway, CAPTURED[gateway], "7.00", payment_id(), order, rrn=f"x{reference}")
    )
    assert told(case, expect=409, reference=f"X{reference}")["error"]["code"] == "DUPLICATE_REFERENCE"
    books_hold(case)


def test_another_body_under_a_known_id_is_another_event(platform: Platform):
    case, event_id = active(platform), f"evt-{uuid4()}"
    order = begin(case, channel="CHECKOUT")["providerOrderId"]
    first, other = (
        event("razorpay", "captured", amount, payment_id(), order) for amount in ("100.00", "200.00")
    )
    named = {"x-razorpay-event-id": event_id}
    answers = [send(platform, "razorpay", raw, **named)["received"] for raw in (first, other, first, other)]
    assert answers == [True, True, False, False]
    platform.until(lambda: len(received(case)) == 2, "both payments")
    assert case.outstanding == Decimal("19700.00")
    books_hold(case)


def asked(case: Case, job: str) -> str:
    """The one that was asked of a job since the loan was made, and is not done: other tests leave theirs."""
    told = "SELECT id FROM outbox WHERE job = %s AND status <> 'DONE' AND id > %s"
    ((found,),) = case.platform.sql(told, job, str(case.loan_id))
    return str(found)


# where a worker dies, and what stands afterwards
STEPS = [
    (payments.booking.is_known, "return"),
    (ledger.post_payment, "return"),
    (booking.conclude, "call"),
    (booking.conclude, "return"),
]
CLOSING = [(papers.make, "return"), (closure.loans.move, "return"), (jobs._done, "call")]


def test_a_worker_that_dies_between_any_two_steps_books_and_closes_once(platform: Platform):
    case = active(platform)
    order = begin(case, channel="CHECKOUT")["providerOrderId"]
    platform.drain()
    send(platform, "razorpay", event("razorpay", "captured", "20000.00", payment_id(), order))
    dies_at_each(case, "payments.process_event", STEPS)
    assert (received(case), case.outstanding, case.loan["status"]) == ([], Decimal("20000.00"), "ACTIVE")
    jobs.perform(BRAND, asked(case, "payments.process_event"))
    assert (len(received(case)), case.loan["status"]) == (1, "PAID")
    dies_at_each(case, "closure.close_loan", CLOSING)
    assert case.loan["status"] == "PAID"
    platform.drain()
    assert case.loan["status"] == "COMPLETED"
    documents = case.app.get(f"/web/loans/{case.loan_id}/documents")
    assert sorted(each["kind"] for each in documents if each["kind"] in ("NOC", "NDC")) == ["NDC", "NOC"]
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    assert sum("No-objection" in mail["subject"] for mail in mails) == 1
    books_hold(case)


def dies_at_each(case: Case, job: str, steps: list[tuple[Any, str]]) -> None:
    waiting_row = asked(case, job)
    for function, moment in steps:
        with pytest.raises(Killed), dying(function, moment):
            jobs.perform(BRAND, waiting_row)
