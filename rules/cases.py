"""Cases: what a policy must say of applicants that its authors thought of, and what no case touches.

brands/<brand>/cases.yaml

extends      files of shared cases
applicants   named inputs; `given` starts from another applicant, null takes an input away
cases        id, ruleset, given, with (inputs on top), expect: outcome, reasons, codes, offer, derived
edges        many cases that differ in one input `of`; each row: value, outcome, reasons
switch_off   ids of shared cases that do not apply here

An item of the same name or id replaces the shared one, as in rule files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.compiler import compile_ruleset
from rules.coverage import Coverage, Touched
from rules.deciding import decide
from rules.engines.decision import APPROVE, REFER, REJECT, Decision
from rules.engines.evaluator import worked_out
from rules.language.errors import Place, Problem, RulesError, did_you_mean
from rules.language.files import Library, ruleset_file
from rules.language.ruleset import Ruleset
from rules.language.source import Cell, parse
from rules.language.values import canonical

OUTCOMES = (APPROVE, REFER, REJECT)
UNKNOWN = "unknown"  # expected of a derived value that cannot be worked out
NONE = "none"  # expected of an offer that is not made
EXTENDS_MAX = 8

_SECTIONS = {"extends", "applicants", "cases", "edges", "switch_off"}
_CASE_KEYS = {"id", "ruleset", "given", "with", "expect"}
_EDGE_KEYS = {"id", "ruleset", "given", "with", "of", "rows"}
_EXPECT_KEYS = {"outcome", "reasons", "codes", "offer", "derived"}


@dataclass(frozen=True)
class Case:
    """Inputs and what must come of them. None in an expectation: it is not looked at."""

    id: str
    inputs: Mapping[str, Any]
    outcome: str
    reasons: tuple[str, ...] | None
    codes: tuple[str, ...] | None
    offer: Mapping[str, Any] | str | None
    derived: Mapping[str, Any]
    place: Place


@dataclass(frozen=True)
class Difference:
    """Where a decision is not as a case expects it."""

    what: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.what} {_told(self.actual)}, expected {_told(self.expected)}"


@dataclass(frozen=True)
class CaseResult:
    """One case and what differed: nothing when it passed."""

    case: Case
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        return f"{self.case.id} ({self.case.place}): {'; '.join(map(str, self.differences))}"

    def as_dict(self) -> dict[str, Any]:
        differences = [
            {"what": d.what, "expected": canonical_of(d.expected), "actual": canonical_of(d.actual)}
            for d in self.differences
        ]
        return {"id": self.case.id, "place": str(self.case.place), "differences": differences}


@dataclass(frozen=True)
class CaseReport:
    """Every case of one rule set, and how much of the rule set the cases touch."""

    ruleset: Ruleset
    results: tuple[CaseResult, ...]
    coverage: Coverage

    @property
    def failures(self) -> tuple[CaseResult, ...]:
        return tuple(result for result in self.results if not result.passed)

    @property
    def passed(self) -> bool:
        """There are cases, and all came out as expected."""
        return bool(self.results) and not self.failures

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON can keep it."""
        return {
            "ruleset": {"brand": self.ruleset.brand, "name": self.ruleset.name, "hash": self.ruleset.hash},
            "passed": self.passed,
            "cases": len(self.results),
            "failures": [result.as_dict() for result in self.failures],
            "coverage": self.coverage.as_dict(),
        }


def run_cases(library: Library, brand_id: str, name: str) -> CaseReport:
    """Decide every case of a brand's rule set. RulesError when a rule or case file is not sound."""
    ruleset = compile_ruleset(ruleset_file(brand_id, name, library), library)
    cases, touched, results = cases_of(library, brand_id, ruleset), Touched(ruleset), []
    for case in cases:
        decision = decide(ruleset, case.inputs)
        touched.add(decision, worked_out(ruleset, case.inputs)[0])
        results.append(CaseResult(case, tuple(_differences(case, decision))))
    return CaseReport(ruleset, tuple(results), touched.coverage())


def _differences(case: Case, decision: Decision) -> Iterator[Difference]:
    if decision.outcome != case.outcome:
        yield Difference("outcome", case.outcome, decision.outcome)
    for what, expected, actual in (
        ("reasons", case.reasons, tuple(verdict.rule_id for verdict in decision.reasons)),
        ("codes", case.codes, tuple(dict.fromkeys(verdict.rule.code for verdict in decision.reasons))),
    ):
        if expected is not None and expected != actual:
            yield Difference(what, expected, actual)
    yield from _offer_differences(case.offer, decision.offer)
    yield from _value_differences(case.derived, decision.derived)


