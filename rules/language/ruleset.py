"""A rule set as it is decided with: checked, ordered, immutable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from string import Formatter
from typing import Any, NamedTuple, Protocol

from rules.language.dictionary import Dictionary
from rules.language.errors import Place
from rules.language.tree import And, Node
from rules.language.values import Value, canonical, shown

EFFECTS = ("reject", "refer", "approve")
SINGLE_HITS = ("first", "unique")  # one row of the table gives the values
ON_MISSING = ("refer", "reject", "ignore")
SEVERITIES = ("hard", "soft", "info")
SEVERITY_OF_EFFECT = {"reject": "hard", "refer": "soft", "approve": "info", "": "info"}
HIT, NO_HIT, NOT_EVALUATED = "HIT", "NO_HIT", "NOT_EVALUATED"
DECISION_DATE = "decision_date"  # the input that effective days are compared with

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
    """A table row: the condition it stands for (its cells, all of them) and one expression for each
    value it gives. `written` is what stands in the file."""

    when: And
    results: tuple[Node, ...]
    place: Place
    written: str


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `hit`: first, unique (no other matches), collect, min, max or sum over the rows
    that match."""

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


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that rules give: of the first (condition, value) whose condition holds, else `otherwise`.

    A condition that cannot be evaluated makes the value unknown: it might have been the first.
    """

    id: str
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None
    gives: tuple[str, ...]
    place: Place


Step = Derivation | Choice | Table | Scorecard


def expressions(step: Step) -> Iterator[Node]:
    """Every condition and expression that a step is made of."""
    match step:
        case Derivation(tree=tree):
            yield tree
        case Choice(branches=branches, otherwise=otherwise):
            yield from (tree for branch in branches for tree in branch)
            yield from (otherwise,) if otherwise else ()
        case Table(rows=rows):
            yield from (tree for row in rows for tree in (row.when, *row.results))
        case Scorecard(characteristics=tables):
            yield from (tree for table in tables for tree in expressions(table))


class Word(NamedTuple):
    """A piece of a reason: fixed text, then the value of a name (none if it is empty) in a style."""

    text: str
    name: str
    style: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `names` are the inputs and derived values it reads, `thresholds` the parameters it uses.

    `words` are the reason ready to be filled in, its thresholds already written out. A rule whose
    `effect` is "" `gives` values to others and decides nothing itself. `beside` are the rules that may
    cover this one: it is kept for its own reason. `silent` is its verdict written out when it does not
    speak, still without the values it read: so are most rules of most decisions.
    """

    id: str
    when: Node
    condition: str  # `when` as it is written in the file
    effect: str
    gives: tuple[str, ...]
    severity: str
    code: str  # of the adverse action, "" when it has none
    beside: tuple[str, ...]
    on_missing: str
    reason: str
    words: tuple[Word, ...]
    customer_reason: str
    source: str
    priority: int
    names: tuple[str, ...]
    thresholds: Mapping[str, Value]
    place: Place
    when_place: Place
    silent: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "silent", self._silent())

    def _silent(self) -> dict[str, Any]:
        return {
            "rule_id": self.id,
            "verdict": NO_HIT,
            "why": "",
            "condition": self.condition,
            "effect": "",
            "severity": self.severity,
            "code": self.code,
            "reason": "",
            "customer_reason": "",
            "source": self.source,
            "values": {},
            "thresholds": {name: canonical(value) for name, value in self.thresholds.items()},
        }

    def effect_of(self, result: Any) -> str:
        """What follows from a condition that came out true, false or Unknown: an effect or "".

        Only what is absent may be ignored; what is there and cannot be used refers at least.
        """
        if result is False:
            return ""
        if result is True:
            return self.effect
        if self.on_missing == "ignore":
            return "" if result.absent else "refer"
        return self.on_missing

    def told(self, facts: Facts) -> str:
        """The reason with the values of these facts."""
        pieces = []
        for text, name, style in self.words:
            pieces.append(text)
            if name:
                pieces.append(shown(facts[name], style))
        return "".join(pieces)


class Conditions(Protocol):
    """The conditions of all rules, to be worked out together; bits are in the order of the rules."""

    def bits(self, facts: Facts) -> tuple[int, int]:
        """Which are true and which are unknown, as bits."""

    def spoken(self, true: int, unknown: int, facts: Facts) -> list[tuple[int, Any]]:
        """The index and the result (True or an Unknown) of each that is true or unknown."""

    def __call__(self, facts: Facts) -> tuple[Any, ...]:
        """The result of each: True, False or an Unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """A compiled rule set. `hash` is the SHA-256 of every file that it was made of (`files`).

    `steps` are in the order in which they can be worked out; `offer` names the values that make the offer.
    `derived` are the names of all derived values, in the order of their making.
    """

    name: str
    brand: str
    hash: str
    dictionary: Dictionary
    parameters: Mapping[str, Value]
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    offer: tuple[str, ...]
    kinds: Mapping[str, str]
    files: Mapping[str, str] = field(repr=False)
    intake: Callable[[Mapping[str, Any]], tuple[dict[str, Any], list[str]]] = field(repr=False)
    conditions: Conditions = field(repr=False)
    derivations: tuple[Callable[[dict[str, Any]], None], ...] = field(repr=False)
    rule_ids: tuple[str, ...] = field(init=False, repr=False)
    derived: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule_ids", tuple(rule.id for rule in self.rules))
        object.__setattr__(self, "derived", tuple(name for step in self.steps for name in step.gives))

    @property
    def label(self) -> str:
        return f"{self.brand or 'base'}/{self.name}@{self.hash[:12]}"


def words_of(template: str) -> list[Word]:
    """The pieces of a reason such as "Salary {salary:money} is low". ValueError if braces are odd."""
    found = list(Formatter().parse(template))
    if any(conversion for *_, conversion in found):
        raise ValueError("a value has no conversion")
    return [Word(text, name or "", style or "") for text, name, style, _ in found]


def natural_words(
    words: list[Word], dictionary: Dictionary, parameters: Mapping[str, Value]
) -> tuple[Word, ...]:
    """The words with thresholds written out, and money inputs shown as money without being told."""
    made, fixed = [], ""
    for text, name, style in words:
        feature = dictionary.get(name)
        fixed += text
        if name in parameters:
            fixed += shown(parameters[name], style)
        elif name:
            made.append(Word(fixed, name, style or ("money" if feature and feature.type == "money" else "")))
            fixed = ""
    return (*made, Word(fixed, "", "")) if fixed else tuple(made)
