"""An end of day that is killed at any point, or run twice at once, leaves behind what an undisturbed one does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import psycopg2
import pytest

from app.core.clock import today
from tests.platform import BRAND, create_database

ON = today()
PATIENCE_S = 120
# The real command in a process of its own; a share is of few customers, so that some are done and some are not.
COMMAND = "from app.end_of_day import book; book.CUSTOMERS_AT_ONCE = 40; from app.cli import main; main()"
# loans of 1 to 150 days, due after 30, each with a mandate and every other one with a promise whose day has passed
BOOK = """
SELECT set_config('app.brand_id', %(brand)s, true);
CREATE TEMPORARY TABLE made AS
  SELECT n, gen_random_uuid() AS customer_id, gen_random_uuid() AS loan_id, gen_random_uuid() AS entry_id,
    %(on)s::date - n AS credited_on FROM generate_series(1, 150) n;
INSERT INTO customer (brand_id, id, customer_no, phone_enc, phone_hash)
  SELECT %(brand)s, customer_id, 'K-C-' || n, 'none', 'K' || n FROM made;
INSERT INTO loan (brand_id, id, loan_no, customer_id, status, purpose, applied_amount, applied_tenure_days,
    sanctioned_amount, roi_percent_per_day, tenure_days, due_date, disbursed_at, outstanding_amount)
  SELECT %(brand)s, loan_id, 'K-L-' || n, customer_id, 'ACTIVE', 'MEDICAL', 20000, 30, 20000, 1, 30, credited_on + 30,
    credited_on + time '06:00', 20000 FROM made;
INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
  SELECT %(brand)s, entry_id, loan_id, 'DISBURSAL', credited_on, 'K-D-' || n,
    '{"principal": "20000", "fee": "0", "gst": "0"}' FROM made;
INSERT INTO journal_line (brand_id, id, entry_id, account, debit, credit)
  SELECT %(brand)s, gen_random_uuid(), entry_id, account, greatest(amount, 0), greatest(-amount, 0) FROM made
  CROSS JOIN (VALUES ('PRINCIPAL', 20000), ('BANK', -20000)) a(account, amount);
INSERT INTO mandate (brand_id, id, loan_id, customer_id, status, provider, method, amount_max, valid_until, open_until,
    provider_request_id)
  SELECT %(brand)s, gen_random_uuid(), loan_id, customer_id, 'ACTIVE', 'razorpay', 'upi', 25000, %(on)s::date + 90,
    now(), 'K-M-' || n FROM made;
INSERT INTO promise_to_pay (brand_id, id, loan_id, customer_id, status, amount, due_on, mode, made_by, made_on)
  SELECT %(brand)s, gen_random_uuid(), loan_id, customer_id, 'OPEN', 500, %(on)s::date - 4, 'UPI', 'somebody',
    %(on)s::date - 6 FROM made WHERE n > 35 AND n %% 2 = 0;
