"""The relay: hands committed outbox rows to rq. Any number of relays may run; none hands over the other's rows."""

import threading
from dataclasses import dataclass

import redis
import structlog
from rq import Queue

from app.config import settings
from app.core.database import db, role_scope

log = structlog.get_logger()

BATCH = 100
POLL_S = 0.1

# Rows that are due, and rows handed over whose lease has passed without an end.
_CLAIM = """
UPDATE outbox SET status = 'DISPATCHED', dispatched_at = now()
FROM (
  SELECT brand_id, id, status = 'DISPATCHED' AS is_lost FROM outbox
  WHERE (status = 'PENDING' AND available_at <= now())
     OR (status = 'DISPATCHED' AND dispatched_at < now() - lease_s * interval '1 second')
  ORDER BY available_at LIMIT %s FOR UPDATE SKIP LOCKED) due
WHERE (outbox.brand_id, outbox.id) = (due.brand_id, due.id)
RETURNING outbox.id, outbox.brand_id, queue, job, is_lost
"""


@dataclass(frozen=True)
class Handed:
    """A row that was handed over. `is_lost`: it was before, and came to no end within its lease."""

    outbox_id: str
    brand_id: str
    queue: str
    job: str
    is_lost: bool


def relay_once(connection: redis.Redis) -> int:
    """Hand over one batch. Returns how many rows. The claim commits first: a crash in between costs a lease."""
    with role_scope("los_relay"):
        rows = [Handed(str(r[0]), *r[1:]) for r in db.execute_sql(_CLAIM, (BATCH,)).fetchall()]
    for row in rows:
        Queue(row.queue, connection=connection).enqueue(
            "app.core.jobs.perform",
            row.brand_id,
            row.outbox_id,
            row.is_lost,
            description=row.job,
            result_ttl=0,
            failure_ttl=86_400,
            job_timeout=1_800,
        )
    return len(rows)


def relay_forever(stop: threading.Event) -> None:
    """Relay until `stop`. An unreachable Redis or PostgreSQL is logged and tried again."""
    connection = redis.Redis.from_url(settings().redis_url)
    while not stop.is_set():
        try:
            handed = relay_once(connection)
        except Exception as error:  # the relay must outlive any outage of what it joins
            log.warning("relay waits", error=repr(error))
            handed = 0
            stop.wait(1)
        if handed < BATCH:
            stop.wait(POLL_S)
