"""A customer calls the brand: somebody takes it, or hears that it was missed."""

from typing import Any
from uuid import uuid4

from app.demo.client import CustomerApp
from tests.calls.dialling import EXTENSION, Desk, customer, fetch, webhook
from tests.platform import BRAND, Platform


def call_in(platform: Platform, app: CustomerApp, **more: Any) -> None:
    """A customer calls the brand, as the provider's webhooks tell it."""
    act = {"provider": "acefone", "action": "call_in", "id": app.person["phone"], "brandId": BRAND}
    platform.sandbox.call("POST", "/__sandbox__/act", expect=202, json=act | more)


def calls_in(platform: Platform, desk: Desk, app: CustomerApp) -> list[dict[str, Any]]:
    platform.drain()
    return desk.get(f"user/{app.id}/calls", params={"direction": "INBOUND"})["items"]


def test_a_customer_calls_and_somebody_takes_it(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    call_in(platform, app, agent=EXTENSION)
    platform.until(lambda: calls_in(platform, desk, app), "the call")
    platform.until(lambda: calls_in(platform, desk, app)[0]["status"] == "ANSWERED", "its end")
    (call,) = calls_in(platform, desk, app)
    assert (call["partnerUserId"], call["talkSeconds"]) == (desk.id, 44)
    assert fetch(call).status == "STORED"
    stats = desk.get(f"user/{app.id}/stats")
    assert (stats["inbound"], stats["outbound"], stats["answered"]) == (1, 0, 1)
    assert desk.get(f"partner/{desk.id}/stats")["inbound"] >= 1
    assert contacts_of(platform, app) == 0, "the customer's own call is no attempt of ours"


def contacts_of(platform: Platform, app: CustomerApp) -> int:
    return platform.sql("SELECT count(*) FROM contact_attempt WHERE customer_id = %s", app.id)[0][0]


def test_who_has_the_customer_hears_of_a_call_that_was_missed(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    given = "UPDATE loan_allotted_partner_user SET partner_user_id = %s WHERE customer_id = %s"
    platform.sql(given, desk.id, app.id)
    call_in(platform, app, missed=True)
    platform.until(lambda: calls_in(platform, desk, app), "the call")
    platform.until(lambda: calls_in(platform, desk, app)[0]["status"] == "MISSED", "its end")
    assert calls_in(platform, desk, app)[0]["partnerUserId"] == desk.id
    platform.drain()
    told = desk.portal.get("/notifications")["items"][0]
    assert (told["event"], told["title"]) == ("call_missed", "A customer called and was not reached")
    desk.click(app)


def test_a_caller_whom_nobody_knows_is_listed_by_the_end_of_the_number(
    platform: Platform, desk: Desk
) -> None:
    number = f"70000{uuid4().int % 10**5:05d}"
    told = inbound(number)
    webhook(platform, told)
    webhook(platform, inbound(number, call_id="elsewhere", did_number="+919999999999"))
    platform.drain()
    newest = desk.portal.get("/dialer/unknown-calls")["items"][0]
    assert (newest["providerCallId"], newest["status"]) == (told["call_id"], "MISSED")
    assert newest["caller"] == "X" * 6 + number[-4:]


def inbound(number: str, **more: str) -> dict[str, str]:
    return {
        "call_id": f"in.{uuid4()}",
        "direction": "inbound",
        "caller_id_number": f"+91{number}",
        "call_to_number": "918000000001",
        "did_number": "+918000000001",
        "call_status": "missed",
        "start_stamp": "2026-07-12 17:34:58",
        "end_stamp": "2026-07-12 17:35:49",
        "duration": "8",
        "hangup_cause": "NormalClearing",
    } | more
