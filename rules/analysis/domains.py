"""What a name can be: a set of numbers, a set of other values, absent, or unreadable.

A set of numbers is a union of ranges. Each range runs between two cuts: the cut (v, 0) lies just below v,
the cut (v, 1) just above it, so open and closed ends need no separate care.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

INFINITE = math.inf
Cut = tuple[Fraction | float, int]
Range = tuple[Cut, Cut]
EVERYWHERE: Range = ((-INFINITE, 0), (INFINITE, 1))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sorted ranges that do not touch. On a grid (1 for whole numbers, 0.01 for money) only its
    multiples count: above 3 and below 4 there is no whole number."""

    ranges: tuple[Range, ...] = (EVERYWHERE,)
    grid: Fraction | None = None

    @staticmethod
    def of(ranges: Iterable[Range], grid: Fraction | None = None) -> Numbers:
        made: list[Range] = []
        for low, high in sorted(_on_grid(item, grid) if grid else item for item in ranges):
            if low >= high:
                continue
            if made and low <= made[-1][1]:
                made[-1] = (made[-1][0], max(high, made[-1][1]))
            else:
                made.append((low, high))
        return Numbers(tuple(made), grid)

    @staticmethod
    def between(low: Fraction | float, high: Fraction | float, grid: Fraction | None = None) -> Numbers:
        """From low to high, both included."""
        return Numbers.of([((low, 0), (high, 1))], grid)

    @staticmethod
    def compared(op: str, limit: Fraction) -> Numbers:
        """Those for which `number op limit` holds."""
        below, above = (limit, 0), (limit, 1)
        start, end = EVERYWHERE
        ranges = {
            "<": [(start, below)],
            "<=": [(start, above)],
            ">": [(above, end)],
            ">=": [(below, end)],
            "==": [(below, above)],
            "!=": [(start, below), (above, end)],
        }
        return Numbers(tuple(ranges[op]))

    def __and__(self, other: Numbers) -> Numbers:
        both = [
            (max(low, other_low), min(high, other_high))
            for low, high in self.ranges
            for other_low, other_high in other.ranges
        ]
        return Numbers.of(both, self.grid or other.grid)

    def __or__(self, other: Numbers) -> Numbers:
        grid = gcd(self.grid, other.grid) if self.grid is not None and other.grid is not None else None
        return Numbers.of([*self.ranges, *other.ranges], grid or None)

    def __invert__(self) -> Numbers:
        cuts = [EVERYWHERE[0], *(cut for item in self.ranges for cut in item), EVERYWHERE[1]]
        return Numbers.of(zip(cuts[::2], cuts[1::2], strict=True), self.grid)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    @property
    def low(self) -> Fraction | float:
        return self.ranges[0][0][0] if self.ranges else -INFINITE

    @property
    def high(self) -> Fraction | float:
        return self.ranges[-1][1][0] if self.ranges else INFINITE


def _on_grid(item: Range, grid: Fraction) -> Range:
    """The range from its first to its last multiple of the grid."""
    (low, above), (high, beyond) = item
    if low != -INFINITE:
        steps = low / grid
        first = math.floor(steps) + 1 if above else math.ceil(steps)
        item = ((first * grid, 0), item[1])
    if high != INFINITE:
        steps = high / grid
        last = math.floor(steps) if beyond else math.ceil(steps) - 1
        item = (item[0], (last * grid, 1))
    return item


def gcd(one: Fraction, other: Fraction) -> Fraction:
    """The coarsest grid that holds the multiples of both."""
    return Fraction(
        math.gcd(one.numerator * other.denominator, other.numerator * one.denominator),
        one.denominator * other.denominator,
    )


@dataclass(frozen=True, slots=True)
class Values:
    """Texts or truth values: those listed, or all but those listed."""

    listed: frozenset[Hashable] = frozenset()
    all_but: bool = False

    @staticmethod
    def of(*values: Hashable) -> Values:
        return Values(frozenset(values))

    def __and__(self, other: Values) -> Values:
        match self.all_but, other.all_but:
            case False, False:
                return Values(self.listed & other.listed)
            case False, True:
                return Values(self.listed - other.listed)
            case True, False:
                return Values(other.listed - self.listed)
            case _:
                return Values(self.listed | other.listed, True)

    def __or__(self, other: Values) -> Values:
        return ~(~self & ~other)

    def __invert__(self) -> Values:
        return Values(self.listed, not self.all_but)

    def __bool__(self) -> bool:
        return self.all_but or bool(self.listed)


Domain = Numbers | Values
BOOLEAN = Values.of(True, False)
ANY_TEXT = Values(all_but=True)


@dataclass(frozen=True, slots=True)
class State:
    """What is possible for one name: its values, that it is absent, that it cannot be read."""

    values: Domain
    missing: bool = False
    unreadable: bool = False

    def __and__(self, other: State) -> State:
        return State(
            self.values & other.values,  # type: ignore[operator]
            self.missing and other.missing,
            self.unreadable and other.unreadable,
        )

    def __invert__(self) -> State:
        return State(~self.values, not self.missing, not self.unreadable)

    def __bool__(self) -> bool:
        return self.missing or self.unreadable or bool(self.values)
