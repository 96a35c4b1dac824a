"""What a gateway knows and we do not, or the other way round, is found out, listed and booked."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.brands import providers
from app.core.clock import now, today
from app.core.errors import Conflict
from app.core.identity import Role
from app.core.outbox import enqueue
from app.payments import jobs, service
from app.payments.reconciliation import resolving
from app.payments.reconciliation import service as reconciling
from app.providers import client, money
from app.providers.errors import ProviderMalformed
from app.providers.rupees import OtherCurrency
from tests.lending import Case, active, at_work
from tests.mandates.test_mandates import policy
from tests.payments.desk import books_hold, waiting
from tests.payments.test_payments import begin, captured, fault, paid, pay, received, until, until_request
from tests.platform import BRAND, Platform

SETTLED_ON = date(2021, 3, 1)


def payment_of(case: Case, amount: str) -> str:
    (found,) = [each["providerPaymentId"] for each in received(case) if each["amount"] == amount]
    return found


def exceptions(admin: Any, provider: str, status: str = "OPEN") -> dict[str, dict[str, Any]]:
    rows, page = [], 1
    while len(rows) == (page - 1) * 100:
        path = f"/reconciliation-exceptions?status={status}&pageSize=100&page={page}"
        rows, page = rows + admin.get(path)["items"], page + 1
    return {row["providerPaymentId"]: row for row in rows if row["provider"] == provider}


def heard(payment: money.Payment, gateway: str) -> None:
    with at_work():
        service.hear(money.PaymentEvent("payment.captured", now(), payment), gateway)


def change(platform: Platform, payment: str, what: str) -> None:
    platform.sql(f"UPDATE payment_collection_transaction SET {what} WHERE provider_payment_id = %s", payment)


def refunded(platform: Platform, case: Case, admin: Any, gateway: str) -> None:
    """Paid twice, and the second goes back by the gateway."""
    again = begin(case), begin(case)
    for request in again:
        pay(case, request)
        until_request(case, request, "SUCCESS")
    until(case, "COMPLETED")
    (item,) = waiting(admin, loanId=str(case.loan_id))
    admin.post(f"/suspense/{item['id']}/refund", once=True, json={"remark": "Paid twice"})
    platform.staff(Role.SUPER_ADMIN).post(f"/suspense/{item['id']}/approve", once=True, json={})
    platform.until(
        lambda: admin.get(f"/refunds?suspenseId={item['id']}")["items"][0]["status"] == "PROCESSED",
        "the refund",
    )


def given_back_elsewhere(case: Case, gateway: str, payment: str) -> str:
    """Somebody made a refund at the gateway's own desk."""
    order = case.platform.sql(
        "SELECT provider_order_id FROM payment_collection_transaction WHERE provider_payment_id = %s", payment
    )[0][0]
    about = replace(captured("300.00", None, payment), order_id=order)
    return client(gateway, BRAND).create_refund(about, amount=Decimal(7), reference_id=f"{uuid4()}").id


def dispute(case: Case, gateway: str, payment: str) -> None:
    """The bank decided for the customer."""
    named, lost = {"razorpay": (payment, "lost"), "cashfree": (f"{BRAND}:{payment}", "MERCHANT_LOST")}[
        gateway
    ]
    act = {"provider": gateway, "action": "dispute", "id": named}
    case.app.sandbox.call("POST", "/__sandbox__/act", json=act)
    case.app.sandbox.call("POST", "/__sandbox__/act", json=act | {"status": lost})
    case.platform.until(lambda: case.outstanding > 0, "the money to be gone")


