"""How far an expression can reach, given how far its names reach: interval arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

from rules.analysis.domains import Numbers, gcd
from rules.language.tree import Arithmetic, Call, Literal, Name, Node
from rules.language.values import Value

_DAYS = Fraction(date.max.toordinal())
# The engines keep 34 digits and numbers up to 10^60; a bound with more than 30 digits is widened.
EXTENT = Fraction(10**61)
_SMALLEST = Fraction(1, 10**55)
_EXACT_DIGITS = 10**30
_WIDER = Fraction(1, 10**30)
_GRID_STEPS_MAX = 10**33


def exact(value: Value) -> Fraction:
    """A number or a day as a fraction."""
    return Fraction(value.toordinal() if isinstance(value, date) else value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reach:
    """From low to high; with a grid, whole multiples of it only. A grid of 0 is that of the number 0."""

    low: Fraction = -EXTENT
    high: Fraction = EXTENT
    grid: Fraction | None = None

    @property
    def numbers(self) -> Numbers:
        return Numbers.between(self.low, self.high, self.grid or None)


FREE = Reach()


def _reached(low: Fraction, high: Fraction, grid: Fraction | None) -> Reach:
    """A reach as the engines reckon it: rounded outward, and on a grid only where nothing is rounded."""
    if _is_rounded(low) or _is_rounded(high) or (grid and max(-low, high) / grid > _GRID_STEPS_MAX):
        grid = None
    return Reach(_outward(low, -1), _outward(high, 1), grid)


def _is_rounded(bound: Fraction) -> bool:
    """Whether the engines cannot write this number in full."""
    rest = bound.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest != 1 or abs(bound.numerator) >= _EXACT_DIGITS or bound.denominator >= _EXACT_DIGITS


def _outward(bound: Fraction, direction: int) -> Fraction:
    if abs(bound) < _SMALLEST:
        return Fraction(0) if bound * direction <= 0 else bound
    wider = bound + direction * abs(bound) * _WIDER if _is_rounded(bound) else bound
    return max(-EXTENT, min(EXTENT, wider))


def reach(node: Node, names: Mapping[str, Reach]) -> Reach:
    """How far a number or a day can reach. `names` are inputs, parameters and derived values."""
    match node:
        case Literal(value) if isinstance(value, int | Decimal | date) and not isinstance(value, bool):
            return point(exact(value))
        case Name(name):
            return names.get(name, FREE)
        case Arithmetic(op, left, right):
            return _RECKON[op](reach(left, names), reach(right, names))
        case Call(function, arguments):
            called = _CALLED.get(function)
            return called([reach(argument, names) for argument in arguments]) if called else FREE
    return FREE


def point(value: Fraction) -> Reach:
    return Reach(value, value, abs(value))


def _common(*grids: Fraction | None) -> Fraction | None:
    found = Fraction(0)
    for grid in grids:
        if grid is None:
            return None
        found = gcd(found, grid)
    return found


def plus(one: Reach, other: Reach) -> Reach:
    return _reached(one.low + other.low, one.high + other.high, _common(one.grid, other.grid))


def scaled(one: Reach, factor: Fraction) -> Reach:
    return _times(one, point(factor))


def _minus(one: Reach, other: Reach) -> Reach:
    return plus(one, Reach(-other.high, -other.low, other.grid))


def _times(one: Reach, other: Reach) -> Reach:
    corners = [a * b for a, b in product((one.low, one.high), (other.low, other.high))]
    grid = one.grid * other.grid if one.grid is not None and other.grid is not None else None
    return _reached(min(corners), max(corners), grid)


def _over(one: Reach, other: Reach) -> Reach:
    """By zero it is unknown; so on a grid the divisor is a step away from zero at least."""
    if other.low == 0 and other.grid:
        other = Reach(other.grid, other.high, other.grid)
    if other.low <= 0 <= other.high:
        return FREE
    corners = [a / b for a, b in product((one.low, one.high), (other.low, other.high))]
    return _reached(min(corners), max(corners), None)


_RECKON: dict[str, Callable[[Reach, Reach], Reach]] = {
    "+": plus,
    "-": _minus,
    "*": _times,
    "/": _over,
}


def _least(reaches: list[Reach]) -> Reach:
    return Reach(
        min(r.low for r in reaches), min(r.high for r in reaches), _common(*(r.grid for r in reaches))
    )


def _most(reaches: list[Reach]) -> Reach:
    return Reach(
        max(r.low for r in reaches), max(r.high for r in reaches), _common(*(r.grid for r in reaches))
    )


def any_of(reaches: list[Reach]) -> Reach:
    return Reach(
        min(r.low for r in reaches), max(r.high for r in reaches), _common(*(r.grid for r in reaches))
    )


def _days_between(reaches: list[Reach]) -> Reach:
    between = _minus(reaches[1], reaches[0])
    return Reach(max(between.low, -_DAYS), min(between.high, _DAYS), Fraction(1))


def _half_up(reaches: list[Reach]) -> Reach:
    number, places = reaches
    if places.low != places.high or not 0 <= places.low <= 30:
        return FREE
    step = Fraction(1, 10 ** int(places.low))
    return _reached(number.low - step, number.high + step, step)


def _floored(reaches: list[Reach]) -> Reach:
    number, step = reaches
    if step.low != step.high or step.low <= 0:
        return FREE
    return _reached(number.low - step.low, number.high, step.grid)


def _positive(reaches: list[Reach]) -> Reach:
    return Reach(Fraction(0), max(Fraction(0), *(r.high for r in reaches)), None)


_CALLED: dict[str, Callable[[list[Reach]], Reach]] = {
    "min": _least,
    "max": _most,
    "coalesce": any_of,
    "days_between": _days_between,
    "round_half_up": _half_up,
    "floor_to": _floored,
    "count_positive": lambda reaches: Reach(Fraction(0), Fraction(len(reaches)), Fraction(1)),
    "average_positive": _positive,
    "min_positive": _positive,
}
