"""What would have to change: the smallest change in what a person can influence that leads to a better outcome.

A dictionary says of each input whether an applicant can lower or raise it (`influence`), and in which
words to advise that (`advice`). Nothing else is ever touched: not age, not the bureau score.

The values tried are the edges of the rules: for each such input, the first value, in steps of 500 rupees,
one day, one loan, at which a rule changes its answer; alone, and with the other inputs moved out of the way.
The search takes those edges in the order of the number of inputs moved and then of the sum of their relative
changes, so the first combination that helps is the smallest. Each suggestion is made as small as its steps
allow, and is decided on before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from rules.deciding import decide
from rules.engines.decision import APPROVE, REFER, REJECT, Decision, Verdict
from rules.engines.evaluator import constant_of, worked_out
from rules.language.dictionary import NUMERIC, Feature
from rules.language.ruleset import Ruleset, expressions
from rules.language.tree import Compare, Name, Node, children, names
from rules.language.values import canonical, shown

STEP = {"money": Decimal(500), "number": Decimal(1), "integer": Decimal(1)}
CHANGES_MAX = 3
STATES_MAX = 2000  # how many combinations are tried: a fraction of a second
_DIRECTIONS = {"lower": (-1,), "raise": (1,), "either": (-1, 1)}
_NOTHING_HELPS = "At present there is no change that you could make yourself that would lead to an approval."


@dataclass(frozen=True, slots=True)
class Move:
    """One input and the value that it would need."""

    feature: Feature
    now: Any
    to: Any

    @property
    def name(self) -> str:
        return self.feature.name

    @property
    def relative(self) -> Decimal:
        """How large the change is beside the value now."""
        return abs(self.to - self.now) / max(abs(Decimal(self.now)), STEP[self.feature.type])

    @property
    def for_customer(self) -> str:
        style = "money" if self.feature.type == "money" else ""
        words = self.feature.advice or "{meaning}: {to} instead of {now}"
        return words.format(
            meaning=self.feature.meaning, now=shown(self.now, style), to=shown(self.to, style)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Moves that together lead to `outcome`."""

    moves: tuple[Move, ...]
    outcome: str

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs to change, with their new values."""
        return {move.name: move.to for move in self.moves}

    @property
    def for_staff(self) -> str:
        moves = " and ".join(f"{m.name} {shown(m.now)} -> {shown(m.to)}" for m in self.moves)
        return f"{self.outcome} with {moves}"

    @property
    def for_customer(self) -> str:
        return " ".join(dict.fromkeys(f"{move.for_customer}." for move in self.moves))

    def as_dict(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "moves": [
                {"name": m.name, "now": canonical(m.now), "to": canonical(m.to), "unit": m.feature.unit}
                for m in self.moves
            ],
            "for_staff": self.for_staff,
            "for_customer": self.for_customer,
        }


@dataclass(frozen=True, slots=True)
class Outlook:
    """The smallest changes that would help, best first, and the reasons that no change could take away."""

    decision: Decision
    changes: tuple[Change, ...]
    beyond_influence: tuple[Verdict, ...]

    @property
    def for_staff(self) -> tuple[str, ...]:
        if self.changes or self.decision.outcome == APPROVE:
            return tuple(change.for_staff for change in self.changes)
        fixed = ", ".join(verdict.rule_id for verdict in self.beyond_influence)
        return (f"No change helps; beyond influence: {fixed}" if fixed else "No change that was tried helps",)

    @property
    def for_customer(self) -> tuple[str, ...]:
        """Ways to an approval, in the customer's words; never why, and never by how much it failed."""
        if self.decision.outcome == APPROVE:
            return ()
        told = tuple(change.for_customer for change in self.changes if change.outcome == APPROVE)
        return told or (_NOTHING_HELPS,)

    def as_dict(self) -> dict[str, Any]:
        return {
            "outcome": self.decision.outcome,
            "changes": [change.as_dict() for change in self.changes],
            "beyond_influence": [verdict.rule_id for verdict in self.beyond_influence],
            "for_staff": list(self.for_staff),
            "for_customer": list(self.for_customer),
        }


def what_would_change(ruleset: Ruleset, inputs: Mapping[str, Any]) -> Outlook:
    """The smallest changes that turn a REJECT or REFER into APPROVE; if there is none, a REJECT into REFER.

    `inputs` as for `decide`, which is also asked about every suggestion; raises what it raises.
    """
    decision = decide(ruleset, inputs)
    search = _Search(ruleset, decision.inputs)
    fixed = tuple(verdict for verdict in decision.reasons if not search.ways_out(verdict.rule_id))
    changes: tuple[Change, ...] = ()
    for goal in _BETTER[decision.outcome]:
        if not changes and all(_RANK[verdict.effect] <= _ALLOWED[goal] for verdict in fixed):
            changes = tuple(search.changes(goal))
    return Outlook(decision, changes, fixed)


