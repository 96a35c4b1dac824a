"""Where a value stands among the constants that it is compared with.

All that comparisons say of a value follows from its place, and mostly from fewer: who asks only `score < 600`
need not tell 600 from 620. So what is said at each place is merged where it is the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from rules.language.values import ARITHMETIC

Find = Callable[[Sequence[Any], Any], int]


def at_both(limits: Sequence[Any], value: Any) -> int:
    """The place of a value among sorted, distinct limits."""
    return bisect_left(limits, value) + bisect_right(limits, value)


def merged(limits: Sequence[Any], told: Sequence[Any]) -> tuple[Find, list[Any], list[Any]]:
    """`told` by place as (find, cuts, told by cuts): `told[find(cuts, value)]` is what holds for a value."""
    limits = [Decimal(limit) if type(limit) is int else limit for limit in limits]
    below, at, above = told[0::2], told[1::2], told[2::2]
    count = range(len(limits))
    if all(at[i] == above[i] for i in count):  # nothing changes right above a limit
        cuts = [i for i in count if below[i] != at[i]]
        return bisect_right, [limits[i] for i in cuts], [told[0], *(at[i] for i in cuts)]
    if all(below[i] == at[i] for i in count):
        cuts = [i for i in count if at[i] != above[i]]
        return bisect_left, [limits[i] for i in cuts], [told[0], *(above[i] for i in cuts)]
    return at_both, limits, list(told)


def samples(limits: Sequence[int | Decimal]) -> list[Decimal]:
    """A number for each place among sorted, distinct limits."""
    exact = [Decimal(limit) for limit in limits]
    between = [ARITHMETIC.divide(ARITHMETIC.add(one, other), Decimal(2)) for one, other in pairwise(exact)]
    found = [ARITHMETIC.subtract(exact[0], Decimal(1))]
    for limit, beyond in zip(exact, [*between, ARITHMETIC.add(exact[-1], Decimal(1))], strict=True):
        found += [limit, beyond]
    return found
