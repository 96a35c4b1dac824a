"""One online decision with its full explanation, against zen-engine on the same rules and inputs.

    python benchmarks/bre.py [--quick]

Ours: `decide()` on the largest shipped BRE: inputs read and typed, both engines asked and compared, the
verdict of every rule and the reasons in words. zen-engine: the same derived values and conditions as a
decision graph (an expression node, then a collect table with one row a rule), through
`ZenEngine({static loader}).evaluate`, its fastest path, without and with `trace`. zen reads floats, reads
no missing value safely and explains by its trace; so the applicants here are ones of whom all is known,
and the fired rules of every applicant are asserted equal before anything is timed.

Rounds alternate between the engines in one process; each number is the median of the rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import zen

sys.path.insert(0, str(Path(__file__).parent.parent))

from rules import HIT, Ruleset, decide, load
from rules.engines.evaluator import worked_out
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or

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
    "average_salary_3m": ([Decimal(n) / 100 for n in range(4500000, 9000000, 12345)], [Decimal("28000.50")]),
}
USUAL_BY_NAME = {
    "statement_days": [90, 120, 180],
    "bureau_vintage_months": [24, 60],
    "employment_tenure_months": [14, 40],
}


def largest() -> Ruleset:
    """The shipped BRE with the most rules."""
    return max((load(brand, "bre") for brand in BRANDS), key=lambda ruleset: len(ruleset.rules))


def applicant(ruleset: Ruleset, draw: random.Random) -> dict[str, Any]:
    """An applicant of whom everything is known."""
    person = {}
    for name, feature in ruleset.dictionary.items():
        value = _value(name, feature.type, draw)
        within = not isinstance(value, int | Decimal) or value <= feature.maximum
        person[name] = value if within else int(feature.maximum)
    return person


def _value(name: str, kind: str, draw: random.Random) -> Any:
    unusual = draw.random() < 1 / 15
    if name in USUAL_AND_UNUSUAL:
        return draw.choice(USUAL_AND_UNUSUAL[name][unusual])
    if kind == "boolean":
        return (name == "blacklisted") is unusual
    if name.endswith("_percent") and name.startswith("name_match"):
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


def zen_expression(node: Node, ruleset: Ruleset, prefix: str = "") -> str:
    """An expression in zen's language; `prefix` stands before names of derived values."""

    def text(inner: Node) -> str:
        return zen_expression(inner, ruleset, prefix)

    match node:
        case Name(name) if name in ruleset.parameters:
            return _zen_constant(ruleset.parameters[name])
        case Name(name):
            return f"{prefix}{name}" if name in ruleset.derived else name
        case Literal(value):
            return _zen_constant(value)
        case Missing(of):
            return f"({of.id} == null)"
        case Not(item):
            return f"not ({text(item)})"
        case And(items):
            return f"({' and '.join(map(text, items))})"
        case Or(items):
            return f"({' or '.join(map(text, items))})"
        case Compare(op, left, right) | Arithmetic(op, left, right):
            return f"({text(left)} {op} {text(right)})"
        case Member(item, values):
            return f"({text(item)} in {text(values)})"
        case Call("coalesce", (first, second)):
            return f"({text(first)} ?? {text(second)})"
        case Call(name, arguments):
            return f"{name}([{', '.join(map(text, arguments))}])"


def _zen_constant(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_zen_constant, value))}]"
    return (
        str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else json.dumps(value)
    )


def zen_graph(ruleset: Ruleset) -> dict[str, Any]:
    """The rule set as a decision graph: derived values, then a table that collects the rules that fire."""
    steps = [step for step in ruleset.steps if hasattr(step, "tree")]
    derived = [{"id": s.id, "key": s.id, "value": zen_expression(s.tree, ruleset, "$.")} for s in steps]
    rows = [
        {"_id": rule.id, "when": zen_expression(rule.when, ruleset), "rule": json.dumps(rule.id)}
        for rule in ruleset.rules
    ]
    table = {
        "hitPolicy": "collect",
        "passThrough": False,
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes = [
        ("in", "inputNode", None),
        ("derived", "expressionNode", {"expressions": derived, "passThrough": True}),
        ("rules", "decisionTableNode", table),
        ("out", "outputNode", None),
    ]
    return {
        "nodes": [
            {"id": key, "name": key, "type": kind, "position": {"x": 0, "y": 0}}
            | ({"content": c} if c else {})
            for key, kind, c in nodes
        ],
        "edges": [
            {"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b}
            for a, b in (("in", "derived"), ("derived", "rules"), ("rules", "out"))
        ],
    }


def floats(features: dict[str, Any]) -> dict[str, Any]:
    """zen refuses decimals."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in features.items()}


# --- measuring -------------------------------------------------------------------------------------


def assert_equal(ruleset: Ruleset, engine: zen.ZenEngine, people: list[dict[str, Any]]) -> float:
    """The mean number of rules that fire, once all applicants fire the same rules on both sides."""
    fired = 0
    for person in people:
        ours = [verdict.rule_id for verdict in decide(ruleset, person).verdicts if verdict.verdict == HIT]
        theirs = [row["rule"] for row in engine.evaluate("bre", floats(person))["result"] or []]
        if ours != theirs:
            raise AssertionError(f"ours {ours}, zen {theirs}: {person}")
        fired += len(ours)
    return fired / len(people)


def microseconds(run: Callable[[Any], Any], people: list[Any]) -> float:
    """Microseconds a decision over all applicants once."""
    gc.collect()
    start = time.perf_counter()
    for person in people:
        run(person)
    return (time.perf_counter() - start) / len(people) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer applicants and rounds")
    quick = parser.parse_args().quick
    count, rounds = (300, 5) if quick else (2000, 15)

    ruleset, draw = largest(), random.Random(7)
    people = [applicant(ruleset, draw) for _ in range(count)]
    plain = [floats(person) for person in people]
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"bre": zen_graph(ruleset)}}})
    fired = assert_equal(ruleset, engine, people)

    def explained(person: dict[str, Any]) -> Any:
        decision = decide(ruleset, person)
        return decision.verdicts, [verdict.reason for verdict in decision.reasons]

    runs: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "ours: decide(), both engines": (lambda person: decide(ruleset, person), people),
        "ours: decide() + every verdict + reasons in words": (explained, people),
        "  of it: inputs and derived values": (lambda person: worked_out(ruleset, person), people),
        "zen-engine evaluate, trace": (lambda person: engine.evaluate("bre", person, {"trace": True}), plain),
        "zen-engine evaluate, no trace": (lambda person: engine.evaluate("bre", person), plain),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (run, given) in runs.items():
            times[name].append(microseconds(run, given))
    report(ruleset, fired, count, rounds, {name: statistics.median(values) for name, values in times.items()})


def report(ruleset: Ruleset, fired: float, count: int, rounds: int, medians: dict[str, float]) -> None:
    print(
        f"{ruleset.label}: {len(ruleset.rules)} rules, {len(ruleset.dictionary)} inputs, {count} applicants, "
        f"{fired:.1f} rules firing on average, equal on both sides; medians of {rounds} rounds"
    )
    for name, value in medians.items():
        print(f"  {value:8.1f} us  {name}")
    explained = medians["ours: decide() + every verdict + reasons in words"]
    for baseline in ("zen-engine evaluate, trace", "zen-engine evaluate, no trace"):
        print(f"ratio {explained / medians[baseline]:.2f}  ours explained / {baseline}")


if __name__ == "__main__":
    main()
