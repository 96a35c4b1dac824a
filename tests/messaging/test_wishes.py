"""Customers say what they want to hear; staff see what was said, what it cost, and what did not arrive."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from app.core import clock
from app.core.identity import Role
from app.demo.client import CustomerApp
from app.messaging import service as messaging
from app.messaging.delivery import service as delivering
from app.messaging.models import UserNotification
from app.messaging.templates import wording
from app.messaging.wishes import unsubscribing
from app.providers import gupshup, msg91, sendgrid
from app.providers.messages import Wish, Written, stops
from tests.lending import at_work
from tests.platform import BRAND, Platform

LINK = {"loan_no": "L-9", "url": "https://sign.example/9"}


@pytest.fixture(scope="module")
def app(platform: Platform) -> CustomerApp:
    app = platform.customer(consents=("COMM_WHATSAPP",))
    app.patch("/web/profile", json={"email": f"{app.person['pan'].lower()}@example.com"})
    return app


@pytest.fixture(scope="module")
def customer_id(app: CustomerApp) -> UUID:
    return UUID(app.get("/web/me")["id"])


@pytest.fixture(autouse=True)
def nothing_is_stopped(app: CustomerApp) -> None:
    wishes(app, preferredChannel=None, doNotDisturb=False, stopped=[])


def wishes(app: CustomerApp, **said: Any) -> dict[str, Any]:
    return app.patch("/web/message-preferences", json=said)


def told(
    platform: Platform, customer_id: UUID, event: str = "esign_link", **variables: str
) -> dict[str, str]:
    """How a message on each channel ended."""
    with at_work():
        messaging.notify(customer_id, event, **(variables or LINK))
        rows = list(messaging.told(customer_id).limit(2))
    ids = [row.id for row in rows if row.event == event and row.status == "PENDING"]
    platform.drain()
    with at_work():
        return {row.channel: row.reason or row.status for row in messaging.outcomes(ids).values()}


def test_what_can_be_stopped_is_and_what_the_law_requires_is_not(
    platform: Platform, app: CustomerApp, customer_id: UUID
) -> None:
    assert told(platform, customer_id) == {"SMS": "SENT", "EMAIL": "SENT"}
    wishes(app, stopped=[{"channel": "SMS", "kind": "SERVICE"}])
    assert told(platform, customer_id) == {"SMS": "STOPPED", "EMAIL": "SENT"}
    wishes(app, preferredChannel="EMAIL")
    assert told(platform, customer_id) == {"EMAIL": "SENT"}
    wishes(app, doNotDisturb=True)
    assert told(platform, customer_id) == {"EMAIL": "DO_NOT_DISTURB"}
    assert told(platform, customer_id, "esign_done", loan_no="L-9") == {"SMS": "SENT", "EMAIL": "SENT"}
    refused = {"stopped": [{"channel": "SMS", "kind": "DUES"}]}
    assert "stopped" in app.patch("/web/message-preferences", expect=422, json=refused)["error"]["fields"]


def test_one_click_in_a_mail_stops_such_mails(
    platform: Platform, app: CustomerApp, customer_id: UUID
) -> None:
    told(platform, customer_id)
    mail = next(m for m in platform.sandbox.messages(app.get("/web/me")["email"] and email(app)))
    url = re.search(r"To stop such mails: (\S+)", mail["text"])[1]
    page = requests.get(url, timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert app.get("/web/message-preferences")["stopped"] == [], "looking stops nothing"
    assert requests.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=10).status_code == 200
    assert app.get("/web/message-preferences")["stopped"] == [{"channel": "EMAIL", "kind": "SERVICE"}]
    assert told(platform, customer_id) == {"SMS": "SENT", "EMAIL": "STOPPED"}
    # well inside: the last characters of base64 hold bits that mean nothing, or were these by chance
    other = url[:-10] + ("A" if url[-10] != "A" else "B") + url[-9:]
    assert requests.post(other, timeout=10).status_code == 404
    assert requests.post(url.replace(BRAND, "paisapop"), timeout=10).status_code == 404


def email(app: CustomerApp) -> str:
    return f"{app.person['pan'].lower()}@example.com"


def test_the_headers_of_one_click_are_those_of_the_standard() -> None:
    assert unsubscribing.headers_of("https://x.example/u") == {
        "List-Unsubscribe": "<https://x.example/u>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_stop_in_an_answer_is_heard(platform: Platform, app: CustomerApp, customer_id: UUID) -> None:
    words = wording.Words("esign_link", "SERVICE", "WHATSAPP", "en", "Sign {loan_no}", None, ("loan_no",))
    with at_work():
        body = words.fill(None, LINK) | {"documents": []}
        message = UserNotification.create(
            customer_id=customer_id, event=words.code, channel=words.channel, body=body
        )
        delivering.start([message.id])
    platform.drain()
    with at_work():
        sent_as = messaging.outcomes([message.id])[message.id].provider_message_id

    def write(text: str) -> None:
        act = {"provider": "aisensy", "action": "write", "id": sent_as, "text": text}
        platform.sandbox.call("POST", "/__sandbox__/act", expect=202, json=act)

    def stopped() -> set[str]:
        return {each["channel"] for each in app.get("/web/message-preferences")["stopped"]}

    write(" stop. ")
    platform.until(lambda: stopped() == {"WHATSAPP"}, "the end of messages on WhatsApp")
    write("Start")
    platform.until(lambda: not stopped(), "messages on WhatsApp again")


def test_other_providers_say_it_in_their_own_way() -> None:
    events = [{"event": "spamreport", "email": "a@b.in"}, {"event": "open", "email": "c@d.in"}]
    assert sendgrid.read_wishes(json.dumps(events).encode()) == [Wish("EMAIL", "a@b.in")]
    written = {"type": "message", "payload": {"source": "919812345678", "payload": {"text": "STOP"}}}
    said = Written("WHATSAPP", "9812345678", "STOP")
    assert gupshup.read_whatsapp_written(json.dumps(written).encode()) == [said]
    value = {"messages": [{"from": "919812345678", "type": "text", "text": {"body": "STOP"}}]}
    meta = {"entry": [{"changes": [{"value": value}]}]}
    assert gupshup.read_whatsapp_written(json.dumps(meta).encode()) == [said]
    by_sms = Written("SMS", "9812345678", "QUALO Stop")
    assert gupshup.read_sms_written(b"msisdn=919812345678&content=QUALO+Stop&keyword=QUALO") == [by_sms]
    assert msg91.read_written(b'{"mobile": 919812345678, "message": "QUALO Stop"}') == [by_sms]
    assert msg91.read_written(b"number=919812345678&message=QUALO%20Stop") == [by_sms]


@pytest.mark.parametrize(
    ("channel", "text", "wish"),
    [
        ("SMS", "stop", True),
        ("SMS", "QUALO UNSUBSCRIBE", True),
        ("SMS", "qualo start.", False),
        ("SMS", "please do not stop", None),
        ("WHATSAPP", " Stop! ", True),
        ("WHATSAPP", "dont stop", None),
    ],
)
def test_which_words_are_a_wish(channel: str, text: str, wish: bool | None) -> None:
    assert stops(Written(channel, "9812345678", text)) is wish


def sms(platform: Platform, phone: str, text: str, expect: int = 200, token: str | None = None) -> Any:
    """An SMS to the brand's number, as Gupshup passes it on."""
    url = f"{platform.api.base_url}/partner/brand/{BRAND}/messages/gupshup/incoming"
    query = {"token": token or f"sandbox-gupshup-webhook_secret-{BRAND}"}
    told = {"msisdn": f"91{phone}", "keyword": "QUALO", "content": f"QUALO {text}", "timestamp": str(uuid4())}
    answer = requests.get(url, params=query | told, timeout=10)
    assert answer.status_code == expect, answer.text
    platform.drain()
    return answer.json()


