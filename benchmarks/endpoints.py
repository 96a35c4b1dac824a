"""Every list and figure that staff of a brand ask for, over a planted book, against a call that reads a few rows.

    python benchmarks/endpoints.py [--loans N] [--rounds R] [--told T] [--keep DIRECTORY]

One stack of its own and one run. Asked is each GET of the API that takes no id, as it comes and by each of its sorts,
and so is each stage and scope. The slowest are told, by the median of the rounds, as ratios to the baseline that takes
turns with them. With --keep the stack stays in a directory, and the next run goes on with its book as it is then.
"""

import argparse
import re
import statistics
import time
from pathlib import Path

import requests

from app.core.identity import Role
from app.demo.client import Http, Portal
from app.seed import DEMO_PASSWORD, email_of
from benchmarks.report_contenders import BRAND
from benchmarks.report_runs import plant, say, stack_in

PREFIX = "/partner/brand/{brand_id}"
BASELINE = "/views"
# one does not end, the other gives out a file of everything
LEFT_OUT = {"/notifications/stream", "/lead-forms/export", "/audit/csv"}
SCOPED = tuple(f"/{name}?scope={scope}" for name in ("dashboard", "stages") for scope in ("MINE", "TEAM"))
TIMEOUT_S = 120


class Caller:
    """Somebody who asks and counts milliseconds."""

    def __init__(self, staff: Portal) -> None:
        self._session = requests.Session()
        self._session.headers.update(staff._headers)
        self._start = staff.api.base_url + PREFIX.format(brand_id=BRAND)

    def call(self, path: str) -> requests.Response:
        return self._session.get(self._start + path, timeout=TIMEOUT_S)

    def ms(self, path: str) -> float:
        started_at = time.perf_counter()
        self.call(path)
        return (time.perf_counter() - started_at) * 1_000

    def sorts(self, path: str) -> list[str]:
        """What a list is sorted by, as it says when asked for something else."""
        refused = self.call(f"{path}?sort=-")
        found = re.search(r"Sort by one of ([\w, ]+)\.", refused.text) if refused.status_code == 422 else None
        return found[1].split(", ") if found else []


def asked(api: Http, caller: Caller) -> list[str]:
    """The paths with their queries, those that answer as they are."""
    paths = [
        path.removeprefix(PREFIX)
        for path, methods in api.call("GET", "/openapi.json")["paths"].items()
        if path.startswith(PREFIX) and path.count("{") == 1 and "get" in methods
    ]
    stages = [f"/stages/{stage['name']}/loans" for stage in caller.call("/stages").json()]
    lists = [path for path in (*paths, *stages) if path not in LEFT_OUT]
    sorted_ = [
        f"{path}?sort={sign}{sort}" for path in lists for sort in caller.sorts(path) for sign in ("", "-")
    ]
    return [path for path in (*lists, *SCOPED, *sorted_) if caller.call(path).ok]


def run(caller: Caller, paths: list[str], rounds: int) -> tuple[float, dict[str, float]]:
    """Medians in milliseconds: of the baseline, and of each path."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    baseline = []
    for number in range(1, rounds + 1):
        for path, times in taken.items():
            baseline.append(caller.ms(BASELINE))
            times.append(caller.ms(path))
        say(f"round {number} of {rounds}")
    return statistics.median(baseline), {path: statistics.median(times) for path, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loans", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--told", type=int, default=15, help="so many of the slowest are told")
    parser.add_argument("--keep", type=Path, help="a directory that the stack stays in")
    given = parser.parse_args()
    with stack_in(given.keep and given.keep.resolve()) as (_, api_url):
        plant(given.loans, 1.4)
        api = Http(api_url)
        measure(api, given.rounds, given.told)


def measure(api: Http, rounds: int, told: int) -> None:
    caller = Caller(Portal(api, email_of(Role.ADMIN, BRAND), DEMO_PASSWORD, BRAND))
    paths = asked(api, caller)
    baseline, found = run(caller, paths, rounds)
    print(f"  {baseline:8.0f} ms        {BASELINE} (baseline), beside {len(found)} lists and figures")
    for path, ms in sorted(found.items(), key=lambda one: -one[1])[:told]:
        print(f"  {ms:8.0f} ms  {ms / baseline:6.1f}x  {path}")


if __name__ == "__main__":
    main()
