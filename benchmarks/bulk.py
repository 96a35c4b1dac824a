"""A whole book of applicants decided at once, against DuckDB on the same rules in SQL and zen-engine's fastest batch.

    python benchmarks/bulk.py [--rows N] [--rounds R]

The rule set is the largest shipped BRE; the book is a Parquet file of plausible applicants, one value in fifty
unknown. Each engine reads it and tells the outcome, the terms of the offer, and as bits which rules hit and which
could not be evaluated; then the names of the fired rules too, as a look-up from the distinct bits and as a column.

DuckDB has one query, made from the same trees, tables and scorecards. It reckons in doubles, which is its fast
path, so quotients are rounded to nine places and multiplied before they are divided; and a table stops where it
stops with us. zen-engine has the decision graph of `bre.py`, with its own tables, and is given a sample of
applicants of whom all is known, as ready objects (so the like of it is our book in memory). It tells fired rules
and offer, its time is extrapolated: one batch, one thread, and two threads.

What the engines say is compared before anything is timed: DuckDB must agree on every row in everything, zen on
every applicant of its sample. Each run has a process of its own, whose peak of resident memory is told; times
are medians of the rounds, with CPU time beside them for machines that are shared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import zen

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.bre import ZenGraph, largest
from benchmarks.sql import Sql
from rules import Ruleset
from rules.engines.frame import decide_frame, named_rules
from tests.rules.generated_books import realistic_book

ZEN_SAMPLE = 2_000
IN_MEMORY = "bits, of a book in memory"


# --- the engines ----------------------------------------------------------------------------------


def ours(ruleset: Ruleset, book: Path) -> dict[str, Callable[[], Any]]:
    told = ["row", "outcome", "^(hits|unknown)_[0-9]+$", *ruleset.offer]

    def bits() -> pl.DataFrame:
        return decide_frame(ruleset, pl.scan_parquet(book)).select(told).collect(engine="streaming")

    def named() -> pl.DataFrame:
        decided = bits()
        names = named_rules(ruleset, decided)
        words = [name for name in names.columns if name != "rules"]
        return decided.lazy().join(names.lazy(), on=words, how="left").collect(engine="streaming")

    def looked_up() -> Any:
        decided = bits()
        return decided, named_rules(ruleset, decided)

    def from_memory() -> Callable[[], pl.DataFrame]:
        frame = pl.read_parquet(book).lazy()
        return lambda: decide_frame(ruleset, frame).select(told).collect(engine="streaming")

    return {"bits": bits, IN_MEMORY: from_memory, "names in a look-up": looked_up, "names in a column": named}


def duck(ruleset: Ruleset, book: Path) -> dict[str, Callable[[], Any]]:
    connection, sql = duckdb.connect(), Sql(ruleset, book)

    def run(*, names: bool) -> Callable[[], Any]:
        query = sql.query(names=names)
        return lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE decided AS {query}")

    def kept() -> pl.DataFrame:
        file = book.with_name("duckdb.parquet")
        connection.execute(f"COPY ({sql.query(names=False)}) TO '{file}' (FORMAT parquet)")
        return pl.read_parquet(file)

    def looked_up() -> None:
        bits()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE names AS {sql.look_up()}")

    bits = run(names=False)
    return {
        "bits": bits,
        "names in a look-up": looked_up,
        "names in a column": run(names=True),
        "kept": kept,
    }


def zen_engine(ruleset: Ruleset) -> zen.ZenEngine:
    content = {"bre": ZenGraph(ruleset).as_dict()}
    return zen.ZenEngine({"loader": {"type": "static", "content": content}})


def zen_sample(book: Path) -> pl.DataFrame:
    """Applicants of whom all is known."""
    return pl.read_parquet(book, n_rows=20 * ZEN_SAMPLE).drop_nulls().head(ZEN_SAMPLE)


def zen_people(sample: pl.DataFrame) -> list[dict[str, Any]]:
    rows = sample.drop("row").to_dicts()
    return [{k: str(v) if isinstance(v, date) else v for k, v in row.items()} for row in rows]


def zen_runs(ruleset: Ruleset, book: Path) -> dict[str, Callable[[], Any]]:
    engine, people = zen_engine(ruleset), zen_people(zen_sample(book))
    requests = [{"key": "bre", "context": person} for person in people]
    halves = [people[::2], people[1::2]]

    def threads() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda half: [engine.evaluate("bre", person) for person in half], halves))

    return {
        "one batch": lambda: engine.evaluate_batch(requests),
        "two threads": threads,
        "one thread": lambda: [engine.evaluate("bre", person) for person in people],
    }


ENGINES = {"ours": ours, "duckdb": duck, "zen": zen_runs}


def measure(engine: str, run: str, book: Path, rounds: int) -> dict[str, float]:
    """Seconds and CPU seconds (medians), and peak memory in MB, of one engine in this process."""
    started = ENGINES[engine](largest(), book)[run]
    if run == IN_MEMORY:
        started = started()
    seconds, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        started()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return {"seconds": statistics.median(seconds), "cpu": statistics.median(cpu), "mb": peak_mb()}


def peak_mb() -> float:
    """The peak of this process's resident memory; that of `getrusage` counts its parent's too."""
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(told.split()[0]) / 1024


def agree_with_duckdb(ruleset: Ruleset, book: Path) -> float:
    """The mean number of fired rules, once DuckDB says the same of every row: outcome, rules and offer."""
    mine, theirs = ours(ruleset, book)["bits"]().sort("row"), duck(ruleset, book)["kept"]().sort("row")
    texts = {"outcome", *(name for name in ruleset.offer if ruleset.kinds[name] == "text")}
    types = {name: pl.String if name in texts else pl.Float64 for name in ruleset.offer}
    types |= {name: pl.String if name in texts else pl.Int64 for name in mine.columns if name not in types}
    unlike = pl.any_horizontal(
        pl.col(name).cast(dtype).ne_missing(pl.col(f"{name}_right").cast(dtype))
        for name, dtype in types.items()
        if name != "row"
    )
    differing = mine.join(theirs, on="row").filter(unlike)
    if len(differing) or len(theirs) != len(mine):
        raise AssertionError(f"{len(differing)} rows differ from DuckDB: {differing.head(3).to_dicts()}")
    words = [name for name in mine.columns if name.startswith("hits_")]
    return mine.select(pl.sum_horizontal(pl.col(word).bitwise_count_ones() for word in words).mean()).item()


def agree_with_zen(ruleset: Ruleset, book: Path) -> None:
    """Nothing, once zen says the same of its sample: the fired rules, and the offer where there is one."""
    sample, engine = zen_sample(book), zen_engine(ruleset)
    decided = decide_frame(ruleset, sample.lazy()).collect()
    words = [name for name in decided.columns if name.startswith("hits_")]
    named = decided.join(named_rules(ruleset, decided), on=words, how="left", maintain_order="left")
    for person, mine in zip(zen_people(sample), named.iter_rows(named=True), strict=True):
        theirs = engine.evaluate("bre", person)["result"]
        fired = [row["rule"] for row in theirs["fired"] or []]
        offer = {name: mine[name] for name in ruleset.offer if mine["outcome"] != "REJECT"}
        wrong = {name: (value, theirs[name]) for name, value in offer.items() if value != theirs[name]}
        if fired != mine["rules"] or wrong:
            raise AssertionError(f"ours {mine['rules']}, zen {fired}; offer {wrong}: {person}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        engine, run, book, rounds = given.measure
        print(json.dumps(measure(engine, run, Path(book), int(rounds))))
        return
    rows, rounds = given.rows, given.rounds
    ruleset = largest()
    with TemporaryDirectory() as folder:
        book = Path(folder) / "book.parquet"
        realistic_book(ruleset, rows).write_parquet(book)
        fired = agree_with_duckdb(ruleset, book)
        agree_with_zen(ruleset, book)
        print(
            f"{ruleset.label}: {len(ruleset.rules)} rules, {len(ruleset.dictionary)} inputs, {rows} applicants, "
            f"{fired:.1f} rules firing on average; DuckDB says the same of every row, zen of every one of its "
            f"{ZEN_SAMPLE}; medians of {rounds} rounds"
        )
        report(
            rows,
            {name: {run: _child(name, run, book, rounds) for run in runs} for name, runs in RUNS.items()},
        )


RUNS = {
    "ours": ("bits", IN_MEMORY, "names in a look-up", "names in a column"),
    "duckdb": ("bits", "names in a look-up", "names in a column"),
    "zen": ("one batch", "two threads", "one thread"),
}


def _child(*arguments: Any) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, __file__, "--measure", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)


def report(rows: int, found: dict[str, dict[str, dict[str, float]]]) -> None:
    for run in found["zen"].values():
        run |= {part: run[part] * rows / ZEN_SAMPLE for part in ("seconds", "cpu")}
    for engine, runs in found.items():
        for run, told in runs.items():
            more = f"extrapolated from {ZEN_SAMPLE}" if engine == "zen" else f"peak {told['mb']:.0f} MB"
            print(f"  {told['seconds']:8.2f} s  {told['cpu']:8.2f} s of CPU  {engine}: {run}, {more}")
    for part, said in (("seconds", "time"), ("cpu", "CPU time")):
        fastest = min(run[part] for run in found["zen"].values())
        for run, told in found["ours"].items():
            print(f"ratio {fastest / told[part]:.0f}  {said}, zen-engine's fastest / ours: {run}")
        for run, told in found["duckdb"].items():
            print(f"ratio {told[part] / found['ours'][run][part]:.2f}  {said}, DuckDB / ours: {run}")


if __name__ == "__main__":
    main()
