"""What did not arrive goes out once more: on the other channel that the policy names, or by hand."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.brands.messages import MessagePolicy
from app.core import clock
from app.core.identity import Role
from app.demo.client import CustomerApp
from app.messaging import service as messaging
from app.messaging.delivery import gates, receipts, second_channel
from app.messaging.delivery import service as delivering
from app.messaging.models import PartnerNotification, UserNotification
from app.messaging.staff import mails as to_staff
from tests.lending import at_work
from tests.platform import Platform
from tests.staff.people import somebody

LINK = {"amount": "5000", "loan_no": "QUA-L-7", "url": "https://pay.example/7"}


@pytest.fixture(scope="module")
def app(platform: Platform) -> CustomerApp:
    return platform.customer(consents=("COMM_WHATSAPP",))


@pytest.fixture(scope="module")
def customer_id(app: CustomerApp) -> UUID:
    return UUID(app.get("/web/me")["id"])


@pytest.fixture(autouse=True)
def any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "opens_at", lambda _hours, now: now)


def notified(platform: Platform, customer_id: UUID) -> UserNotification:
    """An SMS with a link, sent."""
    with at_work():
        messaging.notify(customer_id, "payment_link", **LINK)
        message = messaging.told(customer_id).first()
    platform.drain()
    return message


def stand_ins(message: UserNotification) -> list[UserNotification]:
    with at_work():
        return list(UserNotification.select().where(UserNotification.stands_in_for == message.id))


def failed(message: UserNotification) -> None:
    """What MSG91 reports of it."""
    with at_work():
        sent = UserNotification.find(message.id)
        sent.change(delivery=None)
        told = {"requestId": sent.provider_message_id, "number": "919000000000", "status": "2"}
        receipts.take("msg91", json.dumps(told).encode())


def test_what_a_receipt_says_failed_goes_out_on_the_second_channel_once(
    platform: Platform, app: CustomerApp, customer_id: UUID
) -> None:
    message = notified(platform, customer_id)
    failed(message)
    failed(message)
    platform.drain()
    (other,) = stand_ins(message)
    assert (other.channel, other.event, other.status) == ("WHATSAPP", "payment_link", "SENT")
    said = platform.sandbox.messages(app.person["phone"])[0]
    assert (said["channel"], LINK["url"] in said["variables"].values()) == ("whatsapp", True)
    with at_work():
        delivering.end({UserNotification.find(other.id): "Nobody took it"}, "FAILED")
    assert stand_ins(other) == [], "what stands in is not stood in for"


def test_what_may_have_arrived_or_was_not_agreed_to_is_not_said_again(
    platform: Platform, customer_id: UUID
) -> None:
    message = notified(platform, customer_id)
    with at_work():
        delivering.end({UserNotification.find(message.id): delivering.UNSURE}, "FAILED")
    stranger = platform.customer(consents=())
    other = notified(platform, UUID(stranger.get("/web/me")["id"]))
    failed(other)
    assert stand_ins(message) == stand_ins(other) == []


def test_a_dead_letter_has_a_stand_in_too(platform: Platform, customer_id: UUID) -> None:
    message = notified(platform, customer_id)
    with at_work():
        dead = UserNotification.find(message.id)
        delivering.end({dead: "refused"}, "FAILED")
        assert second_channel.for_failed([dead.id]) == []
    assert [m.channel for m in stand_ins(message)] == ["WHATSAPP"]


def policy(rule: dict[str, Any]) -> dict[str, Any]:
    return MessagePolicy().load({"policy": {"esign_link": [{"to": "CUSTOMER", **rule}]}})["policy"]


def test_what_is_said_is_in_the_customers_language(platform: Platform) -> None:
    app = platform.customer(consents=())
    app.patch("/web/profile", json={"preferredLanguage": "hi"})
    message = notified(platform, UUID(app.get("/web/me")["id"]))
    said = platform.sandbox.messages(app.person["phone"])[0]
    assert (message.language, said["templateId"]) == ("hi", "payment_link_hi")
    assert "भुगतान" in said["variables"]["TEXT"]


def test_a_brand_names_its_second_channels() -> None:
    said = {"channels": ["WHATSAPP"], "instead": {"WHATSAPP": "SMS"}}
    assert policy(said)["esign_link"][0]["instead"] == {"WHATSAPP": "SMS"}
    with pytest.raises(Exception, match="SMS cannot stand in for WHATSAPP here"):
        policy({"channels": ["WHATSAPP", "SMS"], "instead": {"WHATSAPP": "SMS"}})


@pytest.fixture
def mail(platform: Platform) -> PartnerNotification:
    """A mail to somebody new that the provider refuses."""
    person = somebody(platform, Role.COLLECTION_EXECUTIVE)
    body = {"provider": "sendgrid", "fault": "unauthorised", "match": person.email, "times": 1}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)
    with pytest.MonkeyPatch.context() as patch, at_work():
        patch.setattr(to_staff, "BACKOFF_S", 0)
        to_staff.mail(person.id, "work_given", f"Work {uuid4()}", "Look at it")
        row = PartnerNotification.select().order_by(PartnerNotification.id.desc()).first()
        row.change(attempts=2)
    platform.drain()
    return row


def test_a_mail_to_staff_that_does_not_leave_is_a_dead_letter(
    platform: Platform, mail: PartnerNotification
) -> None:
    admin = platform.staff()
    path, remark = f"/messages/staff/{mail.id}/send-again", {"remark": "The provider is back"}
    dead = {m["id"]: m for m in admin.get("/messages/staff?dead=true")["items"]}[str(mail.id)]
    assert (dead["status"], dead["attempts"], "sendgrid" in dead["reason"]) == ("FAILED", 3, True)
    admin.post(path, expect=202, json=remark)
    platform.drain()
    sent = {m["id"]: m for m in admin.get("/messages/staff?dead=false")["items"]}[str(mail.id)]
    assert (sent["status"], sent["reason"]) == ("SENT", None)
    assert admin.post(path, expect=409, json=remark)["error"]["code"] == "NOT_DEAD"
    with at_work():
        PartnerNotification.find(mail.id).change(delivery="BOUNCED")
    assert admin.post(path, expect=409, json=remark)["error"]["code"] == "ERASED"
    with at_work():
        made = clock.now() - timedelta(hours=1)
        PartnerNotification.find(mail.id).change(
            event="password_reset", status="FAILED", delivery=None, created_at=made
        )
    assert admin.post(path, expect=409, json=remark)["error"]["code"] == "TOO_LATE"
    platform.staff(Role.CREDIT_EXECUTIVE).get("/messages/staff", expect=403)