@pytest.mark.parametrize("gateway", ["razorpay", "cashfree"])
def test_each_difference_is_listed_and_what_fits_is_not(platform: Platform, admin: Any, gateway: str):
    with policy(platform, "NOT_NEEDED", gateway):
        case = active(platform)
        amounts = ("5000.00", "400.00", "300.00", "200.00", "110.00")
        for amount in amounts:
            paid(case, amount=amount)
        fits, other, back, unknown, dearer = (payment_of(case, amount) for amount in amounts)
        ghost, nobodys = f"pay_{uuid4().hex[:14]}", f"pay_{uuid4().hex[:14]}"
        heard(captured("100.00", begin(case, amount="100.00")["id"], ghost), gateway)
        heard(captured("90.00", None, nobodys), gateway)
        refunded(platform, case, admin, gateway)
        refund = given_back_elsewhere(case, gateway, back)
        dispute(case, gateway, fits)
    change(platform, other, "amount = 399")
    change(platform, dearer, "fee = fee - fee + 0.01")
    change(platform, unknown, f"provider_payment_id = 'x{uuid4().hex}'")
    for table in ("payment_collection_transaction", "suspense_item"):
        platform.sql(
            f"UPDATE {table} SET received_on = received_on - 5 WHERE provider_payment_id IN (%s, %s)",
            ghost,
            nobodys,
        )
    admin.post("/reconciliations", expect=202, json={"day": today().isoformat()})
    platform.drain()
    found = exceptions(admin, gateway)
    assert {each: found[each]["kind"] for each in (ghost, nobodys, other, unknown, refund)} == {
        ghost: "NOT_SETTLED",
        nobodys: "NOT_SETTLED",
        other: "AMOUNT_DIFFERS",
        unknown: "NOT_BOOKED",
        refund: "REFUND_NOT_BOOKED",
    }
    assert (found[other]["bookedAmount"], found[other]["settledAmount"]) == ("399.00", "400.00")
    assert fits not in found
    if gateway == "razorpay":  # which tells its fee with the payment
        assert (found[dearer]["kind"], found[dearer]["bookedAmount"]) == ("FEE_DIFFERS", "0.01")
    assert not {row["kind"] for row in found.values()} & {"NET_DIFFERS", "ADJUSTED", "REFUND_DIFFERS"}
    runs = admin.get("/reconciliations?pageSize=100")["items"]
    (run,) = [run for run in runs if (run["provider"], run["day"]) == (gateway, today().isoformat())]
    # the fee has its tax in it, whichever gateway tells
    assert Decimal(run["feeAmount"]) > Decimal(run["taxAmount"]) * 6
    assert run["lineCount"] > run["matchedCount"] > 0
    change(platform, other, "amount = 400")
    resolved(admin, case, found[unknown], found[ghost])
    admin.post("/reconciliations", expect=202, json={"day": today().isoformat()})
    platform.drain()
    assert exceptions(admin, gateway, "RESOLVED")[other]["resolution"] == "FITS"
    assert not exceptions(admin, gateway).keys() & {other, unknown, ghost}
    books_hold(case)


def resolved(admin: Any, case: Case, unknown: dict[str, Any], ghost: dict[str, Any]) -> None:
    """What was not booked is booked, once; of what was not settled somebody says why."""
    path, said = f"/reconciliation-exceptions/{unknown['id']}/book", {"remark": "Its news were lost"}
    done = admin.post(path, once=True, json=said)
    assert (done["status"], done["resolution"]) == ("RESOLVED", "BOOKED")
    assert unknown["providerPaymentId"] in [each["providerPaymentId"] for each in received(case)]
    admin.post(path, once=True, expect=409, json=said)
    path = f"/reconciliation-exceptions/{ghost['id']}"
    assert admin.post(f"{path}/book", once=True, expect=409, json=said)["error"]["code"] == "NOTHING_TO_BOOK"
    assert admin.post(f"{path}/resolve", json={"remark": "Told by the bank"})["status"] == "RESOLVED"
    admin.post(f"{path}/resolve", expect=409, json={"remark": "Told by the bank"})


def line(kind: str, amount: str, net: str, **more: Any) -> money.SettlementLine:
    about = {"id": f"{kind}_{uuid4().hex[:12]}", "order_id": None, "fee": Decimal(2), "tax": Decimal("0.31")}
    about |= {"settlement_id": "setl_1", "utr": "UTR1", "settled_at": now()} | more
    return money.SettlementLine(kind=kind, amount=Decimal(amount), net=Decimal(net), **about)


