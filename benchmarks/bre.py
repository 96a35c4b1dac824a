"""One online decision with its full explanation, against zen-engine on the same rules and inputs.

    python benchmarks/bre.py [--applicants N] [--rounds R]

Ours: `decide()` on the largest shipped BRE: inputs read and typed, both engines asked and compared. Explained:
what every rule said, and of each that spoke the reason in words, the values and the thresholds. Written out:
`as_dict()`, as it is kept: every rule with its verdict, condition, reason, values, thresholds and source, the
inputs, the derived values, the offer and the hash of the rule set. zen-engine: the same derived
values, tables, scorecards and conditions as a decision graph (expression nodes, its own decision tables, at the
end a collect table with one row a rule), through `ZenEngine({static loader}).evaluate`, its fastest path, without
and with `trace`. zen reads floats, reads no missing value safely and explains by its trace; so the applicants here
are ones of whom all is known, and the fired rules and derived values of every applicant are asserted equal before
anything is timed.

Rounds alternate between the engines in one process; each number is the median of the rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import zen

sys.path.insert(0, str(Path(__file__).parent.parent))

from rules import HIT, NOT_EVALUATED, Ruleset, decide, load
from rules.engines.evaluator import worked_out
from rules.language.dictionary import Feature
from rules.language.ruleset import Choice, Derivation, Scorecard, Step, Table
from rules.language.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Literal,
    Member,
    Missing,
    Name,
    Node,
    Not,
    Or,
    names,
)

BRANDS = ("qualoan", "salary4sure", "paisapop", "fastsalary", "salarybolt")

# What a plausible good applicant looks like; one input in fifteen is drawn from the second list instead.
USUAL_AND_UNUSUAL: dict[str, tuple[list[Any], list[Any]]] = {
    "age_years": (list(range(23, 50)), [19, 21, 58, 63]),
    "employment_type": (["SALARIED"], ["SELF_EMPLOYED", "OTHER"]),
    "salary_mode": (["BANK_TRANSFER"], ["CHEQUE", "CASH"]),
    "city_tier": (["A", "B"], ["C"]),
    "pan_status": (["VALID"], ["INVALID"]),
    "bureau_score": (list(range(700, 860)), list(range(450, 700))),
    "inward_bounce_count_3m": ([0, 0, 1], [3, 4, 5, 9]),
    "active_payday_loan_count": ([0, 0, 1], [3, 4, 7]),
    "requested_tenure_days": (list(range(14, 35)), [3, 60]),
    "requested_amount": ([Decimal(n * 500) for n in range(20, 50)], [Decimal(1000), Decimal(200000)]),
    "pincode": ([110001, 400050, 560001], [797103]),
    "completed_loan_count": ([0, 0, 1, 3], [8]),
    "last_loan_amount": ([Decimal(n * 500) for n in range(30, 100)], [Decimal(5000)]),
    "salary_credit_count_3m": ([3], [1]),
    "average_salary_3m": ([Decimal(n) / 100 for n in range(4500000, 9000000, 12345)], [Decimal("28000.50")]),
}
USUAL_BY_NAME = {
    "statement_days": [90, 120, 180],
    "bureau_vintage_months": [24, 60],
    "employment_tenure_months": [14, 40],
    "on_time_loan_streak": [0, 1, 3],
    "days_since_last_closure": [10, 200],
}
UNUSUALLY_TRUE = ("blacklisted", "balance_dressed")


def largest() -> Ruleset:
    """The shipped BRE with the most rules."""
    return max((load(brand, "bre") for brand in BRANDS), key=lambda ruleset: len(ruleset.rules))


def applicant(ruleset: Ruleset, draw: random.Random) -> dict[str, Any]:
    """An applicant of whom everything is known."""
    person = {}
    for name, feature in ruleset.dictionary.items():
        value = _value(feature, draw)
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        person[name] = (
            max(math.ceil(feature.minimum), min(math.floor(feature.maximum), value)) if number else value
        )
    return person


def _value(feature: Feature, draw: random.Random) -> Any:
    name, kind, unusual = feature.name, feature.type, draw.random() < 1 / 15
    if name in USUAL_AND_UNUSUAL:
        return draw.choice(USUAL_AND_UNUSUAL[name][unusual])
    if kind == "text":
        return draw.choice(feature.values) if unusual else feature.values[0]
    if kind == "date":
        return date(2026, draw.randint(1, 12), 15)
    if kind == "boolean":
        return (name in UNUSUALLY_TRUE) is unusual
    if name.endswith("_match_percent") or name.startswith("name_match"):
        return Decimal(draw.choice([70, 50]) if unusual else draw.randint(85, 100))
    if name == "days_since_last_rejection":
        return draw.randint(0, 10) if unusual else draw.randint(20, 400)
    if name == "average_monthly_balance":
        return Decimal(1200) if unusual else Decimal(draw.randint(600000, 4000000)) / 100
    if name == "declared_monthly_salary":
        return Decimal(120000) if unusual else Decimal(50000)
    if kind == "integer":
        return draw.choice([7, 20, 90]) if unusual else draw.choice(USUAL_BY_NAME.get(name, [0]))
    return Decimal(30000) if unusual and kind == "money" else Decimal(draw.randint(0, 4))


# --- the same rules for zen ------------------------------------------------------------------------


class ZenGraph:
    """A rule set as a decision graph: a node for each run of derived values, each table and each characteristic
    of a scorecard, in their order; then a table that collects the rules that fire. Each node passes on what it
    was given.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.nodes: list[tuple[str, str, Any]] = [("in", "inputNode", None)]
        self.formulas: dict[str, str] = {}
        for step in ruleset.steps:
            self.add(step)
        self.flush()
        rows = [{"when": self.text(rule.when), "rule": json.dumps(rule.id)} for rule in ruleset.rules]
        self.table("rules", rows, ["when"], ["rule"], hit="collect", path="fired")
        self.nodes.append(("out", "outputNode", None))

    def add(self, step: Step) -> None:
        if isinstance(step, Derivation):
            self.formulas[step.id] = self.text(step.tree)
        elif isinstance(step, Choice):
            last = self.text(step.otherwise) if step.otherwise else "null"
            branches = [f"{self.text(when)} ? {self.text(value)}" for when, value in step.branches]
            self.formulas[step.id] = " : ".join([*branches, last])
        elif isinstance(step, Scorecard):
            for index, table in enumerate(step.characteristics):
                self.lookup(table, [f"{step.id}_{index}"])
            points = [f"{step.id}_{index}" for index in range(len(step.characteristics))]
            self.formulas[step.gives[0]] = " + ".join([str(step.base), *points])
        else:
            self.lookup(step, list(step.gives))

    def lookup(self, table: Table, gives: list[str]) -> None:
        """A table in zen's own words: one cell a column, in which `$` is the value of the column."""
        self.flush()
        rows = []
        for row in table.rows:
            cells = {f"in_{name}": self.cell(name, row.when) for name in table.columns}
            results = [self.text(result) for result in row.results]
            rows.append(cells | dict(zip(gives, results, strict=True)))
        first = table.hit == "first"
        path = None if first else f"{table.id}_rows"
        self.table(
            table.id, rows, [f"in_{n}" for n in table.columns], gives, "first" if first else "collect", path
        )
        if not first:
            for name in gives:
                found = f"map({path}, #.{name})"
                self.formulas[name] = found if table.hit == "collect" else f"{table.hit}({found})"

    def cell(self, column: str, when: Node) -> str:
        """What a row says of one column: the part of its condition that reads the column."""
        said = [item for item in _flat(when) if column in {name.id for name in names(item)}]
        return " and ".join(self.text(item, {column: "$"}) for item in said)

    def table(
        self,
        name: str,
        rows: list[dict[str, str]],
        inputs: list[str],
        gives: list[str],
        hit: str,
        path: str | None,
    ) -> None:
        self.flush()
        columns = [
            {"id": key, "name": key} | ({"field": key.removeprefix("in_")} if key.startswith("in_") else {})
            for key in inputs
        ]
        content = {
            "hitPolicy": hit,
            "passThrough": True,
            "outputPath": path,
            "inputs": columns,
            "outputs": [{"id": key, "name": key, "field": key} for key in gives],
            "rules": [{"_id": f"{name}{index}"} | row for index, row in enumerate(rows)],
        }
        self.nodes.append((name, "decisionTableNode", content))

    def flush(self) -> None:
        """The derived values since the last table become a node; within it they are read as `$.name`."""
        if not self.formulas:
            return
        texts = [{"id": key, "key": key, "value": text} for key, text in self.formulas.items()]
        name = f"derived{len(self.nodes)}"
        self.nodes.append((name, "expressionNode", {"expressions": texts, "passThrough": True}))
        self.formulas = {}

    def text(self, node: Node, instead: Mapping[str, str] | None = None) -> str:
        """An expression in zen's language; `instead` stands for some names."""

        def text(inner: Node) -> str:
            return self.text(inner, instead)

        match node:
            case Name(name):
                return self.name(name, instead or {})
            case Literal(value):
                return _zen_constant(value)
            case Missing(of):
                return f"({text(of)} == null)"
            case Not(item):
                return f"not ({text(item)})"
            case And(items):
                return f"({' and '.join(map(text, items))})" if items else "true"
            case Or(items):
                return f"({' or '.join(map(text, items))})"
            case Compare(op, left, right) | Arithmetic(op, left, right):
                return f"({text(left)} {op} {text(right)})"
            case Member(item, values):
                return f"({text(item)} in {text(values)})"
            case Call(function, arguments):
                return _CALLS[function](*map(text, arguments))
        raise AssertionError(node)

    def name(self, name: str, instead: Mapping[str, str]) -> str:
        if name in self.ruleset.parameters:
            return _zen_constant(self.ruleset.parameters[name])
        feature = self.ruleset.dictionary.get(name)
        if name in instead:
            return instead[name]
        if feature and feature.type == "date":
            return f"date({name})"
        return f"$.{name}" if name in self.formulas else name

    def as_dict(self) -> dict[str, Any]:
        ids = [name for name, _, _ in self.nodes]
        return {
            "nodes": [
                {"id": key, "name": key, "type": kind, "position": {"x": 0, "y": 0}}
                | ({"content": content} if content else {})
                for key, kind, content in self.nodes
            ],
            "edges": [
                {"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in pairwise(ids)
            ],
        }


# What zen has of our functions; a rule set that calls another one stops the benchmark with a KeyError. Ours gives
# no value on purpose where a table says `unknown`, zen then has null.
_CALLS: dict[str, Callable[..., str]] = {
    "unknown": lambda: "null",
    "coalesce": lambda *values: f"({' ?? '.join(values)})",
    "min": lambda *values: f"min([{', '.join(values)}])",
    "max": lambda *values: f"max([{', '.join(values)}])",
    "floor_to": lambda number, step: f"(floor({number} / {step}) * {step})",
    "round_half_up": lambda number, places: f"round({number}, {places})",
}


def _flat(node: Node) -> list[Node]:
    return [part for item in node.items for part in _flat(item)] if isinstance(node, And) else [node]


def _zen_constant(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_zen_constant, value))}]"
    if isinstance(value, date):
        return f'date("{value}")'
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if number else json.dumps(value)


