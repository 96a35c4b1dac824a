"""A million applicants decided at once, against DuckDB on the same rules in SQL and zen-engine's fastest batch.

    python benchmarks/bulk.py [--rows N] [--quick]

The rule set is the largest shipped BRE; the book is a Parquet file of plausible applicants, one value in fifty
unknown. Each engine reads it and tells the outcome, the terms of the offer, and as bits which rules hit and which
could not be evaluated; then again with the names of the fired rules in a column. DuckDB has one query: its
conditions are made from the same trees, with its doubles where we are exact. zen-engine is given a sample of
applicants of whom all is known, as
ready objects (so the like of it is our book in memory), and extrapolated: by one batch, and by two threads.

What the engines say is compared before anything is timed. Each runs in a process of its own, whose peak of
resident memory is told; times are medians of the rounds, with CPU time beside them for machines that are shared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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
from rules import Ruleset
from rules.engines.frame import decide_frame, named_rules
from rules.language.ruleset import Choice, Derivation, Scorecard, Step, Table
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from tests.rules.generated import realistic_book

ZEN_SAMPLE = 2_000
IN_MEMORY = "bits, of a book in memory"
WORD_BITS = 63


# --- the same rules for DuckDB --------------------------------------------------------------------


class Sql:
    """A rule set as one query: a subquery for each derived value, then the rules, then what follows."""

    def __init__(self, ruleset: Ruleset, book: Path) -> None:
        self.ruleset = ruleset
        self.source = f"SELECT * FROM read_parquet('{book}')"
        for step in ruleset.steps:
            columns = ", ".join(f"{value} AS {name}" for name, value in self.derived(step))
            self.source = f"SELECT *, {columns} FROM ({self.source})"
        rules = ", ".join(f"{self.text(rule.when)} AS r{at}" for at, rule in enumerate(ruleset.rules))
        self.source = f"SELECT *, {rules} FROM ({self.source})"

    def query(self, *, names: bool) -> str:
        columns = [*self.words("hits", "coalesce(r{}, false)"), *self.words("unknown", "(r{} IS NULL)")]
        if names:
            fired = [f"CASE WHEN r{at} THEN '{rule.id}' END" for at, rule in enumerate(self.ruleset.rules)]
            columns.append(f"list_filter([{', '.join(fired)}], lambda x: x IS NOT NULL) AS rules")
        told = f"SELECT *, {self.outcome()} AS outcome, {', '.join(columns)} FROM ({self.source})"
        offer = [
            f"CASE WHEN outcome <> 'REJECT' AND {self.offered()} THEN {name} END AS {name}"
            for name in self.ruleset.offer
        ]
        words = [column.rsplit(" AS ", 1)[1] for column in columns]
        return f'SELECT "row", outcome, {", ".join([*words, *offer])} FROM ({told})'

    def offered(self) -> str:
        return " AND ".join(f"{name} IS NOT NULL" for name in self.ruleset.offer)

    def outcome(self) -> str:
        rejects, refers = self.speaking("reject"), self.speaking("refer")
        return f"CASE WHEN {rejects} THEN 'REJECT' WHEN {refers} THEN 'REFER' ELSE 'APPROVE' END"

    def speaking(self, effect: str) -> str:
        said = [
            f"coalesce(r{at}, false)" for at, rule in enumerate(self.ruleset.rules) if rule.effect == effect
        ]
        said += [f"r{at} IS NULL" for at, rule in enumerate(self.ruleset.rules) if rule.on_missing == effect]
        return f"({' OR '.join(said)})"

    def words(self, kind: str, flag: str) -> Iterator[str]:
        count = len(self.ruleset.rules)
        for word, start in enumerate(range(0, count, WORD_BITS)):
            bits = [
                f"{flag.format(at)}::BIGINT * {1 << (at - start)}"
                for at in range(start, min(start + WORD_BITS, count))
            ]
            yield f"{' + '.join(bits)} AS {kind}_{word}"

    def derived(self, step: Step) -> Iterator[tuple[str, str]]:
        match step:
            case Derivation():
                yield step.id, self.text(step.tree)
            case Choice():
                cases = [
                    f"WHEN {c} IS NULL THEN NULL WHEN {c} THEN {self.text(v)}"
                    for w, v in step.branches
                    for c in [self.text(w)]
                ]
                yield (
                    step.id,
                    f"CASE {' '.join(cases)} ELSE {self.text(step.otherwise) if step.otherwise else 'NULL'} END",
                )
            case Table():
                for at, name in enumerate(step.gives):
                    yield name, self.lookup(step, at)
            case Scorecard():
                points = [self.lookup(table, 0) for table in step.characteristics]
                yield step.gives[0], " + ".join([str(step.base), *points])

    def lookup(self, table: Table, at: int) -> str:
        if table.hit not in ("first", "unique"):
            raise ValueError(f"no SQL for tables of hit {table.hit}")
        cases = [f"WHEN {self.text(row.when)} THEN {self.text(row.results[at])}" for row in table.rows]
        return f"CASE {' '.join(cases)} END"

    def text(self, node: Node) -> str:
        match node:
            case Literal(value):
                return _sql_constant(value)
            case Name(name):
                return (
                    _sql_constant(self.ruleset.parameters[name]) if name in self.ruleset.parameters else name
                )
            case Missing(of):
                return f"({of.id} IS NULL)"
            case Not(item):
                return f"(NOT {self.text(item)})"
            case And(items) | Or(items):
                join = " AND " if isinstance(node, And) else " OR "
                return f"({join.join(map(self.text, items))})" if items else "true"
            case Compare(op, left, right):
                return f"({self.text(left)} {'=' if op == '==' else '<>' if op == '!=' else op} {self.text(right)})"
            case Arithmetic(op, left, right):
                return f"({self.text(left)} {op} {self.text(right)})"
            case Member(item, values):
                return f"({self.text(item)} IN {self.text(values)})"
            case Call(function, arguments):
                return _sql_call(function, [self.text(argument) for argument in arguments])
        raise AssertionError(node)


def _sql_constant(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_sql_constant, value))})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"DATE '{value}'"
    return f"'{value}'" if isinstance(value, str) else f"{value}::DOUBLE" if "." in str(value) else str(value)


def _sql_call(function: str, arguments: list[str]) -> str:
    match function, arguments:
        case (("min" | "max"), _):
            known = " AND ".join(f"{argument} IS NOT NULL" for argument in arguments)
            chosen = {"min": "least", "max": "greatest"}[function]
            return f"CASE WHEN {known} THEN {chosen}({', '.join(arguments)}) END"
        case "floor_to", [number, step]:
            return f"(floor({number} / {step}) * {step})"
        case "round_half_up", [number, places]:
            return f"round({number}, {places})"
        case "coalesce", _:
            return f"coalesce({', '.join(arguments)})"
        case "days_between", [start, end]:
            return f"date_diff('day', {start}, {end})"
        case "unknown", _:
            return "NULL"
    raise ValueError(f"no SQL for {function}")


# --- the engines ----------------------------------------------------------------------------------


def ours(ruleset: Ruleset, book: Path) -> dict[str, Callable[[], Any]]:
    told = ["row", "outcome", "^(hits|unknown)_[0-9]+$", *ruleset.offer]

    def bits() -> pl.DataFrame:
        return decide_frame(ruleset, pl.scan_parquet(book)).select(told).collect(engine="streaming")

    def named() -> pl.DataFrame:
        decided = bits()
        names = named_rules(ruleset, decided)
        return decided.join(names, on=[name for name in names.columns if name != "rules"], how="left")

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

    return {"bits": run(names=False), "names in a column": run(names=True), "kept": kept}


def zen_runs(ruleset: Ruleset, book: Path) -> dict[str, Callable[[], Any]]:
    content = {"bre": ZenGraph(ruleset).as_dict()}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    rows = pl.read_parquet(book, n_rows=20 * ZEN_SAMPLE).drop_nulls().drop("row").head(ZEN_SAMPLE).to_dicts()
    people = [{k: str(v) if isinstance(v, date) else v for k, v in row.items()} for row in rows]
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


def agree(ruleset: Ruleset, book: Path) -> float:
    """The mean number of fired rules, once DuckDB says the same of every row but the few where doubles fail it."""
    mine, theirs = ours(ruleset, book)["bits"]().sort("row"), duck(ruleset, book)["kept"]().sort("row")
    texts = {"outcome", *(name for name in ruleset.offer if ruleset.kinds[name] == "text")}
    types = {name: pl.String if name in texts else pl.Float64 for name in mine.columns if name != "row"}
    unlike = pl.any_horizontal(
        pl.col(name).cast(dtype).ne_missing(pl.col(f"{name}_right").cast(dtype))
        for name, dtype in types.items()
    )
    differing = mine.join(theirs, on="row").filter(unlike)
    if len(differing) > 3e-4 * len(mine):
        raise AssertionError(f"{len(differing)} rows differ from DuckDB: {differing.head(3).to_dicts()}")
    print(f"DuckDB says the same of all but {len(differing)} of {len(mine)} rows (its doubles at a border)")
    words = [name for name in mine.columns if name.startswith("hits_")]
    return mine.select(pl.sum_horizontal(pl.col(word).bitwise_count_ones() for word in words).mean()).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="fewer applicants and rounds")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        engine, run, book, rounds = given.measure
        print(json.dumps(measure(engine, run, Path(book), int(rounds))))
        return
    rows, rounds = (100_000, 3) if given.quick else (given.rows, 5)
    ruleset = largest()
    with TemporaryDirectory() as folder:
        book = Path(folder) / "book.parquet"
        realistic_book(ruleset, rows).write_parquet(book)
        fired = agree(ruleset, book)
        print(
            f"{ruleset.label}: {len(ruleset.rules)} rules, {len(ruleset.dictionary)} inputs, {rows} applicants, "
            f"{fired:.1f} rules firing on average; medians of {rounds} rounds"
        )
        report(
            rows,
            {name: {run: _child(name, run, book, rounds) for run in runs} for name, runs in RUNS.items()},
        )


RUNS = {
    "ours": ("bits", IN_MEMORY, "names in a look-up", "names in a column"),
    "duckdb": ("bits", "names in a column"),
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
