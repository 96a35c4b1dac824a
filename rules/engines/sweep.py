"""All conditions of a rule set worked out together.

Rules share comparisons, and most of them compare a name with a constant. So every distinct comparison
is worked out once, all those of one operator in one sweep; then every distinct `not`, `and` and `or`, from
the inside out, again all of a kind in one sweep. The meaning is that of `evaluator.build`, in half the time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from itertools import chain
from typing import Any

from rules.engines.evaluator import COMPARE, build, constant_of
from rules.language.dictionary import NUMERIC, Dictionary
from rules.language.ruleset import Facts, Test
from rules.language.tree import And, Compare, Literal, Name, Node, Not, Or, children
from rules.language.values import Value


class Sweep:
    """Works out the given conditions on facts: a call returns their results, in their order."""

    def __init__(
        self, conditions: Iterable[Node], parameters: Mapping[str, Value], dictionary: Dictionary
    ) -> None:
        self._parameters, self._dictionary = parameters, dictionary
        trees = [_binary(tree) for tree in conditions]
        inner = list(dict.fromkeys(node for tree in trees for node in _inside_out(tree)))
        by_operator, others = self._sorted_out(node for node in inner if not isinstance(node, Not | And | Or))
        self._comparisons = tuple(
            (COMPARE[op], _getter([node.left.id for node in nodes]), [self._limit(node) for node in nodes])
            for op, nodes in by_operator.items()
        )
        self._others = tuple(build(node, parameters) for node in others)
        position = {node: index for index, node in enumerate(chain(*by_operator.values(), others))}
        self._joins = tuple(_joins(inner, position))
        self._results = _getter([position[tree] for tree in trees])

    def __call__(self, facts: Facts) -> tuple[Any, ...]:
        results: list[Any] = []
        for compare, values, limits in self._comparisons:
            results += map(compare, values(facts), limits)
        results += [test(facts) for test in self._others]
        for join, left, right in self._joins:
            results += map(join, left(results), right(results))
        return self._results(results)

    def _sorted_out(self, leaves: Iterable[Node]) -> tuple[dict[str, list[Compare]], list[Node]]:
        """The distinct comparisons of a name with a constant, by operator, and everything else."""
        by_operator: dict[str, list[Compare]] = {}
        others: list[Node] = []
        for node in dict.fromkeys(leaves):
            simple = (
                isinstance(node, Compare) and isinstance(node.left, Name) and self._limit(node) is not None
            )
            if simple and node.left.id not in self._parameters:
                by_operator.setdefault(node.op, []).append(node)
            else:
                others.append(node)
        return by_operator, others

    def _limit(self, node: Compare) -> Value | None:
        """The constant, in the type of the input that it is compared with: that is the quickest."""
        limit = constant_of(node.right, self._parameters)
        feature = self._dictionary.get(node.left.id)
        exact = feature is not None and NUMERIC.get(feature.type, 0) > 0
        return Decimal(limit) if exact and isinstance(limit, int) else limit


_JOIN = {Not: operator.xor, And: operator.and_, Or: operator.or_}  # `not x` is `x xor true`
_TRUE = Literal(True)


def _binary(node: Node) -> Node:
    """The same condition with `and` and `or` joining two at a time."""
    match node:
        case Not(item):
            return Not(_binary(item))
        case And(items) | Or(items):
            return reduce(lambda one, other: type(node)((one, other)), map(_binary, items))
        case _:
            return node


def _inside_out(node: Node) -> Iterator[Node]:
    """The parts of a condition, each after those that it joins."""
    if isinstance(node, Not):
        yield from _inside_out(_TRUE)
    if isinstance(node, Not | And | Or):
        for item in children(node):
            yield from _inside_out(item)
    yield node


def _joins(nodes: list[Node], position: dict[Node, int]) -> Iterator[tuple[Any, Test, Test]]:
    """The sweeps over `not`, `and` and `or`; each takes all of a kind whose parts are worked out."""
    waiting = [node for node in nodes if isinstance(node, Not | And | Or)]
    while waiting:
        ready = [node for node in waiting if all(part in position for part in _parts(node))]
        chosen = [node for node in ready if type(node) is type(ready[0])]
        left, right = zip(*(_parts(node) for node in chosen), strict=True)
        yield (
            _JOIN[type(ready[0])],
            _getter([position[n] for n in left]),
            _getter([position[n] for n in right]),
        )
        position |= {node: len(position) + index for index, node in enumerate(chosen)}
        waiting = [node for node in waiting if node not in position]


def _parts(node: Node) -> tuple[Node, Node]:
    return (node.item, _TRUE) if isinstance(node, Not) else node.items  # type: ignore[union-attr,return-value]


def _getter(keys: list[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of several keys, or indexes, at once."""
    if len(keys) > 1:
        return operator.itemgetter(*keys)
    return lambda given: tuple(given[key] for key in keys)
