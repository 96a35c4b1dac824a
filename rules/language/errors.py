"""What can go wrong in the decision room, as values that people can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: file, line and column, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def shifted(self, columns: int) -> Place:
        """The place `columns` further to the right."""
        return Place(self.file, self.line, self.column + columns)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a rule file: where, what is wrong, the offending text and a way out."""

    place: Place
    message: str
    text: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        offending = f": {self.text!r}" if self.text else ""
        way_out = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.place}: {self.message}{offending}{way_out}"


class RulesError(Exception):
    """A rule set that cannot be used. `problems` has every fault found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.place)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DecisionRefused(Exception):
    """No decision was made: an outcome that cannot be trusted is not given out."""


class EngineFault(DecisionRefused):
    """The durable-rules engine failed or did not answer."""


class EngineDisagreement(DecisionRefused):
    """The two engines read the same rules on the same inputs differently."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion for a misspelt word, or an empty string."""
    known = list(known)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if not close and len(word) > 2:
        close = [name for name in known if name.startswith(word)]
    return f"did you mean {close[0]!r}?" if close else ""
