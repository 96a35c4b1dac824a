"""What must happen after a change, written in the transaction of the change.

`enqueue` adds a row; the relay hands committed rows to rq; the worker runs the job and marks the row done in
the job's own transaction. A row that was handed over and not done within its lease is handed over again, so
losing Redis, a worker or the relay loses nothing. Jobs may therefore run twice and must be safe to. A row that is lost
again and again is DEAD in the end: what takes every worker down does so `attempts_max` times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

from peewee import IntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core import clock
from app.core.database import TenantModel

Queue = Literal["default", "bulk", "pipelines", "reports"]
PENDING, DISPATCHED, DONE, DEAD = "PENDING", "DISPATCHED", "DONE", "DEAD"


@dataclass(frozen=True)
class JobOptions:
    """How a job runs. `lease_s`: after this long without an end it is taken for lost and handed over again.

    `atomic`: the job runs inside one transaction of its brand, together with the mark that it is done. A job
    that is not atomic opens its own scopes and must be repeatable at any point.
    """

    queue: Queue = "default"
    attempts_max: int = 8
    lease_s: int = 60
    atomic: bool = True


class OutboxRow(TenantModel):
    """One job to run."""

    job = TextField()
    args = BinaryJSONField()
    queue = TextField()
    status = TextField(default=PENDING)
    attempts = IntegerField(default=0)
    attempts_max = IntegerField()
    lease_s = IntegerField()
    available_at = DateTimeTZField(default=clock.now)
    dispatched_at = DateTimeTZField(null=True)
    finished_at = DateTimeTZField(null=True)
    last_error = TextField(null=True)

    class Meta:
        table_name = "outbox"


def job(
    queue: Queue = "default", *, attempts_max: int = 8, lease_s: int = 60, atomic: bool = True
) -> Callable[[Callable], Callable]:
    """Mark a function of some `app/<domain>/jobs.py` as a job."""

    def mark(function: Callable) -> Callable:
        function.job_options = JobOptions(queue, attempts_max, lease_s, atomic)
        return function

    return mark


def resolve(name: str) -> Callable[..., None]:
    """``esign.send_agreement`` is the function `send_agreement` of `app/esign/jobs.py`."""
    domain, _, function = name.partition(".")
    found = getattr(import_module(f"app.{domain}.jobs"), function)
    if not hasattr(found, "job_options"):
        raise LookupError(f"{name} is not marked as a job")
    return found


def enqueue(name: str, *, delay_s: float = 0, **args: Any) -> UUID:
    """Run `name` with `args` (JSON values and ids) once this transaction has committed."""
    options = resolve(name).job_options
    row = OutboxRow.create(
        job=name,
        args={key: str(value) if isinstance(value, UUID) else value for key, value in args.items()},
        queue=options.queue,
        attempts_max=options.attempts_max,
        lease_s=options.lease_s,
        available_at=clock.now() + timedelta(seconds=delay_s),
    )
    return row.id
