"""What an rq worker calls: run one outbox row, whatever happens leave it in a clear state."""

from datetime import timedelta
from uuid import UUID

import structlog

from app.core import clock, identity, process
from app.core.database import brand_scope
from app.core.masking import mask
from app.core.outbox import DEAD, DISPATCHED, DONE, PENDING, OutboxRow, resolve

log = structlog.get_logger()
_BACKOFF_S_MAX = 3600


def perform(brand_id: str, outbox_id: str, is_lost: bool = False) -> None:
    """Run the row unless it is done already or another worker holds it. Never raises for a failing job.

    `is_lost`: it was handed over before and came to no end, perhaps because it takes its worker down.
    """
    # a SpawnWorker runs each job in a process that has done nothing yet
    process.prepare()
    with (
        identity.acting(identity.SYSTEM),
        structlog.contextvars.bound_contextvars(brand=brand_id, outbox=outbox_id),
    ):
        try:
            if is_lost:
                _count_lost(brand_id, UUID(outbox_id))
            _run(brand_id, UUID(outbox_id))
        except (
            Exception
        ) as error:  # the one place where any failure of a job ends: counted, kept, tried again
            log.warning("job failed", error=mask(repr(error)), exc_info=True)
            _failed(brand_id, UUID(outbox_id), error)


def _count_lost(brand_id: str, outbox_id: UUID) -> None:
    """What no worker survives is not begun for ever: being lost is an attempt, counted before the next one begins."""
    with brand_scope(brand_id):
        row = _claim(outbox_id)
        if row is None:
            return
        if row.attempts < row.attempts_max:
            row.change(attempts=row.attempts + 1)
        else:
            row.change(status=DEAD, finished_at=clock.now(), last_error="No worker came to its end.")


def _run(brand_id: str, outbox_id: UUID) -> None:
    with brand_scope(brand_id):
        row = _claim(outbox_id)
        if row is None:
            return
        function = resolve(row.job)
        if function.job_options.atomic:
            function(**row.args)
            _done(row)
            return
    function(**row.args)
    with brand_scope(brand_id):
        _done(row)


def _claim(outbox_id: UUID) -> OutboxRow | None:
    """The row, locked; None when it ended already or is being run this moment."""
    return (
        OutboxRow.select()
        .where(OutboxRow.id == outbox_id, OutboxRow.status.in_([PENDING, DISPATCHED]))
        .for_update("FOR UPDATE SKIP LOCKED")
        .first()
    )


def _done(row: OutboxRow) -> None:
    row.change(status=DONE, finished_at=clock.now(), last_error=None)


def _failed(brand_id: str, outbox_id: UUID, error: Exception) -> None:
    with brand_scope(brand_id):
        row = _claim(outbox_id)
        if row is None:
            return
        attempts = row.attempts + 1
        ended = attempts >= row.attempts_max
        wait_s = min(2**attempts, _BACKOFF_S_MAX)
        row.change(
            status=DEAD if ended else PENDING,
            attempts=attempts,
            available_at=clock.now() + timedelta(seconds=wait_s),
            finished_at=clock.now() if ended else None,
            last_error=mask(f"{type(error).__name__}: {error}")[:500],
        )
