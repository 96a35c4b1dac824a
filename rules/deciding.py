"""Deciding: load a rule set, read the inputs exactly, ask both engines, and add up the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.compiler import compile_ruleset
from rules.engines import durable_engine
from rules.engines.decision import APPROVE, REFER, REJECT, Decision, Verdict
from rules.engines.evaluator import worked_out
from rules.language.errors import EngineDisagreement, EngineFault, Problem, RulesError
from rules.language.files import ROOT, Folder, Library, folders, ruleset_file
from rules.language.ruleset import Ruleset
from rules.language.values import Unknown


class NotSound(RulesError):
    """The files of a rule set are not sound. `last_good` is what was loaded from them before, if anything: a malformed
    file never replaces it, and a caller may go on deciding with it."""

    def __init__(self, problems: Iterable[Problem], last_good: Ruleset | None) -> None:
        super().__init__(problems)
        self.last_good = last_good


_loaded: dict[tuple[tuple[Path, ...], str], Ruleset] = {}


def load(brand_id: str, name: str, *roots: Path) -> Ruleset:
    """The rule set of a brand ("qualoan", "bre") in the folders `roots`, compiled once for each content of its files.

    Raises NotSound when the files are not sound, RulesError where there are none.
    """
    library = folders(*(roots or (ROOT,)))
    file = ruleset_file(brand_id, name, library)
    known = _loaded.get((roots, file))
    if known is not None and _unchanged(known, library):
        return known
    try:
        ruleset = compile_ruleset(file, library)
    except RulesError as error:
        raise NotSound(error.problems, known) from error
    _loaded[roots, file] = ruleset
    return ruleset


def _unchanged(ruleset: Ruleset, library: Library) -> bool:
    shared = Folder()  # a dictionary may be the shared one
    return all((library.get(name) or shared.get(name)) == text for name, text in ruleset.files.items())


def decide(ruleset: Ruleset, features: Mapping[str, Any]) -> Decision:
    """The decision on one application: the same rule set and inputs always give the same bytes.

    `features` are values by name; None and a missing name both mean "not known". An input that
    cannot be read leaves the rules that need it unevaluated, and each says what follows then.
    Raises EngineDisagreement or EngineFault when the outcome cannot be trusted.
    """
    facts, ignored = ruleset.intake(features)
    hits, unknown = _evaluated(ruleset, facts)
    answer = durable_engine.match(ruleset, facts)
    if answer != (hits, unknown):
        raise _disagreement(ruleset, (answer[0] ^ hits) | (answer[1] ^ unknown))
    told = ruleset.conditions.spoken(hits, unknown, facts)
    spoken = tuple([Verdict(ruleset.rules[index], result, facts) for index, result in told])
    return Decision(_outcome(spoken), ruleset, tuple(sorted(ignored)), spoken, facts)


def _evaluated(ruleset: Ruleset, facts: dict[str, Any]) -> tuple[int, int]:
    """Derives what follows from the inputs; the rules that hit, and those that cannot be evaluated, as bits."""
    try:
        for derive in ruleset.derivations:
            derive(facts)
        return ruleset.conditions.bits(facts)
    except Exception as error:  # whatever goes wrong in an engine, nobody is approved by it
        raise EngineFault(f"{ruleset.label}: the evaluator failed: {error!r}") from error


def compute(ruleset: Ruleset, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The derived values alone, for rule sets that calculate (CAM). None: could not be worked out."""
    facts, _ = worked_out(ruleset, inputs)
    return MappingProxyType(
        {name: None if type(facts[name]) is Unknown else facts[name] for name in ruleset.derived}
    )


def _outcome(spoken: tuple[Verdict, ...]) -> str:
    """Any reject rejects; else any referral refers; else approved."""
    effects = {rule.effect_of(result) for rule, result, _ in spoken}
    if "reject" in effects:
        return REJECT
    return REFER if "refer" in effects else APPROVE


def _disagreement(ruleset: Ruleset, differing: int) -> EngineDisagreement:
    named = sorted(rule.id for index, rule in enumerate(ruleset.rules) if differing >> index & 1)
    return EngineDisagreement(f"{ruleset.label}: the engines differ on {', '.join(named)}")
