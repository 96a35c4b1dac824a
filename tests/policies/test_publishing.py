"""Wall: what decides goes live by two people, is kept for ever, and can be taken back in one call."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from app.core.database import brand_scope, db
from app.core.identity import STAFF_ROLES, Role
from app.policies.models import PolicyVersion, RulesetText
from tests.platform import Platform
from tests.policies.desk import Desk


def test_it_works(desk: Desk) -> None:
    version = desk.published(50_000)
    assert (version["status"], version["number"]) == ("APPROVED", 1)
    assert desk.in_force()["version"]["id"] == version["id"]
    assert desk.decided(60_000)["outcome"] == "REJECT"
    assert desk.decided(40_000)["rulesetHash"] == version["rulesetHash"]


def test_every_step_tells_who_and_why(desk: Desk) -> None:
    version = desk.published()
    steps = desk.maker.get(f"/policies/versions/{version['id']}/history")
    assert [step["toState"] for step in steps] == ["DRAFT", "SUBMITTED", "APPROVED"]
    assert steps[1]["actorId"] == desk.maker.user["id"]
    assert (steps[2]["actorId"], steps[2]["remark"]) == (desk.checker.user["id"], "To approve")
    events = desk.admin.get("/audit", params={"entityId": version["id"]})["items"]
    assert {"policy_version.approved", "policy_version.submitted", "policy_backtest.ended"} <= {
        event["action"] for event in events
    }


def test_whoever_made_a_version_cannot_approve_it(desk: Desk) -> None:
    body = {"files": desk.files(), "remark": "Mine"}
    mine = desk.admin.post("/policies/bre/versions", expect=201, json=body)
    desk.backtested(mine)
    desk.step(desk.admin, mine, "submit")
    refused = desk.step(desk.admin, mine, "approve", expect=403)
    assert refused["error"]["code"] == "MAKER_IS_CHECKER"


def test_whoever_submitted_somebody_elses_draft_cannot_approve_it(desk: Desk) -> None:
    version = desk.draft()
    desk.backtested(version)
    desk.step(desk.admin, version, "submit")
    assert desk.step(desk.admin, version, "approve", expect=403)["error"]["code"] == "MAKER_IS_CHECKER"
    desk.step(desk.checker, version, "approve")


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_heads_and_administrators_approve(desk: Desk, role: Role) -> None:
    may = role in (Role.SUPER_ADMIN, Role.ADMIN, Role.SANCTION_HEAD)
    version = desk.submitted()
    desk.step(desk.portal(role), version, "approve", expect=200 if may else 403)


def test_a_version_that_does_not_compile_is_refused_with_every_problem(desk: Desk) -> None:
    files = desk.files()
    name = f"brands/{desk.brand}/bre.yaml"
    files[name] = (
        files[name].replace("requested_amount >", "requested_amont >").replace("then: reject", "then: rejekt")
    )
    answer = desk.call(desk.maker, "POST", "/bre/versions", json={"files": files, "remark": "x"})
    assert answer.status == 422
    assert answer.code == "RULES_UNSOUND"
    problems = answer.body["error"]["details"]["problems"]
    assert {(p["file"], p["line"]) for p in problems} >= {(name, 10), (name, 11)}
    misspelt = next(p for p in problems if p["text"] == "requested_amont")
    assert "requested_amount" in misspelt["suggestion"]
    assert len(answer.body["error"]["fields"]["files"]) == len(problems)
    assert desk.maker.get("/policies/bre/versions")["items"] == []


def test_checking_tells_the_same_without_keeping_anything(desk: Desk) -> None:
    files = desk.files() | {f"brands/{desk.brand}/bre.yaml": "ruleset: bre\nrules: nonsense\n"}
    checked = desk.maker.post("/policies/bre/check", json={"files": files})
    assert checked["sound"] is False
    assert checked["problems"][0]["file"] == f"brands/{desk.brand}/bre.yaml"
    assert desk.maker.post("/policies/bre/check", json={"files": desk.files()}) == {
        "sound": True,
        "problems": [],
    }


@pytest.mark.parametrize(
    "name", ["brands/qualoan/bre.yaml", "../secrets.yaml", "/etc/passwd", "base/x.txt", "brands/x/../y.yaml"]
)
def test_a_file_of_a_strange_name_is_refused(desk: Desk, name: str) -> None:
    answer = desk.call(
        desk.maker, "POST", "/bre/versions", json={"files": desk.files() | {name: "a: b"}, "remark": "x"}
    )
    assert (answer.status, answer.code) == (422, "RULES_UNSOUND")


def test_a_file_that_says_it_is_another_brands_is_refused(desk: Desk) -> None:
    files = {name: text.replace(desk.brand, "qualoan") for name, text in desk.files().items()}
    answer = desk.call(desk.maker, "POST", "/bre/versions", json={"files": files, "remark": "x"})
    assert "this file is" in answer.body["error"]["fields"]["files"][0]


def test_a_version_whose_cases_fail_is_not_submitted(desk: Desk) -> None:
    version = desk.draft(1_000)
    desk.backtested(version)
    refused = desk.step(desk.maker, version, "submit", expect=422)["error"]
    assert refused["code"] == "CASES_FAIL"
    assert [failure["id"] for failure in refused["details"]["failures"]] == ["SMALL"]
    assert desk.maker.get(f"/policies/versions/{version['id']}")["status"] == "DRAFT"


def test_a_rule_that_can_never_fire_is_found_and_not_submitted(desk: Desk) -> None:
    name, files = f"brands/{desk.brand}/bre.yaml", desk.files()
    files[name] = files[name].replace("requested_amount > ", "requested_amount < 0 and requested_amount > ")
    assert desk.maker.post("/policies/bre/check", json={"files": files})["sound"] is False
    version = desk.maker.post("/policies/bre/versions", expect=201, json={"files": files, "remark": "x"})
    desk.backtested(version)
    refused = desk.step(desk.maker, version, "submit", expect=422)["error"]
    assert refused["code"] == "RULES_UNSOUND"
    assert refused["details"]["problems"][0]["line"] == 10


def test_without_cases_nothing_is_submitted(desk: Desk) -> None:
    version = desk.draft(**{f"brands/{desk.brand}/cases.yaml": "cases: []"})
    desk.backtested(version)
    assert desk.step(desk.maker, version, "submit", expect=422)["error"]["code"] == "NO_CASES"


def test_without_a_backtest_nothing_is_submitted(desk: Desk) -> None:
    version = desk.draft()
    assert desk.step(desk.maker, version, "submit", expect=409)["error"]["code"] == "BACKTEST_MISSING"


def test_a_draft_changed_after_its_backtest_needs_another(desk: Desk) -> None:
    version = desk.draft(50_000)
    desk.backtested(version)
    read = desk.call(desk.maker, "GET", f"/versions/{version['id']}")
    body = {"files": desk.files(60_000), "remark": "More"}
    headers = {"If-Match": read.headers["ETag"]}
    assert desk.call(desk.maker, "PUT", f"/versions/{version['id']}", headers, json=body).status == 200
    assert desk.step(desk.maker, version, "submit", expect=409)["error"]["code"] == "BACKTEST_MISSING"


def test_a_backtest_against_rules_no_longer_in_force_is_stale(desk: Desk) -> None:
    desk.published(50_000)
    late = desk.draft(30_000)
    desk.backtested(late)
    desk.published(40_000)
    assert desk.step(desk.maker, late, "submit", expect=409)["error"]["code"] == "BACKTEST_STALE"


def test_the_first_backtest_of_a_brand_has_no_decisions(desk: Desk) -> None:
    run = desk.backtested(desk.draft())
    assert (run["status"], run["decisionCount"], run["files"]) == ("READY", 0, {})


def test_a_backtest_tells_who_moves_and_keeps_its_files(desk: Desk) -> None:
    desk.published(50_000)
    for amount in (20_000, 45_000, 60_000):
        desk.decided(amount)
    run = desk.backtested(desk.draft(30_000))
    assert (run["decisionCount"], run["progressPercent"], run["stage"]) == (3, 100, None)
    assert run["summary"]["total"]["matrix"]["APPROVE"] == {"APPROVE": 1, "REFER": 0, "REJECT": 1}
    assert run["summary"]["changes"] == ["AMOUNT_ABOVE_MAXIMUM: maximum_amount 50000 -> 30000"]
    csv = desk.call(desk.maker, "GET", f"/backtests/{run['id']}/files/csv")
    assert len(csv.body.decode().strip().splitlines()) == 2
    page = desk.call(desk.maker, "GET", f"/backtests/{run['id']}/files/html")
    assert b"<html" in page.body
    assert page.headers["Content-Disposition"].startswith("attachment")
    whole = desk.call(desk.maker, "GET", f"/backtests/{run['id']}/files/json")
    assert whole.body["total"] == run["summary"]["total"]
    assert desk.call(desk.maker, "GET", f"/backtests/{run['id']}/files/exe").status == 404


def test_drafts_are_changed_by_who_read_them_last(desk: Desk) -> None:
    version = desk.draft()
    path, body = f"/versions/{version['id']}", {"files": desk.files(60_000), "remark": "More"}
    tag = desk.call(desk.maker, "GET", path).headers["ETag"]
    assert desk.call(desk.maker, "PUT", path, json=body).status == 428
    assert desk.call(desk.maker, "PUT", path, {"If-Match": tag}, json=body).status == 200
    assert desk.call(desk.maker, "PUT", path, {"If-Match": tag}, json=body).status == 412


def test_a_dropped_draft_stays_in_the_history(desk: Desk) -> None:
    version = desk.draft()
    path = f"/versions/{version['id']}"
    tag = desk.call(desk.maker, "GET", path).headers["ETag"]
    assert desk.call(desk.maker, "DELETE", path, {"If-Match": tag}).status == 204
    listed = desk.maker.get("/policies/bre/versions", params={"status": "WITHDRAWN"})["items"]
    assert [item["id"] for item in listed] == [version["id"]]


def test_what_was_submitted_cannot_be_changed(desk: Desk) -> None:
    version = desk.submitted()
    path, body = f"/versions/{version['id']}", {"files": desk.files(60_000), "remark": "More"}
    tag = desk.call(desk.maker, "GET", path).headers["ETag"]
    assert desk.call(desk.maker, "PUT", path, {"If-Match": tag}, json=body).status == 409


def test_the_database_refuses_to_change_files(desk: Desk, platform: Platform) -> None:
    version = desk.published()
    with pytest.raises(Exception, match="permission denied"), brand_scope(desk.brand):
        RulesetText.update(files={}).where(RulesetText.hash == version["rulesetHash"]).execute()
    for statement in ("UPDATE ruleset_text SET files = '{}'", "DELETE FROM ruleset_text"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="never changed"):
            platform.sql(f"{statement} WHERE brand_id = %s", desk.brand)


def test_the_database_refuses_other_content_for_a_submitted_version(desk: Desk) -> None:
    version = desk.submitted()
    with pytest.raises(Exception, match="only while it is a draft"), brand_scope(desk.brand):
        PolicyVersion.update(makers=[]).where(PolicyVersion.id == version["id"]).execute()


def test_rolling_back_puts_the_version_before_in_force(desk: Desk) -> None:
    first, second = desk.published(50_000), desk.published(30_000)
    assert desk.decided(40_000)["outcome"] == "REJECT"
    now = desk.step(desk.checker, second, "roll-back", remark="Too strict")
    assert now["version"]["id"] == first["id"]
    assert desk.decided(40_000)["outcome"] == "APPROVE"
    last = desk.maker.get(f"/policies/versions/{second['id']}/history")[-1]
    assert (last["toState"], last["remark"], last["actorId"]) == (
        "ROLLED_BACK", "Too strict", desk.checker.user["id"]
    )  # fmt: skip


def test_only_what_is_in_force_can_be_rolled_back(desk: Desk) -> None:
    first, _ = desk.published(50_000), desk.published(30_000)
    desk.step(desk.checker, first, "roll-back", expect=409)


def test_two_who_roll_back_at_once_go_back_one_version(desk: Desk) -> None:
    versions = [desk.published(maximum) for maximum in (50_000, 40_000, 30_000)]
    path, body = f"/versions/{versions[-1]['id']}/roll-back", {"remark": "Back"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda who: desk.call(who, "POST", path, json=body), (desk.checker, desk.admin))
        )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert desk.in_force()["version"]["id"] == versions[1]["id"]


def test_a_version_waits_for_its_instant(desk: Desk, platform: Platform) -> None:
    present, coming = desk.published(50_000), desk.submitted(30_000)
    at = datetime.now(UTC) + timedelta(days=1)
    desk.step(desk.checker, coming, "approve", effectiveFrom=at.isoformat())
    assert desk.in_force()["version"]["id"] == present["id"]
    assert desk.in_force()["scheduled"]["id"] == coming["id"]
    assert desk.decided(40_000)["outcome"] == "APPROVE"
    platform.sql("UPDATE policy_version SET effective_from = now() WHERE id = %s", coming["id"])
    assert desk.decided(40_000)["outcome"] == "REJECT"


@pytest.mark.parametrize("instant", ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "tomorrow", "2030-01-01"])
def test_an_instant_that_cannot_be_is_refused(desk: Desk, instant: str) -> None:
    version = desk.submitted()
    refused = desk.step(desk.checker, version, "approve", expect=422, effectiveFrom=instant)
    assert "effectiveFrom" in refused["error"]["fields"]


def test_while_one_version_waits_no_other_is_approved(desk: Desk) -> None:
    desk.published(50_000)
    coming, other = desk.submitted(30_000), desk.submitted(35_000)
    at = datetime.now(UTC) + timedelta(days=1)
    desk.step(desk.checker, coming, "approve", effectiveFrom=at.isoformat())
    assert desk.step(desk.checker, other, "approve", expect=409)["error"]["code"] == "VERSION_SCHEDULED"
    desk.step(desk.checker, coming, "roll-back")
    desk.step(desk.checker, other, "approve")


def test_of_two_versions_made_beside_each_other_one_wins(desk: Desk) -> None:
    desk.published(50_000)
    versions = [desk.submitted(maximum) for maximum in (30_000, 40_000)]

    def approve(pair: tuple[Any, dict[str, Any]]) -> int:
        who, version = pair
        return desk.call(who, "POST", f"/versions/{version['id']}/approve", json={"remark": "Go"}).status

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(approve, zip((desk.checker, desk.admin), versions, strict=True)))
    assert sorted(statuses) == [200, 409]
    assert desk.in_force()["version"]["id"] == versions[statuses.index(200)]["id"]


def test_one_version_is_approved_once(desk: Desk) -> None:
    version = desk.submitted()
    path = f"/versions/{version['id']}/approve"
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda who: desk.call(who, "POST", path, json={"remark": "Go"}).status, (desk.checker, desk.admin)
        )
        assert sorted(answers) == [200, 409]


def test_cases_are_run_before_anything_is_drafted(desk: Desk) -> None:
    tested = desk.maker.post("/policies/bre/test", json={"files": desk.files(1_000)})
    assert (tested["passed"], tested["cases"]) == (False, 2)
    assert tested["failures"][0]["id"] == "SMALL"
    assert tested["coverage"]


def test_inputs_are_tried_without_keeping_anything(desk: Desk) -> None:
    desk.published(50_000)
    asked = {"inputs": {"requested_amount": 40_000}}
    assert desk.maker.post("/policies/bre/decide", json=asked)["outcome"] == "APPROVE"
    stricter = desk.maker.post("/policies/bre/decide", json=asked | {"files": desk.files(30_000)})
    assert stricter["outcome"] == "REJECT"
    assert stricter["reasons"][0]["reason"] == "Amount ₹40,000 is above the maximum of 30000"
    odd = {"inputs": {"requested_amount": {"a": [1]}, "no_such": "\u0000"}}
    assert desk.maker.post("/policies/bre/decide", json=odd)["outcome"] == "REFER"


def test_what_differs_is_told_in_sentences(desk: Desk) -> None:
    first, second = desk.published(50_000), desk.draft(30_000)
    sides = {"left": first["id"], "right": second["id"]}
    told = desk.maker.get("/policies/bre/diff", params=sides)
    assert told["changes"][0]["sentence"] == "AMOUNT_ABOVE_MAXIMUM: maximum_amount 50000 -> 30000"
    assert desk.maker.get("/policies/bre/diff")["changes"] == []
    assert desk.call(desk.maker, "GET", "/bre/diff?left=nonsense").status == 422
    assert desk.call(desk.maker, "GET", "/bre/diff?left=shipped").status == 404


def test_a_rule_set_is_shown_as_it_is_written(desk: Desk) -> None:
    desk.published(50_000)
    shown = desk.maker.get("/policies/bre")
    (rule,) = shown["rules"]
    assert (rule["id"], rule["when"]) == ("AMOUNT_ABOVE_MAXIMUM", "requested_amount > maximum_amount")
    assert rule["thresholds"] == {"maximum_amount": 50_000}
    assert shown["parameters"][0]["place"] == f"brands/{desk.brand}/bre.yaml:6:19"


def test_the_shipped_policies_are_shown(platform: Platform) -> None:
    portal = platform.staff()
    listed = {policy["ruleset"]: policy for policy in portal.get("/policies")}
    assert {"bre", "cam", "sanction", "offer"} <= set(listed)
    assert listed["bre"]["hash"] == portal.get("/policies/bre")["hash"]
    assert portal.post("/policies/bre/test", json={})["passed"]


def test_versions_are_listed_newest_first(desk: Desk) -> None:
    made = [desk.draft(maximum) for maximum in (10_000, 20_000, 30_000)]
    page = desk.maker.get("/policies/bre/versions", params={"pageSize": 2})
    assert [item["number"] for item in page["items"]] == [3, 2]
    assert page["pagination"]["total"] == len(made)
    oldest = desk.maker.get("/policies/bre/versions", params={"sort": "number", "pageSize": 1})
    assert oldest["items"][0]["id"] == made[0]["id"]


def test_a_brand_sees_only_its_own_policies(desk: Desk, platform: Platform) -> None:
    version, stranger = desk.published(), Desk(platform)
    assert stranger.call(stranger.maker, "GET", f"/versions/{version['id']}").status == 404
    assert stranger.call(stranger.checker, "GET", "/bre").status == 404
    with brand_scope(stranger.brand):
        assert db.execute_sql("SELECT count(*) FROM ruleset_text").fetchone() == (0,)


def test_a_version_approved_while_requests_run_decides_wholly(desk: Desk) -> None:
    first, second = desk.published(50_000), desk.submitted(30_000)
    applications, made = [desk.application(40_000) for _ in range(24)], []

    def decide(loan_id: str) -> None:
        made.append(desk.maker.post(f"/loans/{loan_id}/evaluate", expect=201))

    threads = [threading.Thread(target=decide, args=(loan_id,)) for loan_id in applications]
    for thread in threads[:12]:
        thread.start()
    desk.step(desk.checker, second, "approve")
    for thread in threads[12:]:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {first["rulesetHash"]: "APPROVE", second["rulesetHash"]: "REJECT"}
    assert len(made) == 24
    assert all(decision["outcome"] == expected[decision["rulesetHash"]] for decision in made)
    assert {d["rulesetHash"] for d in made if d["loanId"] in applications[12:]} == {second["rulesetHash"]}


def test_a_version_that_cannot_be_loaded_decides_nothing(desk: Desk, platform: Platform) -> None:
    version, loan_id = desk.submitted(), desk.application(40_000)
    broken = "f" * 64
    platform.sql(
        """INSERT INTO ruleset_text (brand_id, id, hash, files) VALUES (%s, gen_random_uuid(), %s, '{"a": "b"}')""",
        desk.brand, broken,
    )  # fmt: skip
    platform.sql("UPDATE policy_version SET status = 'DRAFT' WHERE id = %s", version["id"])
    platform.sql(
        """UPDATE policy_version SET ruleset_hash = %s, status = 'APPROVED', effective_from = now() - interval '1 s'
           WHERE id = %s""",
        broken, version["id"],
    )  # fmt: skip
    refused = desk.maker.post(f"/loans/{loan_id}/evaluate", expect=503)
    assert refused["error"]["code"] == "POLICY_UNUSABLE"
    assert desk.maker.get(f"/loans/{loan_id}/decisions") == []
