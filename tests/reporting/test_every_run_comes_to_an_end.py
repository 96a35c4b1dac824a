"""Every run comes to an end that is told, and leaves nothing behind: whatever is lost on the way, a worker, a file, the
store, or whoever waits for it."""

import os
import signal
import time
from pathlib import Path
from tempfile import gettempdir

import pytest

from app.core.database import brand_scope
from app.core.identity import Role
from app.files import storage
from app.privacy import erasing
from app.reporting import files, jobs, producing
from app.reporting import progress as progress_module
from app.reporting.holdings import HOLDINGS
from app.reporting.models import ReportRun
from app.reporting.workspace import workspace
from tests.books import planted
from tests.disbursement.killing import worker_killed_at
from tests.platform import Platform
from tests.reporting.conftest import Desk

NAME = "disbursed-loan-report"


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform, platform.staff(Role.ADMIN, planted(platform)))


def stored(desk: Desk, run_id: str) -> list[str]:
    return list(storage().keys(f"{desk.portal.brand_id}/reports/{run_id}/"))


def mails(desk: Desk, subject: str) -> list[dict]:
    sent = desk.platform.sandbox.messages(desk.portal.user["email"])
    return [mail for mail in sent if mail["subject"].endswith(subject)]


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_leaves_nothing(desk: Desk) -> None:
    run = desk.ask(NAME, refresh="true")
    ((row_id,),) = desk.platform.sql("SELECT id::text FROM outbox WHERE args ->> 'run_id' = %s", run["runId"])
    for step in (("reports.produce:produce", "call"), ("app.reporting.files:store", "return")):
        ended = worker_killed_at(desk.platform, step, desk.portal.brand_id, row_id)
        told = desk.portal.get(f"/report-runs/{run['runId']}")
        assert (ended, told["status"]) == (-signal.SIGKILL, "RUNNING")
        assert told["stage"] in ("shaping", "storing")
    assert stored(desk, run["runId"])  # of an attempt that nobody will publish
    lost = "UPDATE outbox SET status = 'DISPATCHED', dispatched_at = now() - interval '1 hour' WHERE id = %s"
    desk.platform.sql(lost, row_id)
    desk.platform.drain()
    told = desk.portal.get(f"/report-runs/{run['runId']}")
    assert (told["status"], told["progressPercent"]) == ("READY", 100)
    assert len(stored(desk, run["runId"])) == 5
    assert len({key.rpartition("/")[0] for key in stored(desk, run["runId"])}) == 1


def test_rows_of_who_was_killed_do_not_stay_on_the_machine() -> None:
    left = Path(gettempdir()) / "los-report-of-the-dead"
    left.mkdir(exist_ok=True)
    with workspace() as fresh:
        assert fresh.is_dir()
        assert left.is_dir()  # it may be at work
        os.utime(left, (0, time.time() - 7_200))
    with workspace():
        assert not left.exists()


def test_files_that_are_gone_are_not_given_again(desk: Desk) -> None:
    run = desk.produced(NAME)
    for key in stored(desk, run["runId"]):
        storage().remove(key)
    for path in ("csv", "download"):
        error = desk.portal.get(f"/report/{NAME}/{path}", params={"runId": run["runId"]}, expect=409)["error"]
    assert (error["code"], "gone" in error["message"]) == ("REPORT_EXPIRED", True)
    assert desk.ask(NAME)["runId"] != run["runId"]
    desk.platform.drain()


def test_a_store_that_is_away_is_said(desk: Desk) -> None:
    run = desk.produced(NAME)
    with desk.platform.set(s3_endpoint="http://127.0.0.1:9"):
        asked = {"runId": run["runId"]}
        error = desk.portal.get(f"/report/{NAME}/csv", params=asked, expect=503)["error"]
    assert error["code"] == "UNAVAILABLE"
    assert desk.portal.get(f"/report/{NAME}/csv", params=asked)