"""
# what a close leaves behind, under names that are the same in every copy of the book
LEFT = {
    "journal": """SELECT l.loan_no, e.kind, e.business_date, e.reference, e.facts::text, j.account, j.debit, j.credit
        FROM journal_entry e JOIN loan l ON l.id = e.loan_id JOIN journal_line j ON j.entry_id = e.id""",
    "days": "SELECT to_jsonb(d) - 'id' - 'created_at' FROM loan_day d",
    "loans": "SELECT to_jsonb(l) - 'status_since' FROM loan l",
    "reminders": "SELECT to_jsonb(r) - '{id,created_at,payload_enc}'::text[] FROM user_reminder r",
    "presentations": "SELECT to_jsonb(p) - 'id' - 'created_at' FROM mandate_presentation p",
    "promises": "SELECT to_jsonb(p) FROM promise_to_pay p",
    # files are made of their rows alone: that it is asked for twice changes nothing
    "jobs": "SELECT DISTINCT job, args FROM outbox",
    "audit": "SELECT action, entity, before, after FROM audit_event WHERE action <> 'end_of_day.step'",
    "steps": "SELECT on_date, step, again FROM eod_step",
}
_STEP = """INSERT INTO eod_step (brand_id, id, on_date, step, row_count, started_at, finished_at)
    VALUES ('{brand}', gen_random_uuid(), '{on}', '{step}', 0, now(), now())"""
_CHARGE = """INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
    SELECT brand_id, gen_random_uuid(), id, 'PENAL_CHARGE', '{on}', loan_no || ':penal:{on}', '{{}}' FROM loan
    WHERE loan_no = 'K-L-40'"""
# What somebody else has in hand, so that the close cannot go on: it waits there until it is killed.
POINTS = {
    "interest, with other customers done": "SELECT FROM loan WHERE loan_no = 'K-L-40' FOR NO KEY UPDATE",
    "penal, with other customers done": _CHARGE,
    "snapshot": "LOCK TABLE loan_day IN SHARE MODE",
    "promises, done and not noted": _STEP.replace("{step}", "promises"),
}


@dataclass(frozen=True)
class Copy:
    """A copy of the book, in a database of its own."""

    urls: dict[str, str]

    def close(self) -> subprocess.Popen:
        """Start to close the day."""
        command = [sys.executable, "-c", COMMAND, "eod", "--date", f"{ON}", "--brand", BRAND]
        return subprocess.Popen(
            command, env=os.environ | self.urls, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def killed_at(self, point: str) -> None:
        """Start it, and kill it where it waits."""
        with self.holding(POINTS[point].format(brand=BRAND, on=ON)) as is_waited_for, self.close() as process:
            deadline = time.monotonic() + PATIENCE_S
            while not is_waited_for():
                assert process.poll() is None, f"it ended before {point}: {process.stderr.read().decode()}"
                assert time.monotonic() < deadline, f"it never came to {point}"
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
            process.communicate()

    @contextmanager
    def holding(self, statement: str) -> Iterator:
        """In a transaction that is taken back: yields whether somebody waits for it."""
        with closing(self.connection()) as holder, closing(self.connection()) as watcher:
            watcher.autocommit = True
            cursor = watcher.cursor()
            holder.cursor().execute(statement)

            def is_waited_for() -> bool:
                asked = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
                cursor.execute(asked, (holder.info.backend_pid,))
                return cursor.fetchone()[0] > 0

            yield is_waited_for

    def left(self) -> dict[str, list[str]]:
        """What there is now."""
        with closing(self.connection()) as connection, connection.cursor() as cursor:
            found = {}
            for name, query in LEFT.items():
                cursor.execute(f"SELECT t::text FROM ({query}) t ORDER BY 1")
                found[name] = [row[0] for row in cursor.fetchall()]
            return found

    def connection(self):
        return psycopg2.connect(self.urls["SUPERUSER_URL"])


def ended(*processes: subprocess.Popen) -> None:
    for process in processes:
        _, told = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, told.decode()


@pytest.fixture(scope="module")
def copies(superuser_url: str) -> Iterator[tuple[Copy, Copy]]:
    """The same book twice: one is closed undisturbed, the other one is killed at every point, and then closed by two at
    once."""
    name = f"los_killed_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with ExitStack() as databases:
        given = databases.enter_context(create_database(superuser_url, f"{name}_0"))
        with closing(psycopg2.connect(given["SUPERUSER_URL"])) as connection, connection:
            connection.cursor().execute(BOOK, {"brand": BRAND, "on": ON})
        smooth, rough = (
            Copy(databases.enter_context(create_database(superuser_url, f"{name}_{n}", f"{name}_0")))
            for n in (1, 2)
        )
        undisturbed = smooth.close()
        for point in POINTS:
            rough.killed_at(point)
        ended(undisturbed, rough.close(), rough.close())
        yield smooth, rough


@pytest.mark.parametrize("name", LEFT)
def test_it_leaves_the_same_behind(copies: tuple[Copy, Copy], name: str):
    smooth, rough = (copy.left()[name] for copy in copies)
    assert smooth
    assert rough == smooth
