"""Collecting a loan: it is in a queue, something is said and promised, somebody goes there, payments keep a promise."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.collections import promises
from app.contacts import service as contacts
from app.core.clock import today
from app.core.identity import Role
from app.core.share import Share
from app.end_of_day import closing
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans import service as loans
from app.messaging.delivery import gates
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import BRAND, Platform

TODAY = today()
YESTERDAY = TODAY - timedelta(days=1)
# within the hours of contact, whenever the tests run
CALLED = {"channel": "CALL", "contactedAt": noon(YESTERDAY).isoformat()}


@dataclass
class Desk:
    """An overdue loan and one that is due soon, as the newest day found them, and who works on them."""

    platform: Platform
    late: Case
    soon: Case

    def of(self, role: Role = Role.COLLECTION_EXECUTIVE) -> Any:
        return self.platform.staff(role)


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    desk = Desk(platform, active(platform, days_ago=35), active(platform, days_ago=28))
    closing.close(BRAND, TODAY)
    return desk


def queue(desk: Desk, **args: str) -> list[str]:
    """The loans of this desk among those of the queue."""
    query = "&".join(f"{name}={value}" for name, value in args.items())
    items = desk.of().get(f"/collections/queue?pageSize=100&{query}")["items"]
    ours = {str(desk.late.loan_id), str(desk.soon.loan_id)}
    return [item["loanId"] for item in items if item["loanId"] in ours]


def test_overdue_and_pre_due_queues(desk: Desk):
    late, soon = str(desk.late.loan_id), str(desk.soon.loan_id)
    assert {late, soon} & {*queue(desk)} == {late}
    assert {late, soon} & {*queue(desk, queue="PRE_DUE")} == {soon}
    no = desk.late.loan["loanNo"]
    assert queue(desk, search=no, bucket="DPD_1_30", stage="SOFT_CALLS", minDays="5", maxDays="5") == [late]
    assert queue(desk, search=no, minDays="6") == []
    (row,) = desk.of().get(f"/collections/queue?search={no}&sort=-total")["items"]
    assert (row["daysPastDue"], row["classification"], row["total"]) == (5, "SMA_0", "27050.00")
    desk.of().get("/collections/queue?sort=nonsense", expect=422)
    assert queue(desk, mine="true") == []
    me, lead = desk.of().user["id"], desk.of(Role.COLLECTION_MANAGER)
    to = {"kind": "COLLECTION", "subjectIds": [late], "to": me, "reason": "To collect"}
    assert lead.post("/allocations/move", json=to)["moved"] == 1
    assert queue(desk, mine="true") == queue(desk, executiveId=me) == [late]
    paged = [
        item["loanId"]
        for page in (1, 2)
        for item in desk.of().get(f"/collections/queue?pageSize=1&page={page}&sort=dueDate")["items"]
    ]
    assert len({*paged}) == len(paged), "no loan is on two pages"
    ages = {age["bucket"]: age for age in desk.of().get("/collections/ageing")}
    assert ages["DPD_1_30"]["loans"] >= 1
    desk.platform.staff(Role.CREDIT_EXECUTIVE).get("/collections/queue", expect=403)


def test_what_came_of_a_contact(desk: Desk):
    told = {**CALLED, "code": "CALLBACK", "remark": "In a meeting", "followUpOn": f"{TODAY}"}
    path = f"/loans/{desk.late.loan_id}/dispositions"
    note = desk.of().post(path, expect=201, json=told)
    assert (note["contactParty"], note["daysPastDue"]) == ("BORROWER", 5)
    assert queue(desk, disposition="CALLBACK", followUpUntil=f"{TODAY}") == [str(desk.late.loan_id)]
    answer = desk.of().post(path, expect=422, json=told | {"followUpOn": f"{YESTERDAY}"})
    assert "followUpOn" in answer["error"]["fields"]
    desk.of().post(path, expect=201, json={**CALLED, "code": "DND_REQUEST", "remark": "Do not call"})
    with at_work():
        assert contacts.find_refusal(desk.late.customer_id, "CALL").rule == "CONTACT_NO_CONTACT_LIST"
        for entry in contacts.of_customer(desk.late.customer_id):
            contacts.unlist(entry.id)


def promise(desk: Desk, case: Case, expect: int = 201, **changes: Any) -> dict[str, Any]:
    told = {"amount": "5000.00", "dueOn": f"{TODAY}", "mode": "UPI"} | changes
    return desk.of().post(f"/loans/{case.loan_id}/promises", expect=expect, json=told)


def statuses(desk: Desk, case: Case) -> list[str]:
    items = desk.of().get(f"/loans/{case.loan_id}/promises")["items"]
    return [item["status"] for item in items]


def judge(day_offset: int) -> int:
    with at_work():
        return promises.judge(TODAY + timedelta(days=day_offset), Share())


def test_promises_are_kept_by_payments_and_broken_by_days(desk: Desk):
    case = desk.late
    promise(desk, case)
    promise(desk, case, expect=409)
    assert queue(desk, promise="OPEN") == [str(case.loan_id)]
    judge(1)
    assert statuses(desk, case) == ["OPEN"], "money may arrive a day later"
    assert queue(desk, queue="FOLLOW_UP", attention="PROMISE_DUE") == [str(case.loan_id)]
    judge(2)
    judge(2)
    assert statuses(desk, case) == ["BROKEN"]
    (top,) = desk.of().get("/collections/queue?pageSize=1")["items"]
    assert top["attention"] == "PROMISE_BROKEN"
    assert queue(desk, attention="PROMISE_BROKEN") == [str(case.loan_id)]
    promise(desk, case)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal("4750.00"), TODAY, f"{loan.loan_no}:promised")
    judge(0)
    assert sorted(statuses(desk, case)) == ["KEPT", "KEPT"], "what came in for the first was told late"
    with at_work():
        paid = f"{loan.loan_no}:promised"
        ledger.reverse(loans.get(case.loan_id), Kind.PAYMENT, paid, TODAY, f"{paid}:returned")
    judge(2)
    assert sorted(statuses(desk, case)) == ["BROKEN", "BROKEN"], "what came in was taken back"


def test_who_promised_is_reminded_on_the_day_once(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    case = active(desk.platform, days_ago=35)
    promise(desk, case)
    set_clock(monkeypatch, noon(TODAY), contacts, gates)
    for _ in range(2):
        with at_work():
            promises.remind(TODAY - timedelta(days=1))
            promises.remind(TODAY)
        desk.platform.drain()
    texts = [message["text"] for message in desk.platform.sandbox.messages(case.app.person["phone"])]
    assert sum("you pay Rs 5000.00" in text for text in texts) == 1


def test_what_may_be_promised(desk: Desk):
    case = desk.soon
    far, past = TODAY + timedelta(days=8), YESTERDAY
    assert "dueOn" in promise(desk, case, expect=422, dueOn=f"{far}")["error"]["fields"]
    assert "dueOn" in promise(desk, case, expect=422, dueOn=f"{past}")["error"]["fields"]
    assert "amount" in promise(desk, case, expect=422, amount="99999.00")["error"]["fields"]
    taken = promise(desk, case)
    desk.of().post(f"/promises/{taken['id']}/cancel", json={"remark": "Said by mistake"})
    assert statuses(desk, case) == ["CANCELLED"]


def test_a_visit_keeps_the_rules_of_contact(desk: Desk):
    executive, lead = desk.of(), desk.of(Role.COLLECTION_MANAGER)
    visit = executive.post(
        f"/loans/{desk.soon.loan_id}/visits", expect=201, json={"visitType": "OFFICE", "reason": "To see"}
    )
    lead.post(f"/visits/{visit['id']}/assign", json={"executiveId": executive.user["id"]})
    with at_work():
        contacts.list_customer(desk.soon.customer_id, ["VISIT"], "ILLNESS", "In hospital")
    refused = executive.post(f"/visits/{visit['id']}/start", expect=409)
    assert refused["error"]["code"] == "CONTACT_NO_CONTACT_LIST"
    lead.post(f"/visits/{visit['id']}/cancel", json={"remark": "In hospital"})


def test_what_cannot_be_asked_or_told(desk: Desk):
    executive, head = desk.of(), desk.of(Role.COLLECTION_HEAD)
    for period in (
        "0001-01-01&toDate=9999-12-31",
        f"{TODAY}&toDate={YESTERDAY}",
        "2020-01-01&toDate=2024-01-01",
    ):
        head.get(f"/collections/performance?fromDate={period}", expect=422)
    path, told = f"/loans/{desk.late.loan_id}/dispositions", {**CALLED, "code": "BUSY", "remark": "Busy"}
    for wrong in ("0001-01-01T00:00:00+00:00", "1990-01-01T09:00:00+05:30"):
        answer = executive.post(path, expect=422, json=told | {"contactedAt": wrong})
        assert "contactedAt" in answer["error"]["fields"]
    answer = executive.post(path, expect=422, json=told | {"followUpOn": "9999-12-31"})
    assert "followUpOn" in answer["error"]["fields"]
    assert queue(desk, search="%25") == queue(desk, search="_") == []
