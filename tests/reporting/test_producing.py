"""A report is complete or absent, whatever happens while it is made."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import psycopg2
import pytest

from app import config
from app.core.database import ScopeError, brand_scope, snapshot_scope
from app.files import storage
from app.reporting import producing, service
from app.reporting import progress as progress_module
from app.reporting.progress import Cancelled, Progress
from reports import Question, get
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.reporting.conftest import INDIA, Desk


def queued(desk: Desk) -> str:
    """A run that no worker has been told of."""
    run_id = desk.ask("master-report", refresh="true")["runId"]
    desk.platform.sql("DELETE FROM outbox WHERE args ->> 'run_id' = %s", run_id)
    return run_id


def files(run_id: str) -> list[str]:
    store = storage()
    found = store._client.list_objects(store.bucket, f"{BRAND}/reports/{run_id}/", recursive=True)
    return [entry.object_name for entry in found]


@contextmanager
def settings_with(platform: Platform, **changes: object) -> Iterator[None]:
    config.use(replace(platform.settings, **changes))
    try:
        yield
    finally:
        config.use(platform.settings)


def test_again_after_the_end_changes_nothing(admin: Desk):
    run_id = queued(admin)
    producing.run(BRAND, run_id)
    first = files(run_id)
    producing.run(BRAND, run_id)
    assert files(run_id) == first
    names = ("rows.blocks.json", "rows.csv", "rows.jsonl", "rows.parquet", "rows.xlsx")
    assert sorted(name.rpartition("/")[2] for name in first) == [f"{name}.chunks.enc" for name in names]


def test_a_cancelled_run_ends_where_it_is(admin: Desk):
    run_id = queued(admin)
    progress = Progress(BRAND, run_id)
    with pytest.raises(Cancelled):
        progress.stage("extracting")  # not RUNNING
    done = admin.portal.call("DELETE", f"/partner/brand/{BRAND}/report-runs/{run_id}")
    assert (done["status"], done["reason"]) == ("CANCELLED", "It was cancelled.")
    producing.run(BRAND, run_id)
    assert files(run_id) == []
    admin.portal.call("DELETE", f"/partner/brand/{BRAND}/report-runs/{run_id}", expect=409)
    assert admin.ask("master-report")["runId"] != run_id


def test_a_copy_that_is_not_wanted_any_more_is_broken_off(admin: Desk, tmp_path, monkeypatch):
    admin.platform.customer()
    run_id = queued(admin)
    admin.platform.sql("UPDATE report_run SET status = 'RUNNING' WHERE id = %s", run_id)
    monkeypatch.setattr(progress_module, "_EVERY_S", -1)
    progress = Progress(BRAND, run_id)

    def rows(so_far: int) -> None:
        admin.platform.sql("UPDATE report_run SET status = 'CANCELLED' WHERE id = %s", run_id)
        Progress.rows(progress, so_far)

    progress.rows = rows
    day = datetime.now(INDIA).date()
    with pytest.raises(Cancelled):
        producing.make(get("master-report"), Question(BRAND, day, day, day), tmp_path, progress=progress)
    with snapshot_scope(BRAND) as cursor:  # the connection is as good as new
        cursor.execute("SELECT 1")


def test_what_is_more_than_was_thought_is_left_to_a_worker(admin: Desk):
    for _ in range(2):
        admin.platform.customer()
    run_id = queued(admin)
    with settings_with(admin.platform, report_rows_at_once=1):
        producing.run(BRAND, run_id, at_once=True)
    assert admin.portal.get(f"/report-runs/{run_id}")["status"] == "QUEUED"
    admin.platform.drain()
    assert admin.portal.get(f"/report-runs/{run_id}")["status"] == "READY"


def test_runs_from_before_encryption_are_ended(admin: Desk):
    run_id = queued(admin)
    producing.run(BRAND, run_id)
    prefix = f"{BRAND}/reports/{run_id}/old"
    storage().put(f"{prefix}/rows.csv", b"old", "text/csv")
    admin.platform.sql("UPDATE report_run SET files = NULL, file_key = %s WHERE id = %s", prefix, run_id)
    with brand_scope(BRAND):
        assert service.end_old(100) >= 1
    assert not storage().exists(f"{prefix}/rows.csv")
    assert admin.portal.get(f"/report-runs/{run_id}")["status"] == "FAILED"


def test_twice_at_once_publishes_one(admin: Desk):
    run_id = queued(admin)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: producing.run(BRAND, run_id), range(2)))
    ((prefix,),) = admin.platform.sql("SELECT file_key FROM report_run WHERE id = %s", run_id)
    assert files(run_id)
    assert all(name.startswith(f"{prefix}/") for name in files(run_id))


def test_nothing_is_published_when_the_store_is_away(admin: Desk):
    run_id = queued(admin)
    with settings_with(admin.platform, s3_endpoint="http://127.0.0.1:9"):
        producing.run(BRAND, run_id)
    run = admin.portal.get(f"/report-runs/{run_id}")
    assert (run["status"], run["reason"]) == ("FAILED", "The document store did not answer.")
    assert files(run_id) == []


def test_what_cannot_be_decrypted_fails_the_report_without_saying_what(admin: Desk):
    admin.platform.customer()
    run_id = queued(admin)
    with settings_with(admin.platform, master_keys=(("another", b"x" * 32),)):
        producing.run(BRAND, run_id)
    run = admin.portal.get(f"/report-runs/{run_id}")
    assert (run["status"], run["reason"]) == ("FAILED", "Something went wrong on our side.")


def test_a_snapshot_does_not_see_what_comes_after_it(platform: Platform):
    platform.customer()
    count = "SELECT count(*) FROM consent"
    with snapshot_scope(BRAND) as cursor:
        cursor.execute(count)
        before = cursor.fetchall()
        platform.sql(
            "INSERT INTO consent (brand_id, id, customer_id, purpose, text_version)"
            " SELECT brand_id, gen_random_uuid(), id, 'KYC', '1' FROM customer WHERE brand_id = %s LIMIT 1",
            BRAND,
        )
        cursor.execute(count)
        assert cursor.fetchall() == before
    assert platform.sql(f"{count} WHERE brand_id = %s", BRAND) > before


def test_a_snapshot_cannot_write():
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction), snapshot_scope(BRAND) as cursor:
        cursor.execute("UPDATE loan SET status = 'APPLIED'")


def test_a_snapshot_sees_one_brand():
    with snapshot_scope(OTHER_BRAND) as cursor:
        cursor.execute("SELECT count(*) FROM brand")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM customer WHERE brand_id <> %s", (OTHER_BRAND,))
        assert cursor.fetchone() == (0,)


def test_a_snapshot_does_not_nest():
    with pytest.raises(ScopeError), brand_scope(BRAND), snapshot_scope(BRAND):
        pass
