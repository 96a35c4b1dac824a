"""Rules that can never fire, that always fire, or that another rule makes idle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rules.analysis import words
from rules.analysis.space import Box, Space, TooManyCases
from rules.language.errors import Problem
from rules.language.ruleset import EFFECTS, Choice, Rule, Ruleset
from rules.language.tree import And, Node, names

# The effects from the gravest on: a rule is idle beside one that is at least as grave.
_GRAVITY = {effect: -rank for rank, effect in enumerate(EFFECTS)}
_DOES = {"reject": "rejects", "refer": "refers", "approve": "approves"}
_PAIRED_MAX = 60  # parts of a condition that are tried two by two for an explanation


def about_rules(ruleset: Ruleset, space: Space) -> Iterator[Problem]:
    """The problems of the rules, each by itself and beside the others."""
    hits: dict[str, list[Box]] = {}
    for rule in ruleset.rules:
        try:
            hits[rule.id] = space.boxes(rule.when, True)
            problem = _alone(rule, hits[rule.id], space)
        except TooManyCases:
            problem = _problem(
                rule,
                f"{rule.id} has too many cases to analyse",
                "name its parts with derive, or make two of it",
            )
        if problem:
            hits.pop(rule.id, None)
            yield problem
    yield from _beside([rule for rule in ruleset.rules if rule.effect and rule.id in hits], hits, space)
    for step in ruleset.steps:
        if isinstance(step, Choice):
            yield from _idle_givers(step, ruleset, hits, space)


def _problem(rule: Rule, message: str, suggestion: str) -> Problem:
    return Problem(rule.when_place, message, rule.condition, suggestion)


def _alone(rule: Rule, hits: list[Box], space: Space) -> Problem | None:
    if not hits:
        return _problem(rule, f"{rule.id} can never fire", why_never(rule.when, space))
    if rule.effect and not space.boxes(rule.when, False):
        return _problem(rule, f"{rule.id} always fires", _why_always(rule.when, space))
    return None


def why_never(node: Node, space: Space) -> str:
    """The part that never holds, or the two parts that exclude each other."""
    parts = list(_parts(node))[:_PAIRED_MAX]
    for part in parts:
        if not space.boxes(part, True):
            return f"{words.written(part)} never holds{_known(part, space)}"
    for one, other in combinations(parts, 2):
        if not space.all_of([space.boxes(one, True), space.boxes(other, True)]):
            return f"{words.written(one)} and {words.written(other)} never hold together"
    return "its parts exclude each other"


def _why_always(node: Node, space: Space) -> str:
    told = _known(node, space).removeprefix(": ")
    return told or "switch it off, or say when it should not fire"


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, And):
        for item in node.items:
            yield from _parts(item)
    else:
        yield node


def _known(node: Node, space: Space) -> str:
    """What the names in a part can be, as ": age_years is 0 .. 130, minimum_age is 21"."""
    parameters, kinds = space.ruleset.parameters, space.ruleset.kinds
    told = [
        f"{name} is {words.constant(parameters[name])}"
        if name in parameters
        else f"{name} is {words.state(space.states[name], kinds[name])}"
        for name in dict.fromkeys(name.id for name in names(node))
    ]
    return ": " + ", ".join(told) if told else ""


# --- beside other rules -----------------------------------------------------------------------------


def _beside(speaking: list[Rule], hits: dict[str, list[Box]], space: Space) -> Iterator[Problem]:
    terms = {rule.id: [frozenset(box) for box in hits[rule.id]] for rule in speaking}
    for rule in speaking:
        for other in speaking:
            if _comes_first(other, rule) and _may_cover(terms[other.id], terms[rule.id]):
                try:
                    idle = not space.without(hits[rule.id], hits[other.id])
                except TooManyCases:
                    continue
                if idle and not (other.priority > rule.priority and _same(other, rule, hits, space)):
                    yield _shadowed(rule, other)
                    break


def _comes_first(other: Rule, rule: Rule) -> bool:
    """Whether `other` could make `rule` idle; a rule may say that it is kept beside another."""
    return (
        other is not rule and other.id not in rule.beside and _GRAVITY[other.effect] >= _GRAVITY[rule.effect]
    )


def _may_cover(wide: list[frozenset], narrow: list[frozenset]) -> bool:
    """A quick look first: every box must lie in one that asks of nothing else."""
    return all(any(terms <= mine for terms in wide) for mine in narrow)


def _same(other: Rule, rule: Rule, hits: dict[str, list[Box]], space: Space) -> bool:
    """Of two rules that say the same of the same people, the second is the idle one."""
    return other.effect == rule.effect and not space.without(hits[other.id], hits[rule.id])


def _shadowed(rule: Rule, other: Rule) -> Problem:
    return _problem(
        rule,
        f"{rule.id} is shadowed by {other.id}",
        f"whatever it hits, {other.id} {_DOES[other.effect]} as well ({other.place})",
    )


def _idle_givers(
    step: Choice, ruleset: Ruleset, hits: dict[str, list[Box]], space: Space
) -> Iterator[Problem]:
    """Rules that never give a value because one before them always does."""
    earlier: list[Rule] = []
    for rule in ruleset.rules:
        if step.id in rule.gives and rule.id in hits:
            try:
                idle = not space.without(hits[rule.id], [box for other in earlier for box in hits[other.id]])
            except TooManyCases:
                return
            if idle:
                before = ", ".join(other.id for other in earlier)
                yield _problem(rule, f"{rule.id} never gives {step.id}", f"{before} above gives it first")
            earlier.append(rule)
