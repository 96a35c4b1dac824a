"""What tests of calls do: ring a customer, and tell what the provider says of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.calls import recordings
from app.calls.models import UserCall, UserCallRecording
from app.contacts import service as contacts
from app.core.clock import now
from app.core.database import brand_scope
from app.core.identity import Role
from app.customers import service as customers
from app.demo.client import CustomerApp
from tests.platform import BRAND, Platform

EXTENSION = "0602000000001"
MISSED, WAITING = "9001", "9003"
OUTBOUND = "/acefone/dialer/outbound"
REAL = contacts.refusal


class Desk:
    """A collection executive with a phone, who calls customers."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.portal = platform.staff(Role.COLLECTION_EXECUTIVE)
        self.id = self.portal.user["id"]
        path = f"/dialer/extensions/{self.id}"
        platform.staff().send("PUT", path, json={"extension": EXTENSION})

    def body(self, app: CustomerApp, **more: Any) -> dict[str, Any]:
        return {"userId": app.id, "partnerUserId": self.id, "brandId": BRAND, **more}

    def click(self, app: CustomerApp, expect: int = 202, **more: Any) -> dict[str, Any]:
        body = self.body(app, **more)
        return self.portal.call("POST", "/acefone/dialer/initiate", json=body, expect=expect)

    def get(self, path: str, **request: Any) -> Any:
        return self.portal.call("GET", f"/acefone/dialer/{path}", **request)

    def call(self, call: dict[str, Any]) -> dict[str, Any]:
        return self.get(f"call/{call['id']}")

    def ended(self, app: CustomerApp, **more: Any) -> dict[str, Any]:
        """A call that went through, as the provider's webhooks tell it."""
        call = self.click(app, **more)
        ends = ("ANSWERED", "MISSED")
        self.platform.until(lambda: self.call(call)["status"] in ends, "the end of a call")
        return self.call(call)


def customer(platform: Platform, ending: str = "") -> CustomerApp:
    """Somebody new; a phone that ends so is for the simulated provider to tell how to ring."""
    app = platform.customer()
    app.id = app.get("/web/me")["id"]
    if ending:
        change_phone(app, app.person["phone"][: -len(ending)] + ending)
    return app


def change_phone(app: CustomerApp, phone: str) -> None:
    with brand_scope(BRAND):
        customers.get(app.id).change(phone=phone, phone_hash=uuid4().hex)


def fault(platform: Platform, name: str, **more: Any) -> None:
    body = {"provider": "acefone", "fault": name, "times": 1, **more}
    platform.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)


def event(call: dict[str, Any], app: CustomerApp, **more: Any) -> dict[str, str]:
    """What the template makes of the end of a call."""
    return {
        "call_id": f"own.{call['id']}",
        "custom_identifier": call["id"],
        "direction": "clicktocall",
        "call_to_number": f"91{app.person['phone']}",
        "call_status": "answered",
        "start_stamp": "2026-07-12 17:34:58",
        "end_stamp": "2026-07-12 17:35:49",
        "duration": "52",
        "billsec": "44",
        "hangup_cause": "NormalClearing",
        "recording_url": "",
    } | more


def webhook(platform: Platform, told: Any, expect: int = 200, brand_id: str = BRAND, **headers: str) -> Any:
    secret = platform.settings.provider("acefone", BRAND).credentials["webhook_secret"]
    sent = {"X-Brand-Id": brand_id, "X-API-Key": secret, **headers}
    return platform.api.call("POST", OUTBOUND, headers=sent, json=told, expect=expect)


@contextmanager
def ringing(platform: Platform, desk: Desk) -> Iterator[tuple[dict[str, Any], CustomerApp]]:
    """A call that rings at a customer whose webhooks a test writes itself."""
    app = customer(platform)
    with brand_scope(BRAND):
        call = UserCall.create(
            customer_id=UUID(app.id),
            partner_user_id=UUID(desk.id),
            extension=EXTENSION,
            status="RINGING",
            dialled_at=now(),
        )
    yield {"id": str(call.id)}, app


def fetch(call: dict[str, Any]) -> UserCallRecording:
    with brand_scope(BRAND):
        found = recordings._of(UUID(call["id"]))
    recordings.fetch(BRAND, found.id)
    with brand_scope(BRAND):
        return recordings._of(UUID(call["id"]))


def clicks(platform: Platform, since: datetime) -> int:
    rows = platform.sql(
        "SELECT count(*) FROM provider_call WHERE operation = 'click_to_call' AND created_at > %s", since
    )
    return rows[0][0]