def test_stop_by_sms_ends_offers_and_nothing_else(
    platform: Platform, app: CustomerApp, customer_id: UUID
) -> None:
    phone = app.person["phone"]
    sms(platform, phone, "STOP", expect=401, token="wrong")
    assert app.get("/web/message-preferences")["stopped"] == []
    sms(platform, phone, "STOP")
    assert app.get("/web/message-preferences")["stopped"] == [{"channel": "SMS", "kind": "PROMOTION"}]
    assert told(platform, customer_id)["SMS"] == "SENT"
    desk = platform.staff()
    kept = desk.get(f"/messages/incoming?customerId={customer_id}&channel=SMS")["items"]
    assert [(m["wish"], m["sender"]) for m in kept] == [("STOP", "X" * 6 + phone[-4:])]
    audited = desk.call("GET", "/partner/brand/qualoan/audit?action=customer.message_wishes")["items"][0]
    assert audited["after"]["source"] == "gupshup"
    sms(platform, phone, "START")
    assert app.get("/web/message-preferences")["stopped"] == []


def test_what_strangers_write_is_kept_aside(platform: Platform) -> None:
    number = f"70000{uuid4().int % 10**5:05d}"
    sms(platform, number, "STOP")
    newest = platform.staff().get("/messages/incoming?known=false")["items"][0]
    assert (newest["sender"][-4:], newest["customerId"], newest["wish"]) == (number[-4:], None, "STOP")


