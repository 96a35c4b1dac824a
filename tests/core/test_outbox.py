"""Wall: what must happen after a change commits with it, and losing Redis or a worker loses nothing."""

from collections.abc import Iterator
from types import ModuleType
from uuid import uuid4

import pytest
from rq import Queue

from app.core import clock, jobs, outbox
from app.core.database import brand_scope
from app.core.idempotency import IdempotencyKey
from app.core.outbox import OutboxRow, enqueue, job
from app.core.relay import relay_once
from tests.platform import BRAND, OTHER_BRAND, Platform


@job()
def leave_a_mark(mark: str) -> None:
    """An effect in the job's own transaction."""
    IdempotencyKey.create(
        principal="test", route="mark", key=str(uuid4()), body_hash=mark, status=1, response=""
    )


@job(attempts_max=2)
def leave_a_mark_and_fail(mark: str) -> None:
    leave_a_mark(mark)
    raise RuntimeError("phone 9876543210 did not answer")


@pytest.fixture(autouse=True)
def _jobs_of_this_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = ModuleType("app.marks.jobs")
    module.mark, module.fail = leave_a_mark, leave_a_mark_and_fail
    monkeypatch.setitem(__import__("sys").modules, "app.marks", ModuleType("app.marks"))
    monkeypatch.setitem(__import__("sys").modules, "app.marks.jobs", module)
    return


def marks(platform: Platform, mark: str) -> int:
    return platform.sql("SELECT count(*) FROM idempotency_key WHERE body_hash = %s", mark)[0][0]


def row(platform: Platform, outbox_id: object) -> tuple:
    columns = "status, attempts, last_error, available_at > now()"
    return platform.sql(f"SELECT {columns} FROM outbox WHERE id = %s", str(outbox_id))[0]


def test_it_works(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.mark", mark="works")
    platform.drain()
    assert marks(platform, "works") == 1
    assert row(platform, outbox_id)[0] == outbox.DONE


def test_a_rolled_back_change_leaves_no_job(platform: Platform) -> None:
    with pytest.raises(ZeroDivisionError), brand_scope(BRAND):
        enqueue("marks.mark", mark="rolled back")
        raise ZeroDivisionError
    platform.drain()
    assert marks(platform, "rolled back") == 0


def test_losing_redis_loses_nothing(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.mark", mark="redis lost")
    relay_once(platform.redis)
    platform.redis.flushdb()
    platform.drain()
    assert marks(platform, "redis lost") == 0
    platform.sql("UPDATE outbox SET dispatched_at = now() - interval '1 hour' WHERE id = %s", str(outbox_id))
    platform.drain()
    assert marks(platform, "redis lost") == 1


def test_a_job_that_no_worker_survives_ends_dead(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.fail", mark="lost")
    lost = (
        "UPDATE outbox SET status = 'DISPATCHED', attempts = %s, dispatched_at = '2020-01-01' WHERE id = %s"
    )
    platform.sql(lost, 0, str(outbox_id))
    relay_once(platform.redis)
    (handed,) = [one.args for one in Queue(connection=platform.redis).jobs if one.args[1] == str(outbox_id)]
    assert handed == (BRAND, str(outbox_id), True)
    platform.sql(lost, 2, str(outbox_id))
    platform.drain()
    assert row(platform, outbox_id)[:3] == (outbox.DEAD, 2, "No worker came to its end.")


def test_a_job_that_runs_twice_takes_effect_once(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.mark", mark="twice")
    jobs.perform(BRAND, str(outbox_id))
    jobs.perform(BRAND, str(outbox_id))
    assert marks(platform, "twice") == 1


def test_a_failing_job_leaves_no_half_state_waits_and_ends_dead(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.fail", mark="fails")
    jobs.perform(BRAND, str(outbox_id))
    status, attempts, error, later = row(platform, outbox_id)
    assert (status, attempts, later) == (outbox.PENDING, 1, True)
    assert "9876543210" not in error
    jobs.perform(BRAND, str(outbox_id))
    assert row(platform, outbox_id)[:2] == (outbox.DEAD, 2)
    assert marks(platform, "fails") == 0


def test_a_job_runs_under_its_own_brand(platform: Platform) -> None:
    with brand_scope(OTHER_BRAND):
        enqueue("marks.mark", mark="other brand")
    platform.drain()
    rows = platform.sql("SELECT brand_id FROM idempotency_key WHERE body_hash = 'other brand'")
    assert rows == [(OTHER_BRAND,)]


def test_a_job_of_another_brand_is_not_found(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.mark", mark="stolen")
    jobs.perform(OTHER_BRAND, str(outbox_id))
    assert marks(platform, "stolen") == 0
    platform.drain()


def test_a_delayed_job_waits(platform: Platform) -> None:
    with brand_scope(BRAND):
        outbox_id = enqueue("marks.mark", mark="later", delay_s=3600)
    platform.drain()
    assert marks(platform, "later") == 0
    assert row(platform, outbox_id)[0] == outbox.PENDING


def test_a_name_that_is_no_job_cannot_be_enqueued(platform: Platform) -> None:
    with pytest.raises((LookupError, AttributeError, ModuleNotFoundError)), brand_scope(BRAND):
        enqueue("customers.service", x=1)


def test_two_relays_never_hand_over_the_same_row(platform: Platform) -> None:
    with brand_scope(BRAND):
        for _ in range(5):
            enqueue("marks.mark", mark="relayed")
    assert relay_once(platform.redis) >= 5
    assert relay_once(platform.redis) == 0
    with brand_scope(BRAND):
        handed = OutboxRow.select().where(
            OutboxRow.status == outbox.DISPATCHED, OutboxRow.job == "marks.mark"
        )
        assert all(r.dispatched_at <= clock.now() for r in handed)
    OutboxRow_ids = platform.sql("SELECT brand_id, id FROM outbox WHERE status = 'DISPATCHED'")
    for brand_id, outbox_id in OutboxRow_ids:
        jobs.perform(brand_id, str(outbox_id))
    assert marks(platform, "relayed") == 5
