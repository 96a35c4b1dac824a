"""How fast rows get from PostgreSQL into polars, against bare COPY, in one run.

Baseline: psycopg2's `copy_expert` of the same SELECT into a sink that forgets what it gets. Measured against it is
what reports do (`reports.extract`): the same COPY into a file, scanned by polars with declared types and
collected; and what `fetchall` would take. Uses DATABASE_OWNER_URL, or a PostgreSQL of its own.
"""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from psycopg2.extensions import cursor as Cursor

from app.runtime.services import EmbeddedServices
from reports import Question
from reports.base import Column, Source
from reports.extract import copy, scan, select
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, MONEY, RATE, TEXT, Kind

SCHEMA = "benchmark_extract"
QUESTION = Question("qualoan", date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 31))

# name, kind, and how row n of the scratch table gets its value
COLUMNS: tuple[tuple[str, Kind, str], ...] = (
    ("customer_id", TEXT, "'QUA-C-' || lpad(n::text, 6, '0')"),
    ("loan_no", TEXT, "'QUA-L-' || lpad(n::text, 6, '0')"),
    ("loan_id", TEXT, "md5(n::text)::uuid"),
    ("status", CHOICE, "(ARRAY['ACTIVE', 'OVERDUE', 'COMPLETED'])[1 + n % 3]"),
    ("product", CHOICE, "'PAYDAY_LOAN'::text"),
    ("customer_name", TEXT, "'TEST ' || upper(substr(md5(n::text), 1, 12))"),
    ("remark", TEXT, "CASE WHEN n % 7 = 0 THEN E'said: \"call later\",\\nthen left' END"),
    ("sanctioned_amount", MONEY, "(5000 + n % 95000)::numeric(14,2)"),
    ("processing_fee", MONEY, "(500 + n % 9500)::numeric(14,2)"),
    ("gst_amount", MONEY, "((500 + n % 9500) * 0.18)::numeric(14,2)"),
    ("net_disbursed_amount", MONEY, "(4000 + n % 80000)::numeric(14,2)"),
    ("repayment_amount", MONEY, "(6000 + n % 99000)::numeric(14,2)"),
    ("roi_pct", RATE, "(0.5 + n % 100 / 100.0)::numeric(7,4)"),
    ("tenure_days", INTEGER, "7 + n % 34"),
    ("disbursed_date", DATE, "DATE '2025-01-01' + n % 365"),
    ("repayment_date", DATE, "DATE '2025-02-01' + n % 365"),
    ("lead_created_at", INSTANT, "TIMESTAMPTZ '2025-01-01 00:00+00' + n * interval '61.000007 s'"),
    ("approved_at", INSTANT, "TIMESTAMPTZ '2025-01-02 00:00+00' + n * interval '61 s'"),
    ("is_repeat", FLAG, "n % 4 = 0"),
)
SOURCE = Source(
    f"SELECT * FROM {SCHEMA}.loan_row",
    tuple(Column(name, kind, "generated", sql=name) for name, kind, _ in COLUMNS),
)


class Forgets:
    """A file that keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


def bare_copy(cursor: Cursor, directory: Path) -> None:
    query = cursor.mogrify(select(SOURCE), QUESTION.parameters()).decode()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT", Forgets(), 1 << 20)


def into_polars(cursor: Cursor, directory: Path) -> None:
    copy(SOURCE, QUESTION, cursor, directory / "rows.tsv")
    scan(SOURCE, directory / "rows.tsv", str).collect(engine="streaming")


def fetch_all(cursor: Cursor, directory: Path) -> None:
    cursor.execute(SOURCE.sql)
    cursor.fetchall()


CONTENDERS: dict[str, Callable[[Cursor, Path], None]] = {
    "bare COPY (baseline)": bare_copy,
    "COPY into polars": into_polars,
    "fetchall": fetch_all,
}


@contextmanager
def owner_cursor() -> Iterator[Cursor]:
    """A cursor that may make a schema."""
    with ExitStack() as stack:
        url = os.environ.get("DATABASE_OWNER_URL")
        if not url:
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="los-bench-")))
            services = stack.enter_context(EmbeddedServices(directory / "servers", durable=False))
            url = services.environment()["DATABASE_OWNER_URL"]
        connection = stack.enter_context(closing(psycopg2.connect(url)))
        yield stack.enter_context(connection.cursor())
        connection.rollback()


def generate(cursor: Cursor, rows: int) -> None:
    """The scratch table, in a transaction that is never committed."""
    values = ", ".join(f"{value} AS {name}" for name, _, value in COLUMNS)
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    cursor.execute(f"CREATE TABLE {SCHEMA}.loan_row AS SELECT {values} FROM generate_series(1, {rows:d}) n")
    cursor.execute(f"ANALYZE {SCHEMA}.loan_row")


def measure(cursor: Cursor, rounds: int) -> dict[str, list[float]]:
    """Seconds of every round; the contenders take turns, so that all meet the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with TemporaryDirectory(prefix="los-bench-") as directory:
        for _ in range(rounds):
            for name, contender in CONTENDERS.items():
                started_at = time.perf_counter()
                contender(cursor, Path(directory))
                taken[name].append(time.perf_counter() - started_at)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with owner_cursor() as cursor:
        generate(cursor, options.rows)
        taken = measure(cursor, options.rounds)
    baseline = statistics.median(next(iter(taken.values())))
    print(f"{options.rows:,} rows x {len(COLUMNS)} columns, median of {options.rounds} rounds")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        spread = f"{min(seconds):.3f} to {max(seconds):.3f}"
        print(f"  {name:<22} {median:7.3f} s  {median / baseline:5.2f}x  ({spread})")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of the process: {peak_mb:,.0f} MB")


if __name__ == "__main__":
    main()
