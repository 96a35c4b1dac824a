"""Conditions, ranges and examples in the words of a rule file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.analysis.domains import Cut, Numbers, State, Values
from rules.analysis.ranges import EXTENT
from rules.analysis.space import Box, Term
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Value

_LISTED_MAX = 4


def written(node: Node) -> str:
    """The text of an expression."""
    match node:
        case Literal(value):
            return constant(value)
        case Name(name):
            return name
        case Missing(of):
            return f"missing({of.id})"
        case Not(Member(item, values)):
            return f"{written(item)} not in {written(values)}"
        case Not(item):
            return f"not {_inner(item, And | Or)}"
        case And(items):
            return " and ".join(_inner(item, And | Or) for item in items)
        case Or(items):
            return " or ".join(_inner(item, And | Or) for item in items)
        case Member(item, values):
            return f"{written(item)} in {written(values)}"
        case Compare(op, left, right):
            return f"{_inner(left, And | Or | Not | Compare)} {op} {_inner(right, And | Or | Not | Compare)}"
        case Arithmetic(op, left, right):
            return f"{_inner(left, Arithmetic)} {op} {_inner(right, Arithmetic)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
    raise AssertionError(node)


def _inner(node: Node, bracketed: Any) -> str:
    text = written(node)
    return f"({text})" if isinstance(node, bracketed) else text


def constant(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))})"
    return (
        f'"{value}"'
        if isinstance(value, str | date)
        else format(value, "f" if value != int(value) else ".0f")
    )


def term(of: Term) -> str:
    """What an unknown of the analysis is called."""
    if isinstance(of, str):
        return of
    if isinstance(of, tuple):
        return " + ".join(name if factor == 1 else f"{name} * {number(factor)}" for name, factor in of)
    return written(of)  # type: ignore[arg-type]


def number(value: Fraction, is_date: bool = False) -> str:
    if is_date:
        return date.fromordinal(max(1, min(3_652_059, int(value)))).isoformat()
    if value.denominator == 1:
        return str(value.numerator)
    return format((Decimal(value.numerator) / value.denominator).normalize(), "f")


def state(of: State, kind: str) -> str:
    """What a name is, as "600 .. 649", "A or B", "missing"."""
    if not of.values:
        return "missing" if of.missing else "unreadable"
    if isinstance(of.values, Values):
        return _values(of.values)
    return _range(of.values, kind == "date")


def _values(values: Values) -> str:
    told = sorted(constant(value).strip('"') for value in values.listed)  # type: ignore[arg-type]
    more = " ..." if len(told) > _LISTED_MAX else ""
    return ("anything but " if values.all_but else "") + " or ".join(told[:_LISTED_MAX]) + more


def _range(numbers: Numbers, is_date: bool) -> str:
    """The first range of a set of numbers."""
    low, high = numbers.ranges[0]
    if low[0] == high[0]:
        return number(low[0], is_date)  # type: ignore[arg-type]
    if _endless(high):
        return f"{'above ' if low[1] else ''}{number(low[0], is_date)}{'' if low[1] else ' or more'}"  # type: ignore[arg-type]
    if _endless(low):
        return f"{'' if high[1] else 'below '}{number(high[0], is_date)}{' or less' if high[1] else ''}"  # type: ignore[arg-type]
    start = f"{'above ' if low[1] else ''}{number(low[0], is_date)}"  # type: ignore[arg-type]
    return f"{start} .. {'' if high[1] else 'below '}{number(high[0], is_date)}"  # type: ignore[arg-type]


def _endless(cut: Cut) -> bool:
    return abs(cut[0]) >= EXTENT


def box(of: Box, kinds: dict[Term, str], shown: Iterable[Term]) -> str:
    """An example: the states of the terms that matter."""
    return ", ".join(f"{term(item)} {state(of[item], kinds.get(item, 'number'))}" for item in shown)
