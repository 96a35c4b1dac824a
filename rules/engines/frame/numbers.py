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
from functools import lru_cache, reduce

import polars as pl

from rules.engines.frame.columns import NO, YES, Column, any_of, both, chosen, flags_of, opposite, sure
from rules.language.values import ARITHMETIC

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
    if (
        abs(digits) > LIMIT or abs(places) > PLACES_MAX
    ):  # such as a third: good for comparing, not for reckoning
        return Number(_whole(0), doubt=YES, places=0, bound=0, constant=Decimal(number))
    return Number(_whole(digits), places=places, bound=abs(digits), constant=Decimal(number))


def _digits(number: Decimal) -> tuple[int, int]:
    """A decimal as a whole number without zeros at its end, and its places (which may be negative)."""
    sign, digits, exponent = number.as_tuple()
    whole, places = int("".join(map(str, digits))) * (-1 if sign else 1), -int(exponent)
    while whole and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return (whole, places) if whole else (0, 0)


@lru_cache(4096)
def _whole(number: int) -> pl.Expr:
    return pl.lit(number, dtype=_dtype(abs(number)))


def _dtype(bound: int) -> type[pl.DataType]:
    return pl.Int64 if bound <= _INT64_MAX else pl.Int128


def _widened(value: pl.Expr, bound: int, wanted: int) -> pl.Expr:
    """The value in the type that holds numbers up to `wanted`."""
    return value if _dtype(bound) is _dtype(wanted) else value.cast(_dtype(wanted))


def varied(number: Column) -> Column:
    """What was a constant or an input, and is so no more."""
    return replace(number, constant=None, floats=None) if isinstance(number, Number) else number


def in_doubt(number: Number) -> Number:
    """The number in doubt in every row."""
    return replace(number, doubt=YES)


def _product(one: pl.Expr, bound: int, other: pl.Expr, by: int) -> tuple[pl.Expr, int, pl.Expr]:
    """The product of whole numbers, its bound, and where it is beyond the limit."""
    total = bound * by
    kept = min(total, LIMIT)
    made = _widened(one, bound, kept) * _widened(other, by, kept)
    if total <= LIMIT:
        return made, total, NO
    return made, LIMIT, _at_limit(one.cast(pl.Float64) * other.cast(pl.Float64))


def _at_limit(size: pl.Expr) -> pl.Expr:
    return sure(size.abs() >= 0.999 * LIMIT)


def _multiplied(number: Number, by: int) -> Number:
    """The numerator times a constant."""
    if by == 1:
        return number
    value, bound, beyond = _product(number.value, number.bound, _whole(by), abs(by))
    return replace(
        number, value=value, bound=bound, doubt=_beyond(number, beyond), constant=None, floats=None
    )


def _beyond(number: Number, beyond: pl.Expr) -> pl.Expr:
    """Doubt where a numerator is too large; everywhere if its size alone does not tell the error."""
    return any_of([number.doubt, YES if number.mixed and beyond is not NO else beyond])


def _at(number: Number, places: int) -> Number:
    """The same number with more places."""
    if number.constant is not None:
        digits = 0 if number.doubt is YES else int(Fraction(number.constant) * Fraction(10) ** places)
        return replace(number, value=_whole(digits), bound=abs(digits), places=places)
    return replace(_multiplied(number, 10 ** (places - number.places)), places=places)


def _alike(numbers: list[Number]) -> list[Number]:
    """The numbers with the same places, in the same type."""
    places = max(number.places for number in numbers)
    made = [_at(number, places) for number in numbers]
    bound = max(number.bound for number in made)
    return [replace(number, value=_widened(number.value, number.bound, bound)) for number in made]


def _over_common(left: Number, right: Number) -> tuple[Number, Number]:
    """Both numerators over the product of their denominators."""
    left, right = _times_den(left, right), _times_den(right, left)
    one, other = _alike([left, right])
    return one, other