def test_a_format_that_could_not_be_made_is_tried_again_when_asked_for(desk: Desk, monkeypatch) -> None:
    run = desk.produced(NAME)
    before = len(mails(desk, "not produced"))
    with monkeypatch.context() as broken:
        broken.setattr(files, "render", lambda *_: 1 / 0)
        desk.portal.post(f"/report/{NAME}/email", expect=202, json=desk.days(format="html"))
        desk.platform.drain()
    assert len(mails(desk, "not produced")) == before + 1
    path = run["fileHrefs"]["html"]
    assert desk.fetch(path).status_code == 202
    desk.platform.drain()
    assert desk.fetch(path).status_code == 200


def test_who_waits_for_a_run_that_is_cancelled_is_told(desk: Desk) -> None:
    told = desk.portal.post(f"/report/{NAME}/email", expect=202, json=desk.days(refresh=True))
    assert desk.portal.send("DELETE", f"/report-runs/{told['run']['runId']}")["status"] == "CANCELLED"
    desk.platform.drain()
    assert "It was cancelled." in mails(desk, "not produced")[0]["text"]


def test_a_run_that_nobody_ends_is_ended(desk: Desk) -> None:
    told = desk.portal.post(f"/report/{NAME}/email", expect=202, json=desk.days(refresh=True))
    run_id = told["run"]["runId"]
    desk.platform.sql("DELETE FROM outbox WHERE args ->> 'run_id' = %s", run_id)
    desk.platform.sql(
        "UPDATE report_run SET status = 'RUNNING', created_at = now() - interval '61 minutes' WHERE id = %s",
        run_id,
    )
    with brand_scope(desk.portal.brand_id):
        jobs.look_after()
    desk.platform.drain()
    run = desk.portal.get(f"/report-runs/{run_id}")
    assert (run["status"], run["stage"], run["reason"]) == ("FAILED", None, "It was not produced in time.")
    assert "It was not produced in time." in mails(desk, "not produced")[0]["text"]


def test_a_run_whose_time_has_passed_says_so_and_has_no_files(desk: Desk) -> None:
    run = desk.produced(NAME)
    (holding,) = HOLDINGS
    with brand_scope(desk.portal.brand_id):
        erasing.finish_some(holding, ReportRun.select().where(ReportRun.id == run["runId"]), 1)
    assert stored(desk, run["runId"]) == []
    ended = desk.portal.get("/report-runs", params={"status": "EXPIRED"})["items"]
    assert (ended[0]["runId"], ended[0]["rowCount"]) == (run["runId"], run["rowCount"])
    error = desk.portal.get(f"/report/{NAME}", params={"runId": run["runId"]}, expect=409)["error"]
    assert (error["code"], "time has passed" in error["message"]) == ("REPORT_EXPIRED", True)
    assert desk.ask(NAME)["runId"] != run["runId"]
    desk.platform.drain()


def test_progress_only_grows(desk: Desk, monkeypatch) -> None:
    told: list[tuple[str, int, int]] = []

    def note(self: progress_module.Progress, percent: int) -> None:
        told.append((self._stage, percent, self._rows))
        tell(self, percent)

    tell = progress_module.Progress._tell
    monkeypatch.setattr(progress_module.Progress, "_tell", note)
    monkeypatch.setattr(progress_module, "_EVERY_S", -1)
    for name in ("master-report", "vintage-report"):
        told.clear()
        run = desk.ask(name, refresh="true")
        desk.platform.sql("DELETE FROM outbox WHERE args ->> 'run_id' = %s", run["runId"])
        producing.run(desk.portal.brand_id, run["runId"])
        stages = list(dict.fromkeys(stage for stage, _, _ in told))
        assert stages == list(progress_module.STAGES)
        assert [line[1:] for line in told] == sorted(line[1:] for line in told)
        done = desk.portal.get(f"/report-runs/{run['runId']}")
        assert (done["progressPercent"], done["rowsDone"]) == (100, told[-1][2])
