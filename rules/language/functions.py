"""The functions an expression may call: a closed table, each with its argument kinds and meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.language.tree import Call
from rules.language.values import ARITHMETIC, Unknown, floor_to, round_half_up, total

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Function:
    """`takes` are the kinds of the arguments; with `repeats` the last kind may come any number of times.

    A function that `skips` unknown arguments sees only the known ones; any other gives unknown as
    soon as one argument is unknown.
    """

    name: str
    takes: tuple[str, ...]
    gives: str
    run: Callable[..., Any]
    meaning: str
    repeats: bool = False
    skips: bool = False

    def accepts(self, count: int) -> bool:
        return count >= len(self.takes) if self.repeats else count == len(self.takes)

    def kind_of(self, index: int) -> str:
        return self.takes[min(index, len(self.takes) - 1)]

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.takes)}{', ...' if self.repeats else ''})"


def _days_between(start: date, end: date) -> int:
    return (end - start).days


def _positive(numbers: tuple[Number, ...]) -> list[Number]:
    return [number for number in numbers if number > 0]


def _average_positive(*numbers: Number) -> Decimal | Unknown:
    positive = _positive(numbers)
    if not positive:
        return Unknown("no amount above zero to average")
    return ARITHMETIC.divide(total(positive), Decimal(len(positive)))


def _minimum_positive(*numbers: Number) -> Number | Unknown:
    return min(_positive(numbers), default=None) or Unknown("no amount above zero")


UNKNOWN = Call("unknown", ())  # what a table row gives on purpose when nothing should be given

FUNCTIONS = {
    function.name: function
    for function in (
        Function("min", ("number",), "number", lambda *n: min(n), "the smallest", repeats=True),
        Function("max", ("number",), "number", lambda *n: max(n), "the largest", repeats=True),
        Function("coalesce", ("any",), "any", lambda *v: v[0], "the first that is not missing", repeats=True),
        Function(
            "days_between", ("date", "date"), "number", _days_between, "days from the first to the second"
        ),
        Function(
            "round_half_up", ("number", "number"), "number", round_half_up, "rounded to places, halves up"
        ),
        Function(
            "floor_to", ("number", "number"), "number", floor_to, "down to a whole multiple of the second"
        ),
        Function(
            "count_positive",
            ("number",),
            "number",
            lambda *n: len(_positive(n)),
            "how many are known and above zero",
            repeats=True,
            skips=True,
        ),
        Function(
            "average_positive",
            ("number",),
            "number",
            _average_positive,
            "average of those known and above zero",
            repeats=True,
            skips=True,
        ),
        Function(
            "min_positive",
            ("number",),
            "number",
            _minimum_positive,
            "smallest of those known and above zero",
            repeats=True,
            skips=True,
        ),
        Function("unknown", (), "any", lambda: Unknown("the policy gives no value here"), "not known"),
    )
}
