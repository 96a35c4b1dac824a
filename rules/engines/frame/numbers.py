"""Exact numbers in columns: whole numerators and denominators with decimal places, never floating point.

The evaluator reckons with decimals of 34 digits. Whatever has no more digits than that is exact there, and
here it is the same whole number of hundredths, millionths and so on. A quotient is kept as two whole
numbers. The evaluator rounds it to 34 digits; so as long as all numbers here stay below 30 digits, the two can
only differ where a comparison, or a rounding, hits its border exactly. Such a row is settled if the quotient
is `clean` (one that ends, and so has its border, is exact in decimals too), else it is in doubt.

How large a number can get is known from the declared range of the inputs. Where that does not rule out
more than 30 digits, rows that have them are in doubt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import polars as pl

from rules.engines.frame.columns import NO, YES, Column, any_of, flags_of, sure

LIMIT = 10**30
PLACES_MAX = 22  # so that no quotient is too small for 34 digits, and its power of ten is a double
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Number(Column):
    """`value` / `den` / 10**`places`, with |value| <= `bound` and 0 < den <= `den_bound` in rows of no doubt.

    `mixed` is a quotient to which something was added: rounding errors may then exceed its size.
    `constant` is its value if that is the same in every row; `floats` are the unrounded doubles that an
    input was read from.
    """

    places: int = 0
    bound: int = _INT64_MAX
    den: pl.Expr | None = None
    den_bound: int = 1
    clean: bool = True
    mixed: bool = False
    constant: Decimal | None = None
    floats: pl.Expr | None = None

    @property
    def null(self) -> pl.Expr:
        return (
            NO
            if self.constant is not None
            else (self.value if self.floats is None else self.floats).is_null()
        )

    @property
    def looked_up(self) -> bool:
        """Whether it can be looked up in a list of numbers."""
        return self.den is None and self.bound <= _INT64_MAX

    def units_of(self, listed: Iterable[int | Decimal]) -> list[int]:
        """Of the given numbers, those that this one can be, in its units."""
        units = [Fraction(number) * Fraction(10) ** self.places for number in listed]
        return [int(unit) for unit in units if unit.denominator == 1 and abs(unit) <= self.bound]


@dataclass(frozen=True, slots=True)
class Nothing(Number):
    """Unknown in every row, of whatever kind: on purpose, so it may not be ignored."""


NOTHING = Nothing(pl.lit(None), bad=YES, bound=0)


def constant(number: int | Decimal) -> Number:
    """The same number in every row."""
    digits, places = _digits(Decimal(number))
    # such as a third: good for comparing, not for reckoning
    if abs(digits) > LIMIT or abs(places) > PLACES_MAX:
        return Number(literal(0), doubt=YES, places=0, bound=0, constant=Decimal(number))
    return Number(literal(digits), places=places, bound=abs(digits), constant=Decimal(number))


def _digits(number: Decimal) -> tuple[int, int]:
    """A decimal as a whole number without zeros at its end, and its places (which may be negative)."""
    sign, digits, exponent = number.as_tuple()
    whole, places = int("".join(map(str, digits))) * (-1 if sign else 1), -int(exponent)
    while whole and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return (whole, places) if whole else (0, 0)


@lru_cache(4096)
def literal(number: int) -> pl.Expr:
    return pl.lit(number, dtype=dtype_for(abs(number)))


def dtype_for(bound: int) -> type[pl.DataType]:
    return pl.Int64 if bound <= _INT64_MAX else pl.Int128


def widened(value: pl.Expr, bound: int, wanted: int) -> pl.Expr:
    """The value in the type that holds numbers up to `wanted`."""
    return value if dtype_for(bound) is dtype_for(wanted) else value.cast(dtype_for(wanted))


def varied(number: Column) -> Column:
    """What was a constant or an input, and is so no more."""
    return replace(number, constant=None, floats=None) if isinstance(number, Number) else number


def in_doubt(number: Number) -> Number:
    """The number in doubt in every row."""
    return replace(number, doubt=YES)


def product(one: pl.Expr, bound: int, other: pl.Expr, by: int) -> tuple[pl.Expr, int, pl.Expr]:
    """The product of whole numbers, its bound, and where it is beyond the limit."""
    total = bound * by
    kept = min(total, LIMIT)
    made = widened(one, bound, kept) * widened(other, by, kept)
    if total <= LIMIT:
        return made, total, NO
    return made, LIMIT, at_limit(one.cast(pl.Float64) * other.cast(pl.Float64))


def at_limit(size: pl.Expr) -> pl.Expr:
    return sure(size.abs() >= 0.999 * LIMIT)


def multiplied(number: Number, by: int) -> Number:
    """The numerator times a constant."""
    if by == 1:
        return number
    value, bound, beyond = product(number.value, number.bound, literal(by), abs(by))
    return replace(
        number, value=value, bound=bound, doubt=doubt_beyond(number, beyond), constant=None, floats=None
    )


def doubt_beyond(number: Number, beyond: pl.Expr) -> pl.Expr:
    """Doubt where a numerator is too large; everywhere if its size alone does not tell the error."""
    return any_of([number.doubt, YES if number.mixed and beyond is not NO else beyond])


def with_places(number: Number, places: int) -> Number:
    """The same number with more places."""
    if number.constant is not None:
        digits = 0 if number.doubt is YES else int(Fraction(number.constant) * Fraction(10) ** places)
        return replace(number, value=literal(digits), bound=abs(digits), places=places)
    return replace(multiplied(number, 10 ** (places - number.places)), places=places)


def made_alike(numbers: list[Number]) -> list[Number]:
    """The numbers with the same places, in the same type."""
    places = max(number.places for number in numbers)
    made = [with_places(number, places) for number in numbers]
    bound = max(number.bound for number in made)
    return [replace(number, value=widened(number.value, number.bound, bound)) for number in made]


def over_common(left: Number, right: Number) -> tuple[Number, Number]:
    """Both numerators over the product of their denominators."""
    left, right = times_den(left, right), times_den(right, left)
    one, other = made_alike([left, right])
    return one, other


def times_den(number: Number, other: Number) -> Number:
    if other.den is None:
        return number
    value, bound, beyond = product(number.value, number.bound, other.den, other.den_bound)
    return replace(
        number, value=value, bound=bound, doubt=doubt_beyond(number, beyond), constant=None, floats=None
    )


# --- comparing ------------------------------------------------------------------------------------

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
OPERATIONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": pl.Expr.__lt__,
    "<=": pl.Expr.__le__,
    ">": pl.Expr.__gt__,
    ">=": pl.Expr.__ge__,
    "==": pl.Expr.__eq__,
    "!=": pl.Expr.__ne__,
}


def compared(op: str, left: Number, right: Number) -> Column:
    if left.constant is not None and right.constant is None:
        left, right, op = right, left, _FLIPPED[op]
    if left.den is None and right.constant is not None:
        return _against(op, left, right.constant)
    one, other = over_common(left, right)
    flags = flags_of((one, other))
    settled = (left.den is None or right.den is None) and left.clean and right.clean
    if not settled:
        flags["doubt"] = any_of([flags["doubt"], sure(one.value == other.value)])
    return Column(OPERATIONS[op](one.value, other.value), **flags)


def _against(op: str, number: Number, limit: Decimal) -> Column:
    """A whole number of units compared with a constant: all comes down to "at least so many units"."""
    units = Fraction(limit) * Fraction(10) ** number.places
    # the first not below the limit, the first above it
    first, after = math.ceil(units), math.floor(units) + 1
    match op:
        case ">=" | "<":
            value = _at_least(number, first)
        case ">" | "<=":
            value = _at_least(number, after)
        case _:
            value = _at_least(number, first) & ~_at_least(number, after)
    settled = number.floats is not None and _from_doubles(number, first) and _from_doubles(number, after)
    return Column(~value if op in ("<", "<=", "!=") else value, number.bad, NO if settled else number.doubt)


def _at_least(number: Number, units: int) -> pl.Expr:
    if number.floats is not None and (edge := _from_doubles(number, units)) is not None:
        # Halves round away from zero: half a unit below is enough above zero, and not enough below it.
        return number.floats >= edge if units > 0 else number.floats > edge
    return number.value >= literal(max(-number.bound, min(units, number.bound + 1)))


def _from_doubles(number: Number, units: int) -> float | None:
    """From which double on a number rounds to so many units; None if no double says it exactly."""
    edge = (Decimal(units) - Decimal("0.5")).scaleb(-number.places)
    return float(edge) if Decimal(repr(float(edge))) == edge else None
