"""A click rings a customer once; what becomes of the call is heard, found out and kept, with its recording."""

import io
import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.calls import hearing, placing, recordings
from app.calls.models import DialerExtension, UserCall, UserCallEvent, UserCallRecording
from app.calls.states import CALL, DIALLING
from app.contacts import service as contacts
from app.core.clock import INDIA, now, today
from app.core.database import brand_scope
from app.core.identity import Role
from app.customers import service as customers
from app.demo.client import CustomerApp
from app.providers.acefone import AcefoneClient, CallEvent
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.staff.people import somebody

EXTENSION = "0602000000001"
MISSED, WAITING = "9001", "9003"
OUTBOUND = "/acefone/dialer/outbound"
REAL = contacts.refusal


@pytest.fixture(autouse=True, scope="module")
def noon() -> Iterator[None]:
    """Whenever these run, customers may be called, but for what a test says."""
    at_noon = datetime.combine(today(), time(12), INDIA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts, "refusal", lambda how, _at, *known: REAL(how, at_noon, *known))
        yield


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


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform)


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


@pytest.fixture(scope="module")
def answered(platform: Platform, desk: Desk) -> dict[str, Any]:
    return desk.ended(customer(platform))


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


def test_history_and_figures_are_by_customer_and_by_agent(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    call, again = desk.ended(app), desk.ended(app)
    listed = desk.get(f"user/{app.id}/calls")["items"]
    assert [row["id"] for row in listed] == [again["id"], call["id"]]
    none = desk.get(f"user/{app.id}/calls", params={"status": "MISSED"})
    assert none["pagination"]["total"] == 0
    stats = desk.get(f"user/{app.id}/stats", params={"fromDate": today().isoformat()})
    assert (stats["total"], stats["answered"], stats["talkSeconds"], stats["averageTalkSeconds"]) == (
        2,
        2,
        88,
        44,
    )
    assert (stats["answeredPercent"], stats["customers"], stats["goingOn"]) == (100, 1, 0)
    mine = desk.get(f"partner/{desk.id}/calls", params={"pageSize": 2})["items"]
    assert {row["agentName"] for row in mine} == {desk.portal.user["name"]}
    assert desk.get(f"partner/{desk.id}/stats")["total"] >= 2


def test_a_colleagues_calls_are_for_who_leads(platform: Platform, desk: Desk) -> None:
    path = f"/acefone/dialer/partner/{desk.id}"
    platform.staff(Role.COLLECTION_MANAGER).call("GET", f"{path}/stats")
    platform.staff(Role.CREDIT_EXECUTIVE).call("GET", f"{path}/calls", expect=403)


def test_the_files_of_customer_and_loan_show_calls(platform: Platform, desk: Desk, answered: dict) -> None:
    found = platform.staff().get(f"/customers/{answered['userId']}/file/calls")
    assert [row["id"] for row in found["items"]] == [answered["id"]]


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


def clicks(platform: Platform, since: datetime) -> int:
    rows = platform.sql(
        "SELECT count(*) FROM provider_call WHERE operation = 'click_to_call' AND created_at > %s", since
    )
    return rows[0][0]


def test_a_lost_answer_is_found_out_and_not_tried_again(platform: Platform, desk: Desk) -> None:
    app, since = customer(platform), now()
    call = desk.click(app)
    # the provider has done its part, and what it says of it is broken off
    fault(platform, "malformed", operation="click_to_call", match=call["id"])
    fault(platform, "no_webhook", match=call["id"], times=9)
    platform.drain()
    assert desk.call(call)["status"] == "UNKNOWN"
    assert desk.click(app, expect=409)["error"]["code"] == "CALL_GOING_ON"
    find_out(platform, call)
    told = desk.call(call)
    assert (told["status"], [e["source"] for e in told["events"]]) == ("ANSWERED", ["RECORD"])
    assert clicks(platform, since) == 1


def find_out(platform: Platform, call: dict[str, Any], quiet: timedelta = timedelta(0)) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hearing, "QUIET_FOR", quiet)
        hearing.follow_up(BRAND)


