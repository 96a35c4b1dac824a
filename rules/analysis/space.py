"""Where a condition is true and where it is false, as boxes: one state for each name that matters.

Every condition is exactly one of true, false and unknown. The boxes say where it is true, or false; what
is in neither leaves it unknown. What cannot be solved (two inputs multiplied, say) counts as a name of
its own, free within its range. So the boxes may hold too much and never too little: what lies in no box is
impossible, and that is all that is ever claimed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import chain
from operator import or_

from rules.analysis.domains import ANY_TEXT, BOOLEAN, Domain, Numbers, State, Values
from rules.analysis.linear import Linear, joined, linear
from rules.analysis.ranges import FREE, Reach, any_of, exact, plus, point, reach, scaled
from rules.language.dictionary import NUMERIC, Feature
from rules.language.functions import FUNCTIONS, UNKNOWN
from rules.language.kinds import ANY, kind_of
from rules.language.ruleset import Choice, Derivation, Ruleset, Scorecard, Step, Table
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Value

BOXES_MAX = 400
Term = Hashable  # a name, or what stands for one
Box = Mapping[Term, State]
EVERYTHING: list[Box] = [{}]
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class TooManyCases(Exception):
    """The condition falls into more boxes than anybody wants to look at."""


class Space:
    """The boxes of a rule set's conditions. `states` has all that each name, or term, can be.

    `work_left` bounds what a hostile file can cost: TooManyCases once it is used up.
    """

    work_left = 200_000

    def __init__(self, ruleset: Ruleset, free: Iterable[str] = (), *, readable: bool = False) -> None:
        self.ruleset = ruleset
        self.free = frozenset(free)  # parameters that are looked at as if they could be anything
        self.readable = readable  # whether to leave out what cannot be read
        self.constants = {n: v for n, v in ruleset.parameters.items() if n not in self.free}
        self.states: dict[Term, State] = {}
        self.reaches: dict[str, Reach] = {}
        self.sums: dict[str, Linear] = {}
        self.conditions: dict[tuple[str, bool], list[Box]] = {}  # of derived values that are true or false
        for feature in ruleset.dictionary.values():
            self._learn_input(feature)
        for name, value in ruleset.parameters.items():
            self._learn_parameter(name, value)
        for step in ruleset.steps:
            self._learn_step(step)

    # --- what names can be ----------------------------------------------------------------------

    def _learn_input(self, feature: Feature) -> None:
        if feature.kind == "number":
            grid = Fraction(1, 10 ** NUMERIC[feature.type])
            self._learn_number(feature.name, Reach(exact(feature.minimum), exact(feature.maximum), grid))
        elif feature.kind == "date":
            self._learn_number(feature.name, Reach(Fraction(1), Fraction(3_652_059), Fraction(1)))
        values = BOOLEAN if feature.kind == "boolean" else Values(frozenset(feature.values))
        known = self.reaches[feature.name].numbers if feature.name in self.reaches else values
        self.states[feature.name] = State(known, missing=True, unreadable=not self.readable)

    def _learn_number(self, name: str, reached: Reach) -> None:
        self.reaches[name] = reached
        self.sums[name] = Linear(((name, Fraction(1)),))

    def _learn_parameter(self, name: str, value: Value) -> None:
        kind = kind_of(value)
        if name in self.free or kind in ("text", "boolean"):
            self.states[name] = State(_anything(kind))
        if kind in ("number", "date") and name not in self.free:
            self.reaches[name] = point(exact(value))
        elif kind in ("number", "date"):
            self._learn_number(name, FREE)

    def _learn_step(self, step: Step) -> None:
        match step:
            case Derivation(id=name, tree=tree):
                self._learn_derived(name, [tree])
                self._learn_tree(name, tree)
            case Choice(id=name, branches=branches, otherwise=otherwise):
                self._learn_derived(
                    name, [*(tree for _, tree in branches), *([otherwise] if otherwise else [])]
                )
            case Table(gives=gives, rows=rows, hit=hit):
                for index, name in enumerate(gives):
                    self._learn_derived(name, [row.results[index] for row in rows], bounded=hit != "sum")
            case Scorecard(gives=(name,), base=base, characteristics=tables):
                self.reaches[name] = point(exact(base))
                for table in tables:
                    points = self._reach([row.results[0] for row in table.rows])
                    self.reaches[name] = plus(self.reaches[name], points)
                self.states[name] = State(
                    self.reaches[name].numbers, missing=True, unreadable=not self.readable
                )

    def _learn_derived(self, name: str, results: list[Node], bounded: bool = True) -> None:
        """A value that is one of the results."""
        kind = self.ruleset.kinds[name]
        told = [result for result in results if result != UNKNOWN] if bounded else []
        values = reduce(or_, [self._values(result, kind) for result in told]) if told else _anything(kind)
        if kind in ("number", "date"):
            self.reaches[name] = self._reach(told)
        self.states[name] = State(values, missing=True, unreadable=not self.readable)

    def _reach(self, results: list[Node]) -> Reach:
        """How far a number reaches that is one of the results."""
        found = [reach(result, self.reaches) for result in results if result != UNKNOWN]
        return any_of(found) if found else FREE

    def _learn_tree(self, name: str, tree: Node) -> None:
        kind = self.ruleset.kinds[name]
        if kind in ("number", "date"):
            found = linear(tree, self.constants, self.sums)
            if found:
                self.sums[name] = found
        elif kind == "boolean":
            try:
                made = {(name, truth): self.boxes(tree, truth) for truth in (True, False)}
            except TooManyCases:
                return
            self.conditions |= made

    def _values(self, node: Node, kind: str) -> Domain:
        if kind in ("number", "date"):
            return reach(node, self.reaches).numbers
        value = self._constant(node)
        if value is not None:
            return Values.of(value)
        state = self.states.get(node.id) if isinstance(node, Name) else None
        return state.values if state else _anything(kind)

    # --- boxes ----------------------------------------------------------------------------------

    def boxes(self, node: Node, truth: bool) -> list[Box]:
        """Where the condition is true (or false). TooManyCases when that is too much."""
        match node:
            case Literal(value):
                return EVERYTHING if value is truth else []
            case Not(item):
                return self.boxes(item, not truth)
            case And(items) | Or(items):
                parts = [self.boxes(item, truth) for item in items]
                return self.all_of(parts) if isinstance(node, And) is truth else _limited(list(chain(*parts)))
            case Missing(of):
                known = self.states[of.id].values
                return self._box(of.id, State(known & ~known, missing=True) if truth else State(known))
            case Name(name):
                return self._named(name, truth)
            case Compare():
                return self._compared(node, truth)
            case Member(item, values):
                return self._member(item, values, truth)
        return self._opaque(node, truth)

    def all_of(self, parts: Iterable[list[Box]]) -> list[Box]:
        """Where all the parts hold together."""
        found = EVERYTHING
        for part in parts:
            self._work(len(found) * len(part))
            found = _limited(
                [both for one in found for other in part if (both := meet(one, other)) is not None]
            )
        return found

    def _work(self, pieces: int) -> None:
        self.work_left -= pieces
        if self.work_left < 0:
            raise TooManyCases

    def without(self, boxes: list[Box], taken: list[Box]) -> list[Box]:
        """What is left of the boxes when others are taken away."""
        for other in taken:
            self._work(len(boxes))
            boxes = _limited([piece for box in boxes for piece in self._minus(box, other)])
        return boxes

    def _minus(self, box: Box, other: Box) -> Iterable[Box]:
        if meet(box, other) is None:
            yield box
            return
        inside = dict(box)
        for term, state in other.items():
            mine = inside.get(term, self.states[term])
            outside = mine & ~state
            if outside:
                yield {**inside, term: outside}
            inside[term] = mine & state

    def _box(self, term: Term, state: State) -> list[Box]:
        state = self.states[term] & state
        return [{term: state}] if state else []

    def _opaque(self, node: Node, truth: bool) -> list[Box]:
        """A condition that is not looked into."""
        self.states.setdefault(node, State(BOOLEAN, missing=True, unreadable=not self.readable))
        return self._box(node, State(Values.of(truth)))

    def _named(self, name: str, truth: bool) -> list[Box]:
        known = self.conditions.get((name, truth))
        return known if known is not None else self._box(name, State(Values.of(truth)))

    def _compared(self, node: Compare, truth: bool) -> list[Box]:
        kind = self._kind(node.left)
        if kind == ANY:
            return self._opaque(node, truth)
        if kind in ("number", "date"):
            return self._numbers(node, truth)
        if kind == "boolean":
            return self._alike(node, truth if node.op == "==" else not truth)
        return self._texts(node, truth if node.op == "==" else not truth)

    def _alike(self, node: Compare, same: bool) -> list[Box]:
        """Two conditions that are both true or both false, or not so."""
        pairs = [
            self.all_of([self.boxes(node.left, flag), self.boxes(node.right, flag is same)])
            for flag in (True, False)
        ]
        return _limited(list(chain(*pairs)))

    def _texts(self, node: Compare, same: bool) -> list[Box]:
        left, right = node.left, node.right
        value = self._constant(right)
        if not isinstance(left, Name) or value is None:
            return self._opaque(Compare("==", left, right), same)
        values = Values.of(value)
        return self._box(left.id, State(values if same else ~values))

    def _member(self, item: Node, listed: Node, truth: bool) -> list[Box]:
        values = self._constant(listed)
        if not isinstance(values, tuple):
            return self._opaque(Member(item, listed), truth)  # type: ignore[arg-type]
        one_of = Or(tuple(Compare("==", item, Literal(value)) for value in values))
        return self.boxes(one_of, truth)

    # --- numbers --------------------------------------------------------------------------------

    def _numbers(self, node: Compare, truth: bool) -> list[Box]:
        one, other = (linear(side, self.constants, self.sums) for side in (node.left, node.right))
        difference = joined(one, other, Fraction(-1)) if one and other else None
        if difference is None:
            return self._unsolved(node, truth)
        if not difference.factors:
            holds = bool(
                Numbers.compared(node.op, Fraction(0)) & Numbers.between(*(difference.constant,) * 2)
            )
            return EVERYTHING if holds is truth else []
        lead = difference.factors[0][1]
        op = node.op if lead > 0 else _FLIPPED[node.op]
        return self._limit(self._sum(difference), op, -difference.constant / lead, truth)

    def _sum(self, difference: Linear) -> Term:
        """The unknown that a comparison asks about: an input, or inputs added up."""
        (name, lead), *rest = difference.factors
        if not rest:
            return name
        term = ((name, Fraction(1)), *((other, factor / lead) for other, factor in rest))
        if term not in self.states:
            reached = point(Fraction(0))
            for other, factor in term:
                reached = plus(reached, scaled(self.reaches[other], factor))
            self.states[term] = State(reached.numbers, missing=True, unreadable=not self.readable)
        return term

    def _unsolved(self, node: Compare, truth: bool) -> list[Box]:
        left, right, op = node.left, node.right, node.op
        limit = self._constant(right)
        if limit is not None:
            return self._limit(self._unknown(left), op, exact(limit), truth)
        if repr(left) > repr(right):
            left, right, op = right, left, _FLIPPED[op]
        return self._limit(self._unknown(Arithmetic("-", left, right)), op, Fraction(0), truth)

    def _unknown(self, node: Node) -> Term:
        term = node.id if isinstance(node, Name) else node
        if term not in self.states:
            self.states[term] = State(
                reach(node, self.reaches).numbers, missing=True, unreadable=not self.readable
            )
        return term

    def _limit(self, term: Term, op: str, limit: Fraction, truth: bool) -> list[Box]:
        holds = Numbers.compared(op, limit)
        return self._box(term, State(holds if truth else ~holds))

    # --- small questions ------------------------------------------------------------------------

    def _constant(self, node: Node) -> Value | None:
        if isinstance(node, Literal):
            return node.value
        return self.constants.get(node.id) if isinstance(node, Name) else None

    def _kind(self, node: Node) -> str:
        match node:
            case Literal(value):
                return kind_of(value)
            case Name(name):
                return self.ruleset.kinds[name]
            case Arithmetic():
                return "number"
            case Call(function, arguments):
                gives = FUNCTIONS[function].gives
                return gives if gives != ANY else self._kind(arguments[0])
        return "boolean"


def _anything(kind: str) -> Domain:
    if kind in ("number", "date"):
        return Numbers()
    return BOOLEAN if kind == "boolean" else ANY_TEXT


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes share; None when that is nothing."""
    both = dict(one)
    for term, state in other.items():
        shared = both[term] & state if term in both else state
        if not shared:
            return None
        both[term] = shared
    return both


def _limited(boxes: list[Box]) -> list[Box]:
    if len(boxes) > BOXES_MAX:
        raise TooManyCases
    return boxes
