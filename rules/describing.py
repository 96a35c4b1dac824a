"""A rule set as people read it: everything that applies after extending, as it is written and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rules.language.dictionary import Feature
from rules.language.files import Merged, merge
from rules.language.ruleset import Choice, Derivation, Rule, Ruleset, Scorecard, Step, Table
from rules.language.source import Cell
from rules.language.tree import Node
from rules.language.tree import names as names_in
from rules.language.values import canonical


def describe(ruleset: Ruleset) -> dict[str, Any]:
    """Parameters, derived values, tables, scorecards, rules and inputs, as JSON can keep them.

    Each has its place as file:line:column; cells and conditions are the words of the file.
    """
    merged = merge(next(iter(ruleset.files)), ruleset.files)  # a rule set is made of its own file first
    return {
        "brand": ruleset.brand,
        "ruleset": ruleset.name,
        "hash": ruleset.hash,
        "files": sorted(ruleset.files),
        "parameters": [_parameter(ruleset, name, cell) for name, cell in merged.parameters.items()],
        "derived": [
            {"name": name, "expression": plain(cell), "place": str(cell.place)}
            for name, cell in merged.derive.items()
        ],
        "tables": [plain(cell) | {"place": str(cell.place)} for cell in merged.tables.values()],
        "scorecards": [plain(cell) | {"place": str(cell.place)} for cell in merged.scorecards.values()],
        "rules": [_rule(rule, merged) for rule in ruleset.rules],
        "inputs": [_input(feature) for feature in ruleset.dictionary.values()],
    }


def plain(cell: Cell) -> Any:
    """The value of a cell with everything in it, as JSON can keep it."""
    if isinstance(cell.value, dict):
        return {name: plain(item) for name, item in cell.value.items()}
    if isinstance(cell.value, list):
        return [plain(item) for item in cell.value]
    return canonical(cell.value)


def _parameter(ruleset: Ruleset, name: str, cell: Cell) -> dict[str, Any]:
    used_by = [rule.id for rule in ruleset.rules if name in rule.thresholds]
    return {"name": name, "value": plain(cell), "used_by": used_by, "place": str(cell.place)}


def _rule(rule: Rule, merged: Merged) -> dict[str, Any]:
    """What the file says, and what follows from it: the thresholds and inputs that the rule reads."""
    return plain(merged.rules[rule.id]) | {
        "effect": rule.effect,
        "priority": rule.priority,
        "on_missing": rule.on_missing,
        "customer_reason": rule.customer_reason,
        "reads": list(rule.names),
        "thresholds": {name: canonical(value) for name, value in rule.thresholds.items()},
        "place": str(rule.place),
    }


def _input(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "type": feature.type,
        "unit": feature.unit,
        "meaning": feature.meaning,
        "source": feature.source,
        "values": list(feature.values),
    }


def inputs_behind(ruleset: Ruleset, names: Iterable[str]) -> set[str]:
    """The inputs that these names stand for, through everything that the rules work out of them."""
    makers = {given: step for step in ruleset.steps for given in step.gives}
    found: set[str] = set()
    todo, seen = list(names), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in ruleset.dictionary:
            found.add(name)
        elif name in makers:
            todo += [read.id for tree in _trees(makers[name]) for read in names_in(tree)]
    return found


def _trees(step: Step) -> Iterator[Node]:
    match step:
        case Derivation():
            yield step.tree
        case Choice():
            yield from (tree for branch in step.branches for tree in branch)
            yield from (step.otherwise,) if step.otherwise is not None else ()
        case Scorecard():
            yield from (tree for table in step.characteristics for tree in _trees(table))
        case Table():
            yield from (tree for row in step.rows for tree in (row.when, *row.results))
