"""A challenger decides in the shadow or for a share of the customers; neither can harm the champion."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.policies.service import CHALLENGER, CHAMPION, side_of
from tests.platform import Platform
from tests.policies.desk import Desk


def comparison(desk: Desk, experiment: dict[str, Any]) -> dict[str, Any]:
    desk.platform.drain()
    return desk.maker.get(f"/policies/experiments/{experiment['id']}/comparison")


def of_share(percent: int, experiment_id: object) -> Any:
    return SimpleNamespace(brand_id="qualoan", id=experiment_id, share_percent=percent)


def test_a_shadow_decides_beside_the_champion(desk: Desk) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHADOW")
    made = [desk.decided(amount) for amount in (20_000, 40_000, 60_000)]
    assert [decision["outcome"] for decision in made] == ["APPROVE", "APPROVE", "REJECT"]
    seen = comparison(desk, experiment)
    assert (seen["compared"], seen["failures"], seen["served"]) == (3, 0, {CHAMPION: 3})
    assert seen["swaps"]["APPROVE"] == {"APPROVE": 1, "REFER": 0, "REJECT": 1}
    assert seen["champion"]["approvalRate"] == 0.6667
    assert seen["challenger"]["outcomes"] == {"APPROVE": 1, "REFER": 0, "REJECT": 2}
    assert seen["challenger"]["reasons"] == {"AMOUNT_ABOVE_MAXIMUM": 2}


def test_a_shadow_leaves_no_trace_with_the_customer(desk: Desk) -> None:
    desk.published(50_000)
    desk.challenger(30_000, mode="SHADOW")
    loan_id = desk.application(40_000)
    desk.maker.post(f"/loans/{loan_id}/evaluate", expect=201)
    desk.platform.drain()
    assert desk.maker.get(f"/loans/{loan_id}")["status"] == "APPLIED"
    assert len(desk.maker.get(f"/loans/{loan_id}/decisions")) == 1


def test_a_shadow_that_fails_does_not_harm_the_champion(desk: Desk, platform: Platform) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHADOW")
    platform.sql(
        """INSERT INTO ruleset_text (brand_id, id, hash, files) VALUES (%s, gen_random_uuid(), %s, '{}')""",
        desk.brand, "e" * 64,
    )  # fmt: skip
    platform.sql("ALTER TABLE policy_version DISABLE TRIGGER content_stays")
    platform.sql(
        "UPDATE policy_version SET ruleset_hash = %s WHERE id = %s", "e" * 64, experiment["versionId"]
    )
    platform.sql("ALTER TABLE policy_version ENABLE TRIGGER content_stays")
    assert desk.decided(40_000)["outcome"] == "APPROVE"
    seen = comparison(desk, experiment)
    assert (seen["decisions"], seen["compared"], seen["failures"]) == (1, 0, 1)


def test_a_share_decides_for_real_and_the_other_side_in_the_shadow(desk: Desk) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHARE", sharePercent=50)
    made = [desk.decided(40_000)["outcome"] for _ in range(12)]
    seen = comparison(desk, experiment)
    assert seen["served"] == {
        side: made.count(outcome)
        for side, outcome in ((CHAMPION, "APPROVE"), (CHALLENGER, "REJECT"))
        if outcome in made
    }
    assert seen["swaps"]["APPROVE"]["REJECT"] == seen["compared"] == 12


@given(st.uuids(), st.uuids(), st.integers(1, 99))
def test_a_customer_is_always_on_the_same_side(experiment_id, customer_id, percent) -> None:
    sides = {side_of(of_share(percent, experiment_id), customer_id) for _ in range(3)}
    assert len(sides) == 1


@given(st.uuids(), st.uuids(), st.integers(1, 98))
def test_whoever_is_the_challengers_stays_it_when_the_share_grows(
    experiment_id, customer_id, percent
) -> None:
    if side_of(of_share(percent, experiment_id), customer_id) == CHALLENGER:
        assert side_of(of_share(percent + 1, experiment_id), customer_id) == CHALLENGER


@settings(max_examples=5)
@given(st.integers(1, 99))
def test_a_share_is_as_large_as_it_says(percent) -> None:
    experiment = of_share(percent, "0b86e9f2-7e9e-4f4c-9b58-6f3a3a9f4c11")
    customers = [f"customer-{number}" for number in range(5_000)]
    share = sum(side_of(experiment, customer) == CHALLENGER for customer in customers) / 50
    assert abs(share - percent) < 3


def test_starting_takes_a_second_person(desk: Desk) -> None:
    desk.published(50_000)
    body = {"versionId": desk.trial(30_000)["id"], "mode": "SHADOW", "remark": "Try"}
    asked = desk.admin.post("/policies/experiments", expect=201, json=body)
    path = f"/policies/experiments/{asked['id']}/start"
    refused = desk.admin.post(path, expect=403, json={"remark": "Go"})
    assert refused["error"]["code"] == "MAKER_IS_CHECKER"
    assert desk.checker.post(path, json={"remark": "Go"})["status"] == "RUNNING"


def test_stopping_takes_a_second_person_and_ends_it(desk: Desk) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHADOW")
    path, why = f"/policies/experiments/{experiment['id']}", {"remark": "Seen enough"}
    desk.checker.post(f"{path}/stop", expect=409, json=why)
    desk.admin.post(f"{path}/ask-stop", json=why)
    desk.admin.post(f"{path}/stop", expect=403, json=why)
    desk.decided(20_000)
    assert comparison(desk, experiment)["decisions"] == 1
    assert desk.checker.post(f"{path}/stop", json=why)["status"] == "STOPPED"
    desk.decided(20_000)
    assert comparison(desk, experiment)["decisions"] == 1


def test_a_stop_that_is_refused_lets_the_challenger_go_on(desk: Desk) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHADOW")
    path, why = f"/policies/experiments/{experiment['id']}", {"remark": "Not yet"}
    desk.maker.post(f"{path}/ask-stop", json=why)
    assert desk.checker.post(f"{path}/reject", json=why)["status"] == "RUNNING"


def test_one_challenger_at_a_time(desk: Desk) -> None:
    desk.published(50_000)
    desk.challenger(30_000, mode="SHADOW")
    body = {"versionId": desk.trial(40_000)["id"], "mode": "SHADOW", "remark": "Another"}
    asked = desk.maker.post("/policies/experiments", expect=201, json=body)
    refused = desk.checker.post(
        f"/policies/experiments/{asked['id']}/start", expect=409, json={"remark": "Go"}
    )
    assert refused["error"]["code"] == "EXPERIMENT_LIVE"


def test_a_version_that_is_not_approved_cannot_challenge(desk: Desk) -> None:
    desk.published(50_000)
    body = {"versionId": desk.submitted(30_000)["id"], "mode": "SHADOW", "remark": "x"}
    desk.maker.post("/policies/experiments", expect=409, json=body)


def test_the_champion_cannot_challenge_itself(desk: Desk) -> None:
    body = {"versionId": desk.published(50_000)["id"], "mode": "SHADOW", "remark": "x"}
    refused = desk.maker.post("/policies/experiments", expect=409, json=body)
    assert refused["error"]["code"] == "CHAMPION"


@pytest.mark.parametrize("body", [{"mode": "SHARE"}, {"mode": "SHADOW", "sharePercent": 5}, {"mode": "BOTH"}])
def test_mode_and_share_must_fit(desk: Desk, body: dict[str, Any]) -> None:
    desk.published(50_000)
    asked = {"versionId": desk.trial(30_000)["id"], "remark": "x"} | body
    desk.maker.post("/policies/experiments", expect=422, json=asked)


def test_a_challenger_that_won_is_approved_once_it_is_stopped(desk: Desk) -> None:
    desk.published(50_000)
    experiment = desk.challenger(30_000, mode="SHADOW")
    version = {"id": experiment["versionId"]}
    assert desk.step(desk.checker, version, "approve", expect=409)["error"]["code"] == "EXPERIMENT_LIVE"
    path, why = f"/policies/experiments/{experiment['id']}", {"remark": "It won"}
    desk.maker.post(f"{path}/ask-stop", json=why)
    desk.checker.post(f"{path}/stop", json=why)
    desk.step(desk.checker, version, "approve")
    assert desk.in_force()["version"]["id"] == version["id"]