_BETTER = {APPROVE: (), REFER: (APPROVE,), REJECT: (APPROVE, REFER)}
_RANK = {"approve": 0, "": 0, "refer": 1, "reject": 2}
_ALLOWED = {APPROVE: 0, REFER: 1}  # the gravest effect that an outcome bears


class _Path:
    """An input on its way in one direction: position 0 is now, then one step after the other."""

    def __init__(self, feature: Feature, now: Any, sign: int) -> None:
        self.feature, self.now, self.sign = feature, now, sign
        self.step = STEP[feature.type]
        bound = feature.maximum if sign > 0 else feature.minimum
        self.start = self._whole(now, outward=False)
        self.last = int(sign * (self._whole(bound, outward=False) - self.start))
        self.edges: list[
            int
        ] = []  # the positions worth a try, in order; the search goes from one to the next

    def value(self, position: int) -> Any:
        if position == 0:
            return self.now
        value = (self.start + self.sign * position) * self.step
        return int(value) if self.feature.type == "integer" else value

    def position(self, value: Any) -> int:
        """The first position that is at `value` or past it."""
        return int(self.sign * (self._whole(value, outward=True) - self.start))

    def _whole(self, value: Any, *, outward: bool) -> Decimal:
        """`value` in whole steps; rounded in the direction of the way, or against it."""
        rounding = ROUND_CEILING if (self.sign > 0) == outward else ROUND_FLOOR
        return (Decimal(value) / self.step).to_integral_value(rounding)

    def probes(self, constants: Sequence[Any]) -> list[int]:
        """Positions to look at: ever further apart, and around the constants that it is compared with."""
        apart = [1 << power for power in range(self.last.bit_length())]
        beside = [self.position(constant) + shift for constant in constants for shift in (-1, 0, 1)]
        return sorted({*(p for p in (*apart, *beside) if 0 < p <= self.last), self.last} - {0})


State = tuple[int, ...]  # the position of every path


