"""A campaign tells everybody on a list once, so many a minute, until it is stopped."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.allocation.models import LoanAllottedPartnerUser
from app.campaigns import service as campaigns
from app.contacts import service as contacts
from app.core.clock import now
from app.core.identity import Role
from app.core.outbox import enqueue
from app.messaging.delivery import gates
from app.messaging.wishes import service as wishes
from tests.hours import all_reachable
from tests.lending import Case, active, at_work
from tests.platform import Platform

Town = tuple[str, list[Case]]


@pytest.fixture(autouse=True, scope="module")
def any_hour() -> Iterator[None]:
    with all_reachable() as patch:
        patch.setattr(gates, "closed_until", lambda _kind, _channel: None)
        yield


@pytest.fixture(scope="module")
def manager(platform: Platform) -> Any:
    return platform.staff(Role.COLLECTION_MANAGER)


@pytest.fixture(scope="module")
def town(platform: Platform) -> Town:
    """Three customers with running loans, in a town where nobody else lives."""
    name, cases = f"Town {uuid4().hex[:8]}", [active(platform) for _ in range(3)]
    ids = [str(each.customer_id) for each in cases]
    platform.sql("UPDATE customer SET city = %s WHERE id = ANY(%s::uuid[])", name, ids)
    return name, cases


def campaign(town: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "Due soon",
        "stage": "ACTIVE",
        "filters": {"city": town},
        "channel": "SMS",
        "templateCode": "due_reminder",
        "perMinute": 2,
    } | more


def begun(platform: Platform, manager: Any, town: str, **more: Any) -> str:
    """The path of a campaign whose first minute is over."""
    draft = manager.post("/campaigns", expect=201, json=campaign(town, **more))
    assert (draft["status"], draft["progress"]["total"]) == ("DRAFT", None)
    path = f"/campaigns/{draft['id']}"
    manager.post(f"{path}/start", expect=202)
    manager.post(f"{path}/start", expect=409)
    run(platform)
    return path


def run(platform: Platform, job: str = "reminders.dispatch") -> None:
    """The jobs of a minute, until the ends of messages are brought back."""
    for name in (job, "reminders.dispatch"):
        platform.drain()
        with at_work():
            enqueue(name)
        platform.drain()


def minute(platform: Platform, path: str) -> None:
    """A minute later, for this campaign."""
    earlier = "UPDATE campaign SET fed_at = fed_at - interval '1 minute' WHERE id = %s"
    platform.sql(earlier, path.rpartition("/")[2])
    run(platform, "campaigns.feed")


def shown(**counts: int) -> dict[str, int]:
    return dict.fromkeys(("total", "waiting", "pending", "sent", "failed", "cancelled"), 0) | counts


def said_to(case: Case) -> int:
    told = case.platform.sandbox.messages(case.app.person["phone"])
    return sum(f"loan {case.loan['loanNo']} is due" in message["text"] for message in told)


def test_a_dry_run_counts_and_shows(manager: Any, town: Town) -> None:
    name, cases = town
    body = {key: value for key, value in campaign(name).items() if key not in ("name", "perMinute")}
    tried = manager.post("/campaigns/dry-run", json=body)
    assert tried["count"] == 3
    read = {row["customerId"]: row["text"] for row in tried["sample"]}
    assert all(f"loan {each.loan['loanNo']} is due" in read[str(each.customer_id)] for each in cases)
    nobody = manager.post("/campaigns/dry-run", json=body | {"filters": {"city": "Nowhere at all"}})
    nothing = {"count": 0, "now": 0, "later": 0, "refused": [], "costPaise": "0.00", "sample": []}
    assert nobody == nothing
    assert (tried["now"] + tried["later"], tried["costPaise"]) == (3, "54.00")


def test_a_dry_run_says_who_would_not_be_told_and_why(platform: Platform, manager: Any, town: Town) -> None:
    name, cases = town
    body = {key: value for key, value in campaign(name).items() if key not in ("name", "perMinute")}
    with at_work():
        wishes.state(cases[0].customer_id, "test", do_not_disturb=True)
        listing = contacts.list_customer(cases[1].customer_id, ["SMS"], "BEREAVEMENT", "Quiet")
    words = {"templateCode": "payment_link", "payload": {"amount": "1", "url": "https://pay.example/1"}}
    service = manager.post("/campaigns/dry-run", json=body | words)
    assert service["refused"] == [{"reason": "DO_NOT_DISTURB", "count": 1}]
    dues = manager.post("/campaigns/dry-run", json=body)
    assert dues["refused"] == [{"reason": "CONTACT_NO_CONTACT_LIST", "count": 1}]
    assert (dues["now"] + dues["later"], dues["costPaise"]) == (2, "36.00")
    nowhere = manager.post("/campaigns/dry-run", json=body | {"channel": "EMAIL"})
    assert {each["reason"] for each in nowhere["refused"]} <= {"NO_ADDRESS", "CONTACT_NO_CONTACT_LIST"}
    with at_work():
        contacts.unlist(listing.id)


def test_outside_of_its_hours_nothing_is_released(platform: Platform, manager: Any, town: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gates, "closed_until", lambda _kind, _channel: now() + timedelta(hours=8))
        path = begun(platform, manager, town[0])
    assert manager.get(path)["progress"] == shown(total=3, waiting=3)
    manager.post(f"{path}/stop", json={"reason": "Enough"})


def test_stopping_takes_back_what_waits_for_its_hour(platform: Platform, manager: Any, town: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        night = gates.Verdict(wait_until=now() + timedelta(hours=8))
        patch.setattr(gates, "ask", lambda messages: {message.id: night for message in messages})
        path = begun(platform, manager, town[0], perMinute=10)
    assert manager.get(path)["progress"] == shown(total=3, pending=3)
    manager.post(f"{path}/stop", json={"reason": "Wrong hour"})
    platform.drain()
    assert manager.get(path)["progress"] == shown(total=3, cancelled=3)


def test_everybody_is_told_once_so_many_a_minute(platform: Platform, manager: Any, town: Town) -> None:
    name, cases = town
    path = begun(platform, manager, name)
    half = manager.get(path)
    assert (half["status"], half["progress"]) == ("RUNNING", shown(total=3, waiting=1, sent=2))
    # another scheduler in the same minute
    with at_work():
        campaigns.feed()
    assert manager.get(path)["progress"]["waiting"] == 1
    minute(platform, path)
    assert manager.get(path)["progress"] == shown(total=3, sent=3)
    minute(platform, path)
    done = manager.get(path)
    assert (done["status"], done["progress"]) == ("COMPLETED", shown(total=3, sent=3))
    assert [said_to(each) for each in cases] == [1, 1, 1]
    manager.post(f"{path}/stop", expect=409, json={"reason": "Too late"})
    listed = manager.get("/user-reminders", params={"campaignId": done["id"]})
    assert listed["pagination"]["total"] == 3
    assert manager.get("/campaigns", params={"status": "COMPLETED"})["items"][0]["progress"]["sent"] == 3


def test_a_campaign_is_paused_goes_on_and_is_stopped(platform: Platform, manager: Any, town: Town) -> None:
    path = begun(platform, manager, town[0], perMinute=1)
    assert manager.post(f"{path}/pause")["status"] == "PAUSED"
    minute(platform, path)
    assert manager.get(path)["progress"] == shown(total=3, waiting=2, sent=1)
    assert manager.post(f"{path}/resume")["status"] == "RUNNING"
    with at_work():
        campaigns.feed()
    stopped = manager.post(f"{path}/stop", json={"reason": "Wrong list"})
    assert stopped["status"] == "STOPPED"
    platform.sql("DELETE FROM outbox WHERE job = 'reminders.send_due' AND status = 'PENDING'")
    platform.drain()
    assert manager.get(path)["progress"] == shown(total=3, waiting=1, sent=1, cancelled=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage": "NOWHERE"}, "stage"),
        ({"filters": {"strange": 1}}, "filters"),
        ({"filters": {"scope": "NOBODYS"}}, "filters"),
        ({"filters": {"ageMinDays": 3}}, "ageMinDays"),
        ({"stage": "ONBOARDING", "filters": {}}, "payload"),
        ({"perMinute": 0}, "perMinute"),
    ],
)
def test_a_campaign_that_cannot_be(platform: Platform, change: dict[str, Any], field: str) -> None:
    refused = platform.staff().post("/campaigns", expect=422, json=campaign("X", **change))
    assert list(refused["error"]["fields"]) == [field]


def test_a_list_that_one_does_not_see_is_not_written_to(manager: Any, platform: Platform) -> None:
    manager.post("/campaigns", expect=403, json=campaign("X", stage="ONBOARDING"))
    platform.staff(Role.COLLECTION_EXECUTIVE).post("/campaigns", expect=403, json=campaign("X"))


def test_a_campaign_goes_to_the_loans_that_its_scope_names(
    platform: Platform, manager: Any, town: Town
) -> None:
    name, cases = town
    tried = {key: value for key, value in campaign(name).items() if key not in ("name", "perMinute")}
    mine = {"city": name, "scope": "MINE"}
    assert manager.post("/campaigns/dry-run", json=tried | {"filters": mine})["count"] == 0
    with at_work():
        LoanAllottedPartnerUser.create(
            loan_id=cases[2].loan_id,
            customer_id=cases[2].customer_id,
            partner_user_id=UUID(manager.user["id"]),
            role="COLLECTION_MANAGER",
            kind="COLLECTION",
            amount="1.00",
            allocation_type="MANUAL",
            allotted_by="test",
        )
    assert manager.post("/campaigns/dry-run", json=tried | {"filters": mine})["count"] == 1
    path = begun(platform, manager, name, filters=mine)
    assert manager.get(path)["progress"]["total"] == 1


def test_who_is_overdue_is_told_of_their_dues_alone(platform: Platform, manager: Any, town: Town) -> None:
    name, cases = town
    late = str(cases[0].loan_id)
    (before,) = platform.sql("SELECT due_date FROM loan WHERE id = %s", late)
    platform.sql("UPDATE loan SET due_date = current_date - 3 WHERE id = %s", late)
    words = {"templateCode": "payment_link", "payload": {"amount": "1", "url": "https://pay.example/1"}}
    body = {key: value for key, value in campaign(name).items() if key not in ("name", "perMinute")}
    tried = manager.post("/campaigns/dry-run", json=body | words)
    assert {"reason": "OVERDUE", "count": 1} in tried["refused"]
    assert str(cases[0].customer_id) not in {row["customerId"] for row in tried["sample"]}
    dues = manager.post("/campaigns/dry-run", json=body)
    assert "OVERDUE" not in {each["reason"] for each in dues["refused"]}
    path = begun(platform, manager, name, perMinute=10, **words)
    assert manager.get(path)["progress"] == shown(total=3, sent=2, failed=1)
    failed = {"campaignId": path.rpartition("/")[2], "status": "FAILED"}
    (left_out,) = manager.get("/user-reminders", params=failed)["items"]
    assert (left_out["userId"], left_out["reason"]) == (str(cases[0].customer_id), "OVERDUE")
    platform.sql("UPDATE loan SET due_date = %s WHERE id = %s", before[0], late)