def test_a_worker_that_dies_at_the_dial_leaves_it_to_be_found_out(platform: Platform, desk: Desk) -> None:
    app, since = customer(platform), now()
    call = desk.click(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AcefoneClient, "click_to_call", killed)
        with pytest.raises(Killed):
            placing.dial(BRAND, UUID(call["id"]))
    placing.dial(BRAND, UUID(call["id"]))
    assert (desk.call(call)["status"], clicks(platform, since)) == ("DIALLING", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hearing, "GIVEN_UP_AFTER", timedelta(0))
        find_out(platform, call)
    assert desk.call(call)["failureReason"] == "The provider knows of no such call."


class Killed(BaseException):
    """Nothing catches it."""


def killed(*_: Any, **__: Any) -> None:
    raise Killed


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


def test_a_webhook_proves_where_it_comes_from(platform: Platform, desk: Desk) -> None:
    with ringing(platform, desk) as (call, app):
        told = event(call, app)
        webhook(platform, told, expect=401, **{"X-API-Key": "wrong"})
        webhook(platform, told, expect=401, brand_id=OTHER_BRAND)
        webhook(platform, told, expect=404, brand_id="nobody")
        with platform.set(provider_values={"LOS_ACEFONE_CALLERS": "203.0.113.0/24"}):
            webhook(platform, told, expect=403)
        platform.drain()
        assert desk.call(call)["status"] == "RINGING"


def test_the_same_event_counts_once_and_a_late_one_not_at_all(platform: Platform, desk: Desk) -> None:
    with ringing(platform, desk) as (call, app):
        told = event(call, app)
        assert webhook(platform, told) == {"received": True}
        assert webhook(platform, told) == {"received": False}
        platform.drain()
        webhook(platform, told | {"call_status": "", "end_stamp": ""})
        webhook(platform, told | {"call_status": "missed"})
        platform.drain()
        found = desk.call(call)
    assert (found["status"], len(found["events"])) == ("ANSWERED", 3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"call_to_number": "919000000000"}, "OTHER_NUMBER"),
        ({"custom_identifier": str(uuid4())}, "NOT_OURS"),
    ],
)
def test_what_fits_no_call_of_ours_is_kept_aside(
    platform: Platform, desk: Desk, change: dict[str, str], reason: str
) -> None:
    with ringing(platform, desk) as (call, app):
        webhook(platform, event(call, app, **change))
        platform.drain()
        assert desk.call(call)["status"] == "RINGING"
    with brand_scope(BRAND):
        newest = UserCallEvent.select().order_by(UserCallEvent.id.desc()).first()
    assert newest.fault == reason


def test_a_call_has_one_id_of_the_provider(platform: Platform, desk: Desk) -> None:
    with ringing(platform, desk) as (call, app):
        webhook(platform, event(call, app, call_status="", end_stamp=""))
        platform.drain()
        webhook(platform, event(call, app, call_id="another"))
        platform.drain()
        assert (desk.call(call)["status"], desk.call(call)["events"][-1]["fault"]) == (
            "CONNECTED",
            "OTHER_CALL",
        )


def test_a_number_that_is_busy(platform: Platform, desk: Desk) -> None:
    with ringing(platform, desk) as (call, app):
        webhook(platform, event(call, app, call_status="missed", hangup_cause="USER_BUSY"))
        platform.drain()
        assert desk.call(call)["status"] == "BUSY"


def test_what_cannot_be_read_waits_for_a_person(platform: Platform, desk: Desk) -> None:
    with ringing(platform, desk) as (call, app):
        told = event(call, app, call_status="nonsense")
        assert webhook(platform, told) == {"received": True}
        assert webhook(platform, told) == {"received": False}
        assert desk.call(call)["status"] == "RINGING"


def fetch(call: dict[str, Any]) -> UserCallRecording:
    with brand_scope(BRAND):
        found = recordings._of(UUID(call["id"]))
    recordings.fetch(BRAND, found.id)
    with brand_scope(BRAND):
        return recordings._of(UUID(call["id"]))


