"""What cases touch of a rule set: both sides of every rule, every row of its tables, every bin of its scorecards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules.engines.decision import HIT, NO_HIT, Decision
from rules.engines.evaluator import build
from rules.language.errors import Place
from rules.language.ruleset import Facts, Row, Ruleset, Scorecard, Table, Test
from rules.language.tree import names


@dataclass(frozen=True)
class Spot:
    """Something that a case may touch."""

    what: str
    place: Place


@dataclass(frozen=True)
class Coverage:
    """`untouched` are the spots out of `spots` that no case touched."""

    spots: int
    untouched: tuple[Spot, ...]

    @property
    def percent(self) -> float:
        """How much is touched; 100 when there is nothing to touch."""
        return 100 * (1 - len(self.untouched) / self.spots) if self.spots else 100.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "percent": round(self.percent, 1),
            "spots": self.spots,
            "untouched": [{"what": spot.what, "place": str(spot.place)} for spot in self.untouched],
        }


class Touched:
    """Gathers what decisions touched."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._tables = [(table, _rows(table, ruleset)) for table in _tables(ruleset)]
        self._spots = dict.fromkeys(_spots(ruleset))
        self._touched: set[Spot] = set()

    def add(self, decision: Decision, facts: Facts) -> None:
        """Note what this decision on these facts touched."""
        for verdict in decision.verdicts:
            if verdict.verdict in _SIDES:
                self._touched.add(Spot(f"{verdict.rule_id} {_SIDES[verdict.verdict]}", verdict.rule.place))
        for table, rows in self._tables:
            self._touched.update(_matched(table, rows, facts))

    def coverage(self) -> Coverage:
        return Coverage(len(self._spots), tuple(spot for spot in self._spots if spot not in self._touched))


_SIDES = {HIT: "hits", NO_HIT: "does not hit"}


def _tables(ruleset: Ruleset) -> Iterator[Table]:
    for step in ruleset.steps:
        if isinstance(step, Scorecard):
            yield from step.characteristics
        elif isinstance(step, Table):
            yield step


def _spots(ruleset: Ruleset) -> Iterator[Spot]:
    for rule in ruleset.rules:
        for side in _SIDES.values():
            yield Spot(f"{rule.id} {side}", rule.place)
    for table in _tables(ruleset):
        for spot, when in _rows(table, ruleset):
            if when is not _never:
                yield spot


def _rows(table: Table, ruleset: Ruleset) -> list[tuple[Spot, Test]]:
    return [
        (Spot(f"{table.id} row {number}", row.place), _test(row, ruleset))
        for number, row in enumerate(table.rows, 1)
    ]


def _test(row: Row, ruleset: Ruleset) -> Test:
    """The condition of a row; `_never` for one that the brand's parameters rule out."""
    test = build(row.when, ruleset.parameters)
    is_fixed = all(name.id in ruleset.parameters for name in names(row.when))
    return _never if is_fixed and test({}) is False else test


def _never(facts: Facts) -> bool:
    return False


def _matched(table: Table, rows: list[tuple[Spot, Test]], facts: Facts) -> Iterator[Spot]:
    for spot, when in rows:
        if when(facts) is True:
            yield spot
            if table.hit == "first":
                return
