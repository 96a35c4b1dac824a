"""The end of a day over a whole book, against a bare scan of the same rows, in one run.

    python benchmarks/eod.py [--loans N]

The book is made by SQL: loans of 1 to 150 days, due after 30, every third paid in part. Baseline: one statement that
joins loans, entries and lines and adds up principal, interest to the day and what was paid; it replays nothing and
writes nothing. Measured against it are the steps of `app.end_of_day.closing`, each with its reading, its rules and its
writing: of a first day, when four fifths of the book fall overdue at once; of the usual day after it; of that day
again; of an older day that was never closed; and of payments that are told late. A million loans take minutes to make
and some 10 GB below $TMPDIR.
"""

import argparse
import os
import resource
import time
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2

from app import connect
from app.config import Settings
from app.core.clock import today
from app.core.database import brand_scope, db
from app.core.migrate import migrate
from app.end_of_day import closing as end_of_day
from app.end_of_day import late
from app.ledger import service as ledger
from app.loans.service import Loan
from app.runtime.services import EmbeddedServices
from app.seed import seed

BRAND = "qualoan"
LATE = 1_000
BOOK = """
SELECT set_config('app.brand_id', %(brand)s, false);
CREATE TEMPORARY TABLE made AS
  SELECT n, gen_random_uuid() AS customer_id, gen_random_uuid() AS loan_id, gen_random_uuid() AS out_id,
    gen_random_uuid() AS in_id, gen_random_uuid() AS interest_id,
    10000 + 1000 * (n %% 31) AS principal, %(on)s::date - 1 - (n %% 150)::int AS paid_out_on
  FROM generate_series(1, %(loans)s) n;
INSERT INTO customer (brand_id, id, customer_no, phone_enc, phone_hash)
  SELECT %(brand)s, customer_id, 'B-C-' || n, 'none', 'B' || n FROM made;
INSERT INTO loan (brand_id, id, loan_no, customer_id, status, purpose, applied_amount, applied_tenure_days,
    sanctioned_amount, roi_percent_per_day, tenure_days, processing_fee, gst_amount, due_date, disbursed_at,
    outstanding_amount)
  SELECT %(brand)s, loan_id, 'B-L-' || n, customer_id, 'ACTIVE', 'MEDICAL', principal, 30, principal, 1, 30,
    principal / 10, principal * 0.018, paid_out_on + 30, paid_out_on + time '06:00', principal FROM made;
INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
  SELECT %(brand)s, out_id, loan_id, 'DISBURSAL', paid_out_on, 'B-D-' || n, jsonb_build_object(
    'principal', principal::text, 'fee', (principal / 10)::text, 'gst', (principal * 0.018)::text) FROM made
  UNION ALL
  SELECT %(brand)s, in_id, loan_id, 'PAYMENT', paid_out_on + 1, 'B-P-' || n,
    jsonb_build_object('amount', (principal / 10)::text) FROM made WHERE n %% 3 = 0
  UNION ALL
  SELECT %(brand)s, interest_id, loan_id, 'INTEREST', paid_out_on + 1, 'PAYMENT:B-P-' || n, '{}' FROM made
  WHERE n %% 3 = 0;
INSERT INTO journal_line (brand_id, id, entry_id, account, debit, credit)
  SELECT %(brand)s, gen_random_uuid(), out_id, account, greatest(amount, 0), greatest(-amount, 0) FROM made
  CROSS JOIN LATERAL (VALUES ('PRINCIPAL', principal), ('BANK', -principal * 0.882), ('FEE_INCOME', -principal / 10.0),
    ('GST_PAYABLE', -principal * 0.018)) a(account, amount)
  UNION ALL
  SELECT %(brand)s, gen_random_uuid(), in_id, account, greatest(amount, 0), greatest(-amount, 0) FROM made
  CROSS JOIN LATERAL (VALUES ('COLLECTION', principal / 10.0), ('INTEREST_RECEIVABLE', -principal * 0.01),
    ('PRINCIPAL', -principal * 0.09)) a(account, amount) WHERE n %% 3 = 0
  UNION ALL
  SELECT %(brand)s, gen_random_uuid(), interest_id, account, greatest(amount, 0), greatest(-amount, 0) FROM made
  CROSS JOIN LATERAL (VALUES ('INTEREST_RECEIVABLE', principal * 0.01), ('INTEREST_INCOME', -principal * 0.01))
    a(account, amount) WHERE n %% 3 = 0;
"""
SCAN = """
SELECT count(*), sum(principal), sum(round(principal * roi * days / 100)), sum(paid) FROM (
  SELECT l.roi_percent_per_day AS roi, %(on)s - l.disbursed_at::date AS days,
    sum(j.debit) FILTER (WHERE j.account = 'PRINCIPAL') AS principal,
    coalesce(sum(j.debit) FILTER (WHERE j.account = 'COLLECTION'), 0) AS paid
  FROM loan l JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id
  JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
  WHERE l.brand_id = %(brand)s GROUP BY l.brand_id, l.id) b
"""


def make_book(owner_url: str, loans: int) -> None:
    with closing(psycopg2.connect(owner_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(BOOK, {"brand": BRAND, "loans": loans, "on": today()})
    with closing(psycopg2.connect(owner_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("ANALYZE")


def scanned() -> float:
    started_at = time.perf_counter()
    with brand_scope(BRAND):
        db.execute_sql(SCAN, {"brand": BRAND, "on": today()}).fetchall()
    return time.perf_counter() - started_at


def told(name: str, seconds: float, baseline: float, rows: int) -> None:
    print(f"  {name:<26} {seconds:8.1f} s  {seconds / baseline:6.1f}x  {rows:>10,} rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loans", type=int, default=20_000)
    loans = parser.parse_args().loans
    with TemporaryDirectory(prefix="los-bench-") as directory:
        services = EmbeddedServices(Path(directory) / "servers", durable=False, given={})
        with services:
            os.environ.update(services.environment())
            migrate(os.environ["DATABASE_OWNER_URL"])
            connect(Settings.from_environment(os.environ))
            seed()
            started_at = time.perf_counter()
            make_book(os.environ["DATABASE_OWNER_URL"], loans)
            print(f"{loans:,} loans, made in {time.perf_counter() - started_at:,.0f} s; {memory()}")
            measure(loans)
            db.close_all()


def measure(loans: int) -> None:
    scanned()
    baseline = min(scanned() for _ in range(3))
    told("bare scan (baseline)", baseline, baseline, loans)
    yesterday = today() - timedelta(days=1)
    days = {
        "the first day": yesterday,
        "the usual day after": today(),
        "that day again": today(),
        "an older day": yesterday - timedelta(days=1),
    }
    for label, on in days.items():
        done = end_of_day.close(BRAND, on)
        told(label, sum(step.seconds for step in done), baseline, loans)
        for step in done:
            told(f"  {step.step}", step.seconds, baseline, step.rows)
    done = tell_late(min(LATE, loans // 2))
    told("payments told late", sum(step.seconds for step in done), baseline, done[1].rows)
    print(f"  {memory()}")


def tell_late(loans: int) -> list[end_of_day.Done]:
    """So many payments of yesterday, and closing again what they touch."""
    with brand_scope(BRAND):
        for n in range(1, loans + 1):
            loan = Loan.get(Loan.loan_no == f"B-L-{n}")
            ledger.post_payment(loan, Decimal(500), today() - timedelta(days=1), f"B-LATE-{n}")
    return late.close_again(BRAND)


def memory() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"peak memory of the process: {peak:,.0f} MB"


if __name__ == "__main__":
    main()
