"""Rule conditions in the words of durable-rules, over a fact that holds small whole numbers only.

durable compares C doubles, hashes text, and never returns when it is asked whether a key is there
($nex). So it is given neither money nor text nor gaps. Every value that rules compare with constants
becomes an operand: its place among all those constants, in order.

    constants 600, 650     score 550 -> 0   600 -> 1   620 -> 2   650 -> 3   782 -> 4

`score < 600` is then `operand < 1`, exactly, whatever the numbers, texts or dates were. A comparison of
two values is the place of their difference around zero; true and false are the places of a boolean.
The decimals that stand on either side are worked out before, by the evaluator.

An operand that is unknown is left out, and `u_<operand>` is 1 in its stead: in durable a comparison of
a key that is left out matches nothing, neither it nor its opposite, as three-valued logic wants it.
An operand at a place where no condition could match (a clean applicant's bounces) is left out as
well: that changes no answer, and makes a fact short.

So what durable works out by itself is every rule's logic over these places: which rules hit, and
which cannot be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import getitem
from typing import Any

from rules.engines import evaluator
from rules.engines.durable_limits import HOLDS, Condition, comparison
from rules.engines.memory import Memory
from rules.engines.places import Find, at_both, merged
from rules.language.dictionary import NUMERIC, Dictionary
from rules.language.ruleset import Facts, Rule, Test
from rules.language.tree import And, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or, names
from rules.language.values import Unknown, Value

SIZE_MAX = 30  # durable has 31 places for the condition of a rule
Reader = Callable[[Facts], str]

_DURABLE = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
NEVER: Condition = {"always": 0}
ALWAYS: Condition = {"always": 1}


@dataclass(frozen=True, slots=True)
class Cases:
    """When an expression is true, false and unknown: on any fact exactly one of all these holds.

    `unknown` is a list of conditions that exclude each other, each led by a `u_` key: durable finds
    rules by the keys of a fact, so they cost little while everything is known.
    """

    true: Condition
    false: Condition
    unknown: tuple[Condition, ...] = ()

    @property
    def opposite(self) -> Cases:
        return Cases(self.false, self.true, self.unknown)

    @property
    def not_false(self) -> Condition:
        return _any_of([self.true, *self.unknown])

    @property
    def size(self) -> int:
        return max(size(condition) for condition in (self.true, *self.unknown))


class Part:
    """Some rules in the words of durable: their conditions by name, and what writes their operands.

    The condition of a rule stands under (its id, False), those of "cannot be evaluated" under (its id, True).
    """

    def __init__(
        self, rules: Iterable[Rule], parameters: Mapping[str, Value], dictionary: Dictionary
    ) -> None:
        rules = tuple(rules)
        self.parameters, self.dictionary = parameters, dictionary
        self.limits: dict[Node, list[Any]] = {}
        for rule in rules:
            self._collect(rule.when)
        self.limits = {operand: sorted(set(limits)) for operand, limits in self.limits.items()}
        self.keys = {operand: f"k{index}" for index, operand in enumerate(self.limits)}
        self.conditions: list[tuple[str, bool, Condition]] = []
        for rule in rules:
            self._add(rule)
        self.about: dict[str, list[Condition]] = {}  # the conditions that an operand stands in
        for _, _, condition in self.conditions:
            for key in set(_keys(condition)):
                self.about.setdefault(key, []).append(condition)
        # Inputs of few values have theirs again and again: what is written for them is remembered.
        self.few: list[str] = []
        self.memories: list[Memory] = []
        self.amounts: list[tuple[str, Find, list[Any], list[str], str]] = []
        self.others: list[Reader] = []
        for operand in self.limits:
            self._add_reader(operand)

    def operands(self, facts: Facts) -> str:
        """The operands of a fact, as the inside of a JSON object."""
        written = [*map(getitem, self.memories, map(facts.__getitem__, self.few))]
        for name, find, cuts, texts, unknown in self.amounts:
            value = facts[name]
            written.append(texts[find(cuts, value)] if type(value) is not Unknown else unknown)
        written += [read(facts) for read in self.others]
        return "".join(written)

    def _add(self, rule: Rule) -> None:
        """A rule too long for durable becomes one operand that the evaluator works out."""
        cases = self.cases(rule.when)
        if cases.size > SIZE_MAX:
            self.limits.setdefault(rule.when, [True])
            self.keys.setdefault(rule.when, f"k{len(self.keys)}")
            cases = self._numeric(rule.when, "==", True)
        self.conditions.append((rule.id, False, cases.true))
        self.conditions += [(rule.id, True, condition) for condition in cases.unknown]

    # --- operands and their places ----------------------------------------------------------------

    def _collect(self, node: Node) -> None:
        """Note every operand of a condition with the constants that it is compared with."""
        match node:
            case Not(item):
                self._collect(item)
            case And(items) | Or(items):
                for item in items:
                    self._collect(item)
            case Literal():
                pass
            case _:
                operand, _, limits = self._compared(node)
                self.limits.setdefault(operand, []).extend(limits)

    def _compared(self, node: Node) -> tuple[Node, str, tuple[Any, ...]]:
        """A comparison as (operand, operator, constants)."""
        match node:
            case Compare(op, left, right):
                limit = evaluator.constant_of(right, self.parameters)
                difference = Call("sign", (left, right))
                return (difference, op, (0,)) if limit is None else (left, op, (limit,))
            case Member(item, values):
                return item, "in", evaluator.constant_of(values, self.parameters)  # type: ignore[return-value]
            case _:
                return node, "==", (True,)

    def _add_reader(self, operand: Node) -> None:
        """How an operand is written into a fact: `"k1":4,`, or its `u_` key, or not at all."""
        limits, key = self.limits[operand], self.keys[operand]
        places = range(2 * len(limits) + 1)
        texts = [f'"{key}":{place},' if self._live(key, place) else "" for place in places]
        unknown = f'"u_{key}":1,'
        is_input = isinstance(operand, Name) and operand.id not in self.parameters
        if is_input and self._is_decimal(operand.id, limits[0]):
            self.amounts.append((operand.id, *merged(limits, texts), unknown))
        elif is_input or self._is_missing_of_few(operand):
            name, read = next(names(operand)).id, self._reader(operand, texts, unknown)
            self.few.append(name)
            self.memories.append(Memory(lambda value: read({name: value})))
        else:
            self.others.append(self._reader(operand, texts, unknown))

    def _is_missing_of_few(self, operand: Node) -> bool:
        feature = self.dictionary.get(operand.of.id) if isinstance(operand, Missing) else None
        return feature is not None and not NUMERIC.get(feature.type)

    def _is_decimal(self, name: str, limit: Any) -> bool:
        """Whether a name may take a great many values: an amount, or a number that is worked out."""
        feature = self.dictionary.get(name)
        if feature:
            return NUMERIC.get(feature.type, 0) > 0
        return isinstance(limit, int | Decimal) and not isinstance(limit, bool)

    def _reader(self, operand: Node, texts: list[str], unknown: str) -> Reader:
        limits = self.limits[operand]
        if isinstance(operand, Call) and operand.function == "sign":
            sides = [evaluator.build(side, self.parameters) for side in operand.arguments]
            return _sign_reader(*sides, texts, unknown)
        value = evaluator.build(operand, self.parameters)
        if limits[0] is True or limits[0] is False:  # `limits == [True]` would take the number 1 for it
            flags = {flag: texts[self._place(operand, flag)] for flag in (True, False)}
            return _flag_reader(value, flags, unknown)
        return _place_reader(value, *merged(limits, texts), unknown)

    def _place(self, operand: Node, value: Any) -> int:
        """The place of a value among the constants that an operand is compared with."""
        return at_both(self.limits[operand], value)

    def _live(self, key: str, place: int) -> bool:
        return any(_live(condition, key, place) for condition in self.about.get(key, ()))

    # --- conditions -------------------------------------------------------------------------------

    def cases(self, node: Node) -> Cases:
        """The cases of a boolean expression."""
        match node:
            case Not(item):
                return self.cases(item).opposite
            case And(items):
                return _all([self.cases(item) for item in items])
            case Or(items):
                return _all([self.cases(item).opposite for item in items]).opposite
            case Literal(value):
                return Cases(ALWAYS, NEVER) if value else Cases(NEVER, ALWAYS)
        operand, op, limits = self._compared(node)
        if op != "in":
            return self._numeric(operand, op, limits[0])
        parts = [self._numeric(operand, "==", limit) for limit in limits]
        return Cases(_any_of([p.true for p in parts]), _all_of([p.false for p in parts]), parts[0].unknown)

    def _numeric(self, operand: Node, op: str, limit: Any) -> Cases:
        key, place = self.keys[operand], self._place(operand, limit)
        return Cases(_matching(key, op, place), _matching(key, _OPPOSITE[op], place), ({f"u_{key}": 1},))


def _place_reader(value_of: Test, find: Find, cuts: list[Any], texts: list[str], unknown: str) -> Reader:
    """Writes the place of a value among its limits."""

    def read(facts: Facts) -> str:
        value = value_of(facts)
        return texts[find(cuts, value)] if type(value) is not Unknown else unknown

    return read


def _flag_reader(value_of: Test, written: dict[Any, str], unknown: str) -> Reader:
    """Writes whether something is true."""
    return lambda facts: written.get(value_of(facts), unknown)


def _sign_reader(left: Test, right: Test, written: list[str], unknown: str) -> Reader:
    """Writes the place of a difference around zero."""

    def read(facts: Facts) -> str:
        one, other = left(facts), right(facts)
        if type(one) is Unknown or type(other) is Unknown:
            return unknown
        return written[(one > other) - (one < other) + 1]

    return read


def _matching(key: str, op: str, place: int) -> Condition:
    return {key: place} if op == "==" else {_DURABLE[op]: {key: place}}


def _holds(condition: Condition, key: str, place: int) -> bool | None:
    """Whether a single comparison of `key` holds at `place`; None if the condition is no such comparison."""
    told = comparison(condition)
    return HOLDS[told[0]](place, told[2]) if told and told[1] == key else None


def _keys(condition: Condition) -> Iterator[str]:
    """The operands that a condition compares."""
    told = comparison(condition)
    if told:
        yield told[1]
    for item in (*condition.get("$and", ()), *condition.get("$or", ())):
        yield from _keys(item)


def _live(condition: Condition, key: str, place: int) -> bool:
    """Whether something in the condition could match because `key` is at `place`."""
    items = condition.get("$and")
    if items is None:
        return bool(_holds(condition, key, place)) or any(
            _live(item, key, place) for item in condition.get("$or", ())
        )
    together = [held for item in items if (held := _holds(item, key, place)) is not None]
    return (bool(together) and all(together)) or any(
        _live(item, key, place) for item in items if "$or" in item
    )


def _all(parts: list[Cases]) -> Cases:
    """Three-valued `and`: unknown when nothing is false and something is unknown.

    Each `unknown` condition is for the first part that is unknown: those before it are true, those
    after it are not false.
    """
    groups = _grouped(parts)
    unknown = [
        _all_of([case, *[g.true for g in groups[:index]], *[g.not_false for g in groups[index + 1 :]]])
        for index, group in enumerate(groups)
        for case in group.unknown
    ]
    return Cases(
        true=_all_of([group.true for group in groups]),
        false=_any_of([group.false for group in groups]),
        unknown=tuple(condition for condition in unknown if condition != NEVER),
    )


def _grouped(parts: list[Cases]) -> list[Cases]:
    """The parts with those on one operand (a range, say) made one: they are unknown together."""
    groups: dict[str, list[Cases]] = {}
    for part in parts:
        groups.setdefault(repr(part.unknown), []).append(part)
    return [
        Cases(_all_of([p.true for p in group]), _any_of([p.false for p in group]), group[0].unknown)
        for group in groups.values()
    ]


def _all_of(conditions: list[Condition]) -> Condition:
    kept = _flat("$and", conditions, ALWAYS)
    if NEVER in kept:
        return NEVER
    return _joined("$and", kept) if kept else ALWAYS


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


def _joined(op: str, conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else {op: list(conditions)}


def size(condition: Condition) -> int:
    """How many places a condition takes in durable's sequence: a leaf one, a group two more."""
    inner = condition.get("$and") or condition.get("$or")
    return 2 + sum(size(item) for item in inner) if inner else 1
