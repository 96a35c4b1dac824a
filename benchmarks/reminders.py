"""Reminders that are all due in the same minute, sent and settled, against doing no more than the least of it.

    python benchmarks/reminders.py [--count N] [--kill]

Two schedulers and two workers, with outbox, relay and queue as they are in service: due rows are claimed, words are
filled, rules of contact asked and counted, messages handed to the provider's twin over HTTP, ends brought back.
Baselines, by as many processes: the same messages inserted in batches of the same size and nothing else; the same
payloads posted in requests of the same size and nothing else. `--kill`: the workers are killed while they send, others
take their place, and time goes by until what was theirs is taken for lost. The run fails where anybody heard anything
twice, or anything is left open.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from datetime import time as day_time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from app import connect
from app.config import Settings
from app.contacts import service as contacts
from app.core import clock, worker
from app.core.crypto import lookup_hash
from app.core.database import brand_scope, db, insert_rows, side_db
from app.core.ids import new_id
from app.core.migrate import migrate
from app.core.outbox import enqueue
from app.core.relay import relay_forever
from app.customers.models import Customer
from app.messaging.models import UserNotification
from app.providers.msg91 import Msg91Client
from app.reminders import sending
from app.reminders import service as reminders
from app.runtime.services import EmbeddedServices
from app.sandbox import create_app
from app.sandbox.messages import Message
from app.sandbox.server import Server
from app.seed import seed

T = TypeVar("T")
BRAND, CODE, WORKERS, MADE_AT_ONCE = "qualoan", "due_reminder", 2, 5_000
TOGETHER = Msg91Client.together_max
SPAWN = multiprocessing.get_context("spawn")
# table, column and status of what was begun and not ended
LEFT = (("user_notification", "claimed_at", "SENDING"), ("outbox", "dispatched_at", "DISPATCHED"))
MESSAGES = "SELECT count(*) FROM user_notification"
LOOK_S = 0.5
STILL_S = 5.0  # nothing moves any more
UNSURE = "It is not known whether it was sent"


def payload(number: int) -> dict[str, str]:
    return {"loan_no": f"QUA-{number}", "due_date": "2026-12-01", "outstanding": "5000"}


def make(count: int) -> list[UUID]:
    """So many customers, each with a reminder of what they owe that is due now."""
    people = []
    for numbers in _batches(range(count), MADE_AT_ONCE):
        with brand_scope(BRAND):
            rows = [_customer(number) for number in numbers]
            insert_rows(Customer, rows)
            said = [
                {"customer_id": row["id"], "loan_id": None, "payload": payload(number)}
                for row, number in zip(rows, numbers, strict=True)
            ]
            reminders.create_all(said, channel="SMS", template_code=CODE, scheduled_at=clock.now())
        people += [row["id"] for row in rows]
    return people


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    things = iter(things)
    while some := list(islice(things, size)):
        yield some


def _customer(number: int) -> dict[str, object]:
    phone = f"9{number:09d}"
    return {
        "id": new_id(),
        "customer_no": f"C-{number}",
        "phone": phone,
        "phone_hash": lookup_hash("phone", phone),
        "utm": {},
    }


def bare_insert(people: Sequence[UUID]) -> None:
    """The messages alone, which then go again."""
    same = {"event": CODE, "channel": "SMS", "status": "FAILED"}
    rows = [
        same
        | {"id": new_id(), "customer_id": each, "body": {"text": f"Qualoan: {number}", **payload(number)}}
        for number, each in enumerate(people)
    ]
    for some in _batches(rows, sending.BATCH):
        with brand_scope(BRAND):
            insert_rows(UserNotification, some)


def bare_posts(url: str, numbers: Sequence[int]) -> None:
    """The payloads alone. The twin has no phone of theirs among those it counts."""
    headers = {"authkey": "sandbox-msg91-auth_key"}
    with requests.Session() as session:
        for some in _batches(numbers, TOGETHER):
            people = [{**payload(number), "mobiles": f"918{number:09d}"} for number in some]
            told = {"template_id": "bare", "sender": "LOSLOS", "recipients": people}
            session.post(
                f"{url}/msg91/api/v5/flow", json=told, headers=headers, timeout=30
            ).raise_for_status()


def at_once(work: Callable[..., None], *arguments: Sequence[object]) -> float:
    """Seconds that WORKERS processes take, each with its own arguments, all started before the clock."""
    ready, go = SPAWN.Semaphore(0), SPAWN.Event()
    processes = [
        SPAWN.Process(target=_worker, args=(work, mine, ready, go)) for mine in zip(*arguments, strict=True)
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


def serve(ready: object) -> None:
    """A worker of the service, for whom it is noon: all rules of contact are asked, at an hour that they allow."""
    connect(Settings.from_environment(os.environ))
    rules, noon = contacts.refusal, datetime.combine(clock.today(), day_time(12), clock.INDIA)
    contacts.refusal = lambda channel, _at, policy, attempts: rules(channel, noon, policy, attempts)
    ready.release()
    worker.run()


class Workers:
    """Processes that serve the queue, and a relay that fills it, while the block lasts."""

    def __enter__(self) -> "Workers":
        self._stop, self._ready = threading.Event(), SPAWN.Semaphore(0)
        self._relay = threading.Thread(target=relay_forever, args=(self._stop,), daemon=True)
        self._relay.start()
        self._processes = [self._started() for _ in range(WORKERS)]
        return self

    def _started(self) -> SPAWN.Process:
        process = SPAWN.Process(target=serve, args=(self._ready,))
        process.start()
        self._ready.acquire()
        return process

    def kill(self) -> None:
        """As if their machine went away; others take their place."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        self._processes = [self._started() for _ in range(WORKERS)]

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for process in self._processes:
            os.kill(process.pid, signal.SIGTERM)
        for process in self._processes:
            process.join()
        self._relay.join()


