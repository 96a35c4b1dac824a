"""What is decided to be said is said once, through somebody who takes it, at an hour that is allowed."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from app.brands.messages import MessagePolicy
from app.core.clock import INDIA
from app.core.errors import Conflict, Invalid, NotFound
from app.demo.client import CustomerApp
from app.messaging import service as messaging
from app.messaging.delivery import gates, sending
from app.messaging.delivery import service as delivering
from app.messaging.models import UserNotification
from app.messaging.service import To
from app.messaging.templates.texts import fault, sms_parts
from tests.lending import at_work
from tests.platform import BRAND, Platform

LINK = {"amount": "5000", "loan_no": "QUA-L-7", "url": "https://pay.example/7"}


@pytest.fixture(scope="module")
def app(platform: Platform) -> CustomerApp:
    return platform.customer()


@pytest.fixture(scope="module")
def customer_id(app: CustomerApp) -> UUID:
    return UUID(app.get("/web/me")["id"])


@pytest.fixture
def trouble(platform: Platform, app: CustomerApp) -> Any:
    def set_fault(provider: str, kind: str, times: int = 1) -> None:
        body = {"provider": provider, "fault": kind, "match": app.person["phone"], "times": times}
        platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)

    return set_fault


@pytest.fixture(autouse=True)
def any_hour(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "opens" not in request.fixturenames:
        monkeypatch.setattr(gates, "opens_at", lambda _hours, now: now)


def send(customer_id: UUID, key: str, code: str = "payment_link", **more: Any) -> UUID:
    with at_work():
        return messaging.send(customer_id, code, more.pop("channel", "SMS"), more or LINK, key=key)


def settled(platform: Platform, message_id: UUID) -> UserNotification:
    platform.drain()
    with at_work():
        return messaging.outcomes([message_id])[message_id]


def test_a_key_sends_one_message(platform: Platform, app: CustomerApp, customer_id: UUID) -> None:
    first, again = send(customer_id, "one"), send(customer_id, "one")
    assert first == again
    message = settled(platform, first)
    assert (message.status, message.provider, message.cost_paise > 0) == ("SENT", "msg91", True)
    texts = [m["variables"].get("TEXT", "") for m in platform.sandbox.messages(app.person["phone"])]
    assert sum(LINK["url"] in text for text in texts) == 1


def test_many_are_told_at_once_and_who_cannot_be_is_named(platform: Platform, customer_id: UUID) -> None:
    round_ = [To(customer_id, f"many-{n}", LINK) for n in range(3)]
    round_.append(To(customer_id, "lacks", {"amount": "5000"}))
    with at_work():
        answers = messaging.send_all("payment_link", "SMS", round_)
        again = messaging.send_all("payment_link", "SMS", round_)
    assert [answers[f"many-{n}"] for n in range(3)] == [again[f"many-{n}"] for n in range(3)]
    assert answers["lacks"].faults == ["loan_no is missing.", "url is missing."]
    assert {settled(platform, answers[f"many-{n}"]).status for n in range(3)} == {"SENT"}


def test_values_that_do_not_fit_are_named(customer_id: UUID) -> None:
    with pytest.raises(Invalid, match=r"url is missing\. age is unknown; there are amount, loan_no, url\."):
        send(customer_id, "misfit", amount="1", loan_no="L", age="7")
    with pytest.raises(NotFound, match="No such template birthday for SMS"):
        send(customer_id, "none", code="birthday")
    with pytest.raises(NotFound, match="for EMAIL"):
        send(customer_id, "no words", channel="EMAIL", **LINK)
    with pytest.raises(Conflict, match="no address"):
        send(customer_id, "no mail", code="esign_link", channel="EMAIL", loan_no="L", url="u")


@pytest.mark.parametrize("kind", ["unauthorised", "500"])
def test_who_does_not_take_it_is_stood_in_for(platform, customer_id, trouble, kind) -> None:
    trouble("msg91", kind)
    message = settled(platform, send(customer_id, f"stand-in {kind}"))
    assert (message.status, message.provider, message.attempts) == ("SENT", "gupshup", 1)


def test_what_nobody_takes_is_tried_again_and_then_a_dead_letter(
    platform, customer_id, trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "BACKOFF_S", 0)
    trouble("msg91", "500", times=2)
    trouble("gupshup", "500", times=2)
    message = settled(platform, send(customer_id, "late"))
    assert (message.status, message.attempts) == ("SENT", 3)
    trouble("msg91", "500", times=3)
    trouble("gupshup", "500", times=3)
    message = settled(platform, send(customer_id, "dead"))
    assert (message.status, message.attempts, message.provider) == ("FAILED", 3, None)
    assert "gupshup.send_sms" in message.reason


@pytest.mark.parametrize(("kind", "ends"), [("SERVICE", "SENT"), ("DUES", "FAILED")])
def test_what_a_dead_worker_left_is_repeated_only_where_that_does_no_harm(
    platform, customer_id, kind, ends
) -> None:
    message_id = send(customer_id, f"left {kind}")
    with at_work():
        long_ago = datetime(2026, 1, 1, tzinfo=INDIA)
        UserNotification.find(message_id).change(kind=kind, status="SENDING", claimed_at=long_ago)
    message = settled(platform, message_id)
    assert message.status == ends
    assert ends == "SENT" or message.reason == delivering.UNSURE


def test_outside_of_its_hours_a_message_waits(platform, customer_id, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = datetime.now(INDIA) + timedelta(hours=8)
    monkeypatch.setattr(gates, "opens_at", lambda _hours, _now: opens)
    message_id = send(customer_id, "waits")
    message = settled(platform, message_id)
    assert (message.status, message.attempts) == ("PENDING", 0)
    assert abs(message.due_at - opens) < timedelta(minutes=1)


def test_what_goes_wrong_with_one_message_does_not_hold_up_the_others(
    platform, customer_id, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = send(customer_id, "one that breaks"), send(customer_id, "one that does not")
    pack = sending.pack
    broken = {one}

    def breaks(messages: list[UserNotification], people: Any) -> Any:
        if broken & {message.id for message in messages}:
            raise OSError("the store does not answer")
        return pack(messages, people)

    monkeypatch.setattr(sending, "pack", breaks)
    with pytest.raises(OSError, match="store"):
        delivering.deliver(BRAND, [str(one), str(other)])
    with at_work():
        found = messaging.outcomes([one, other])
    assert (found[one].status, found[other].status) == ("PENDING", "SENT")
    broken.clear()
    assert settled(platform, one).status == "SENT"


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ([{"kinds": ["DUES"], "from": "19:00", "until": "08:00"}], "Must be later than from."),
        ([{"kinds": ["REQUIRED"], "from": "08:00", "until": "19:00"}], "Must be one of: DUES"),
        (
            [
                {"kinds": ["DUES"], "from": "08:00", "until": "10:00"},
                {"kinds": ["DUES"], "from": "10:00", "until": "19:00", "channels": ["SMS"]},
            ],
            "DUES on SMS could never leave.",
        ),
    ],
)
def test_hours_leave_time_for_what_they_are_about(hours: list, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        MessagePolicy().load({"hours": hours})
    assert MessagePolicy().load({"hours": []})["hours"] == []


HOURS = [{"opens": time(8), "closes": time(19)}, {"opens": time(10), "closes": time(20)}]


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("05:00", "2026-05-01 10:00"),
        ("10:00", "2026-05-01 10:00"),
        ("18:59", "2026-05-01 18:59"),
        ("19:00", "2026-05-02 10:00"),
        ("23:30", "2026-05-02 10:00"),
    ],
)
def test_hours_are_those_that_all_rules_have_open(at: str, opens: str) -> None:
    now = datetime.fromisoformat(f"2026-05-01 {at}").replace(tzinfo=INDIA)
    assert gates.opens_at(HOURS, now) == datetime.fromisoformat(opens).replace(tzinfo=INDIA)
    assert gates.opens_at([], now) == now


def test_a_text_is_checked_and_counted() -> None:
    assert fault("{code", {"code"}).startswith("The braces do not fit")
    assert fault("{x}", {"code"}) == "{x} cannot be said here; there are code, plain."
    assert fault("Hello", {"code"}, {"code"}) == "{code} must be in it."
    assert [sms_parts("a" * n) for n in (160, 161, 306, 307)] == [1, 2, 2, 3]
    assert [sms_parts("अ" * n) for n in (70, 71)] == [1, 2]
