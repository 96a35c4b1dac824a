"""Reminders that are all due in the same minute, against doing no more than the least of it, in one run.

    python benchmarks/reminders.py [--reminders N] [--sent N]

Two schedulers at once hand everything over that is due: claim, loans' values, words, messages, jobs. Baseline: the same
messages inserted by one process in batches of the same size, and nothing else. Then two workers send the first of them
to the provider's twin over HTTP, and their ends are brought back. Baseline: two processes that call the same client for
the same messages, and nothing else. The run fails where anything was made, sent or brought back twice, or not at all.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent.parent))

from app import connect
from app.config import Settings
from app.core import clock
from app.core.database import brand_scope, db, insert_rows, side_db
from app.core.ids import new_id
from app.core.migrate import migrate
from app.customers import service as customers
from app.messaging import delivering
from app.messaging.models import UserNotification
from app.providers import client
from app.reminders import sending
from app.reminders import service as reminders
from app.runtime.services import EmbeddedServices
from app.sandbox import create_app
from app.sandbox.server import Server
from app.seed import seed

BRAND, CODE = "qualoan", "payment_link"
PAYLOAD = {"amount": "5000", "loan_no": "QUA-L-1", "url": "https://pay.example/1"}
PEOPLE, WORKERS, MADE_AT_ONCE = 500, 2, 5_000


def make(count: int) -> list[UUID]:
    """So many reminders that are due, to customers in turn."""
    with brand_scope(BRAND):
        people = [customers.create(f"9{number:09d}", {}).id for number in range(PEOPLE)]
    rows = ({"customer_id": people[number % PEOPLE], "loan_id": None} for number in range(count))
    same = {"channel": "SMS", "template_code": CODE, "payload": PAYLOAD, "scheduled_at": clock.now()}
    for some in _batches(rows, MADE_AT_ONCE):
        with brand_scope(BRAND):
            reminders.create_all(some, **same)
    return people


def _batches(rows: Iterator[dict], size: int) -> Iterator[Sequence[dict]]:
    some = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def bare_insert(people: Sequence[UUID], count: int) -> None:
    """The messages alone, which then go again."""
    text = f"Qualoan: pay Rs {PAYLOAD['amount']} for loan {PAYLOAD['loan_no']} here: {PAYLOAD['url']}"
    body = {"text": text, "variables": PAYLOAD, "documents": []}
    same = {"event": CODE, "channel": "SMS", "body": body, "status": "FAILED"}
    rows = ({"id": new_id(), "customer_id": people[n % PEOPLE], **same} for n in range(count))
    for some in _batches(rows, sending.BATCH):
        with brand_scope(BRAND):
            insert_rows(UserNotification, some)


def at_once(work: Callable[..., None], *arguments: Sequence[object]) -> float:
    """Seconds that WORKERS processes take, each with its own arguments, all started before the clock."""
    spawn = multiprocessing.get_context("spawn")
    ready, go = spawn.Semaphore(0), spawn.Event()
    processes = [
        spawn.Process(target=_worker, args=(work, mine, ready, go)) for mine in zip(*arguments, strict=True)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    started_at = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a worker failed")
    return time.perf_counter() - started_at


def _worker(work: Callable[..., None], arguments: tuple, ready: object, go: object) -> None:
    connect(Settings.from_environment(os.environ))
    ready.release()
    go.wait()
    work(*arguments)


def bare_sending(phones: Sequence[str]) -> None:
    provider = client("msg91", BRAND)
    for phone in phones:
        provider.send_sms(to=phone, template_id=CODE, variables={}, text="")


def deliver(message_ids: Sequence[str]) -> None:
    delivering.deliver(BRAND, message_ids)


def shared_out(things: Sequence) -> list[Sequence]:
    return [things[worker::WORKERS] for worker in range(WORKERS)]


def measure(count: int, sent: int) -> None:
    print(f"{count:,} reminders due at one minute")
    people = make(count)
    started_at = time.perf_counter()
    bare_insert(people, count)
    baseline = time.perf_counter() - started_at
    told("bare insert (baseline)", baseline, baseline, count)
    seconds = at_once(sending.send_due, [BRAND] * WORKERS)
    told("two schedulers hand over", seconds, baseline, count)
    made = one("SELECT count(*) FROM user_notification WHERE key LIKE 'reminder:%%'")
    marked = one("SELECT count(DISTINCT message_id) FROM user_reminder WHERE message_id IS NOT NULL")
    expect("messages", made, count)
    expect("reminders with a message of their own", marked, count)
    with brand_scope(BRAND):
        keyed = UserNotification.select(UserNotification.id).where(UserNotification.key.is_null(False))
        ids = [str(row.id) for row in keyed.order_by(UserNotification.id).limit(sent)]
        phones = [customers.get(people[number % PEOPLE]).phone for number in range(sent)]
    baseline = at_once(bare_sending, shared_out(phones))
    told("bare calls (baseline)", baseline, baseline, sent)
    before = posted()
    seconds = at_once(deliver, shared_out(ids))
    told("two workers send", seconds, baseline, sent)
    expect("calls of the provider", posted() - before, sent)
    started_at = time.perf_counter()
    sending.settle_all(BRAND)
    told("ends are brought back", time.perf_counter() - started_at, baseline, sent)
    expect("reminders SENT", one("SELECT count(*) FROM user_reminder WHERE status = 'SENT'"), sent)


def posted() -> int:
    with brand_scope(BRAND):
        statement = "SELECT count(*) FROM provider_call WHERE operation = 'send_sms'"
        return db.execute_sql(statement).fetchone()[0]


def one(statement: str) -> int:
    with brand_scope(BRAND):
        return db.execute_sql(statement).fetchone()[0]


def expect(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise SystemExit(f"{found:,} {what} instead of {wanted:,}")


def told(name: str, seconds: float, baseline: float, rows: int) -> None:
    print(
        f"  {name:<26} {seconds:8.1f} s  {seconds / baseline:6.1f}x  {rows / seconds:>9,.0f} a second",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reminders", type=int, default=100_000)
    parser.add_argument("--sent", type=int, default=5_000)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="los-bench-") as directory:
        services = EmbeddedServices(Path(directory) / "servers", durable=False, given={})
        with services, Server(create_app("http://127.0.0.1:9", delay_s=0.0, timeout_s=1.0)) as twin:
            # the pace that the provider allows is not what is measured
            os.environ.update(
                services.environment() | {"LOS_SANDBOX_URL": twin.url, "LOS_MSG91_RATE": "9999/second"}
            )
            os.environ["LOS_LOG_LEVEL"] = "ERROR"
            migrate(os.environ["DATABASE_OWNER_URL"])
            connect(Settings.from_environment(os.environ))
            seed()
            measure(asked.reminders, asked.sent)
            db.close_all()
            side_db.close_all()


if __name__ == "__main__":
    main()