def test_a_recording_is_fetched_sealed_and_listened_to(
    platform: Platform, desk: Desk, answered: dict
) -> None:
    assert fetch(answered).status == "STORED"
    audio = desk.get(f"call/{answered['id']}/recording")
    with wave.open(io.BytesIO(audio)) as file:
        assert file.getnframes() == 8000
    ((key, url),) = platform.sql(
        "SELECT s3_key, url_enc FROM user_call_recording WHERE user_call_id = %s", answered["id"]
    )
    assert key.endswith(".enc")
    assert "recordings/" not in (url or "")
    seen = "SELECT count(*) FROM audit_event WHERE action = 'call_recording.viewed' AND entity_id = %s"
    assert platform.sql(seen, answered["id"]) == [(1,)]


def test_a_recording_that_is_not_there_yet_is_fetched_later(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    fault(platform, "500", operation="recording", times=3)
    waiting = fetch(call)
    assert (waiting.status, waiting.attempts) == ("WAITING", 1)
    later = "SELECT count(*) FROM outbox WHERE job = 'calls.fetch_recording' AND args->>'recording_id' = %s"
    assert platform.sql(later, str(waiting.id)) == [(2,)]
    assert fetch(call).status == "STORED"


def test_a_recording_whose_address_nobody_told_is_looked_up(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    platform.sql("UPDATE user_call_recording SET url_enc = NULL WHERE user_call_id = %s", call["id"])
    assert fetch(call).status == "STORED"


def test_after_so_many_tries_it_is_missing_until_somebody_asks(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    path = f"/acefone/dialer/call/{call['id']}/recording"
    desk.portal.call("GET", path, expect=404)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "ATTEMPTS_MAX", 1)
        patch.setattr(AcefoneClient, "recording", lambda *_: b"<html>not yet</html>")
        assert (fetch(call).status, fetch(call).reason) == ("MISSING", "What came is no audio.")
    desk.portal.call("POST", f"{path}/fetch", expect=202)
    platform.drain()
    assert desk.call(call)["recording"]["status"] == "STORED"
    desk.portal.call("POST", f"{path}/fetch", expect=409)


def test_extensions_are_given_by_administrators(platform: Platform, desk: Desk) -> None:
    admin = platform.staff()
    person = somebody(platform, Role.LOAN_EXECUTIVE)
    path = f"/dialer/extensions/{person.id}"
    admin.send("PUT", path, json={"extension": "777"})
    assert {"partnerUserId": str(person.id), "name": "Somebody New", "extension": "777"} in admin.get(
        "/dialer/extensions"
    )
    taken = admin.send("PUT", path, json={"extension": EXTENSION}, expect=409)
    assert taken["error"]["fields"]["extension"]
    admin.send("PUT", path, json={"extension": "+91"}, expect=422)
    admin.send("DELETE", path, expect=204)
    admin.send("DELETE", path, expect=404)
    assert EXTENSION in {agent["agentId"] for agent in admin.get("/dialer/agents")}
    desk.portal.get("/dialer/agents", expect=403)


def record(**values: Any) -> CallEvent:
    fields = dict.fromkeys(CallEvent.__dataclass_fields__) | {
        "call_id": "1.1", "ref_id": "", "custom_identifier": "", "customer_number": "9000000001",
        "agent_number": f"Extension-{EXTENSION}", "started_at": now(),
    }  # fmt: skip
    return CallEvent(**fields | values)


@pytest.mark.parametrize(
    ("values", "ours"),
    [
        ({}, True),
        ({"customer_number": "9000000002"}, False),
        ({"agent_number": "Extension-9"}, False),
        ({"started_at": now() - timedelta(minutes=5)}, False),
        ({"started_at": None}, False),
        ({"customer_number": "x", "custom_identifier": "OWN"}, True),
    ],
)
def test_which_record_is_of_a_call_without_an_id(values: dict[str, Any], ours: bool) -> None:
    with brand_scope(BRAND):
        call = UserCall(extension=EXTENSION, status=DIALLING, dialled_at=now())
    told = {name: str(call.id) if value == "OWN" else value for name, value in values.items()}
    assert hearing.is_of(call, "9000000001", record(**told)) is ours


def test_what_became_of_a_call_is_final_but_giving_up_is_not() -> None:
    ends = ("ANSWERED", "MISSED", "BUSY")
    assert not [pair for pair in CALL.steps if pair[0] in ends]
    assert {target for source, target in CALL.steps if source == "FAILED"} == set(ends)
    assert DialerExtension._meta.table_name == "dialer_extension"


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
