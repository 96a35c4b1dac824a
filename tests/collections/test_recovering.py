"""A loan that was written off: somebody recovers it, as the brand's policy says, until all of it came back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.allocation import collecting
from app.contacts import service as contacts
from app.core.clock import now, today
from app.core.identity import Role
from app.core.scheduler import tick
from app.loans import service as loans
from app.messaging.delivery import gates
from tests.allocation.conftest import team  # noqa: F401
from tests.allocation.test_collections import collect, history, profile
from tests.collections.test_concessions import approve, propose
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import Platform

TODAY = today()
EXECUTIVE, MANAGER, HEAD = Role.COLLECTION_EXECUTIVE, Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD


def write_off(case: Case) -> Decimal:
    """By a head, as the policy asks for so little; what is lost."""
    with at_work():
        if loans.get(case.loan_id).status == "ACTIVE":
            loans.move(case.loan_id, "OVERDUE")
    request = propose(case, "WRITE_OFF")
    assert approve(case, request, HEAD)["status"] == "DONE"
    return Decimal(request["totalDue"])


def pay(case: Case, amount: Decimal | str) -> None:
    told = {"amount": str(amount), "method": "UPI", "reference": f"{uuid4().int % 10**12:012d}"}
    told |= {"receivedOn": f"{TODAY}"}
    path = f"/loans/{case.loan_id}/manual-payments"
    made = case.platform.staff(Role.ADMIN).post(path, once=True, expect=201, json=told)
    checker = case.platform.staff(Role.SUPER_ADMIN)
    checker.post(f"/payment-approval/{made['id']}/approve", once=True, json={"remark": "Found"})
    case.platform.drain()


def listed(case: Case, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    path = f"/collections/written-off?search={case.loan['loanNo']}&{query}"
    return case.platform.staff(HEAD).get(path)["items"]


def performance(platform: Platform, user_id: str) -> dict[str, Any]:
    path = f"/collections/performance?fromDate={TODAY}&toDate={TODAY}"
    rows = platform.staff(HEAD).get(path)
    return next(row for row in rows if row["partnerUserId"] == user_id)


def waits_because(case: Case) -> list[str]:
    found = case.platform.staff(HEAD).get("/allocations/waiting?kind=RECOVERY&sort=-createdAt&pageSize=100")
    return [row["why"] for row in found["items"] if row["loanId"] == str(case.loan_id)]


def dues_alone(case: Case, night: pytest.MonkeyPatch) -> None:
    """The rules of contact hold for it, and what is lost may be asked for."""
    set_clock(night, noon(TODAY).replace(hour=20), contacts, gates)
    executive, lead = case.platform.staff(EXECUTIVE), case.platform.staff(MANAGER)
    told = {"code": "BUSY", "channel": "CALL", "remark": "Called"}
    refused = executive.post(f"/loans/{case.loan_id}/dispositions", expect=409, json=told)
    assert refused["error"]["code"] == "CONTACT_OUTSIDE_HOURS"
    words = {"userId": str(case.customer_id), "loanId": str(case.loan_id), "channel": "SMS"}
    words |= {"templateCode": "offer_made", "payload": {}}
    words |= {"scheduledAt": (now() + timedelta(days=1)).isoformat()}
    assert lead.post("/user-reminders", expect=422, json=words)["error"]["code"] == "NOT_OF_DUES"
    path = f"/loans/{case.loan_id}/payment-link"
    executive.post(path, once=True, expect=422, json={"amount": "99999.00"})
    executive.post(path, once=True, expect=201, json={"amount": "100.00"})
    case.platform.drain()
    links = case.platform.sql(
        "SELECT channel, status FROM user_notification WHERE loan_id = %s AND event = 'overdue_link'",
        str(case.loan_id),
    )
    assert ("SMS", "PENDING") in links, "it waits for the hours of contact"
    night.undo()


def test_from_the_write_off_until_all_came_back(
    platform: Platform,
    team: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team(MANAGER, 1)
    collector, recoverer = team(EXECUTIVE, 2)
    profile(platform, collector, work=[{"role": EXECUTIVE.value, "buckets": ["DPD_91_180"]}])
    profile(platform, recoverer, work=[{"role": EXECUTIVE.value, "buckets": ["WRITTEN_OFF"], "capacity": 0}])
    case = active(platform, days_ago=130, amount="8000.00")
    collect(case)
    pay(case, "700.00")
    lost = write_off(case)
    platform.drain()
    (before,) = history(case)
    assert (before["partnerUserId"], before["isActive"], before["endReason"]) == (
        collector.id,
        False,
        "RECOVERY_BEGAN",
    )
    (row,) = history(case, "RECOVERY")
    assert (row["partnerUserId"], row["bucket"], row["amount"]) == (recoverer.id, "WRITTEN_OFF", str(lost))
    with at_work():
        assert case.loan_id not in collecting.due()
    dues_alone(case, monkeypatch)
    told = {"code": "CALLBACK", "channel": "CALL", "inbound": True, "remark": "Has work again"}
    person = recoverer.sign_in()
    path = f"/partner/brand/qualoan/loans/{case.loan_id}"
    person.call("POST", f"{path}/dispositions", expect=201, json=told | {"followUpOn": f"{TODAY}"})
    (shown,) = person.call("GET", "/partner/brand/qualoan/collections/written-off?mine=true")["items"]
    assert (shown["lost"], shown["lastDisposition"], shown["attention"]) == (
        str(lost),
        "CALLBACK",
        "FOLLOW_UP_DUE",
    )
    assert (shown["executiveId"], listed(case, allotted="false")) == (recoverer.id, [])
    pay(case, "1000.00")
    (row,) = history(case, "RECOVERY")
    assert (row["inHand"], Decimal(row["amount"])) == (True, lost - 1000)
    mine = performance(platform, recoverer.id)
    assert (mine["recovered"], mine["recoveryLoans"], mine["collected"]) == ("1000.00", 1, "0.00")
    theirs = performance(platform, collector.id)
    assert (theirs["recovered"], theirs["collected"]) == ("0.00", "700.00")
    pay(case, lost - 1000)
    (row,) = history(case, "RECOVERY")
    assert (row["isActive"], row["inHand"], row["amount"]) == (True, False, "0.00")
    assert (listed(case, toRecover="true"), len(listed(case, toRecover="false"))) == ([], 1)


def test_its_limits_are_its_own_and_what_nobody_may_have_waits(
    platform: Platform,
    team: Any,  # noqa: F811
) -> None:
    team(MANAGER, 1)
    poor, good = team(EXECUTIVE, 2)
    admin, head = platform.staff(Role.SUPER_ADMIN), platform.staff(HEAD)
    for person, score in ((poor, 1), (good, 5)):
        body = {"month": TODAY.replace(day=1).isoformat(), "scores": {"RECOVERY": score}}
        admin.post(f"/staff/{person.id}/ratings", expect=201, json=body)
    cases = [active(platform, days_ago=130, amount="8000.00") for _ in range(2)]
    day = {"fromDate": TODAY.isoformat(), "toDate": TODAY.isoformat()}
    admin.post(f"/staff/{good.id}/unavailability", expect=201, json=day)
    for case in cases:
        write_off(case)
    platform.drain()
    assert [waits_because(case) for case in cases] == [["NOBODY_FITS"]] * 2
    body = {"kind": "RECOVERY", "subjectIds": [str(cases[0].loan_id)], "to": poor.id, "reason": "Knows them"}
    platform.staff(EXECUTIVE).post("/allocations/move", expect=403, json=body)
    assert head.post("/allocations/move", json=body)["moved"] == 1, "a lead knows why"
    assert (holders(cases[0]), waits_because(cases[0])) == ([poor.id], [])
    admin.send("DELETE", f"/staff/{good.id}/unavailability", params=day)
    platform.drain()
    assert [holders(case) for case in cases] == [[poor.id], [good.id]]
    board = [row for row in head.get("/allocations/load") if row["partnerUserId"] == good.id]
    # what others wrote off and nobody had came to them too
    theirs = "partner_user_id = %s AND kind = 'RECOVERY' AND is_active"
    ((recovers,),) = platform.sql(
        f"SELECT count(*) FROM loan_allotted_partner_user WHERE {theirs}", str(good.id)
    )
    found = {tuple(row["kinds"]): row["inHand"] for row in board}
    assert found == {("COLLECTION",): 0, ("RECOVERY",): recovers}
    admin.post(f"/staff/{good.id}/deactivate", json={"reason": "Left the firm"})
    platform.drain()
    gone = [row for row in head.get("/allocations/load?kind=RECOVERY") if row["partnerUserId"] == good.id]
    assert [(row["standing"], row["inHand"]) for row in gone] == [("GONE", recovers)], (
        "nobody else may have it"
    )
    body = {"month": TODAY.replace(day=1).isoformat(), "scores": {"RECOVERY": 4}}
    admin.post(f"/staff/{poor.id}/ratings", expect=201, json=body)
    tick("allocation.reallocate")
    platform.drain()
    first, second = history(cases[1], "RECOVERY")
    assert (first["endReason"], second["partnerUserId"]) == ("STAFF_GONE", poor.id)


def holders(case: Case) -> list[str]:
    return [row["partnerUserId"] for row in history(case, "RECOVERY")]
