"""A campaign tells everybody on a list once, so many a minute, until it is stopped."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from app.campaigns import service as campaigns
from app.core.identity import Role
from app.core.outbox import enqueue
from app.messaging import gates
from tests.lending import Case, active, at_work
from tests.platform import Platform

Town = tuple[str, list[Case]]


@pytest.fixture(autouse=True, scope="module")
def any_hour() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for gate in ("ask", "reach"):
            patch.setattr(gates, gate, lambda messages: {message.id: gates.GO for message in messages})
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
    assert nobody == {"count": 0, "sample": []}


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
        ({"filters": {"scope": "MINE"}}, "filters"),
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
