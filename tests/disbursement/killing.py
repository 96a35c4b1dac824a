"""A worker in a process of its own that is killed (SIGKILL) as it reaches a step: nothing of it can clean up."""

import multiprocessing
import os
import signal
import sys
from functools import reduce
from importlib import import_module
from types import FrameType
from typing import Any

from rq import Queue

from app.config import Settings, use
from tests.platform import Platform

# forked from a process with nothing but imports: no thread, no connection, and no second start of Python
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["app.core.worker", "app.disbursement.jobs", "tests.disbursement.killing"])
PATIENCE_S = 30


def worker_killed_at(platform: Platform, step: tuple[str, str], brand_id: str, outbox_id: str) -> int:
    """How a worker ended that was given one row of the outbox; -9 where it came to `step` and was killed there."""
    queue = Queue(f"killing-{outbox_id}", connection=platform.redis)
    queue.enqueue("app.core.jobs.perform", brand_id, outbox_id)
    worker = _processes.Process(target=_work, args=(platform.settings, queue.name, *step))
    worker.start()
    worker.join(PATIENCE_S)
    queue.empty()
    return worker.exitcode


def _work(settings: Settings, queue: str, place: str, moment: str) -> None:
    """What `los worker` does, on one queue, until `place` (module:qualified.name) is called or has returned."""
    import redis
    from rq import SimpleWorker

    use(settings)
    connection = redis.Redis.from_url(settings.redis_url)
    worker = SimpleWorker([Queue(queue, connection=connection)], connection=connection)
    code = _named(place).__code__

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == moment and frame.f_code is code:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(look)
    worker.work(burst=True, logging_level="ERROR")


def _named(place: str) -> Any:
    module, _, names = place.partition(":")
    return reduce(getattr, names.split("."), import_module(module))