def _times_den(number: Number, other: Number) -> Number:
    if other.den is None:
        return number
    value, bound, beyond = _product(number.value, number.bound, other.den, other.den_bound)
    return replace(
        number, value=value, bound=bound, doubt=_beyond(number, beyond), constant=None, floats=None
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
    one, other = _over_common(left, right)
    flags = flags_of((one, other))
    settled = (left.den is None or right.den is None) and left.clean and right.clean
    if not settled:
        flags["doubt"] = any_of([flags["doubt"], sure(one.value == other.value)])
    return Column(OPERATIONS[op](one.value, other.value), **flags)


def _against(op: str, number: Number, limit: Decimal) -> Column:
    """A whole number of units compared with a constant: all comes down to "at least so many units"."""
    units = Fraction(limit) * Fraction(10) ** number.places
    first, after = (
        math.ceil(units),
        math.floor(units) + 1,
    )  # the first not below the limit, the first above it
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
    return number.value >= _whole(max(-number.bound, min(units, number.bound + 1)))


def _from_doubles(number: Number, units: int) -> float | None:
    """From which double on a number rounds to so many units; None if no double says it exactly."""
    edge = (Decimal(units) - Decimal("0.5")).scaleb(-number.places)
    return float(edge) if Decimal(repr(float(edge))) == edge else None


# --- arithmetic -----------------------------------------------------------------------------------


def plus(left: Number, right: Number) -> Number:
    return _added(left, right, pl.Expr.__add__)


def minus(left: Number, right: Number) -> Number:
    return _added(left, right, pl.Expr.__sub__)


def _added(left: Number, right: Number, add: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Number:
    one, other = _over_common(left, right)
    flags, bound = flags_of((one, other)), one.bound + other.bound
    value = add(*(_widened(part.value, part.bound, min(bound, LIMIT)) for part in (one, other)))
    quotient = left.den is not None or right.den is not None
    if bound > LIMIT:
        flags["doubt"] = any_of([flags["doubt"], YES if quotient else _at_limit(value.cast(pl.Float64))])
    clean = left.clean and right.clean and (left.den is None or right.den is None)
    made = Number(value, **flags, places=one.places, bound=min(bound, LIMIT), clean=clean, mixed=quotient)
    return _over_dens(made, left, right)


def times(left: Number, right: Number) -> Number:
    value, bound, beyond = _product(left.value, left.bound, right.value, right.bound)
    exact = left.den is None and right.den is None
    made = Number(
        value,
        **flags_of((left, right)),
        places=left.places + right.places,
        bound=bound,
        clean=exact or (left.clean and _moves_point(right)) or (right.clean and _moves_point(left)),
        mixed=left.mixed or right.mixed,
    )
    return _checked(_over_dens(replace(made, doubt=_beyond(made, beyond)), left, right))


def _moves_point(number: Number) -> bool:
    """Whether multiplying by it only moves the decimal point."""
    return number.constant is not None and number.bound == 1


def _checked(number: Number) -> Number:
    return number if abs(number.places) <= PLACES_MAX else in_doubt(number)


def _over_dens(made: Number, left: Number, right: Number) -> Number:
    """The number over the product of the denominators of two others."""
    dens = [(part.den, part.den_bound) for part in (left, right) if part.den is not None]
    if not dens:
        return made
    if len(dens) == 1:
        return replace(made, den=dens[0][0], den_bound=dens[0][1])
    den, bound, beyond = _product(*dens[0], *dens[1])
    return replace(made, den=den, den_bound=bound, doubt=any_of([made.doubt, beyond]))


def over(left: Number, right: Number) -> Number:
    """A quotient; by zero it is unknown and may not be ignored."""
    inverse = _inverse(right)
    if inverse is not None and (left.den is None or _moves_point(right)):
        return times(left, inverse)
    upper, lower = _times_den(left, right), _times_den(right, left)
    flags, zero = flags_of((upper, lower)), sure(lower.value == 0)
    value = upper.value * lower.value.sign().cast(_dtype(upper.bound))
    return _checked(
        Number(
            pl.when(lower.value != 0).then(value),
            any_of([flags["bad"], both(zero, opposite(left.null))]),
            YES if right.mixed else flags["doubt"],
            places=left.places - right.places,
            bound=upper.bound,
            den=lower.value.abs(),
            den_bound=lower.bound,
            clean=left.clean and right.den is None,
            mixed=left.mixed,
        )
    )


def _inverse(number: Number) -> Number | None:
    """1 / a constant, if it is a decimal that ends."""
    if not number.constant:
        return None
    inverse = ARITHMETIC.divide(Decimal(1), number.constant)
    return constant(inverse) if Fraction(inverse) * Fraction(number.constant) == 1 else None


# --- rounding and choosing ------------------------------------------------------------------------


def rounded(number: Number, places: int) -> Number:
    """Rounded half up (away from zero) to places."""
    if number.den is None and places >= number.places:
        within = number.bound * 10 ** (places - number.places) <= LIMIT
        return number if within else _at(number, places)
    upper, den, den_bound = _shifted(number, places)
    held = 2 * (upper.bound + den_bound)
    half, den = _widened(den, den_bound, held), _widened(den, den_bound, held) * 2
    size = _widened(upper.value, upper.bound, held).abs() * 2 + half
    units = size // den
    signed = units * upper.value.sign().cast(_dtype(held))
    return _in_units(signed, held, upper, number, places, units * den == size)


def floored(number: Number) -> Number:
    """Down to a whole number."""
    if number.den is None and number.places <= 0:
        return number
    upper, den, den_bound = _shifted(number, 0)
    held = max(upper.bound, den_bound)
    value, den = _widened(upper.value, upper.bound, held), _widened(den, den_bound, held)
    units = value // den
    return _in_units(units, held, upper, number, 0, units * den == value)


def _shifted(number: Number, places: int) -> tuple[Number, pl.Expr, int]:
    """Numerator and denominator of the number of units of so many places."""
    shift = places - number.places
    upper, by = _multiplied(number, 10 ** max(shift, 0)), 10 ** max(-shift, 0)
    if number.den is None:
        return upper, _whole(by), by
    den, bound, beyond = _product(number.den, number.den_bound, _whole(by), by)
    return replace(upper, doubt=_beyond(upper, beyond)), den, bound


def _in_units(
    units: pl.Expr, held: int, upper: Number, number: Number, places: int, border: pl.Expr
) -> Number:
    """A whole number of units; on the border of two of them, only a clean number is settled."""
    bound = upper.bound + 1
    if _dtype(bound) is not _dtype(held):
        units = units.cast(_dtype(bound), strict=False)  # too large only where in doubt
    doubt = upper.doubt if number.clean else any_of([upper.doubt, sure(border)])
    return Number(units, upper.bad, doubt, places=places, bound=bound)


def extreme(numbers: list[Number], *, largest: bool) -> Number:
    """The smallest or largest of those that are known; null where none is."""
    whole, quotients = [n for n in numbers if n.den is None], [n for n in numbers if n.den is not None]
    found = [_extreme_whole(whole, largest)] if whole else []
    return reduce(lambda one, other: _nearer(one, other, ">" if largest else "<"), [*found, *quotients])


def _extreme_whole(numbers: list[Number], largest: bool) -> Number:
    """Of numbers without denominators, which is a matter of one comparison a number."""
    alike, choose = _alike(numbers), pl.max_horizontal if largest else pl.min_horizontal
    first = max(alike, key=lambda number: number.bound)
    value = choose(*(number.value for number in alike))
    return replace(first, value=value, **flags_of(alike), constant=None, floats=None)


def _nearer(one: Number, other: Number, op: str) -> Number:
    better = compared(op, other, one)
    take = any_of([both(sure(better.value), opposite(other.null)), both(one.null, opposite(other.null))])
    return replace(picked(take, other, one, better.doubt), bad=any_of([one.bad, other.bad]))  # type: ignore[return-value]


def picked(where: pl.Expr, mine: Column, other: Column | None, doubt: pl.Expr = NO) -> Column:
    """`chosen`, which for numbers needs the same places on both sides."""
    other = None if isinstance(other, Nothing) else other
    if isinstance(mine, Nothing) and other is not None:
        return picked(opposite(where), other, None, doubt)
    if where is YES or other is None or not (isinstance(mine, Number) and isinstance(other, Number)):
        found = chosen(where, mine, other, doubt)
        return found if where is YES else varied(found)
    one, less = _alike([mine, other])
    made = replace(
        chosen(where, one, less, doubt),
        bound=max(one.bound, less.bound),
        clean=mine.clean and other.clean,
        mixed=mine.mixed or other.mixed,
        constant=None,
        floats=None,
    )
    if mine.den is None and other.den is None:
        return made
    bound = max(mine.den_bound, other.den_bound)
    one, less = ((_whole(1) if part.den is None else part.den).cast(_dtype(bound)) for part in (mine, other))
    return replace(made, den=pl.when(where).then(one).otherwise(less), den_bound=bound)


def as_double(number: Number) -> pl.Expr:
    """The nearest double of a number that has up to 15 digits; of others one that has their first 15."""
    upper = number.value.cast(pl.Float64) * 10.0 ** max(-number.places, 0)
    unit = 10.0 ** max(number.places, 0)
    if number.den is not None:
        return upper / (number.den.cast(pl.Float64) * unit)
    # Divided by a column, because polars multiplies by the inverse of a constant, which is not the same.
    return upper / (upper * 0 + unit) if number.places > 0 else upper
