"""A click rings a customer once, when they may be called."""

import json
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.calls import placing
from app.contacts import service as contacts
from app.core.clock import INDIA, now, today
from app.core.identity import Role
from tests.calls.dialling import MISSED, REAL, WAITING, Desk, change_phone, clicks, customer
from tests.platform import BRAND, OTHER_BRAND, Platform


def test_a_click_rings_and_the_webhooks_tell_what_became_of_it(desk: Desk, answered: dict[str, Any]) -> None:
    assert (answered["status"], answered["durationSeconds"], answered["talkSeconds"]) == ("ANSWERED", 52, 44)
    assert {(e["kind"], e["source"], e["fault"]) for e in answered["events"]} == {
        ("CONNECTED", "WEBHOOK", None),
        ("ENDED", "WEBHOOK", None),
    }
    assert answered["recording"]["status"] == "WAITING"
    assert "91" not in json.dumps(answered["events"][0]["told"].get("customer_number", ""))


def test_who_is_not_reached_is_missed(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform, MISSED))
    assert (call["status"], call["recording"], call["talkSeconds"]) == ("MISSED", None, None)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"partnerUserId": str(uuid4())}, 403, "FORBIDDEN"),
        ({"brandId": OTHER_BRAND}, 422, "INVALID"),
        ({"userId": str(uuid4())}, 404, "NOT_FOUND"),
        ({"loanId": str(uuid4())}, 404, "NOT_FOUND"),
        ({"userId": "x"}, 422, "INVALID"),
    ],
)
def test_a_click_that_cannot_be(
    desk: Desk, answered: dict, change: dict[str, str], status: int, code: str
) -> None:
    body = {"userId": answered["userId"], "partnerUserId": desk.id, "brandId": BRAND} | change
    refused = desk.portal.call("POST", "/acefone/dialer/initiate", json=body, expect=status)
    assert refused["error"]["code"] == code


def test_without_a_phone_nobody_calls(platform: Platform, answered: dict) -> None:
    portal = platform.staff(Role.CREDIT_EXECUTIVE)
    body = {"userId": answered["userId"], "partnerUserId": portal.user["id"], "brandId": BRAND}
    refused = portal.call("POST", "/acefone/dialer/initiate", json=body, expect=409)
    assert refused["error"]["code"] == "NO_EXTENSION"
    assert portal.call("GET", "/acefone/dialer/config") == {"isEnabled": True, "extension": None}


def test_outside_the_hours_the_rule_is_named(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    night = datetime.combine(today(), time(21), INDIA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts, "refusal", lambda how, _at, *known: REAL(how, night, *known))
        refused = desk.click(app, expect=409)
    assert refused["error"]["code"] == "CONTACT_OUTSIDE_HOURS"
    assert desk.get(f"user/{app.id}/calls")["items"] == []


def test_a_rule_that_came_into_force_after_the_click_holds_at_the_dial(
    platform: Platform, desk: Desk
) -> None:
    app = customer(platform)
    call = desk.click(app)
    night = datetime.combine(today(), time(21), INDIA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts, "refusal", lambda how, _at, *known: REAL(how, night, *known))
        platform.drain()
    assert desk.call(call)["status"] == "FAILED"
    assert desk.call(call)["dialledAt"] is None


def test_a_phone_rings_once_at_a_time(platform: Platform, desk: Desk) -> None:
    app = customer(platform, WAITING)
    call = desk.click(app)
    platform.drain()
    assert desk.call(call)["status"] == "RINGING"
    assert desk.click(app, expect=409)["error"]["code"] == "CALL_GOING_ON"


def test_a_refused_click_has_failed_in_the_providers_words(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    change_phone(app, "123")
    call = desk.click(app)
    platform.drain()
    told = desk.call(call)
    assert (told["status"], told["failureReason"]) == ("FAILED", "Unable to process this request")
    desk.click(app)


def test_a_click_that_waited_too_long_rings_nobody(platform: Platform, desk: Desk) -> None:
    app, since = customer(platform), now()
    call = desk.click(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "CLICK_GOOD", timedelta(0))
        platform.drain()
    assert (desk.call(call)["status"], clicks(platform, since)) == ("FAILED", 0)