def _offer_differences(
    expected: Mapping[str, Any] | str | None, offer: Mapping[str, Any] | None
) -> Iterator[Difference]:
    if expected is None:
        return
    if expected == NONE or offer is None:
        if expected != NONE or offer is not None:
            yield Difference("offer", expected, NONE if offer is None else dict(offer))
        return
    yield from _value_differences(expected, offer)


def _value_differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in expected.items():
        found = actual[name]
        if found != (None if value == UNKNOWN else value):
            yield Difference(name, value, UNKNOWN if found is None else found)


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or NONE
    return str(canonical_of(value))


def canonical_of(value: Any) -> Any:
    """An expected or actual value as JSON can keep it."""
    if isinstance(value, Mapping):
        return {name: canonical(item) for name, item in value.items()}
    return list(value) if isinstance(value, tuple) else canonical(value)


# --- reading -------------------------------------------------------------------------------------


def cases_of(library: Library, brand_id: str, ruleset: Ruleset) -> tuple[Case, ...]:
    """The cases of a brand for one rule set, shared ones first. RulesError with every fault found."""
    file = f"brands/{brand_id}/cases.yaml"
    if file not in library:
        raise RulesError([Problem(Place(file), "there are no cases", brand_id)])
    reader = _Reader(library, ruleset)
    reader.read(file, ())
    cases = tuple(reader.cases())
    if reader.problems:
        raise RulesError(reader.problems)
    return cases


