"""A field visit from the request to the approval: where it was, what was seen, and the cash that was taken."""

from datetime import timedelta
from typing import Any

import pytest

from app.contacts import service as contacts
from app.core.clock import today
from app.core.identity import Role
from app.loans import service as loans
from tests.hours import set_clock
from tests.lending import Case, active, approved, at_work, noon
from tests.platform import Platform

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
ASKED = {"visitType": "RESIDENCE", "reason": "No answer for a week"}
HERE = {"latitude": "12.971599", "longitude": "77.594566", "distanceKm": "3.50"}
EXECUTIVE, LEAD = Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return active(platform, days_ago=35)


@pytest.fixture(autouse=True)
def by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of contact have tests of their own."""
    monkeypatch.setattr(contacts, "refusal", lambda *_: None)


def step(case: Case, visit: dict[str, Any], name: str, role: Role = EXECUTIVE, **request: Any) -> Any:
    return case.platform.staff(role).post(f"/visits/{visit['id']}/{name}", **request)


def assign(case: Case, visit: dict[str, Any]) -> dict[str, Any]:
    to = {"executiveId": case.platform.staff(EXECUTIVE).user["id"]}
    return step(case, visit, "assign", LEAD, json=to)


def test_from_the_request_to_the_approval(case: Case):
    executive = case.platform.staff(EXECUTIVE)
    visit = executive.post(f"/loans/{case.loan_id}/visits", expect=201, json=ASKED)
    executive.post(f"/loans/{case.loan_id}/visits", expect=409, json=ASKED)
    step(case, visit, "assign", expect=403, json={"executiveId": executive.user["id"]})
    other = {"executiveId": case.platform.staff(Role.LOAN_EXECUTIVE).user["id"]}
    refused = step(case, visit, "assign", LEAD, expect=422, json=other)["error"]
    assert (refused["code"], [*refused["fields"]]) == ("NOT_THEIR_WORK", ["executiveId"])
    assign(case, visit)
    step(case, visit, "start", LEAD, expect=403)
    step(case, visit, "start")
    early = {"outcome": "OTHER", "metWhom": "FAMILY"}
    assert step(case, visit, "end", expect=409, json=early)["error"]["code"] == "NOT_REACHED"
    for wrong in ({"latitude": "91"}, {"longitude": "-180.5"}, {"latitude": "NaN"}):
        answer = step(case, visit, "reach", expect=422, json=HERE | wrong)
        assert {*wrong} == {*answer["error"]["fields"]}
    there = step(case, visit, "reach", json=HERE)
    assert (there["status"], there["latitude"], there["distanceKm"]) == ("REACHED", "12.971599", "3.50")
    step(case, visit, "photos", expect=422, files={"file": ("door.jpg", b"not a picture", "image/jpeg")})
    taken = step(case, visit, "photos", expect=201, files={"file": ("door.jpg", JPEG, "image/jpeg")})
    (photo,) = taken["photoIds"]
    assert executive.get(f"/loans/{case.loan_id}/documents/{photo}/file").startswith(b"\xff\xd8")
    gone = {"outcome": "NOT_FOUND", "metWhom": "NEIGHBOUR"}
    past = {"nextActionDate": f"{today() - timedelta(days=1)}"}
    assert "nextActionDate" in step(case, visit, "end", expect=422, json=gone | past)["error"]["fields"]
    step(case, visit, "end", json=gone | {"remark": "Comes back on Monday"})
    again = assign(case, visit)
    (trip,) = again["earlierTrips"]
    assert (trip["outcome"], trip["latitude"], trip["remark"]) == (
        "NOT_FOUND",
        "12.971599",
        "Comes back on Monday",
    )
    assert (again["latitude"], again["outcome"], again["endedAt"]) == (None, None, None)
    step(case, visit, "start")
    step(case, visit, "reach", json=HERE)
    step(case, visit, "end", json={"outcome": "REFUSED", "metWhom": "BORROWER"})
    step(case, visit, "approve", expect=403)
    assert step(case, visit, "approve", LEAD)["status"] == "APPROVED"
    listed = executive.get(f"/collections/visits?loanId={case.loan_id}&status=APPROVED")
    assert listed["pagination"]["total"] == 1


def test_nobody_is_met_once_the_hours_are_over(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    case = active(platform, days_ago=35)
    visit = platform.staff(EXECUTIVE).post(f"/loans/{case.loan_id}/visits", expect=201, json=ASKED)
    assign(case, visit)
    step(case, visit, "start")
    monkeypatch.undo()
    set_clock(monkeypatch, noon(today()).replace(hour=19), contacts)
    refused = step(case, visit, "reach", expect=409, json=HERE)
    assert refused["error"]["code"] == "CONTACT_OUTSIDE_HOURS"
    late = {"outcome": "OTHER", "metWhom": "NOBODY", "remark": "Turned back"}
    assert step(case, visit, "end", json=late)["status"] == "ENDED"


def test_a_photo_is_a_photo_and_not_too_large_nor_one_of_many(platform: Platform):
    case = active(platform, days_ago=35)
    executive = platform.staff(EXECUTIVE)
    visit = executive.post(f"/loans/{case.loan_id}/visits", expect=201, json=ASKED)
    assign(case, visit)

    def photo(name: str, data: bytes, kind: str, expect: int = 422) -> Any:
        return step(case, visit, "photos", expect=expect, files={"file": (name, data, kind)})

    assert photo("door.jpg", JPEG, "image/jpeg", 409)["error"]["code"] == "NO_PHOTO_NOW", "nobody set out"
    step(case, visit, "start")
    wrong = (
        ("door.jpg", b"%PDF-1.7 and so on", "image/jpeg"),
        ("door.pdf", b"%PDF-1.7 and so on", "application/pdf"),
        ("door.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
        ("door.jpg", b"", "image/jpeg"),
        ("door.jpg", JPEG, "image/png"),
        ("door.jpg", JPEG + bytes(5 * 1024 * 1024), "image/jpeg"),
    )
    for file in wrong:
        assert "file" in photo(*file)["error"]["fields"], file[0]
    step(case, visit, "photos", expect=422, files={"other": ("door.jpg", JPEG, "image/jpeg")})
    for _ in range(5):
        shown = photo("door.jpg", JPEG, "image/jpeg", 201)
    assert len(shown["photoIds"]) == 5
    photo("door.jpg", JPEG, "image/jpeg", 409)


def test_cash_of_a_visit_waits_for_a_checker_and_counts_then(platform: Platform):
    case = active(platform, days_ago=35)
    executive = platform.staff(EXECUTIVE)
    visit = executive.post(f"/loans/{case.loan_id}/visits", expect=201, json=ASKED)
    assign(case, visit)
    step(case, visit, "start")
    step(case, visit, "reach", json=HERE)
    paid = {"outcome": "PAID", "metWhom": "BORROWER"}
    assert "amountCollected" in step(case, visit, "end", expect=422, json=paid)["error"]["fields"]
    paid |= {"amountCollected": "500.00"}
    assert "receiptNo" in step(case, visit, "end", expect=422, json=paid)["error"]["fields"]
    before = performance(case)
    ended = step(case, visit, "end", json=paid | {"receiptNo": f"R-{visit['id'][-12:]}"})
    assert performance(case)["collectedOnVisits"] == before["collectedOnVisits"], "nobody has checked it"
    owed = case.outstanding
    platform.staff(Role.ADMIN).post(
        f"/payment-approval/{ended['manualPaymentId']}/approve", once=True, json={"remark": "Counted"}
    )
    assert owed - case.outstanding == 500
    after = performance(case)
    assert float(after["collectedOnVisits"]) - float(before["collectedOnVisits"]) == 500
    assert after["visits"] - before["visits"] == 1


def performance(case: Case) -> dict[str, Any]:
    period = f"fromDate={today()}&toDate={today()}"
    rows = case.platform.staff(Role.COLLECTION_HEAD).get(f"/collections/performance?{period}")
    mine = case.platform.staff(EXECUTIVE).user["id"]
    return next((row for row in rows if row["partnerUserId"] == mine), {"collectedOnVisits": 0, "visits": 0})


def test_nobody_goes_where_nothing_is_collected(platform: Platform, case: Case):
    executive = platform.staff(EXECUTIVE)
    new = approved(platform)
    answer = executive.post(f"/loans/{new.loan_id}/visits", expect=409, json=ASKED)
    assert answer["error"]["code"] == "NOTHING_TO_COLLECT"
    told = {"channel": "CALL", "code": "BUSY", "remark": "Called"}
    executive.post(f"/loans/{new.loan_id}/dispositions", expect=409, json=told)
    visit = executive.post(f"/loans/{case.loan_id}/visits", expect=201, json=ASKED)
    assign(case, visit)
    with at_work():
        loans.move(case.loan_id, "PAID")
    assert step(case, visit, "start", expect=409)["error"]["code"] == "NOTHING_TO_COLLECT"
    step(case, visit, "cancel", LEAD, json={"remark": "It was paid"})
