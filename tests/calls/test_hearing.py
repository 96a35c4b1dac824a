"""What became of a call is heard by webhook, or found out where nothing was heard."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.calls import hearing, placing
from app.calls.models import DialerExtension, UserCall, UserCallEvent
from app.calls.states import CALL, DIALLING
from app.core.clock import now
from app.core.database import brand_scope
from app.providers.acefone import AcefoneClient, CallEvent
from tests.calls.dialling import EXTENSION, Desk, clicks, customer, event, fault, ringing, webhook
from tests.platform import BRAND, OTHER_BRAND, Platform


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
