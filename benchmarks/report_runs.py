"""Reports over a planted book: against bare COPY, against the same SQL in PostgreSQL, against DuckDB; memory; the API.

    python benchmarks/report_runs.py [--loans N] [--payments M] [--rounds R] [--keep DIRECTORY]

One stack of its own, one book, one run; every contender in a process of its own, taking turns. Size by --loans or
LOS_BENCH_LOANS: 1,000,000 loans have about 720,000 customers and, with --payments 7, 3,000,000 payments. At the end the
book is made four times as large (`benchmarks.grown`), and memory measured again. With --keep the stack stays in a
directory, and the next run goes on with its book as it is then.
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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from app import connect
from app.config import settings
from app.core.database import snapshot_scope
from app.core.identity import Role
from app.demo.client import Http, Portal
from app.runtime.stack import Stack
from app.seed import DEMO_PASSWORD, email_of
from app.seed.planted import plant_book
from benchmarks.grown import grow
from benchmarks.report_contenders import AGGREGATED, BRAND, CONTENDERS, EXTRACT, JOINED, MEMORY, OTHER, RUNS

CALLS, CALL_THREADS = 600, 2
CALLED = ("/loans?status=OVERDUE", "/customers?pageSize=20", "/dashboard")
# what the rows of the joined report and all that is sealed in them come from; the copies have no history
GROWN = ("customer", "loan", "payout", "user_bank_account")
TIMES = 4
MEMORY_MAX_MB = 1_500
_RATIOS = (
    ((JOINED, "ours"), (JOINED, "COPY"), "at most 1.2"),
    ((AGGREGATED, "ours"), (AGGREGATED, "PostgreSQL"), "below 1"),
    ((AGGREGATED, "ours"), (AGGREGATED, "PostgreSQL, counted first"), ""),
    ((AGGREGATED, "polars on the extract"), (AGGREGATED, "DuckDB on the extract"), "at most 1"),
    ((AGGREGATED, "polars on the extract"), (AGGREGATED, "DuckDB, counted first"), ""),
)
_COUNTS = """SELECT (SELECT count(*) FROM loan), (SELECT count(*) FROM customer),
  (SELECT count(*) FROM payment_collection_transaction), (SELECT count(*) FROM journal_line)"""

Run = tuple[str, str]
Told = dict[str, Any]


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def measure(run: Run, directory: Path) -> Told:
    """Seconds, rows and peak memory in MB of one run in this process, which has done nothing else."""
    with tempfile.TemporaryDirectory(dir=directory) as own:
        started_at = time.perf_counter()
        rows, digest = RUNS[run](Path(own))
        seconds = time.perf_counter() - started_at
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return {"seconds": seconds, "rows": rows, "digest": digest, "mb": int(told.split()[0]) / 1_024}


def begin(directory: Path, run: Run) -> subprocess.Popen:
    """A run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.report_runs", "--measure", str(directory), *run]
    room = Path(__file__).parent.parent
    return subprocess.Popen(command, cwd=room, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def child(directory: Path, run: Run) -> Told:
    going = begin(directory, run)
    told, trouble = going.communicate()
    if going.returncode:
        raise SystemExit(trouble)
    return json.loads(told.splitlines()[-1])


def compare(directory: Path, rounds: int) -> dict[Run, Told]:
    """Medians of each contender; they take turns, so that all meet the same machine. Raises SystemExit if the
    contenders of a report do not give the same figures."""
    found: dict[Run, list[Told]] = {run: [] for run in CONTENDERS}
    child(directory, EXTRACT)
    for number in range(1, rounds + 1):
        for run, told in found.items():
            told.append(child(directory, run))
            say(f"round {number}: {run[0]}, {run[1]} {told[-1]['seconds']:.2f} s")
    for name in (JOINED, AGGREGATED):
        said = {
            (told["rows"], told["digest"]) for run, all_ in found.items() if run[0] == name for told in all_
        }
        if len(said) > 1:
            raise SystemExit(f"{name}: the contenders disagree: {said}")
    return {run: _median(told) for run, told in found.items()}


def _median(told: list[Told]) -> Told:
    return {part: statistics.median(one[part] for one in told) for part in ("seconds", "rows", "mb")}


def tell(found: dict[Run, Told]) -> None:
    for run, told in found.items():
        size = f"{told['mb']:6.0f} MB  {told['rows']:9,.0f} rows"
        print(f"  {told['seconds']:8.2f} s  {size}  {run[0]}: {run[1]}, {CONTENDERS[run]}")
    for one, other, most in _RATIOS:
        aim = f", wanted {most}" if most else ""
        ratio = found[one]["seconds"] / found[other]["seconds"]
        print(f"ratio {ratio:.2f}  {one[0]}: {one[1]} / {other[1]}{aim}", flush=True)


def memory(directory: Path) -> dict[Run, float]:
    """Peak memory in MB of the reports with all of their files."""
    found = {}
    for run in MEMORY:
        told = child(directory, run)
        found[run] = told["mb"]
        print(f"  {told['mb']:6.0f} MB at most for {told['rows']:,.0f} rows: {run[0]}, {run[1]}", flush=True)
    return found


def tell_growth(before: dict[Run, float], after: dict[Run, float]) -> None:
    for run in MEMORY:
        change = after[run] / before[run]
        aim = f"wanted below {MEMORY_MAX_MB:,} MB and flat"
        print(f"ratio {change:.2f}  {run[0]}: memory of {TIMES} times the book, {aim}", flush=True)


@contextmanager
def two_reports(directory: Path) -> Iterator[Callable[[], bool]]:
    """Two reports of the whole book on their way while the block lasts; yields whether one has ended."""
    going = [begin(directory, (name, "whole")) for name in (JOINED, OTHER)]
    try:
        yield lambda: any(one.poll() is not None for one in going)
    finally:
        for one in going:
            one.kill()
            one.communicate()


def latencies(staff: Portal, until: Callable[[], bool]) -> list[float]:
    """Milliseconds of calls that people make all day, one after the other in some threads."""
    found: list[float] = []
    urls = [f"{staff.api.base_url}{staff.path(path)}" for path in CALLED]

    def work() -> None:
        session = requests.Session()
        for n in range(CALLS // CALL_THREADS):
            if until():
                return
            started_at = time.perf_counter()
            session.get(urls[n % len(urls)], headers=staff._headers, timeout=60).raise_for_status()
            found.append((time.perf_counter() - started_at) * 1_000)

    threads = [threading.Thread(target=work) for _ in range(CALL_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def tell_api(staff: Portal, directory: Path) -> None:
    latencies(staff, lambda: False)  # the first calls of a process load what the others have
    alone = latencies(staff, lambda: False)
    with two_reports(directory) as ended:
        beside = latencies(staff, ended)
    for what, found in (("alone", alone), ("beside two reports", beside)):
        if found:
            p50, p99 = (found[min(len(found) - 1, int(len(found) * share))] for share in (0.5, 0.99))
            print(
                f"  p50 {p50:6.0f} ms, p99 {p99:6.0f} ms of {len(found)} calls of the API {what}", flush=True
            )


@contextmanager
def stack_in(kept: Path | None) -> Iterator[tuple[Path, str]]:
    """A running stack that this process is connected to; yields a directory for files, and where the API answers."""
    # the calls of many people come from one
    os.environ.setdefault("LOS_LIMIT_USER", "1000000/minute")
    # and go on for longer than somebody's token
    os.environ.setdefault("LOS_ACCESS_TOKEN_MINUTES", "120")
    with ExitStack() as open_:
        place = kept or Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="los-bench-")))
        stack = open_.enter_context(Stack(place / "run", durable=False))
        os.environ.update(stack.environment)
        connect(settings())
        yield Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="work-", dir=place))), stack.api_url


