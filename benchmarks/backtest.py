"""A backtest of many past decisions, page and changed cases included.

    python benchmarks/backtest.py [--rows N]

The champion is the largest shipped BRE, the challenger the same with its thresholds moved. The book is a Parquet
file of applicants around some whom the champion approves: each input of each applicant is now and then another one
at or beside the edges of the rules. The stages are timed in one process that starts with the file; CPU time is
told beside it, and the peak of resident memory.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections import ChainMap
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipelines.backtest import backtest, scan_book
from rules import Ruleset, compile_ruleset, decide, load
from rules.language.dictionary import Feature
from rules.language.files import Folder
from rules.language.tree import Compare, Literal, Name, Node, children

BRANDS = ("qualoan", "salary4sure", "paisapop", "fastsalary", "salarybolt")
UNUSUAL = 0.02  # how often an input is not the good applicant's
DRAWN = 1000  # draws of each input for each of them
PEOPLE = 20  # different good applicants
DTYPES = {
    "integer": pl.Int64,
    "money": pl.Float64,
    "number": pl.Float64,
    "text": pl.String,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


def challenger_of(champion: Ruleset) -> Ruleset:
    """The champion with every whole threshold above 100 moved by an eighth, up or down in turn."""
    name = next(iter(champion.files))
    large = [key for key, value in champion.parameters.items() if type(value) is int and value > 100]
    moved = {
        key: int(champion.parameters[key] * (Decimal("0.875") if index % 2 else Decimal("1.125")))
        for index, key in enumerate(large)
    }
    lines = [f"ruleset: {champion.name}", f"brand: {champion.brand}", "extends: champion", "parameters:"]
    draft = "\n".join([*lines, *(f"  {key}: {value}" for key, value in moved.items())])
    return compile_ruleset(
        "draft.yaml", ChainMap({"draft.yaml": draft, "champion.yaml": champion.files[name]}, Folder())
    )


def edges(ruleset: Ruleset) -> dict[str, set[Any]]:
    """The constants that each name is compared with."""
    found: dict[str, set[Any]] = {}
    for node in _nodes(rule.when for rule in ruleset.rules):
        match node:
            case Compare(_, Name(name), Literal(value)):
                found.setdefault(name, set()).add(value)
            case Compare(_, Name(name), Name(parameter)) if parameter in ruleset.parameters:
                found.setdefault(name, set()).add(ruleset.parameters[parameter])
    return found


def _nodes(trees: Any) -> Iterator[Node]:
    stack = list(trees)
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


def candidates(feature: Feature, around: set[Any]) -> list[Any]:
    """Values of an input: its texts, or numbers at and beside the edges of the rules."""
    if feature.type == "boolean":
        return [True, False]
    if feature.type == "text":
        return list(feature.values)
    if feature.type == "date":
        return [date(2026, 1, 1) + timedelta(days=30 * step) for step in range(12)]
    numbers = {Decimal(edge) * factor for edge in around for factor in (Decimal("0.9"), 1, Decimal("1.1"), 2)}
    usual = {Decimal(number) for number in (0, 1, 2, 30, 90, 95, 700, 760, 20_000, 60_000)}
    usual |= {feature.minimum, feature.maximum, (feature.minimum + feature.maximum) / 2}
    inside = sorted(int(number) for number in numbers | usual if feature.minimum <= number <= feature.maximum)
    return inside if feature.type == "integer" else [Decimal(number) for number in inside]


def good_applicant(ruleset: Ruleset, choices: dict[str, list[Any]], draw: random.Random) -> dict[str, Any]:
    """Somebody whom the rules approve: strangers are changed for the better, one input at a time."""
    choices = choices | {"bureau_hit": [True]}
    for _ in range(20):
        person = {name: draw.choice(values) for name, values in choices.items()}
        for name in [*choices, *choices]:
            values = draw.sample(choices[name], len(choices[name]))
            tried = ({**person, name: value} for value in values)
            person = min(tried, key=lambda person: _faults(ruleset, person))
        if not _faults(ruleset, person):
            return person
    raise AssertionError(f"nobody passes {ruleset.label}")


def _faults(ruleset: Ruleset, person: dict[str, Any]) -> int:
    return sum(10 if verdict.effect == "reject" else 1 for verdict in decide(ruleset, person).reasons)


def book(ruleset: Ruleset, rows: int, seed: int = 7) -> pl.LazyFrame:
    """Past decisions of which a third has a known repayment."""
    draw, around = random.Random(seed), edges(ruleset)
    choices = {
        name: candidates(feature, around.get(name, set())) for name, feature in ruleset.dictionary.items()
    }
    people = [good_applicant(ruleset, choices, draw) for _ in range(PEOPLE)]
    number = pl.int_range(rows, dtype=pl.Int64)
    columns = {}
    for salt, (name, values) in enumerate(choices.items()):
        feature = ruleset.dictionary[name]
        drawn = [
            _written(draw.choice([*values, None]) if draw.random() < UNUSUAL else person[name], feature, draw)
            for person in people
            for _ in range(DRAWN)
        ]
        chosen = number.hash(1002) % PEOPLE * DRAWN + number.hash(salt) % DRAWN
        columns[name] = pl.lit(pl.Series(drawn, dtype=DTYPES[feature.type])).gather(chosen)
    chance = number.hash(1000) % 1000
    return pl.select(
        **columns,
        application_id=pl.format("APP-{}", number),
        decided_on=pl.date(2025, 1, 1) + pl.duration(days=number % 365),
        segment=pl.lit(pl.Series(["direct", "partner", "repeat", "search"])).gather(number.hash(1001) % 4),
        bad=pl.when(chance < 333).then(chance < 30),
    ).lazy()


def _written(value: Any, feature: Feature, draw: random.Random) -> Any:
    """A value as a frame holds it; amounts have paise, as they do in life."""
    if not isinstance(value, Decimal):
        return value
    paise = draw.randrange(100) / 100 if feature.type == "money" and 0 < value < feature.maximum else 0.0
    return float(value) + paise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder for the page and the changed cases")
    parser.add_argument("--make", type=Path, help="only write the book, to this file")
    asked = parser.parse_args()
    champion = max((load(brand, "bre") for brand in BRANDS), key=lambda ruleset: len(ruleset.rules))
    if asked.make:
        book(champion, asked.rows).sink_parquet(asked.make, row_group_size=100_000)
        return
    with TemporaryDirectory(prefix="bench-backtest-") as folder:
        past = Path(folder) / "book.parquet"
        # in a process of its own, so that the peak of memory below is the backtest's
        subprocess.run([sys.executable, __file__, "--rows", str(asked.rows), "--make", str(past)], check=True)
        measure(champion, challenger_of(champion), past, asked.keep or Path(folder))


def measure(champion: Ruleset, challenger: Ruleset, past: Path, out: Path) -> None:
    started, marks = (time.perf_counter(), time.process_time()), []

    def mark(stage: str, rows: int = 0) -> None:
        marks.append((stage, time.perf_counter() - started[0], time.process_time() - started[1]))

    result = backtest(champion, challenger, scan_book(past, champion), on_stage=mark)
    mark("counted")
    (out / "page.html").write_text(result.html(), encoding="utf-8")
    mark("page")
    result.write_changed_cases(out / "changed.csv")
    mark("changed cases")
    total = result.as_dict()["total"]
    print(
        f"{champion.label}: {len(champion.rules)} rules, twice over {total['applications']:,} rows; "
        f"{total['champion']['approval_rate']:.1%} approved, {total['challenger']['approval_rate']:.1%} by the draft"
    )
    report(marks)


def report(marks: list[tuple[str, float, float]]) -> None:
    last = {stage: (wall, cpu) for stage, wall, cpu in marks}
    before = (0.0, 0.0)
    for stage, told in (
        ("counting", "decided by both"),
        ("counted", "counted"),
        ("page", "page"),
        ("changed cases", "changed cases"),
    ):
        wall, cpu = last[stage]
        print(f"  {wall - before[0]:6.2f} s  {cpu - before[1]:6.2f} s CPU  {told}")
        before = (wall, cpu)
    print(f"  {before[0]:6.2f} s  {before[1]:6.2f} s CPU  in all (goal for a million: under 10 s)")
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


if __name__ == "__main__":
    main()
