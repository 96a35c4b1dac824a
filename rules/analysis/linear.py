"""Comparisons brought to one unknown where that is exact: "average_salary_3m * 12 <= 3_00_000" asks whether
average_salary_3m <= 25_000. What cannot be solved exactly stays an unknown of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rules.analysis.ranges import exact
from rules.language.kinds import kind_of
from rules.language.tree import Arithmetic, Literal, Name, Node
from rules.language.values import Value

ATOMS_MAX = 3
_FACTOR_MAX = 10**9  # with six places this leaves room for every input in the engines' 34 digits
_PLACES = 10**6


@dataclass(frozen=True, slots=True)
class Linear:
    """`factors` by name (in the order of the names) and a constant, all short enough to be reckoned exactly."""

    factors: tuple[tuple[str, Fraction], ...]
    constant: Fraction = Fraction(0)


def linear(node: Node, constants: Mapping[str, Value], known: Mapping[str, Linear]) -> Linear | None:
    """The node as a sum of inputs; None when it is none, or when the engines would round on the way.

    `known` has the names that stand for a sum themselves.
    """
    match node:
        case Literal(value):
            return _checked(Linear((), exact(value)))
        case Name(name) if name in constants:
            value = constants[name]
            return _checked(Linear((), exact(value))) if kind_of(value) in ("number", "date") else None
        case Name(name):
            return known.get(name)
        case Arithmetic(op, left, right):
            one, other = linear(left, constants, known), linear(right, constants, known)
            return _reckoned(op, one, other) if one and other else None
    return None


def _reckoned(op: str, one: Linear, other: Linear) -> Linear | None:
    if op in "+-":
        return joined(one, other, Fraction(1 if op == "+" else -1))
    if op == "*":
        return _scaled(one, other.constant) if not other.factors else _times_constant(one, other)
    return _scaled(one, 1 / other.constant) if not other.factors and other.constant else None


def _times_constant(one: Linear, other: Linear) -> Linear | None:
    return None if one.factors else _scaled(other, one.constant)


def joined(one: Linear, other: Linear, times: Fraction) -> Linear | None:
    """one + times * other."""
    factors = dict(one.factors)
    for name, factor in other.factors:
        factors[name] = factors.get(name, Fraction(0)) + times * factor
    return _checked(_made(factors, one.constant + times * other.constant))


def _scaled(one: Linear, factor: Fraction) -> Linear | None:
    made = {name: value * factor for name, value in one.factors}
    return _checked(Linear(tuple(made.items()), one.constant * factor))


def _made(factors: dict[str, Fraction], constant: Fraction) -> Linear:
    return Linear(tuple(sorted((name, factor) for name, factor in factors.items() if factor)), constant)


def _checked(made: Linear) -> Linear | None:
    numbers = [made.constant, *(factor for _, factor in made.factors)]
    short = all(abs(n) <= _FACTOR_MAX and _PLACES % n.denominator == 0 for n in numbers)
    return made if short and len(made.factors) <= ATOMS_MAX else None