def plant(loans: int, payments: float) -> None:
    started_at = time.perf_counter()
    plant_book(os.environ["DATABASE_OWNER_URL"], loans, brand_id=BRAND, payments=payments, tell=say)
    with snapshot_scope(BRAND) as cursor:
        cursor.execute(_COUNTS)
        sizes = "{:,} loans, {:,} customers, {:,} payments, {:,} lines of the journal".format(
            *cursor.fetchone()
        )
    say(f"{sizes}: planted in {time.perf_counter() - started_at:.0f} s")


def run_all(work: Path, api_url: str, rounds: int) -> None:
    found = compare(work, rounds)
    print(f"medians of {rounds} rounds")
    tell(found)
    tell_api(Portal(Http(api_url), email_of(Role.ADMIN, BRAND), DEMO_PASSWORD, BRAND), work)
    before = memory(work)
    grow(os.environ["DATABASE_OWNER_URL"], BRAND, GROWN, TIMES, say)
    tell_growth(before, memory(work))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loans", type=int, default=int(os.environ.get("LOS_BENCH_LOANS", "10000")))
    parser.add_argument("--payments", type=float, default=5, help="on average, of a loan that is repaid")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--keep", type=Path, help="a directory that the stack stays in; its book is gone on with"
    )
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        directory, *run = given.measure
        connect(settings())
        print(json.dumps(measure(tuple(run), Path(directory))))
        return
    with stack_in(given.keep and given.keep.resolve()) as (work, api_url):
        plant(given.loans, given.payments)
        run_all(work, api_url, given.rounds)


if __name__ == "__main__":
    main()
