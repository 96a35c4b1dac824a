"""The dictionary of inputs: what each one is called, its type, unit, range, meaning and source.

Whatever a caller supplies is brought into one exact form here, before any rule sees it. What does
not fit becomes an Unknown that says why; it never raises and never turns into another value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rules.language.errors import Problem, RulesError, did_you_mean
from rules.language.source import Cell
from rules.language.values import Unknown, absent, round_half_up

NUMERIC = {"integer": 0, "money": 2, "number": 6}  # decimal places kept
TYPES = (*NUMERIC, "text", "boolean", "date")
NUMBER_LIMIT = Decimal(10) ** 12  # keeps every scaled number well inside 64 bits
_NUMBER_TEXT = re.compile(r"-?\d{1,15}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared input. `minimum` and `maximum` are inclusive; `values` are all that a text may say."""

    name: str
    type: str
    unit: str = ""
    meaning: str = ""
    source: str = ""
    minimum: Decimal = -NUMBER_LIMIT
    maximum: Decimal = NUMBER_LIMIT
    values: tuple[str, ...] = ()
    influence: str = ""  # what the applicant can change: "lower", "raise", "either", or nothing
    advice: str = ""  # how that is said to them: "Ask for {to} instead of {now}"

    @property
    def kind(self) -> str:
        """What it may be compared with: number, text, boolean or date."""
        return "number" if self.type in NUMERIC else self.type

    def normalise(self, raw: Any) -> Any:
        """`raw` in this feature's one exact form, or an Unknown with the reason."""
        if raw is None:
            return absent(self.name)
        if isinstance(raw, Mapping):
            return self._unreadable(raw)
        value = _READERS[self.type](self, raw)
        return value if value is not None else Unknown(f"{self.name} is no {self.type}: {_clip(raw)}")

    def _unreadable(self, raw: Mapping) -> Unknown:
        """A stored decision keeps an unreadable input as {"unreadable": why}: replay meets it again."""
        why = raw.get("unreadable") if len(raw) == 1 else None
        return Unknown(why if isinstance(why, str) else f"{self.name} is no {self.type}: {_clip(raw)}")

    def within(self, number: Any) -> Any:
        """The number itself if it is in the declared range, else an Unknown."""
        if self.minimum <= number <= self.maximum:
            return number
        return Unknown(f"{self.name} is outside {self.minimum:f} to {self.maximum:f}: {_clip(number)}")


def _clip(raw: Any) -> str:
    """A short picture of what was supplied, plain ASCII whatever it was."""
    if isinstance(raw, int) and raw.bit_length() > 200:
        return f"a number of {raw.bit_length()} bits"
    if not isinstance(raw, str | int | float | Decimal | date):
        return f"a value of type {type(raw).__name__}"
    text = ascii(raw) if isinstance(raw, str) else str(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _integer(feature: Feature, raw: Any) -> Any:
    return feature.within(raw) if isinstance(raw, int) and not isinstance(raw, bool) else None


def _decimal(feature: Feature, raw: Any) -> Any:
    number = _exact(raw)
    if number is None:
        return None
    inside = feature.within(number)
    if type(inside) is Unknown:
        return inside
    rounded = round_half_up(inside, NUMERIC[feature.type])
    return rounded or rounded.copy_abs()  # no negative zero: equal inputs must look equal


def _exact(raw: Any) -> Decimal | None:
    """A number from int, Decimal, float (by its shortest text) or decimal text; None if it is not one."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, str):
        return Decimal(raw) if _NUMBER_TEXT.fullmatch(raw) else None
    number = Decimal(repr(raw)) if type(raw) is float else raw
    return number if isinstance(number, Decimal) and number.is_finite() else None


def _text(feature: Feature, raw: Any) -> Any:
    if not isinstance(raw, str):
        return None
    if raw in feature.values:
        return raw
    return Unknown(f"{feature.name} is none of {', '.join(feature.values)}: {_clip(raw)}")


def _boolean(feature: Feature, raw: Any) -> Any:
    return raw if isinstance(raw, bool) else None


def _date(feature: Feature, raw: Any) -> Any:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else None
    except ValueError:
        return None


_READERS: dict[str, Callable[[Feature, Any], Any]] = {
    "integer": _integer,
    "money": _decimal,
    "number": _decimal,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
}

Dictionary = Mapping[str, Feature]
_KEYS = {"type", "unit", "meaning", "source", "minimum", "maximum", "values", "influence", "advice"}


def read_dictionary(content: Cell) -> Dictionary:
    """The features that a dictionary file declares; RulesError with every problem."""
    problems: list[Problem] = []
    if not isinstance(content.value, dict):
        raise RulesError([Problem(content.place, "a dictionary is a list of name: {type, meaning, ...}")])
    features = {}
    for name, cell in content.value.items():
        found = _feature_problems(name, cell)
        problems += found
        if not found:
            features[name] = _feature(name, {key: item.value for key, item in cell.value.items()}, cell)
    if problems:
        raise RulesError(problems)
    return features


def _feature(name: str, told: dict[str, Any], cell: Cell) -> Feature:
    values = cell.get("values")
    told["values"] = tuple(str(item.value) for item in values.items()) if values else ()
    for bound in ("minimum", "maximum"):
        if bound in told:
            told[bound] = Decimal(told[bound])
    return Feature(name=name, **told)


def _feature_problems(name: str, cell: Cell) -> list[Problem]:
    if not isinstance(cell.value, dict):
        return [Problem(cell.place, "say at least {type: ..., meaning: ...}", name)]
    problems = [
        Problem(cell.keys[key], "unknown key of a feature", key, did_you_mean(key, _KEYS))
        for key in cell.value
        if key not in _KEYS
    ]
    kind = cell.get("type")
    if kind is None or kind.value not in TYPES:
        told = kind.shown if kind else name
        problems.append(Problem(cell.place, f"the type is one of {', '.join(TYPES)}", told))
    elif kind.value == "text" and not cell.get("values"):
        problems.append(Problem(cell.place, "a text feature lists its values", name, "values: [A, B]"))
    problems += [
        Problem(cell.value[bound].place, "a bound is a number", str(cell.value[bound].value))
        for bound in ("minimum", "maximum")
        if bound in cell.value and not isinstance(cell.value[bound].value, int | Decimal)
    ]
    return problems