def floats(features: dict[str, Any]) -> dict[str, Any]:
    """zen refuses decimals and dates."""
    plain = {Decimal: float, date: str}
    return {name: plain.get(type(value), lambda same: same)(value) for name, value in features.items()}


# --- measuring -------------------------------------------------------------------------------------


def assert_equal(ruleset: Ruleset, engine: zen.ZenEngine, people: list[dict[str, Any]]) -> float:
    """The mean number of rules that fire, once rules, derived values and offer are the same on both sides."""
    fired = 0
    for person in people:
        decision, theirs = decide(ruleset, person), engine.evaluate("bre", floats(person))["result"]
        ours = [rule for rule, said in decision.said.items() if said == HIT]
        found = [row["rule"] for row in theirs["fired"] or []]
        if ours != found or any(said == NOT_EVALUATED for said in decision.said.values()):
            raise AssertionError(f"ours {ours}, zen {found}: {person}")
        for name, value in decision.derived.items():
            if not _same(value, theirs.get(name)):
                raise AssertionError(f"{name}: ours {value}, zen {theirs.get(name)}: {person}")
        fired += len(ours)
    return fired / len(people)


def _same(ours: Any, theirs: Any) -> bool:
    number = isinstance(ours, int | Decimal) and not isinstance(ours, bool)
    return abs(float(ours) - float(theirs)) <= 1e-6 * max(1, abs(float(ours))) if number else ours == theirs


