"""Reports over a planted book: against bare COPY, against the same SQL in PostgreSQL, against DuckDB; memory; the API.

One stack of its own, one book, one run; every contender in a process of its own, taking turns. Size by --loans or
LOS_BENCH_LOANS: 1,000,000 loans have about 700,000 customers and, with --payments 5, 3,000,000 payments.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import requests

import reports
from app import connect
from app.config import settings
from app.core import clock
from app.core.database import snapshot_scope
from app.core.identity import Role
from app.demo.client import Http, Portal
from app.reporting.producing import make
from app.runtime.stack import Stack
from app.seed import DEMO_PASSWORD, email_of
from app.seed.planted import plant_book
from reports.analysis.vintage_report import AGES
from reports.extract import copy, select

BRAND = "qualoan"
JOINED, AGGREGATED = "disbursed-loan-report", "vintage-report"
DAYS = 730
CALLS = 300
# (report, contender) -> what is told of it
CONTENDERS = {
    (JOINED, "COPY"): "bare COPY of its SQL",
    (JOINED, "ours"): "the report, decrypted and masked, as Parquet",
    (AGGREGATED, "PostgreSQL"): "the same figures in SQL, fetched",
    (AGGREGATED, "ours"): "the report: COPY, then polars",
    (AGGREGATED, "DuckDB on the extract"): "its figures from the extracted file",
    (AGGREGATED, "polars on the extract"): "its figures from the extracted file",
}
_FIGURES = """
WITH cut AS (
  SELECT 'whole' AS cut, '' AS part, l.* FROM loans l
  UNION ALL SELECT 'tier', coalesce(l.risk_tier, ''), l.* FROM loans l
  UNION ALL SELECT 'source', coalesce(l.marketing_source, ''), l.* FROM loans l
  UNION ALL SELECT 'kind', coalesce(l.fresh_repeat, ''), l.* FROM loans l)
SELECT cut, part, cohort, days_since_due, count(*) AS loans, sum(sanctioned_amount) AS amount,
  sum(CASE WHEN unpaid_for >= days_since_due THEN 1 ELSE 0 END) AS unpaid_loans,
  sum(CASE WHEN unpaid_for >= days_since_due THEN sanctioned_amount ELSE 0 END) AS unpaid_amount
FROM cut CROSS JOIN (VALUES {ages}) AS a (days_since_due)
GROUP BY 1, 2, 3, 4 HAVING min(age) >= days_since_due ORDER BY 1, 2, 3, 4""".format(
    ages=", ".join(f"({age})" for age in AGES)
)


def question(days: int = DAYS) -> reports.Question:
    """The book of the last `days` days."""
    today = clock.today()
    return reports.Question(BRAND, today - timedelta(days=days), today, today)


class Forgets:
    """A file that keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


def bare_copy(directory: Path) -> int:
    (source,) = reports.get(JOINED).sources.values()
    with snapshot_scope(BRAND) as cursor:
        cursor.execute("SET LOCAL jit TO off")
        query = cursor.mogrify(select(source), question().parameters()).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", Forgets(), 1 << 20)
        return cursor.rowcount


def ours(name: str, days: int = DAYS) -> Callable[[Path], int]:
    return lambda directory: make(reports.get(name), question(days), directory).row_count


def in_postgresql(directory: Path) -> int:
    (source,) = reports.get(AGGREGATED).sources.values()
    with snapshot_scope(BRAND) as cursor:
        cursor.execute("SET LOCAL jit TO off")
        cursor.execute(
            _FIGURES.replace("WITH ", f"WITH loans AS ({select(source)}), ", 1), question().parameters()
        )
        return len(cursor.fetchall())


def extract(directory: Path) -> Path:
    """The extracted source of the aggregated report; made once."""
    path = directory.parent / "extract.tsv"
    if not path.exists():
        (source,) = reports.get(AGGREGATED).sources.values()
        with snapshot_scope(BRAND) as cursor:
            copy(source, question(), cursor, path)
    return path


def in_duckdb(directory: Path) -> int:
    (source,) = reports.get(AGGREGATED).sources.values()
    kinds = {"sanctioned_amount": "DECIMAL(14,2)", "age": "BIGINT", "unpaid_for": "BIGINT"}
    columns = ", ".join(f"'{c.name}': '{kinds.get(c.name, 'VARCHAR')}'" for c in source.gives)
    options = "delim='\\t', header=false, nullstr='\\N', quote=''"
    read = f"read_csv('{extract(directory)}', {options}, columns={{{columns}}})"
    query = _FIGURES.replace("WITH ", f"WITH loans AS (SELECT * FROM {read}), ", 1)
    return len(duckdb.connect(config={"threads": os.cpu_count()}).execute(query).fetchall())


def in_polars(directory: Path) -> int:
    from reports.extract import scan

    report = reports.get(AGGREGATED)
    ((name, source),) = report.sources.items()
    frames = {name: scan(source, extract(directory), lambda text, place: text)}
    return report.build(frames).collect(engine="streaming").height


RUNS: dict[tuple[str, str], Callable[[Path], int]] = {
    (JOINED, "COPY"): bare_copy,
    (JOINED, "ours"): ours(JOINED),
    (AGGREGATED, "PostgreSQL"): in_postgresql,
    (AGGREGATED, "ours"): ours(AGGREGATED),
    (AGGREGATED, "DuckDB on the extract"): in_duckdb,
    (AGGREGATED, "polars on the extract"): in_polars,
}
MEMORY = {"a quarter of the book": DAYS // 4, "all of it": DAYS}


def measure(run: Callable[[Path], int], directory: Path) -> dict[str, float]:
    """Seconds, rows and peak memory in MB of one run in this process, which has done nothing else."""
    with tempfile.TemporaryDirectory(dir=directory) as own:
        started_at = time.perf_counter()
        rows = run(Path(own))
        seconds = time.perf_counter() - started_at
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return {"seconds": seconds, "rows": rows, "mb": int(told.split()[0]) / 1_024}


def child(*arguments: str) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, __file__, "--measure", *arguments], capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise SystemExit(told.stderr)
    return json.loads(told.stdout.splitlines()[-1])


