"""Nothing about what is overdue reaches a customer at night, nor one who is not to be contacted, whichever way out."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.collections import promises
from app.contacts import service as contacts
from app.core.clock import now, today
from app.core.identity import Role
from app.core.outbox import enqueue
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging.delivery import gates
from app.messaging.events import EVENTS
from app.messaging.kinds import DUES
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import BRAND, Platform

NOON = noon(today())
NIGHT = NOON.replace(hour=20)
ABOUT_DUES = {
    "due_reminder",
    "promise_due",
    "demand_notice",
    "overdue_link",
    "settlement_offer",
    "settlement_due",
    "settlement_lapsed",
    "settlement_withdrawn",
}
# the only code that makes a phone ring or a message leave, each behind app.contacts
DOORS = {
    r"\.click_to_call\(": {"app/calls/placing.py"},
    r"contacts\.(attempt|begin_all|begin|record)\(": {
        "app/calls/placing.py",
        "app/collections/notes.py",
        "app/collections/field/visits.py",
        "app/messaging/delivery/gates.py",
    },
}


@pytest.fixture(scope="module", params=["at night", "on the list"])
def quiet(request: pytest.FixtureRequest, platform: Platform) -> Iterator[Case]:
    """A customer 15 days past due who is not to be reached now."""
    case = active(platform, days_ago=45)
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
        if request.param == "on the list":
            contacts.list_customer(
                case.customer_id, ["CALL", "VISIT", "SMS", "WHATSAPP"], "ILLNESS", "In hospital"
            )
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, NIGHT if request.param == "at night" else NOON, contacts, gates)
        yield case


def refused(case: Case) -> str:
    with at_work():
        return contacts.find_refusal(case.customer_id, "SMS").rule.value


def texts(case: Case) -> list[str]:
    """What reached their phone, but for the codes of signing in."""
    return [m["text"] for m in case.platform.sandbox.messages(case.app.person["phone"]) if not m["otp"]]


def test_a_click_to_call(quiet: Case):
    portal = quiet.platform.staff(Role.COLLECTION_EXECUTIVE)
    me = portal.user["id"]
    quiet.platform.staff().send("PUT", f"/dialer/extensions/{me}", json={"extension": "0602000000001"})
    body = {"userId": str(quiet.customer_id), "partnerUserId": me, "brandId": BRAND}
    answer = portal.call("POST", "/acefone/dialer/initiate", json=body, expect=409)
    assert answer["error"]["code"] == refused(quiet)


def test_a_field_visit(quiet: Case):
    executive, lead = (
        quiet.platform.staff(role) for role in (Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER)
    )
    asked = {"visitType": "RESIDENCE", "reason": "No answer"}
    visit = executive.post(f"/loans/{quiet.loan_id}/visits", expect=201, json=asked)
    lead.post(f"/visits/{visit['id']}/assign", json={"executiveId": executive.user["id"]})
    answer = executive.post(f"/visits/{visit['id']}/start", expect=409)
    assert answer["error"]["code"] == refused(quiet)


@pytest.mark.parametrize("channel", ["CALL", "VISIT", "SMS", "WHATSAPP"])
def test_what_an_agent_does_by_hand(quiet: Case, channel: str):
    told = {"code": "BUSY", "channel": channel, "remark": "Tried"}
    portal = quiet.platform.staff(Role.COLLECTION_EXECUTIVE)
    answer = portal.post(f"/loans/{quiet.loan_id}/dispositions", expect=409, json=told)
    assert answer["error"]["code"] == refused(quiet)


def test_messages(quiet: Case):
    before, staff = texts(quiet), quiet.platform.staff(Role.COLLECTION_MANAGER)
    reminder, campaign = remind(quiet, staff), campaigning(quiet, staff)
    staff.post(f"/loans/{quiet.loan_id}/payment-link", once=True, expect=201, json={"amount": "100.00"})
    staff.post(f"/loans/{quiet.loan_id}/demand-notice", expect=201, json={})
    told = {"amount": "5000.00", "dueOn": f"{today()}", "mode": "UPI"}
    staff.post(f"/loans/{quiet.loan_id}/promises", expect=201, json=told)
    with at_work():
        promises.remind(today())
        for code in ABOUT_DUES - {"due_reminder", "promise_due"}:
            values = dict.fromkeys(EVENTS[code].variables, "1")
            messaging.notify(quiet.customer_id, code, loan_id=quiet.loan_id, **values)
    for _ in range(2):
        with at_work():
            enqueue("campaigns.feed")
            enqueue("reminders.dispatch")
        quiet.platform.drain()
    assert texts(quiet) == before
    assert staff.get(f"/user-reminders/{reminder}")["status"] != "SENT"
    assert staff.get(f"/campaigns/{campaign}")["progress"]["sent"] == 0
    sent = """SELECT count(*) FROM user_notification
        WHERE customer_id = %s AND kind = 'DUES' AND channel <> 'EMAIL' AND status = 'SENT'"""
    assert quiet.platform.sql(sent, str(quiet.customer_id)) == [(0,)]


def test_what_is_said_of_an_overdue_loan_is_about_dues(quiet: Case):
    staff = quiet.platform.staff(Role.COLLECTION_MANAGER)
    words = {"channel": "SMS", "templateCode": "offer_made", "payload": {}}
    asked = words | {"userId": str(quiet.customer_id), "scheduledAt": (now() + timedelta(days=1)).isoformat()}
    overdue = asked | {"loanId": str(quiet.loan_id)}
    assert staff.post("/user-reminders", expect=422, json=overdue)["error"]["code"] == "NOT_OF_DUES"
    campaign = words | {"name": "Overdue", "stage": "OVERDUE", "filters": {}, "perMinute": 10}
    assert staff.post("/campaigns", expect=422, json=campaign)["error"]["code"] == "NOT_OF_DUES"


def remind(case: Case, staff: Any) -> str:
    asked = {"userId": str(case.customer_id), "loanId": str(case.loan_id), "channel": "SMS"}
    asked |= {
        "templateCode": "due_reminder",
        "scheduledAt": (now() + timedelta(days=1)).isoformat(),
    }
    made = staff.post("/user-reminders", expect=201, json=asked)["id"]
    case.platform.sql("UPDATE user_reminder SET scheduled_at = now() WHERE id = %s", made)
    return made


def campaigning(case: Case, staff: Any) -> str:
    town = f"Town {uuid4().hex[:8]}"
    case.platform.sql("UPDATE customer SET city = %s WHERE id = %s", town, str(case.customer_id))
    asked = {"name": "Overdue", "stage": "OVERDUE", "filters": {"city": town}, "channel": "SMS"}
    made = staff.post(
        "/campaigns", expect=201, json=asked | {"templateCode": "due_reminder", "perMinute": 10}
    )["id"]
    staff.post(f"/campaigns/{made}/start", expect=202)
    return made


def test_what_is_said_of_dues_is_known():
    assert {code for code, event in EVENTS.items() if event.kind == DUES} == ABOUT_DUES


@pytest.mark.parametrize("pattern", DOORS)
def test_there_is_no_other_door(pattern: str):
    found = {str(path) for path in Path("app").rglob("*.py") if re.search(pattern, path.read_text("utf-8"))}
    assert found - {"app/contacts/service.py"} == DOORS[pattern]