class _Reader:
    def __init__(self, library: Library, ruleset: Ruleset) -> None:
        self.library, self.ruleset = library, ruleset
        self.applicants: dict[str, Cell] = {}
        self.items: dict[str, Cell] = {}
        self.problems: list[Problem] = []
        self.rule_ids = {rule.id for rule in ruleset.rules}

    def problem(self, place: Place, message: str, text: str = "", suggestion: str = "") -> None:
        self.problems.append(Problem(place, message, text, suggestion))

    # --- files and how they extend each other ---

    def read(self, file: str, above: tuple[str, ...]) -> None:
        content = parse(self.library[file], file)
        if not isinstance(content.value, dict):
            self.problem(content.place, "a case file is a list of sections: applicants, cases, edges")
            return
        self.known_keys(content, _SECTIONS)
        extends = content.get("extends")
        for cell in _each(extends):
            base = f"{cell.value}.yaml"
            if base not in self.library or base in (*above, file) or len(above) >= EXTENDS_MAX:
                self.problem(cell.place, "there is no such file to extend", str(cell.value))
            else:
                self.read(base, (*above, file))
        applicants = content.get("applicants")
        if applicants is not None and self.shaped(applicants, dict, "a list of name: inputs"):
            self.applicants.update(applicants.value)
        for section in ("cases", "edges"):
            self.collect(content.get(section))
        for cell in _each(content.get("switch_off")):
            if self.items.pop(str(cell.value), None) is None:
                suggestion = did_you_mean(str(cell.value), self.items)
                self.problem(cell.place, "no case to switch off", str(cell.value), suggestion)

    def collect(self, section: Cell | None) -> None:
        seen: dict[str, Place] = {}
        for cell in _each(section):
            identity = cell.get("id")
            if identity is None or not isinstance(identity.value, str):
                self.problem(cell.place, "every case starts with an id", suggestion="- id: SOME_NAME")
            elif identity.value in seen:
                line = seen[identity.value].line
                self.problem(identity.place, f"this id is already on line {line}", identity.value)
            else:
                seen[identity.value] = identity.place
                self.items[identity.value] = cell

    def shaped(self, cell: Cell | None, kind: type | tuple[type, ...], wanted: str) -> bool:
        if cell is None or isinstance(cell.value, kind):
            return cell is not None
        self.problem(cell.place, f"this is {wanted}", str(cell.value)[:40])
        return False

    def known_keys(self, cell: Cell, known: set[str]) -> None:
        for key, place in cell.keys.items():
            if key not in known:
                suggestion = did_you_mean(key, known) or f"known: {', '.join(sorted(known))}"
                self.problem(place, "unknown key", key, suggestion)

    # --- cases ---

    def cases(self) -> Iterator[Case]:
        for name, cell in self.items.items():
            about = cell.get("ruleset")
            if about is None:
                self.problem(cell.place, "a case says of which rule set it is", name, "ruleset: bre")
            elif about.value == self.ruleset.name:
                yield from self.edge(name, cell) if cell.get("of") else self.one(name, cell)

    def one(self, name: str, cell: Cell) -> Iterator[Case]:
        self.known_keys(cell, _CASE_KEYS)
        expect = cell.get("expect")
        if expect is None or not isinstance(expect.value, dict):
            self.problem(cell.place, "a case says what to expect", name, "expect: {outcome: REFER}")
            return
        self.known_keys(expect, _EXPECT_KEYS)
        reasons, codes, offer = (expect.get(key) for key in ("reasons", "codes", "offer"))
        yield Case(
            id=name,
            inputs=self.inputs(cell),
            outcome=self.outcome(expect.get("outcome") or expect),
            reasons=self.rules(_each(reasons)) if reasons else None,
            codes=tuple(str(code.value) for code in _each(codes)) if codes else None,
            offer=self.offer(offer),
            derived=self.named(expect.get("derived"), self.ruleset.derived, "derived value"),
            place=cell.place,
        )

    def edge(self, name: str, cell: Cell) -> Iterator[Case]:
        self.known_keys(cell, _EDGE_KEYS)
        of, rows = cell.get("of"), cell.get("rows")
        if not self.known_input(of.value, of.place) or not self.shaped(rows, list, "a list of rows"):
            return
        inputs = self.inputs(cell)
        for row in rows.items():
            found = list(row.items())
            if len(found) < 2:
                self.problem(
                    row.place, "a row says value, outcome and reasons", name, "[599, REJECT, A_RULE]"
                )
                continue
            value, outcome, *reasons = found
            yield Case(
                id=f"{name} {value.value}",
                inputs=_over(inputs, of.value, value.value),
                outcome=self.outcome(outcome),
                reasons=self.rules(iter(reasons)),
                codes=None,
                offer=None,
                derived={},
                place=row.place,
            )

    def outcome(self, cell: Cell) -> str:
        if cell.value not in OUTCOMES:
            told = str(cell.value) if isinstance(cell.value, str) else ""
            self.problem(cell.place, f"the outcome is one of {', '.join(OUTCOMES)}", told)
        return str(cell.value)

    def rules(self, cells: Iterator[Cell]) -> tuple[str, ...]:
        told = list(cells)
        for cell in told:
            if cell.value not in self.rule_ids:
                suggestion = did_you_mean(str(cell.value), self.rule_ids)
                self.problem(cell.place, "there is no such rule", str(cell.value), suggestion)
        return tuple(str(cell.value) for cell in told)

    def offer(self, cell: Cell | None) -> Mapping[str, Any] | str | None:
        if cell is None or cell.value == NONE:
            return cell and NONE
        return self.named(cell, self.ruleset.offer, "part of the offer")

    def named(self, cell: Cell | None, known: tuple[str, ...], what: str) -> dict[str, Any]:
        if cell is None or not self.shaped(cell, dict, "a list of name: value"):
            return {}
        for name, place in cell.keys.items():
            if name not in known:
                self.problem(place, f"there is no such {what}", name, did_you_mean(name, known))
        return {name: _value(item) for name, item in cell.value.items()}

    # --- inputs ---

    def inputs(self, cell: Cell) -> dict[str, Any]:
        """The inputs of a case: those of its applicant, and what the case says on top."""
        given, more = cell.get("given"), cell.get("with")
        inputs = self.applicant(given, ()) if given else {}
        if more is not None and self.shaped(more, dict, "a list of input: value"):
            self.supply(inputs, more)
        return inputs

    def applicant(self, told: Cell, above: tuple[str, ...]) -> dict[str, Any]:
        cell = self.applicants.get(str(told.value))
        if cell is None or told.value in above:
            suggestion = did_you_mean(str(told.value), self.applicants)
            self.problem(told.place, "there is no such applicant", str(told.value), suggestion)
            return {}
        if not self.shaped(cell, dict, "a list of input: value"):
            return {}
        given = cell.get("given")
        inputs = self.applicant(given, (*above, told.value)) if given else {}
        self.supply(inputs, cell)
        return inputs

    def supply(self, inputs: dict[str, Any], cell: Cell) -> None:
        for name, value in cell.value.items():
            if name == "given":
                continue
            if not isinstance(value.value, list | dict) and self.known_input(name, cell.keys[name]):
                inputs[name] = value.value

    def known_input(self, name: Any, place: Place) -> bool:
        known = name in self.ruleset.dictionary
        if not known:
            suggestion = did_you_mean(str(name), self.ruleset.dictionary)
            problem = Problem(place, "there is no such input", str(name), suggestion)
            if problem not in self.problems:  # an applicant is read once for each case
                self.problems.append(problem)
        return known


def _each(cell: Cell | None) -> Iterator[Cell]:
    """The items of a list, or a single one written without a list."""
    if cell is None:
        return iter(())
    return cell.items() if isinstance(cell.value, list) else iter((cell,))


def _over(inputs: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return inputs | {name: value}


def _value(cell: Cell) -> Any:
    return (
        Decimal(cell.value)
        if isinstance(cell.value, int) and not isinstance(cell.value, bool)
        else cell.value
    )
