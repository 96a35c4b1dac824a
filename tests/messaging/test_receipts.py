"""A message leaves through the provider that the brand chose, and what becomes of it is noted."""

import json

import pytest
import requests

from app.core.database import brand_scope
from app.core.identity import Role
from app.messaging.delivery import receipts
from app.messaging.delivery import service as delivering
from app.messaging.models import UserNotification
from tests.platform import BRAND, Platform
from tests.policies.desk import Desk

PATH = "/partner/brand/{}/messages/{}/receipts"


def notified(platform: Platform, app, channel: str = "SMS") -> dict:
    """The newest message to this customer, once its provider has told of it."""
    customer_id = app.get("/web/me")["id"]

    def look() -> tuple | None:
        rows = platform.sql(
            """SELECT provider, status, delivery, delivery_reason FROM user_notification
               WHERE customer_id = %s AND channel = %s AND delivery IN ('DELIVERED', 'FAILED', 'BOUNCED')
               ORDER BY id DESC LIMIT 1""",
            customer_id,
            channel,
        )
        return rows[0] if rows else None

    return dict(
        zip(("provider", "status", "delivery", "reason"), platform.until(look, "a receipt"), strict=True)
    )


def send(platform: Platform, app, channel: str, brand_id: str = BRAND, **body: object) -> None:
    """A message, as the service would write it down."""
    with brand_scope(brand_id):
        row = UserNotification.create(
            customer_id=app.get("/web/me")["id"],
            event="payment_link",
            channel=channel,
            body={"variables": {"amount": "5000"}, "documents": [], "text": "Rs 5000 is due.", **body},
        )
        delivering.start([row.id])
    platform.drain()


def post(platform: Platform, provider: str, body: bytes, query: str = "", **headers: str) -> int:
    url = platform.api.base_url + PATH.format(BRAND, provider) + query
    return requests.post(url, data=body, headers=headers, timeout=10).status_code


def test_an_sms_is_known_to_have_arrived(platform: Platform):
    assert notified(platform, platform.customer()) == {
        "provider": "msg91",
        "status": "SENT",
        "delivery": "DELIVERED",
        "reason": None,
    }


def test_a_whatsapp_message_goes_through_the_brands_provider(platform: Platform):
    app = platform.customer(consents=("COMM_WHATSAPP",))
    send(platform, app, "WHATSAPP")
    told = notified(platform, app, "WHATSAPP")
    assert (told["provider"], told["delivery"]) == ("aisensy", "DELIVERED")
    message = platform.sandbox.messages(app.person["phone"])[0]
    assert (message["channel"], message["templateId"], message["variables"]) == (
        "whatsapp",
        "payment_link",
        {"1": "5000"},
    )


def test_a_mail_that_bounces_says_why(platform: Platform):
    app = platform.customer()
    app.patch("/web/profile", json={"email": f"bounce-{app.person['pan'].lower()}@example.com"})
    send(platform, app, "EMAIL", subject="Reminder")
    told = notified(platform, app, "EMAIL")
    assert (told["provider"], told["delivery"]) == ("sendgrid", "BOUNCED")
    assert told["reason"] == "5.1.1 550 5.1.1 user unknown"


def test_a_brand_that_chose_others_sends_through_them(platform: Platform):
    desk = Desk(platform)
    portal = desk.portal(Role.ADMIN)
    url = f"{portal.api.base_url}/settings/brand"
    etag = requests.get(url, headers=portal._headers, timeout=10).headers["ETag"]
    chosen = {
        "settings": {"providers": {"sms": "gupshup", "whatsapp": "gupshup_whatsapp"}},
        "remark": "To try",
    }
    edited = requests.patch(url, headers=portal._headers | {"If-Match": etag}, json=chosen, timeout=10)
    assert edited.status_code == 200, edited.text
    app = platform.customer(brand_id=desk.brand, consents=("COMM_WHATSAPP",))
    assert notified(platform, app)["provider"] == "gupshup"
    send(platform, app, "WHATSAPP", desk.brand)
    assert notified(platform, app, "WHATSAPP")["provider"] == "gupshup_whatsapp"


def test_receipts_that_come_late_do_not_take_a_message_back(platform: Platform):
    app = platform.customer()
    notified(platform, app)
    customer_id = app.get("/web/me")["id"]
    request_id = platform.sql(
        "SELECT provider_message_id FROM user_notification WHERE customer_id = %s", customer_id
    )[0][0]
    late = {"requestId": request_id, "number": f"91{app.person['phone']}", "status": "2", "desc": "FAILED"}
    query = f"?token=sandbox-msg91-webhook_secret-{BRAND}"
    assert post(platform, "msg91", json.dumps(late).encode(), query) == 200
    platform.drain()
    assert notified(platform, app)["delivery"] == "DELIVERED"


def test_a_message_that_got_no_id_is_known_by_its_person(platform: Platform):
    app = platform.customer(consents=("COMM_WHATSAPP",))
    send(platform, app, "WHATSAPP")
    customer_id = app.get("/web/me")["id"]
    platform.sql(
        """UPDATE user_notification SET provider_message_id = '', delivery = NULL
           WHERE customer_id = %s AND channel = 'WHATSAPP'""",
        customer_id,
    )
    status = {"messageId": "unknown", "phone_number": f"91{app.person['phone']}", "status": "READ"}
    event = {"topic": "message.status.updated", "data": {"message": status}}
    with brand_scope(BRAND):
        receipts.take("aisensy", json.dumps(event).encode())
        last = UserNotification.select().where(UserNotification.customer_id == customer_id)
        assert {row.channel: row.delivery for row in last}["WHATSAPP"] == "READ"


@pytest.mark.parametrize("provider", ["msg91", "gupshup", "gupshup_whatsapp"])
def test_who_does_not_know_the_url_is_not_believed(platform: Platform, provider: str):
    assert post(platform, provider, b"{}") == 401
    assert post(platform, provider, b"{}", "?token=wrong") == 401


@pytest.mark.parametrize("provider", ["aisensy", "sendgrid"])
def test_who_did_not_sign_is_not_believed(platform: Platform, provider: str):
    headers = {
        "X-AiSensy-Signature": "0" * 64,
        "X-Twilio-Email-Event-Webhook-Signature": "MEUC",
        "X-Twilio-Email-Event-Webhook-Timestamp": "1777631400",
    }
    assert post(platform, provider, b"[]") == 401
    assert post(platform, provider, b"[]", **headers) == 401


def test_a_report_may_come_in_the_query(platform: Platform):
    query = (
        f"?token=sandbox-gupshup-webhook_secret-{BRAND}&externalId=1&status=DELIVERED&phoneNo=919000000001"
    )
    url = platform.api.base_url + PATH.format(BRAND, "gupshup") + query
    assert requests.get(url, timeout=10).json() == {"received": True}
    assert requests.get(url, timeout=10).json() == {"received": False}


def test_bytes_that_are_no_text_are_kept_and_break_nothing(platform: Platform):
    query = f"?token=sandbox-msg91-webhook_secret-{BRAND}"
    assert post(platform, "msg91", b"\xff\x00\xfe", query) == 200


def test_the_portal_shows_who_serves_messages(platform: Platform):
    serves = {each["provider"]: each["serves"] for each in platform.staff().get("/providers")}
    assert (serves["msg91"], serves["aisensy"]) == (["sms"], ["whatsapp"])