def test_what_reached_the_bank_and_what_was_kept_are_looked_at(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    short, whole = line("payment", "100", "97.99"), line("payment", "100", "98")
    risk = line("adjustment", "50", "-50")
    abroad = line("payment", "100", "98", currency="USD")
    lines = (short, whole, risk, abroad)
    dollars = money.refused(OtherCurrency("currency", "expected INR, got USD"), short.id, None, {}, now())
    answers = {"settlement_lines": lambda self, day: lines, "find_payment": lambda self, *named: dollars}
    gateway = type("Gateway", (), answers)
    monkeypatch.setattr(providers, "payments", lambda name: gateway())
    with at_work():
        run = reconciling.reconcile("razorpay", SETTLED_ON)
        rows = reconciling.exceptions("OPEN", None, SETTLED_ON)
        found = {(row.kind, row.provider_payment_id, row.booked_amount, row.settled_amount) for row in rows}
    assert found == {
        ("NOT_BOOKED", short.id, None, Decimal(100)),
        ("NET_DIFFERS", short.id, Decimal(98), Decimal("97.99")),
        ("NOT_BOOKED", whole.id, None, Decimal(100)),
        ("ADJUSTED", risk.id, None, Decimal(-50)),
        ("OTHER_CURRENCY", abroad.id, None, None),
    }
    assert (run.line_count, run.matched_count, run.tax_amount) == (4, 0, Decimal("0.93"))
    assert run.settled_amount == short.net + whole.net + risk.net
    (unbooked,) = [row for row in rows if (row.kind, row.provider_payment_id) == ("NOT_BOOKED", short.id)]
    with at_work(), pytest.raises(Conflict, match="expected INR, got USD") as refused:
        resolving.book(unbooked.id, resolving.LOAN, "What it was settled as")
    assert refused.value.code == "OTHER_CURRENCY"
    assert ("SETTLED_TWICE", whole.id, None, Decimal(200)) in reconciled_later(monkeypatch, whole)


def reconciled_later(monkeypatch: pytest.MonkeyPatch, again: money.SettlementLine) -> set[tuple[Any, ...]]:
    """The next day another transfer brings one of them again; what is listed of that day."""
    lines, next_day = (replace(again, settlement_id="setl_2"),), SETTLED_ON + timedelta(days=1)
    gateway = type("Gateway", (), {"settlement_lines": lambda self, day: lines})
    monkeypatch.setattr(providers, "payments", lambda name: gateway())
    with at_work():
        reconciling.reconcile("razorpay", next_day)
        rows = reconciling.exceptions("OPEN", None, next_day)
        return {(row.kind, row.provider_payment_id, row.booked_amount, row.settled_amount) for row in rows}


def test_what_was_never_settled_stays_listed_whichever_day_is_reconciled(
    platform: Platform, admin: Any, monkeypatch: pytest.MonkeyPatch
):
    case, ghost, told = active(platform), f"pay_{uuid4().hex[:14]}", []
    heard(captured("90.00", begin(case, amount="90.00")["id"], ghost), "razorpay")
    gateway = type("Gateway", (), {"settlement_lines": lambda self, day: tuple(told)})
    monkeypatch.setattr(providers, "payments", lambda name: gateway())

    def listed(received_days_ago: int, reconciled_days_ago: int) -> list[tuple[str, str | None]]:
        day = today() - timedelta(days=received_days_ago)
        change(platform, ghost, f"received_on = '{day}'")
        with at_work():
            reconciling.reconcile("razorpay", today() - timedelta(days=reconciled_days_ago))
            rows = [
                *reconciling.exceptions("OPEN", None, None),
                *reconciling.exceptions("RESOLVED", None, None),
            ]
        return [(row.status, row.resolution) for row in rows if row.provider_payment_id == ghost]

    assert listed(received_days_ago=5, reconciled_days_ago=0) == [("OPEN", None)]
    # a day of before it came is reconciled again, and the days go by
    assert listed(received_days_ago=5, reconciled_days_ago=20) == [("OPEN", None)]
    assert listed(received_days_ago=40, reconciled_days_ago=0) == [("OPEN", None)]
    told.append(line("payment", "90.00", "88.00", id=ghost))
    assert listed(received_days_ago=40, reconciled_days_ago=1) == [("RESOLVED", "FITS")]
    tomorrow = {"day": (today() + timedelta(days=1)).isoformat()}
    assert "day" in admin.post("/reconciliations", expect=422, json=tomorrow)["error"]["fields"]


def unreadable(*_: Any) -> None:
    raise ProviderMalformed("razorpay", "any", "items[0].amount", "missing")


def unread(platform: Platform, event_id: str) -> list[str]:
    """Why an answer is on the list of what could not be read, once however often it was asked for."""
    listed = platform.staff().get(
        "/refused-events?reasonCode=MALFORMED&kind=answer&pageSize=100&sort=-createdAt"
    )["items"]
    return [one["reason"] for one in listed if one["eventId"] == event_id]


def test_a_report_that_cannot_be_read_is_seen(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    day = date(2021, 3, 2)
    gateway = type("Gateway", (), {"settlement_lines": lambda self, day: unreadable()})
    monkeypatch.setattr(providers, "payments", lambda name: gateway())
    for _ in range(2):
        with at_work():
            jobs.reconcile("razorpay", day.isoformat())
    assert unread(platform, f"report:{day}") == ["items[0].amount: missing"]


def test_a_page_that_cannot_be_read_is_seen_and_asked_about_ever_later(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    request = begin(active(platform))
    ended = "UPDATE payment_request SET expires_at = now() - interval '1 hour' WHERE id = %s"
    platform.sql(ended, request["id"])
    gateway, told = (
        type("Gateway", (), {"payments_of_link": lambda self, link: unreadable()}),
        f"request:{request['id']}",
    )

    def is_its_turn() -> bool:
        with at_work():
            return request["id"] in {str(each.id) for each in service.past_their_end()}

    def ask() -> None:
        with monkeypatch.context() as patch, at_work():
            patch.setattr(providers, "payments", lambda name: gateway())
            jobs.refresh_request(request["id"])

    def pass_hours(hours: float) -> None:
        shift = "created_at = created_at - %s * interval '1 hour', processed_at = processed_at - %s * interval '1 hour'"
        platform.sql(f"UPDATE webhook_event SET {shift} WHERE event_id = %s", hours, hours, told)

    assert is_its_turn()
    ask()
    assert not is_its_turn()
    pass_hours(2)
    assert is_its_turn()
    ask()
    pass_hours(1.5)
    assert not is_its_turn(), "it could not be read for two hours: two more pass"
    pass_hours(1)
    assert is_its_turn()
    assert unread(platform, told) == ["items[0].amount: missing"]


@pytest.mark.parametrize("gateway", ["razorpay", "cashfree"])
def test_a_page_that_was_paid_and_never_told_of_is_booked(platform: Platform, gateway: str):
    with policy(platform, "NOT_NEEDED", gateway):
        case = active(platform)
        paid_on, unused = begin(case, amount="5000.00"), begin(case, amount="600.00")
        match = paid_on["id"] if gateway == "razorpay" else ""
        fault(case, "no_webhook", match, provider=gateway, times=1 if match else 2)
        pay(case, paid_on)
        ended = "UPDATE payment_request SET expires_at = now() - interval '1 hour' WHERE loan_id = %s"
        platform.sql(ended, str(case.loan_id))
        with at_work():
            enqueue("payments.end_stale")
            enqueue("payments.end_stale")
        until_request(case, paid_on, "SUCCESS")
        until_request(case, unused, "EXPIRED")
    assert case.outstanding == Decimal("15000.00")
    assert len(received(case)) == 1
    books_hold(case)
