"""A rule set as it is decided with: checked, ordered, immutable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from string import Formatter
from typing import Any

from rules.dictionary import Dictionary
from rules.errors import Place
from rules.tree import Node
from rules.values import Unknown, Value, shown

EFFECTS = ("reject", "refer", "approve")
ON_MISSING = ("refer", "reject", "ignore")

Facts = Mapping[str, Any]
Test = Callable[[Facts], Any]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A named value worked out from others."""

    id: str
    tree: Node
    gives: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: the condition it stands for and one expression for each value it gives."""

    when: Node
    results: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `hit`: first, collect, min, max or sum over the rows that match."""

    id: str
    columns: tuple[str, ...]
    gives: tuple[str, ...]
    hit: str
    rows: tuple[Row, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Points for each characteristic (a first-hit table of one column), summed onto `base`."""

    id: str
    gives: tuple[str, ...]
    base: Decimal
    characteristics: tuple[Table, ...]
    place: Place


Step = Derivation | Table | Scorecard


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `names` are the inputs and derived values it reads, `thresholds` the parameters it uses."""

    id: str
    when: Node
    effect: str
    on_missing: str
    reason: str
    customer_reason: str
    source: str
    priority: int
    names: tuple[str, ...]
    thresholds: Mapping[str, Value]
    place: Place

    def effect_unknown(self, unknown: Unknown) -> str:
        """What follows when the rule cannot be evaluated. Only absence may be ignored."""
        return "refer" if self.on_missing == "ignore" and not unknown.absent else self.on_missing


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """A compiled rule set. `hash` is the SHA-256 of every file that it was made of (`files`).

    `steps` are in the order in which they can be worked out; `reads` are the inputs that matter.
    """

    name: str
    brand: str
    hash: str
    dictionary: Dictionary
    parameters: Mapping[str, Value]
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    kinds: Mapping[str, str]
    files: Mapping[str, str] = field(repr=False)
    readers: tuple[tuple[str, Callable[[Any], Any], Unknown], ...] = field(repr=False)
    tests: tuple[Test, ...] = field(repr=False)
    derivations: tuple[Callable[[dict[str, Any]], None], ...] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.brand or 'base'}/{self.name}@{self.hash[:12]}"

    @property
    def derived(self) -> tuple[str, ...]:
        """The names of all derived values, in the order of their making."""
        return tuple(name for step in self.steps for name in step.gives)


def placeholders(template: str) -> list[tuple[str, str]]:
    """The (name, style) pairs of a reason template such as "Salary {salary:money} is low"."""
    return [(name, style or "") for _, name, style, _ in Formatter().parse(template) if name is not None]


def filled(template: str, values: Facts, dictionary: Dictionary) -> str:
    """A reason with its values written in; money features show as money without being told."""
    parts = []
    for text, name, style, _ in Formatter().parse(template):
        parts.append(text)
        if name is not None:
            feature = dictionary.get(name)
            natural = "money" if feature and feature.type == "money" else ""
            parts.append(shown(values.get(name), style or natural))
    return "".join(parts)
