"""A value for every row, with what polars' null alone cannot say.

An unknown is a null; `bad` beside it tells one that may not be ignored from plain absence. A row where
polars cannot be sure of the value is in `doubt`: the exact evaluator works it out. Both flags are
never null, and mostly they are known to be NO before any row is read, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce

import polars as pl

NO, YES = pl.lit(False), pl.lit(True)


@dataclass(frozen=True, slots=True)
class Column:
    """`bad` only where `value` is null. Texts are the numbers of a code book, so `value` is never text."""

    value: pl.Expr
    bad: pl.Expr = NO
    doubt: pl.Expr = NO

    @property
    def null(self) -> pl.Expr:
        return NO if self.value is NO or self.value is YES else self.value.is_null()


@dataclass(frozen=True, slots=True)
class Listing(Column):
    """A list in every row, as it is handed out: nothing is worked out from it."""


def varies(part: object) -> bool:
    """Whether it is an expression that may differ from row to row."""
    return isinstance(part, pl.Expr) and not part.meta.is_literal()


def any_of(flags: Iterable[pl.Expr]) -> pl.Expr:
    """Where one of the flags is set."""
    flags = list({id(flag): flag for flag in flags if flag is not NO}.values())
    if any(flag is YES for flag in flags):
        return YES
    return reduce(lambda one, other: one | other, flags) if flags else NO


def both(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    if one is NO or other is NO:
        return NO
    return other if one is YES else one if other is YES else one & other


def opposite(flag: pl.Expr) -> pl.Expr:
    return YES if flag is NO else NO if flag is YES else ~flag


def sure(condition: pl.Expr) -> pl.Expr:
    """A condition as a flag: unknown counts as no."""
    return condition if condition is NO or condition is YES else condition.fill_null(False)


def choice(where: pl.Expr, mine: pl.Expr, other: pl.Expr) -> pl.Expr:
    """A flag picked by a flag."""
    if mine is other or where is YES:
        return mine
    return any_of([both(where, mine), both(opposite(where), other)])


def flags_of(parts: Iterable[Column]) -> dict[str, pl.Expr]:
    """The flags of what is unknown as soon as one part is."""
    parts = list(parts)
    return {"bad": any_of(part.bad for part in parts), "doubt": any_of(part.doubt for part in parts)}


def joined(parts: list[Column], *, decisive: bool) -> Column:
    """Three-valued `and` (decided by one False) or `or` (decided by one True), as polars does with nulls."""
    decided, neutral = (YES, NO) if decisive else (NO, YES)
    parts = [part for part in parts if part.value is not neutral]
    if any(part.value is decided for part in parts):
        return Column(decided)
    if not parts:
        return Column(neutral)
    join: Callable[[pl.Expr, pl.Expr], pl.Expr] = pl.Expr.__or__ if decisive else pl.Expr.__and__
    value = reduce(join, (part.value for part in parts))
    flags = flags_of(parts)
    return Column(value, both(flags["bad"], value.is_null()), flags["doubt"])


def negated(item: Column) -> Column:
    return replace(item, value=opposite(item.value))


def chosen(where: pl.Expr, mine: Column, other: Column | None, doubt: pl.Expr = NO) -> Column:
    """One of two columns in each row, picked by a flag that may itself be in doubt.

    With nothing on the other side, its rows are unknown and may not be ignored.
    """
    if where is YES:
        return replace(mine, doubt=any_of([doubt, mine.doubt]))
    value = pl.when(where).then(mine.value)
    return replace(
        mine,
        value=value.otherwise(other.value) if other else value,
        bad=choice(where, mine.bad, other.bad if other else YES),
        doubt=any_of([doubt, choice(where, mine.doubt, other.doubt if other else NO)]),
    )


def masked(column: Column, where: pl.Expr, bad: pl.Expr) -> Column:
    """The column unknown where the flag is set, and not to be ignored where it is `bad`."""
    return replace(column, value=column.value if where is NO else pl.when(~where).then(column.value), bad=bad)
