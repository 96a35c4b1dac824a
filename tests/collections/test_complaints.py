"""A complaint: raised by the customer or written down, given to somebody, escalated in time, and answered."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import today
from app.core.identity import Role
from app.core.outbox import enqueue
from tests.lending import Case, active, at_work
from tests.platform import Platform

EXECUTIVE, MANAGER, HEAD = Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD
TOLD = {"category": "TOO_OFTEN", "text": "Six calls a day"}


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return active(platform, days_ago=35)


def step(case: Case, complaint: dict[str, Any], name: str, role: Role, **request: Any) -> Any:
    return case.platform.staff(role).post(f"/complaints/{complaint['id']}/{name}", **request)


def test_a_customer_complains_and_is_answered(case: Case):
    case.app.post(f"/web/loans/{case.loan_id}/complaints", expect=422, json=TOLD | {"category": "LOVE"})
    made = case.app.post(f"/web/loans/{case.loan_id}/complaints", expect=201, json=TOLD)
    assert (made["status"], made["answerDueOn"]) == ("OPEN", f"{today() + timedelta(days=30)}")
    head = case.platform.staff(HEAD)
    (listed,) = head.get(f"/collections/complaints?loanId={case.loan_id}&status=OPEN")["items"]
    assert (listed["takenBy"], listed["daysOpen"], listed["inTime"]) == (str(case.customer_id), 0, True)
    case.platform.staff(EXECUTIVE).post(
        f"/complaints/{made['id']}/resolve", expect=403, json={"answer": "No"}
    )
    executive = {"executiveId": case.platform.staff(EXECUTIVE).user["id"]}
    refused = step(case, made, "assign", HEAD, expect=422, json=executive)["error"]
    assert refused["code"] == "NOT_THEIR_WORK"
    manager = case.platform.staff(MANAGER)
    given = step(case, made, "assign", HEAD, json={"executiveId": manager.user["id"]})
    assert given["executiveId"] == manager.user["id"]
    step(case, made, "resolve", MANAGER, json={"answer": "We call you once a week {at most}."})
    step(case, made, "assign", HEAD, expect=409, json={"executiveId": manager.user["id"]})
    (own,) = case.app.get(f"/web/loans/{case.loan_id}/complaints")
    assert (own["status"], own["answer"]) == ("RESOLVED", "We call you once a week {at most}.")
    assert "takenBy" not in own
    case.platform.drain()
    mails = case.platform.sandbox.messages(f"{case.customer_id}@mail.example")
    (answer,) = [mail for mail in mails if "The answer to your complaint" in mail["subject"]]
    assert "once a week {at most}." in answer["text"]


def test_not_by_the_one_whom_it_is_about(case: Case):
    manager = case.platform.staff(MANAGER)
    about = TOLD | {"aboutUserId": manager.user["id"]}
    made = case.platform.staff(EXECUTIVE).post(f"/loans/{case.loan_id}/complaints", expect=201, json=about)
    step(case, made, "resolve", MANAGER, expect=403, json={"answer": "No"})
    refused = step(case, made, "assign", HEAD, expect=422, json={"executiveId": manager.user["id"]})
    assert refused["error"]["code"] == "ABOUT_THEM"
    step(case, made, "resolve", HEAD, json={"answer": "We are sorry"})
    step(case, made, "resolve", HEAD, expect=409, json={"answer": "Again"})
    found = case.platform.staff(HEAD).get(f"/collections/complaints?aboutUserId={manager.user['id']}")
    assert made["id"] in [one["id"] for one in found["items"]]


def test_what_nobody_answers_goes_to_the_heads(platform: Platform):
    case = active(platform, days_ago=35)
    late, young = (
        case.app.post(f"/web/loans/{case.loan_id}/complaints", expect=201, json=TOLD) for _ in range(2)
    )
    back = "UPDATE complaint SET created_at = created_at - interval '11 days' WHERE id = %s"
    platform.sql(back, late["id"])
    for _ in range(2):
        with at_work():
            enqueue("collections.escalate_complaints")
        platform.drain()
    listed = platform.staff(HEAD).get(f"/collections/complaints?loanId={case.loan_id}")["items"]
    assert {one["id"]: one["status"] for one in listed} == {late["id"]: "ESCALATED", young["id"]: "OPEN"}
    told = [one["title"] for one in platform.staff(HEAD).get("/notifications?pageSize=100")["items"]]
    assert "A complaint was escalated" in told
    step(case, late, "resolve", MANAGER, expect=403, json={"answer": "No"})
    manager = {"executiveId": platform.staff(MANAGER).user["id"]}
    step(case, late, "assign", HEAD, expect=422, json=manager)
    platform.sql("UPDATE complaint SET answer_due_on = answer_due_on - 60 WHERE id = %s", late["id"])
    answered = step(case, late, "resolve", HEAD, json={"answer": "We are sorry"})
    assert (answered["daysOpen"], answered["inTime"]) == (11, False)
    overdue = f"/collections/complaints?overdue=true&loanId={case.loan_id}"
    assert [one["id"] for one in platform.staff(HEAD).get(overdue)["items"]] == [late["id"]]
    for _ in range(4):
        case.app.post(f"/web/loans/{case.loan_id}/complaints", expect=201, json=TOLD)
    case.app.post(f"/web/loans/{case.loan_id}/complaints", expect=409, json=TOLD)
    stranger = platform.customer()
    stranger.post(f"/web/loans/{case.loan_id}/complaints", expect=404, json=TOLD)
