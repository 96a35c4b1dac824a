"""rq workers. Which worker class serves which queue is decided here, once.

Polars must not run in a process that was forked after its threads started (the child hangs at the first
collect), and rq's default worker forks. So: `default` is served by SimpleWorker (no new process, 8 ms a
job, for many small jobs); `pipelines` and `reports` by SpawnWorker (a fresh process a job, 0.4 s, isolated memory).
`bulk` is what is done for thousands: who serves `default` serves it after that, so that nobody waits behind it.
"""

from collections.abc import Sequence

import redis
from rq import Queue, SimpleWorker, SpawnWorker
from rq.worker import BaseWorker

from app.config import settings
from app.core import process

WORKERS: dict[str, type[BaseWorker]] = {
    "default": SimpleWorker,
    "bulk": SimpleWorker,
    "pipelines": SpawnWorker,
    "reports": SpawnWorker,
}


class WorkerError(Exception):
    """The queues asked for cannot be served by one worker; the text says why."""


def worker_for(queues: Sequence[str], connection: redis.Redis) -> BaseWorker:
    """A worker for these queues. Raises WorkerError on an unknown queue or on queues of two kinds."""
    unknown = [name for name in queues if name not in WORKERS]
    if unknown:
        raise WorkerError(f"unknown queue {unknown[0]}; there are {', '.join(WORKERS)}")
    kinds = {WORKERS[name] for name in queues}
    if len(kinds) != 1:
        raise WorkerError(
            "one worker serves either `default` and `bulk` or `pipelines` and `reports`, not both"
        )
    return kinds.pop()([Queue(name, connection=connection) for name in queues], connection=connection)


def run(queues: Sequence[str] = ("default", "bulk")) -> None:
    """Serve `queues` until stopped."""
    process.prepare()
    worker_for(queues, redis.Redis.from_url(settings().redis_url)).work(logging_level="WARNING")