def test_a_dead_letter_is_sent_again_by_hand(platform: Platform, customer_id: UUID) -> None:
    with at_work():
        key = f"dead {uuid4()}"
        message_id = messaging.send(customer_id, "esign_link", "SMS", LINK, key=key)
        delivering.end({UserNotification.find(message_id): "Nobody took it"}, "FAILED")
    admin = platform.staff()
    path = f"/messages/dead-letters?customerId={customer_id}"
    assert [(m["id"], m["reason"]) for m in admin.get(path)["items"]] == [(str(message_id), "Nobody took it")]
    both = {"messageIds": [str(message_id), str(uuid4())], "remark": "The provider is back"}
    answer = admin.post("/messages/dead-letters/send-again", expect=202, json=both)
    assert (answer["sentAgain"], answer["refused"][0]["reason"]) == (1, "No such user notification.")
    platform.drain()
    message = admin.get(f"/messages/{message_id}")
    assert (message["status"], message["provider"]) == ("SENT", "msg91")
    assert "L-9" in message["text"]
    assert LINK["url"] not in message["text"], "who has the link can sign"
    remark = {"remark": "Once more"}
    again = admin.post(f"/messages/{message_id}/send-again", expect=409, json=remark)
    assert again["error"]["code"] == "NOT_DEAD"
    with at_work():
        UserNotification.find(message_id).change(delivery="BOUNCED")
    assert admin.get(path)["items"][0]["delivery"] == "BOUNCED"
    admin.post(f"/messages/{message_id}/send-again", expect=202, json=remark)
    platform.drain()
    paid = admin.get(f"/messages/{message_id}")["costPaise"]
    assert float(paid) == 2 * float(message["costPaise"]) > 0


def test_messages_have_a_cost_and_the_costs_a_sum(platform: Platform, customer_id: UUID) -> None:
    told(platform, customer_id)
    admin = platform.staff()
    sent = admin.get(f"/messages?customerId={customer_id}&status=SENT")["items"]
    assert {m["costPaise"] > "0.00" for m in sent} == {True}
    today = clock.today().isoformat()
    costs = admin.get(f"/messages/costs?fromDate={today}&toDate={today}", expect=200)
    sums = {(line["provider"], line["channel"]): float(line["costPaise"]) for line in costs["lines"]}
    assert sums[("msg91", "SMS")] > 0
    assert float(costs["total"]["costPaise"]) == pytest.approx(sum(sums.values()))
    assert admin.get("/messages/costs?fromDate=2026-01-02&toDate=2026-01-01", expect=422)["error"][
        "fields"
    ] == {"toDate": ["Ask for 1 to 366 days."]}


def test_staff_write_down_what_they_are_told(platform: Platform, app: CustomerApp, customer_id: UUID) -> None:
    path = f"/customers/{customer_id}/message-preferences"
    staff = platform.staff(Role.COLLECTION_EXECUTIVE)
    staff.send("PATCH", path, json={"doNotDisturb": True})
    assert app.get("/web/message-preferences")["doNotDisturb"] is True
    events = platform.staff().call("GET", "/partner/brand/qualoan/audit?action=customer.message_wishes")[
        "items"
    ]
    assert events[0]["after"]["source"] == "staff"
