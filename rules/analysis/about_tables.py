"""Tables and scorecards: rows that are never reached, two rows where one is meant, and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from rules.analysis import words
from rules.analysis.about_rules import why_never
from rules.analysis.space import Box, Space, TooManyCases
from rules.language.errors import Problem
from rules.language.ruleset import SINGLE_HITS, Row, Ruleset, Scorecard, Table
from rules.language.tree import Compare, Literal, Name, Node


def about_tables(ruleset: Ruleset) -> Iterator[Problem]:
    """The problems of every table and of every characteristic of a scorecard.

    What cannot be read makes the result unknown, whatever the rows say: so it is left out.
    """
    space = Space(ruleset, readable=True)
    for step in ruleset.steps:
        tables = step.characteristics if isinstance(step, Scorecard) else (step,)
        for table in tables:
            if isinstance(table, Table):
                try:
                    yield from Look(table, space).problems()
                except TooManyCases:
                    yield Problem(table.place, "too many cases to analyse", table.id, "make two tables of it")


class Look:
    """One table seen as boxes. A column that is a parameter is a switch: its rows wait for other brands."""

    def __init__(self, table: Table, space: Space) -> None:
        switches = [name for name in table.columns if name in space.ruleset.parameters]
        self.table = table
        self.space = Space(space.ruleset, switches, readable=True) if switches else space
        self.switches = switches
        self.matches = [self.space.boxes(row.when, True) for row in table.rows]

    def problems(self) -> Iterator[Problem]:
        for index, row in enumerate(self.table.rows):
            yield from self._row(index, row)
        if self.table.hit == "unique":
            yield from self._overlaps()
        gap = self.gap()
        if gap is not None:
            told = self._told(gap)
            way_out = f"add a row for it; [{', '.join(self._any_row())}] gives nothing on purpose"
            yield Problem(self.table.place, f"no row for {told}", self.table.id, way_out)

    def _row(self, index: int, row: Row) -> Iterator[Problem]:
        if not self.matches[index]:
            yield Problem(row.place, "this row can never match", row.written, why_never(row.when, self.space))
        elif self.table.hit in SINGLE_HITS and self.is_covered(index):
            by = self._covering(index)
            yield Problem(row.place, "this row is never reached", row.written, f"{by} above takes its place")

    def is_covered(self, index: int) -> bool:
        """Whether the rows above match whatever this row matches."""
        above = [box for boxes in self.matches[:index] for box in boxes]
        return not self.space.without(self.matches[index], above)

    def _covering(self, index: int) -> str:
        for other in range(index):
            if not self.space.without(self.matches[index], self.matches[other]):
                return f"row {other + 1}"
        return "what stands"

    def _overlaps(self) -> Iterator[Problem]:
        for (_, one), (second, other) in combinations(enumerate(self.matches), 2):
            shared = self.space.all_of([one, other])
            if shared:
                first = next(i for i, boxes in enumerate(self.matches) if boxes is one) + 1
                row = self.table.rows[second]
                told = f"row {first} matches too, for {self._told(shared[0])}"
                yield Problem(row.place, 'with hit "unique" one row may match', row.written, told)

    # --- gaps -----------------------------------------------------------------------------------

    def gap(self) -> Box | None:
        """A combination that no row matches; absent inputs count."""
        left = self.space.all_of([self._askable(name) for name in self.table.columns])
        left = self.space.without(left, [box for boxes in self.matches for box in boxes])
        return left[0] if left else None

    def _askable(self, name: str) -> list[Box]:
        """Everything that a row can be asked of this column."""
        space = self.space
        if name in self.switches:
            value = space.ruleset.parameters[name]
            return space.boxes(Compare("==", Name(name), Literal(value)), True)
        if name in space.ruleset.dictionary:
            return [{name: space.states[name]}]
        probe = _probe(name, space.ruleset.kinds[name])
        return [*space.boxes(probe, True), *space.boxes(probe, False)]

    def _told(self, box: Box) -> str:
        kinds = self.space.ruleset.kinds
        columns = [name for name in self.table.columns if name in box and name not in self.switches]
        terms = [*columns, *(term for term in box if term not in self.table.columns)]
        narrow = [term for term in terms if box[term] != self.space.states[term]]
        return words.box(box, kinds, narrow) or "anything"

    def _any_row(self) -> Sequence[str]:
        return ["any"] * len(self.table.columns) + ["unknown"] * len(self.table.gives)


def _probe(name: str, kind: str) -> Node:
    """A condition that is true or false wherever the name is known."""
    if kind == "boolean":
        return Name(name)
    return Compare("==", Name(name), Literal("" if kind == "text" else 0))
