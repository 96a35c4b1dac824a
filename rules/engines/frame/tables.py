"""Decision tables over a frame: which rows match, and what they give together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import polars as pl

from rules.engines.frame import numbers, reckoning
from rules.engines.frame.columns import (
    Column,
    Listing,
    any_of,
    both,
    choice,
    flags_of,
    masked,
    opposite,
    sure,
)
from rules.engines.frame.numbers import Number, varied
from rules.engines.frame.reckoning import picked
from rules.language.ruleset import SINGLE_HITS

Rows = list[Column]


def first_of(branches: list[tuple[Column, Column]], otherwise: Column | None) -> Column:
    """What the first rule that hits gives; one that cannot be evaluated might have been the first."""
    given = otherwise
    for when, result in reversed(branches):
        given = varied(picked(sure(when.value), result, given, when.doubt))
        given = masked(given, when.null, choice(when.null, when.bad, given.bad))
    return given  # type: ignore[return-value]


def _first(rows: Rows, results: list[Column]) -> Column:
    """What the first matching row gives; an absent value does not match, an unusable one stops the search."""
    given: Column | None = None
    for row, result in zip(reversed(rows), reversed(results), strict=True):
        given = varied(picked(sure(row.value), result, given, row.doubt))
        given = masked(given, row.bad, any_of([row.bad, given.bad]))
    return given  # type: ignore[return-value]


def _together(
    combine: Callable[[list[Any]], Column], other: Column | None, rows: Rows, results: list[Column]
) -> Column:
    """What all matching rows give, unknown as soon as one of them is; `other` stands for the rest."""
    hits = [sure(row.value) for row in rows]
    stopped = any_of([*(row.bad for row in rows), opposite(any_of(hits))])
    pairs = list(zip(hits, results, strict=True))
    lost = any_of([stopped, *(both(hit, result.null) for hit, result in pairs)])
    bad = any_of([stopped, *(both(hit, result.bad) for hit, result in pairs)])
    given = [picked(hit, result, other, row.doubt) for row, (hit, result) in zip(rows, pairs, strict=True)]
    return masked(varied(combine(given)), lost, bad)


def _total(given: list[Number]) -> Column:
    return reduce(reckoning.plus, given, _NOTHING)


def _listed(given: list[Column]) -> Column:
    values = [reckoning.as_double(item) if isinstance(item, Number) else item.value for item in given]
    return Listing(pl.concat_list(values).list.drop_nulls(), **flags_of(given))


_NOTHING = numbers.constant(0)
HITS: dict[str, Callable[[Rows, list[Any]], Column]] = {
    **dict.fromkeys(SINGLE_HITS, _first),
    "collect": partial(_together, _listed, None),
    "min": partial(_together, partial(reckoning.extreme, largest=False), None),
    "max": partial(_together, partial(reckoning.extreme, largest=True), None),
    "sum": partial(_together, _total, _NOTHING),
}
