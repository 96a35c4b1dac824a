"""Decision-table cells: what a credit officer writes in a cell, as the condition that it stands for.

any          whatever it is, also when it is missing      missing     it was not supplied
>= 750       compared with a number, parameter or sum     600 .. 649  both ends included
A, B         one of these                                 not A, B    none of these
>= 1 and < 5 both                                         A           exactly this
"""

from __future__ import annotations

import re
from decimal import Decimal

from rules.language.functions import UNKNOWN
from rules.language.grammar import COMPARISONS, GrammarError, parse, text_value
from rules.language.source import Cell
from rules.language.tree import And, Compare, Literal, Member, Missing, Name, Node, Not

_NUMBER = re.compile(r"-?\d[\d_]*(\.\d+)?", re.ASCII)
LENGTH_MAX = 100
_BARE = re.compile(r"-?\w[\w .-]*", re.ASCII)


def condition(column: str, cell: Cell) -> Node:
    """The condition that a cell sets for its column; GrammarError when it cannot be read."""
    name = Name(column)
    if not isinstance(cell.value, str):
        return _exactly(name, cell)
    text = cell.value.strip()
    if text in ("any", "missing"):
        return Literal(True) if text == "any" else Missing(name)
    if text.startswith("not "):
        return Not(_one_of(name, text[4:]))
    parts = [_part(name, part.strip()) for part in re.split(r"\band\b", text)]
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _exactly(name: Name, cell: Cell) -> Node:
    if cell.value is None or isinstance(cell.value, list | dict):
        raise GrammarError("an empty cell says nothing", 0, cell.shown, 'write "any" or "missing"')
    return Compare("==", name, Literal(cell.value))


def _part(name: Name, text: str) -> Node:
    for op in COMPARISONS:
        if text.startswith(op):
            return Compare(op, name, parse(text[len(op) :]))
    low, dots, high = text.partition("..")
    if dots:
        return And((Compare(">=", name, parse(low)), Compare("<=", name, parse(high))))
    return _one_of(name, text)


def _one_of(name: Name, text: str) -> Node:
    values = tuple(_value(item.strip()) for item in text.split(","))
    return Compare("==", name, Literal(values[0])) if len(values) == 1 else Member(name, Literal(values))


def _value(text: str):
    if len(text) > LENGTH_MAX:
        raise GrammarError(f"a value in a cell may have {LENGTH_MAX} characters", 0, f"{text[:20]}...")
    if _NUMBER.fullmatch(text):
        digits = text.replace("_", "")
        return Decimal(digits) if "." in digits else int(digits)
    if not _BARE.fullmatch(text):
        raise GrammarError(
            "cannot read this cell", 0, text, 'for example ">= 750", "600 .. 649", "A, B", "any"'
        )
    return text_value(text)


def result(cell: Cell) -> Node:
    """What a row gives: a constant, or after "=" an expression, as in a spreadsheet; or `unknown`."""
    value = cell.value
    if isinstance(value, str):
        if value == "unknown":
            return UNKNOWN
        return parse(value[1:]) if value.startswith("=") else Literal(text_value(value))
    if value is None or isinstance(value, list | dict):
        raise GrammarError("a row gives a value", 0, cell.shown, 'a number, a text or "= expression"')
    return Literal(value)