def explained(ruleset: Ruleset, person: dict[str, Any]) -> Any:
    """The decision and all that explains it: what every rule said and, of each that spoke, the reason in words,
    the values seen and the thresholds; the derived values and the offer.
    """
    decision = decide(ruleset, person)
    told = [(v.rule_id, v.effect, v.reason, v.values, v.thresholds) for v in decision.spoken]
    return decision.outcome, decision.said, told, decision.derived, decision.offer


def microseconds(run: Callable[[Any], Any], people: list[Any], each: list[float]) -> float:
    """Microseconds a decision over all applicants once; every single one is added to `each`."""
    gc.collect()
    clock, start = time.perf_counter, time.perf_counter()
    before = start
    for person in people:
        run(person)
        now = clock()
        each.append((now - before) * 1e6)
        before = now
    return (before - start) / len(people) * 1e6


EXPLAINED = "ours: decide() and all that explains it"
WRITTEN = "ours: decide() written out, every rule in full"
TRACED, PLAIN = "zen-engine evaluate, trace", "zen-engine evaluate, no trace"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applicants", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    count, rounds = asked.applicants, asked.rounds

    ruleset, draw = largest(), random.Random(7)
    people = [applicant(ruleset, draw) for _ in range(count)]
    plain = [floats(person) for person in people]
    graph = ZenGraph(ruleset).as_dict()
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"bre": graph}}})
    fired = assert_equal(ruleset, engine, people)

    runs: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "ours: decide(), both engines": (lambda person: decide(ruleset, person), people),
        EXPLAINED: (lambda person: explained(ruleset, person), people),
        WRITTEN: (lambda person: decide(ruleset, person).as_dict(), people),
        "  of all three: inputs and derived values": (lambda person: worked_out(ruleset, person), people),
        TRACED: (lambda person: engine.evaluate("bre", person, {"trace": True}), plain),
        PLAIN: (lambda person: engine.evaluate("bre", person), plain),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    each: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (run, given) in runs.items():
            times[name].append(microseconds(run, given, each[name]))
    steps = Counter(type(step).__name__.lower() for step in ruleset.steps)
    print(
        f"{ruleset.label}: {len(ruleset.rules)} rules, {len(ruleset.dictionary)} inputs, "
        f"{', '.join(f'{n} {kind}s' for kind, n in steps.items())}; {count} applicants, {fired:.1f} rules firing "
        f"on average; rules and derived values equal on both sides; medians of {rounds} rounds"
    )
    report({name: statistics.median(values) for name, values in times.items()}, each)


def report(medians: dict[str, float], each: dict[str, list[float]]) -> None:
    for name, value in medians.items():
        cuts = statistics.quantiles(each[name], n=100)
        print(f"  {value:8.1f} us  (p50 {cuts[49]:.1f}, p99 {cuts[98]:.1f})  {name}")
    for ours in (EXPLAINED, WRITTEN):
        for baseline in (TRACED, PLAIN):
            print(f"ratio {medians[ours] / medians[baseline]:.2f}  {ours} / {baseline}")


if __name__ == "__main__":
    main()