def run(count: int, kill: bool) -> float:
    """Seconds from the ticks of two schedulers until every reminder is over, less those waited for what was lost."""
    with Workers() as workers:
        begun = moved = time.perf_counter()
        lost_s, before, killed = 0.0, count, False
        with brand_scope(BRAND):
            for _ in range(2):
                enqueue("reminders.send_due", brand_id=BRAND)
        while left := one("SELECT count(*) FROM user_reminder WHERE status = 'PENDING'"):
            now = time.perf_counter()
            if left != before:
                moved, before = now, left
            if kill and not killed and one(f"{MESSAGES} WHERE status = 'SENT'") > 0.3 * count:
                while not one(f"{MESSAGES} WHERE status = 'SENDING'"):
                    time.sleep(0.01)
                workers.kill()
                killed = True
            if killed and now - moved > STILL_S:
                lost_s += now - moved
                moved = now
                later(timedelta(hours=1))
            time.sleep(LOOK_S)
        return time.perf_counter() - begun - lost_s


def later(how_long: timedelta) -> None:
    """Time goes by for what a dead worker left behind."""
    with brand_scope(BRAND):
        for table, column, status in LEFT:
            statement = f"UPDATE {table} SET {column} = {column} - %s WHERE status = %s"
            db.execute_sql(statement, (how_long, status))


def one(statement: str) -> int:
    with brand_scope(BRAND):
        return db.execute_sql(statement).fetchone()[0]


def expect(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise SystemExit(f"{found:,} {what} instead of {wanted:,}")


def told(name: str, seconds: float, baseline: float, rows: int) -> None:
    print(
        f"  {name:<34} {seconds:8.1f} s  {seconds / baseline:6.1f}x  {rows / seconds:>9,.0f} a second",
        flush=True,
    )


def measure(count: int, kill: bool, url: str, heard: Counter) -> None:
    print(f"{count:,} reminders due at one minute")
    people = make(count)
    shared = [range(count)[place::WORKERS] for place in range(WORKERS)]
    inserts = at_once(bare_insert, [[people[n] for n in numbers] for numbers in shared])
    posts = at_once(bare_posts, [url] * WORKERS, shared)
    baseline = inserts + posts
    told("bare inserts (baseline)", inserts, baseline, count)
    told("bare posts (baseline)", posts, baseline, count)
    heard.clear()
    seconds = run(count, kill)
    told("claimed, sent and settled", seconds, baseline, count)
    sent = one("SELECT count(*) FROM user_reminder WHERE status = 'SENT'")
    doubt = one(f"SELECT count(*) FROM user_reminder WHERE status = 'FAILED' AND reason = '{UNSURE}'")
    steps = one("SELECT count(*) FROM state_change WHERE entity = 'user_reminder'")
    print(f"  {sent:,} sent, {doubt:,} in doubt, {len(heard):,} heard, {max(heard.values())} times at most")
    expect("times that somebody heard", sum(heard.values()), len(heard))
    expect("reminders sent or in doubt", sent + doubt, count)
    expect("steps on record", steps, 2 * count)
    if not kill:
        expect("reminders in doubt", doubt, 0)
    elif not sent <= len(heard) <= count or doubt > 2 * TOGETHER:
        raise SystemExit("more is in doubt than the batches of the dead")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--kill", action="store_true", help="kill the workers while they send")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="los-bench-") as directory:
        services = EmbeddedServices(Path(directory) / "servers", durable=False, given={})
        app, heard = create_app("http://127.0.0.1:9", delay_s=0.0, timeout_s=1.0), Counter()
        app.extensions["sandbox"].mailbox = Ear(heard)
        with services, Server(app) as twin:
            # the pace that the provider allows is not what is measured; a key without a brand gets no receipts
            os.environ.update(
                services.environment()
                | {"LOS_SANDBOX_URL": twin.url, "LOS_MSG91_RATE": "9999/second", "LOS_LOG_LEVEL": "ERROR"}
                | {"LOS_MSG91_AUTH_KEY": "sandbox-msg91-auth_key"}
            )
            migrate(os.environ["DATABASE_OWNER_URL"])
            connect(Settings.from_environment(os.environ))
            seed()
            measure(asked.count, asked.kill, twin.url, heard)
            db.close_all()
            side_db.close_all()


class Ear:
    """In place of the twin's mailbox: how often each message was heard."""

    def __init__(self, heard: Counter) -> None:
        self._heard = heard

    def add(self, message: Message) -> None:
        self._heard[message.variables.get("LOAN_NO")] += 1


if __name__ == "__main__":
    main()
