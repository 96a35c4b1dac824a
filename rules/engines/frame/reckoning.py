"""Reckoning with exact numbers in columns: arithmetic, rounding, the smallest and the largest, and doubles at last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce

import polars as pl

from rules.engines.frame.columns import NO, YES, Column, any_of, both, chosen, flags_of, opposite, sure
from rules.engines.frame.numbers import (
    LIMIT,
    PLACES_MAX,
    Nothing,
    Number,
    at_limit,
    compared,
    constant,
    doubt_beyond,
    dtype_for,
    in_doubt,
    literal,
    made_alike,
    multiplied,
    over_common,
    product,
    times_den,
    varied,
    widened,
    with_places,
)
from rules.language.values import ARITHMETIC


def plus(left: Number, right: Number) -> Number:
    return _added(left, right, pl.Expr.__add__)


def minus(left: Number, right: Number) -> Number:
    return _added(left, right, pl.Expr.__sub__)


def _added(left: Number, right: Number, add: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Number:
    one, other = over_common(left, right)
    flags, bound = flags_of((one, other)), one.bound + other.bound
    value = add(*(widened(part.value, part.bound, min(bound, LIMIT)) for part in (one, other)))
    quotient = left.den is not None or right.den is not None
    if bound > LIMIT:
        flags["doubt"] = any_of([flags["doubt"], YES if quotient else at_limit(value.cast(pl.Float64))])
    clean = left.clean and right.clean and (left.den is None or right.den is None)
    made = Number(value, **flags, places=one.places, bound=min(bound, LIMIT), clean=clean, mixed=quotient)
    return _over_dens(made, left, right)


def times(left: Number, right: Number) -> Number:
    value, bound, beyond = product(left.value, left.bound, right.value, right.bound)
    exact = left.den is None and right.den is None
    made = Number(
        value,
        **flags_of((left, right)),
        places=left.places + right.places,
        bound=bound,
        clean=exact or (left.clean and _moves_point(right)) or (right.clean and _moves_point(left)),
        mixed=left.mixed or right.mixed,
    )
    return _checked(_over_dens(replace(made, doubt=doubt_beyond(made, beyond)), left, right))


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
    den, bound, beyond = product(*dens[0], *dens[1])
    return replace(made, den=den, den_bound=bound, doubt=any_of([made.doubt, beyond]))


def over(left: Number, right: Number) -> Number:
    """A quotient; by zero it is unknown and may not be ignored."""
    inverse = _inverse(right)
    if inverse is not None and (left.den is None or _moves_point(right)):
        return times(left, inverse)
    upper, lower = times_den(left, right), times_den(right, left)
    flags, zero = flags_of((upper, lower)), sure(lower.value == 0)
    value = upper.value * lower.value.sign().cast(dtype_for(upper.bound))
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
        return number if within else with_places(number, places)
    upper, den, den_bound = _shifted(number, places)
    held = 2 * (upper.bound + den_bound)
    half, den = widened(den, den_bound, held), widened(den, den_bound, held) * 2
    size = widened(upper.value, upper.bound, held).abs() * 2 + half
    units = size // den
    signed = units * upper.value.sign().cast(dtype_for(held))
    return _in_units(signed, held, upper, number, places, units * den == size)


def floored(number: Number) -> Number:
    """Down to a whole number."""
    if number.den is None and number.places <= 0:
        return number
    upper, den, den_bound = _shifted(number, 0)
    held = max(upper.bound, den_bound)
    value, den = widened(upper.value, upper.bound, held), widened(den, den_bound, held)
    units = value // den
    return _in_units(units, held, upper, number, 0, units * den == value)


def _shifted(number: Number, places: int) -> tuple[Number, pl.Expr, int]:
    """Numerator and denominator of the number of units of so many places."""
    shift = places - number.places
    upper, by = multiplied(number, 10 ** max(shift, 0)), 10 ** max(-shift, 0)
    if number.den is None:
        return upper, literal(by), by
    den, bound, beyond = product(number.den, number.den_bound, literal(by), by)
    return replace(upper, doubt=doubt_beyond(upper, beyond)), den, bound


def _in_units(
    units: pl.Expr, held: int, upper: Number, number: Number, places: int, border: pl.Expr
) -> Number:
    """A whole number of units; on the border of two of them, only a clean number is settled."""
    bound = upper.bound + 1
    if dtype_for(bound) is not dtype_for(held):
        units = units.cast(dtype_for(bound), strict=False)  # too large only where in doubt
    doubt = upper.doubt if number.clean else any_of([upper.doubt, sure(border)])
    return Number(units, upper.bad, doubt, places=places, bound=bound)


def extreme(numbers: list[Number], *, largest: bool) -> Number:
    """The smallest or largest of those that are known; null where none is."""
    whole, quotients = [n for n in numbers if n.den is None], [n for n in numbers if n.den is not None]
    found = [_extreme_whole(whole, largest)] if whole else []
    return reduce(lambda one, other: _nearer(one, other, ">" if largest else "<"), [*found, *quotients])


def _extreme_whole(numbers: list[Number], largest: bool) -> Number:
    """Of numbers without denominators, which is a matter of one comparison a number."""
    alike, choose = made_alike(numbers), pl.max_horizontal if largest else pl.min_horizontal
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
    one, less = made_alike([mine, other])
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
    one, less = (
        (literal(1) if part.den is None else part.den).cast(dtype_for(bound)) for part in (mine, other)
    )
    return replace(made, den=pl.when(where).then(one).otherwise(less), den_bound=bound)


def as_double(number: Number) -> pl.Expr:
    """The nearest double of a number that has up to 15 digits; of others one that has their first 15."""
    upper = number.value.cast(pl.Float64) * 10.0 ** max(-number.places, 0)
    unit = 10.0 ** max(number.places, 0)
    if number.den is not None:
        return upper / (number.den.cast(pl.Float64) * unit)
    # Divided by a column, because polars multiplies by the inverse of a constant, which is not the same.
    return upper / (upper * 0 + unit) if number.places > 0 else upper