class _Search:
    def __init__(self, ruleset: Ruleset, inputs: Mapping[str, Any]) -> None:
        self.ruleset, self.inputs = ruleset, dict(inputs)
        self.read = _read_by_rules(ruleset)
        self.known: dict[State, tuple[str, ...]] = {}
        self.paths = [
            _Path(feature, inputs[name], sign)
            for name, feature in ruleset.dictionary.items()
            if feature.type in NUMERIC and _is_number(inputs.get(name))
            for sign in _DIRECTIONS.get(feature.influence, ())
        ]
        self.paths = [path for path in self.paths if path.last > 0]
        self.now: State = (0,) * len(self.paths)

    def ways_out(self, rule_id: str) -> list[int]:
        """The paths of inputs that a rule reads, directly or through derived values."""
        return [i for i, path in enumerate(self.paths) if path.feature.name in self.read[rule_id]]

    def changes(self, goal: str) -> Iterator[Change]:
        """The changes that lead to `goal`, smallest first, none a part of another."""
        self._find_edges(goal)
        for state in self._states(goal):
            moves = tuple(Move(p.feature, p.now, p.value(at)) for p, at in self._moved(state))
            changed = self.inputs | {move.name: move.to for move in moves}
            outcome = decide(self.ruleset, changed).outcome
            if _reached(outcome, goal):
                yield Change(moves, outcome)

    # --- what the rules say at a state ------------------------------------------------------------

    def _effects(self, state: State) -> tuple[str, ...]:
        """What follows from each rule: an effect, or "" when nothing does."""
        effects = self.known.get(state)
        if effects is None:
            changed = {path.feature.name: path.value(at) for path, at in self._moved(state)}
            facts, _ = worked_out(self.ruleset, self.inputs | changed)
            pairs = zip(self.ruleset.rules, self.ruleset.conditions(facts), strict=True)
            effects = self.known[state] = tuple(rule.effect_of(result) for rule, result in pairs)
        return effects

    def _moved(self, state: State) -> list[tuple[_Path, int]]:
        return [(path, at) for path, at in zip(self.paths, state, strict=True) if at]

    def _hurting(self, state: State, goal: str) -> list[str]:
        """The rules that stand between this state and the goal."""
        pairs = zip(self.ruleset.rules, self._effects(state), strict=True)
        return [rule.id for rule, effect in pairs if _RANK[effect] > _ALLOWED[goal]]

    # --- where a rule changes its answer ----------------------------------------------------------

    def _find_edges(self, goal: str) -> None:
        useful = self._useful(self._hurting(self.now, goal))
        for index, path in enumerate(self.paths):
            path.edges = sorted(self._edges(index, useful)) if index in useful else []

    def _useful(self, rules: list[str]) -> set[int]:
        """The paths out of these rules, and out of those that a move on such a path may bring up."""
        useful: set[int] = set()
        while further := {i for rule in rules for i in self.ways_out(rule)} - useful:
            useful |= further
            rules = [rule.id for rule in self.ruleset.rules if not useful.isdisjoint(self.ways_out(rule.id))]
        return useful

    def _edges(self, index: int, useful: set[int]) -> set[int]:
        """The positions of a path at which a rule changes its answer, with the others here or out of the way."""
        others = {
            other: self.paths[other].last for other in useful if self.paths[other] is not self.paths[index]
        }
        aside = [{}, *({other: last} for other, last in others.items()), others]
        probes = self.paths[index].probes(self._constants.get(self.paths[index].feature.name, ()))
        return {edge for moved in aside for edge in self._flips(index, self._at(self.now, moved), probes)}

    @cached_property
    def _constants(self) -> dict[str, list[Any]]:
        """The numbers that each name is compared with directly, in rules and tables."""
        found: dict[str, list[Any]] = {}
        for node in _inside(_trees(self.ruleset)):
            if isinstance(node, Compare) and isinstance(node.left, Name):
                limit = constant_of(node.right, self.ruleset.parameters)
                if _is_number(limit):
                    found.setdefault(node.left.id, []).append(limit)
        return found

    def _flips(self, index: int, base: State, probes: list[int]) -> Iterator[int]:
        """Where the rules that read the input of a path change their answers: one window after the other."""
        name = self.paths[index].feature.name
        rules = [i for i, rule in enumerate(self.ruleset.rules) if name in self.read[rule.id]]

        def answers(position: int) -> list[str]:
            effects = self._effects(self._at(base, {index: position}))
            return [effects[rule] for rule in rules]

        near = 0
        for far in probes:
            while (old := answers(near)) != answers(far):
                near = _first(near, far, lambda position, old=old: answers(position) != old)
                yield near
            near = far

    @staticmethod
    def _at(state: State, moved: Mapping[int, int]) -> State:
        return tuple(moved.get(index, at) for index, at in enumerate(state))

    # --- the search ---------------------------------------------------------------------------------

    def _states(self, goal: str) -> Iterator[State]:
        """The cheapest states that reach the goal; each moves inputs that no earlier one moved alone."""
        waiting, seen, found = [(self._cost(self.now), self.now)], {self.now}, []
        for _ in range(STATES_MAX):
            if not waiting or len(found) == CHANGES_MAX:
                return
            _, state = heappop(waiting)
            names = {path.feature.name for path, _ in self._moved(state)}
            if any(earlier <= names for earlier in found):
                continue
            hurting = self._hurting(state, goal)
            if not hurting:
                found.append(names)
                yield self._tightened(state, goal)
                continue
            for further in self._further(state, hurting):
                if further not in seen:
                    seen.add(further)
                    heappush(waiting, (self._cost(further), further))

    def _further(self, state: State, hurting: list[str]) -> Iterator[State]:
        """One rule must be got rid of, by one of the inputs that it reads: each of them one edge further."""
        choices = [[i for i in self.ways_out(rule) if self._next(state, i)] for rule in hurting]
        for index in min(choices, key=len):
            yield self._at(state, {index: self._next(state, index)})

    def _next(self, state: State, index: int) -> int:
        """The next edge of a path; 0 at its end, or when the input already goes the other way."""
        path = self.paths[index]
        if any(other is not path and other.feature is path.feature for other, _ in self._moved(state)):
            return 0
        return next((edge for edge in path.edges if edge > state[index]), 0)

    def _cost(self, state: State) -> tuple[int, Decimal]:
        moves = [Move(path.feature, path.now, path.value(at)) for path, at in self._moved(state)]
        return len(moves), sum((move.relative for move in moves), Decimal(0))

    def _tightened(self, state: State, goal: str) -> State:
        """The same with every input moved no further than it must be, beside the others."""
        for index, at in enumerate(state):
            if at:
                nearest = _first(
                    0, at, lambda p, i=index, s=state: not self._hurting(self._at(s, {i: p}), goal)
                )
                state = self._at(state, {index: nearest})
        return state


def _first(near: int, far: int, holds: Callable[[int], bool]) -> int:
    """The first position after `near` at which something holds that holds at `far`."""
    while far - near > 1:
        middle = (near + far) // 2
        near, far = (near, middle) if holds(middle) else (middle, far)
    return far


def _reached(outcome: str, goal: str) -> bool:
    return outcome in (goal, APPROVE)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _read_by_rules(ruleset: Ruleset) -> dict[str, set[str]]:
    """The inputs that each rule reads, directly or through derived values."""
    read: dict[str, set[str]] = {name: {name} for name in ruleset.dictionary}
    for step in ruleset.steps:
        needs = _inputs(expressions(step), read)
        read |= dict.fromkeys(step.gives, needs)
    return {rule.id: _inputs([rule.when], read) for rule in ruleset.rules}


def _inputs(nodes: Iterable[Node], read: Mapping[str, set[str]]) -> set[str]:
    used = {name.id for node in nodes for name in names(node)}
    return {name for each in used for name in read.get(each, ())}


def _trees(ruleset: Ruleset) -> Iterator[Node]:
    for step in ruleset.steps:
        yield from expressions(step)
    yield from (rule.when for rule in ruleset.rules)


def _inside(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _inside(children(node))
