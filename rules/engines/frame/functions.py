"""What expressions are made of beside `and`, `or`, `not` and arithmetic: comparisons, lists, functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import polars as pl

from rules.engines.frame import numbers, reckoning
from rules.engines.frame.columns import NO, YES, Column, Listing, any_of, flags_of, masked, opposite, sure
from rules.engines.frame.inputs import unknown
from rules.engines.frame.numbers import Number, varied
from rules.engines.frame.reckoning import picked

_DAYS_MAX = 3_652_059  # from the first date that there is to the last
_PLACES_MAX = 20
_ZERO = numbers.constant(0)


def missing(of: Column) -> Column:
    """Whether nobody supplied it: unknown where something is there that cannot be read."""
    return Column(of.null if of.bad is NO else pl.when(~of.bad).then(of.null), of.bad, of.doubt)


def compared(op: str, left: Column, right: Column) -> Column:
    if isinstance(left, Number) and isinstance(right, Number):
        return numbers.compared(op, left, right)
    if isinstance(left, Listing) or isinstance(right, Listing):
        return replace(unknown("boolean"), doubt=YES)
    return Column(numbers.OPERATIONS[op](left.value, right.value), **flags_of((left, right)))


def _smallest(arguments: list[Any]) -> Column:
    return _of_all_known(arguments, reckoning.extreme(arguments, largest=False))


def _largest(arguments: list[Any]) -> Column:
    return _of_all_known(arguments, reckoning.extreme(arguments, largest=True))


def _of_all_known(arguments: list[Number], found: Number) -> Column:
    return masked(varied(found), any_of(argument.null for argument in arguments), found.bad)


def _coalesced(arguments: list[Column]) -> Column:
    """The first that is not absent: one that is there but unreadable is not passed over."""
    return reduce(_first, reversed(arguments[:-1]), arguments[-1])


def _first(below: Column, first: Column) -> Column:
    return picked(any_of([opposite(first.null), first.bad]), first, below, first.doubt)


def _days_between(arguments: list[Column]) -> Column:
    start, end = arguments
    days = (end.value - start.value).dt.total_days()
    return Number(days, **flags_of(arguments), places=0, bound=_DAYS_MAX)


def _rounded(arguments: list[Any]) -> Column:
    number, places = arguments
    told = places.constant
    if told is None or told != int(told) or abs(told) > _PLACES_MAX or told.as_tuple().exponent:
        return replace(varied(number), doubt=YES)
    return reckoning.rounded(number, int(told))


def _floored(arguments: list[Any]) -> Column:
    number, step = arguments
    return reckoning.times(reckoning.floored(reckoning.over(number, step)), step)


# --- of those that are known and above zero -------------------------------------------------------


def _positive(arguments: list[Any]) -> list[Column]:
    """For each argument, whether it counts."""
    return [numbers.compared(">", argument, _ZERO) for argument in arguments]


def _count_positive(arguments: list[Any]) -> Column:
    return masked(_count(_positive(arguments)), *_spoilt(arguments))


def _count(positive: list[Column]) -> Number:
    counted = [sure(column.value).cast(pl.Int64) for column in positive]
    return Number(reduce(pl.Expr.__add__, counted), **flags_of(positive), places=0, bound=len(positive))


def _spoilt(arguments: list[Number], *more: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Where a function that skips what is absent is unknown, and that is never to be ignored."""
    bad = any_of([*(argument.bad for argument in arguments), *more])
    return bad, bad


def _average_positive(arguments: list[Any]) -> Column:
    positive = _positive(arguments)
    counted = [picked(sure(p.value), a, _ZERO, p.doubt) for p, a in zip(positive, arguments, strict=True)]
    average = reckoning.over(reduce(reckoning.plus, counted), _count(positive))
    return masked(average, *_spoilt(arguments, average.bad))


def _minimum_positive(arguments: list[Any]) -> Column:
    positive = _positive(arguments)
    counted = [picked(sure(p.value), a, None, p.doubt) for p, a in zip(positive, arguments, strict=True)]
    found = reckoning.extreme(counted, largest=False)
    return masked(varied(found), *_spoilt(arguments, found.null))


FUNCTIONS: dict[str, Callable[[list[Any]], Column]] = {
    "min": _smallest,
    "max": _largest,
    "coalesce": _coalesced,
    "days_between": _days_between,
    "round_half_up": _rounded,
    "floor_to": _floored,
    "count_positive": _count_positive,
    "average_positive": _average_positive,
    "min_positive": _minimum_positive,
    "unknown": lambda arguments: numbers.NOTHING,
}