def compare(directory: Path, rounds: int) -> dict[tuple[str, str], dict[str, float]]:
    """Medians of each contender; they take turns, so that all meet the same machine."""
    found: dict[tuple[str, str], list[dict[str, float]]] = {run: [] for run in RUNS}
    for _ in range(rounds):
        for run, told in found.items():
            told.append(child(str(directory), *run))
    return {
        run: {part: statistics.median(one[part] for one in told) for part in told[0]}
        for run, told in found.items()
    }


def tell(found: dict[tuple[str, str], dict[str, float]]) -> None:
    for (name, contender), told in found.items():
        print(
            f"  {told['seconds']:8.2f} s  {told['mb']:6.0f} MB  {told['rows']:9,.0f} rows  {name}: {contender},"
            f" {CONTENDERS[name, contender]}"
        )
    seconds = {run: told["seconds"] for run, told in found.items()}
    for one, other, most in (
        ((JOINED, "ours"), (JOINED, "COPY"), "at most 1.2"),
        ((AGGREGATED, "ours"), (AGGREGATED, "PostgreSQL"), "below 1"),
        ((AGGREGATED, "polars on the extract"), (AGGREGATED, "DuckDB on the extract"), ""),
    ):
        aim = f", wanted {most}" if most else ""
        print(f"ratio {seconds[one] / seconds[other]:.2f}  {one[0]}: {one[1]} / {other[1]}{aim}")


def tell_memory(directory: Path) -> None:
    for part, days in MEMORY.items():
        told = child(str(directory), JOINED, f"days {days}")
        print(f"  {told['mb']:6.0f} MB at most for {told['rows']:,.0f} rows: {JOINED}, {part}")


@contextmanager
def two_reports(staff: Portal) -> Iterator[Callable[[], bool]]:
    """Two reports on their way while the block lasts; yields whether both still are."""
    last = clock.today()
    asked = {
        "fromDate": (last - timedelta(days=91)).isoformat(),
        "toDate": last.isoformat(),
        "refresh": "true",
    }
    runs = [staff.get(f"/report/{name}", params=asked, expect=202) for name in (JOINED, "master-report")]

    def going() -> bool:
        return all(
            staff.get(f"/report-runs/{run['runId']}")["status"] in ("QUEUED", "RUNNING") for run in runs
        )

    yield going
    while going():
        time.sleep(0.5)


def latencies(staff: Portal, until: Callable[[], bool]) -> list[float]:
    """Milliseconds of calls that people make all day, one after the other in two threads."""
    found: list[float] = []
    paths = ("/loans?status=OVERDUE", "/customers?pageSize=20", "/dashboard")
    urls = [f"{staff.api.base_url}{staff.path(path)}" for path in paths]

    def work() -> None:
        session = requests.Session()
        for n in range(CALLS // 2):
            if until():
                return
            started_at = time.perf_counter()
            session.get(urls[n % len(urls)], headers=staff._headers, timeout=60).raise_for_status()
            found.append((time.perf_counter() - started_at) * 1_000)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def tell_api(staff: Portal) -> None:
    alone = latencies(staff, lambda: False)
    with two_reports(staff) as going:
        ended = threading.Event()

        def watch() -> None:
            while going():
                time.sleep(0.3)
            ended.set()

        threading.Thread(target=watch, daemon=True).start()
        beside = latencies(staff, ended.is_set)
    for what, found in (("alone", alone), ("beside two reports", beside)):
        if found:
            p50, p99 = (found[min(len(found) - 1, int(len(found) * share))] for share in (0.5, 0.99))
            print(f"  p50 {p50:6.0f} ms, p99 {p99:6.0f} ms of {len(found)} calls of the API {what}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loans", type=int, default=int(os.environ.get("LOS_BENCH_LOANS", "10000")))
    parser.add_argument("--payments", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        directory, name, contender = given.measure
        connect(settings())
        run = ours(name, int(contender[5:])) if contender.startswith("days ") else RUNS[name, contender]
        print(json.dumps(measure(run, Path(directory))))
        return
    with (
        tempfile.TemporaryDirectory(prefix="los-bench-") as name,
        Stack(Path(name) / "run", durable=False) as stack,
    ):
        os.environ.update(stack.environment)
        connect(settings())
        started_at = time.perf_counter()
        plant_book(os.environ["DATABASE_OWNER_URL"], given.loans, brand_id=BRAND, payments=given.payments)
        taken = time.perf_counter() - started_at
        with snapshot_scope(BRAND) as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM loan), (SELECT count(*) FROM customer),"
                " (SELECT count(*) FROM payment_collection_transaction), (SELECT count(*) FROM journal_line)"
            )
            counts = cursor.fetchone()
        sizes = "{:,} loans, {:,} customers, {:,} payments, {:,} lines of the journal".format(*counts)
        print(f"{sizes}: planted in {taken:.0f} s; medians of {given.rounds} rounds", flush=True)
        work = Path(name)
        tell(compare(work, given.rounds))
        tell_memory(work)
        staff = Portal(Http(stack.api_url), email_of(Role.ADMIN, BRAND), DEMO_PASSWORD, BRAND)
        tell_api(staff)


if __name__ == "__main__":
    main()
