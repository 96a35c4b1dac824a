"""Rule conditions in the words of durable-rules, over a fact that holds whole numbers only.

What durable does here: it matches every comparison, `and`, `or`, `not` and `in` of every rule, and
works out by itself which rules hit and which cannot be evaluated. What it is not asked to do:
arithmetic (it has doubles, we need decimals), text (it hashes it) and absence ($nex on an absent
key never returns). So the fact that it sees is made of operands:

    a feature against a constant    the feature in its smallest unit (paise, millionths): exact in 64 bits
    anything against anything else  the sign of the difference: -1, 0 or 1, from exact decimals
    text                            the position of the text among those that the rules mention
    true / false                    1 / 0
    unknown                         the number UNKNOWN, which is below every other number
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rules import evaluator
from rules.dictionary import NUMERIC, Dictionary
from rules.ruleset import Facts, Test
from rules.tree import And, Compare, Literal, Member, Name, Node, Not, Or
from rules.values import Unknown, Value

UNKNOWN = -(2**62)
SIZE_MAX = 30
Condition = Mapping[str, Any]

_DURABLE = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
NEVER: Condition = {"always": 0}
ALWAYS: Condition = {"always": 1}


@dataclass(frozen=True, slots=True)
class Cases:
    """The three conditions of one expression: exactly one of them holds on any fact."""

    true: Condition
    false: Condition
    unknown: Condition


@dataclass
class Operands:
    """The operands that the conditions ask for: key -> how to read it off the facts."""

    dictionary: Dictionary
    parameters: Mapping[str, Value]
    readers: dict[str, Callable[[Facts], int]] = field(default_factory=dict)
    texts: dict[str, list[Any]] = field(default_factory=dict)

    def conditions(self, node: Node) -> Cases:
        """The durable conditions of a rule, small enough for durable to hold.

        One that is too long for durable's 31 places becomes a single operand that the evaluator
        works out: then durable adds nothing to it but the agenda.
        """
        cases = self.cases(node)
        fits = max(size(cases.true), size(cases.unknown)) <= SIZE_MAX
        return cases if fits else self._boolean(node)

    def cases(self, node: Node) -> Cases:
        """The three conditions of a boolean expression."""
        match node:
            case Not(item):
                inner = self.cases(item)
                return Cases(inner.false, inner.true, inner.unknown)
            case And(items):
                return _all([self.cases(item) for item in items])
            case Or(items):
                parts = [self.cases(item) for item in items]
                swapped = _all([Cases(part.false, part.true, part.unknown) for part in parts])
                return Cases(swapped.false, swapped.true, swapped.unknown)
            case Compare():
                return self._compare(node)
            case Member(item, values):
                return self._member(node, item, evaluator.constant_of(values, self.parameters))
            case Literal(value):
                return Cases(ALWAYS, NEVER, NEVER) if value else Cases(NEVER, ALWAYS, NEVER)
            case _:
                return self._boolean(node)

    def _compare(self, node: Compare) -> Cases:
        limit = evaluator.constant_of(node.right, self.parameters)
        feature = self.dictionary.get(node.left.id) if isinstance(node.left, Name) else None
        if feature and limit is not None:
            if feature.kind == "number" and (scaled := _scaled(limit, NUMERIC[feature.type])) is not None:
                return _numeric(self._number(feature.name, NUMERIC[feature.type]), node.op, scaled)
            if feature.kind == "text":
                return _numeric(self._text(feature.name), node.op, self._code(feature.name, limit))
        return _numeric(self._sign(node), node.op, 0)

    def _member(self, node: Member, item: Node, values: Any) -> Cases:
        feature = self.dictionary.get(item.id) if isinstance(item, Name) else None
        if not feature or feature.kind != "text":
            return self._boolean(node)
        key = self._text(feature.name)
        parts = [_numeric(key, "==", self._code(feature.name, value)) for value in values]
        return Cases(
            _any_of([part.true for part in parts]), _all_of([part.false for part in parts]), parts[0].unknown
        )

    def _boolean(self, node: Node) -> Cases:
        """A boolean input or derived value, missing(...), or a list of numbers: one operand, 1 or 0."""
        test = evaluator.build(node, self.parameters)
        key = self._key("is", node)
        self.readers[key] = lambda facts: _flag(test(facts))
        return Cases({key: 1}, {key: 0}, {key: UNKNOWN})

    def _key(self, prefix: str, node: Node) -> str:
        """A short operand name; a plain name keeps its own, so that rules share the operand."""
        return f"{prefix}_{node.id}" if isinstance(node, Name) else f"{prefix}_{len(self.readers)}"

    def _number(self, name: str, places: int) -> str:
        key = f"n_{name}"
        self.readers[key] = _number_reader(name, places)
        return key

    def _text(self, name: str) -> str:
        key, known = f"t_{name}", self.texts.setdefault(name, [])
        self.readers[key] = lambda facts: _position(facts[name], known)
        return key

    def _code(self, name: str, text: Any) -> int:
        known = self.texts[name]
        if text not in known:
            known.append(text)
        return known.index(text)

    def _sign(self, node: Compare) -> str:
        key = self._key("sign", node)
        self.readers[key] = _sign_reader(
            *(evaluator.build(side, self.parameters) for side in (node.left, node.right))
        )
        return key


def _scaled(limit: Value, places: int) -> int | None:
    scaled = Decimal(limit).scaleb(places)  # type: ignore[arg-type]
    return int(scaled) if scaled == scaled.to_integral_value() and abs(scaled) < 2**61 else None


def _number_reader(name: str, places: int) -> Callable[[Facts], int]:
    scale = 10**places

    def read(facts: Facts) -> int:
        value = facts[name]
        return UNKNOWN if type(value) is Unknown else int(value * scale)

    return read


def _sign_reader(left: Test, right: Test) -> Callable[[Facts], int]:
    def read(facts: Facts) -> int:
        one, other = left(facts), right(facts)
        if type(one) is Unknown or type(other) is Unknown:
            return UNKNOWN
        return (one > other) - (one < other)

    return read


def _position(value: Any, known: list[Any]) -> int:
    if type(value) is Unknown:
        return UNKNOWN
    return known.index(value) if value in known else -1


def _flag(value: Any) -> int:
    return UNKNOWN if type(value) is Unknown else int(value)


def _numeric(key: str, op: str, limit: int) -> Cases:
    return Cases(_matching(key, op, limit), _matching(key, _OPPOSITE[op], limit), {key: UNKNOWN})


def _matching(key: str, op: str, limit: int) -> Condition:
    """`key op limit` that does not hold for the number UNKNOWN."""
    if op == "==":
        return {key: limit}
    condition = {_DURABLE[op]: {key: limit}}
    return condition if op in (">", ">=") else {"$and": [condition, _known(key)]}


def _all(parts: list[Cases]) -> Cases:
    """Three-valued `and`: unknown when nothing is false and something is unknown."""
    known_together: dict[str, list[Cases]] = {}
    for part in parts:
        known_together.setdefault(repr(part.unknown), []).append(part)
    groups = [_same_operand(group) for group in known_together.values()]
    if len(groups) == 1:
        return groups[0]
    not_false = [_any_of([group.true, group.unknown]) for group in groups]
    return Cases(
        true=_all_of([group.true for group in groups]),
        false=_any_of([group.false for group in groups]),
        unknown=_all_of([*not_false, _any_of([group.unknown for group in groups])]),
    )


def _same_operand(parts: list[Cases]) -> Cases:
    """Conditions on one operand (a range, say) are known or unknown together."""
    return Cases(_all_of([p.true for p in parts]), _any_of([p.false for p in parts]), parts[0].unknown)


def _all_of(conditions: list[Condition]) -> Condition:
    kept = _flat("$and", conditions, ALWAYS)
    if NEVER in kept:
        return NEVER
    return _joined("$and", _without_idle_guards(kept)) if kept else ALWAYS


def _any_of(conditions: list[Condition]) -> Condition:
    kept = _flat("$or", conditions, NEVER)
    if ALWAYS in kept:
        return ALWAYS
    return _joined("$or", kept) if kept else NEVER


def _flat(op: str, conditions: list[Condition], idle: Condition) -> list[Condition]:
    """The conditions with inner groups of the same kind dissolved, each said once, idle ones left out."""
    kept: list[Condition] = []
    for condition in conditions:
        for item in condition.get(op, [condition]):
            if item != idle and item not in kept:
                kept.append(item)
    return kept


def _without_idle_guards(conditions: list[Condition]) -> list[Condition]:
    """`operand > UNKNOWN` says nothing beside another lower bound or an equality of that operand."""
    bounded = {key for condition in conditions for key in _bounded_below(condition)}
    return [item for item in conditions if not any(item == _known(key) for key in bounded)]


def _known(key: str) -> Condition:
    return {"$gt": {key: UNKNOWN}}


def _bounded_below(condition: Condition) -> set[str]:
    bounds = {**condition.get("$gt", {}), **condition.get("$gte", {})}
    equal = {key: limit for key, limit in condition.items() if not key.startswith("$")}
    return {key for key, limit in {**bounds, **equal}.items() if limit != UNKNOWN}


def _joined(op: str, conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else {op: list(conditions)}


def size(condition: Condition) -> int:
    """How many places a condition takes in durable's sequence: a leaf one, a group two more."""
    inner = condition.get("$and") or condition.get("$or")
    return 2 + sum(size(item) for item in inner) if inner else 1
