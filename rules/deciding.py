"""Deciding: load a rule set, read the inputs exactly, ask both engines, and add up the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules import durable_engine
from rules.compiler import compile_ruleset
from rules.decision import APPROVE, REFER, REJECT, Decision, Verdict
from rules.errors import EngineDisagreement, Problem, RulesError
from rules.files import ROOT, merge, ruleset_path
from rules.ruleset import Facts, Ruleset
from rules.values import Unknown

_loaded: dict[Path, Ruleset] = {}


def load(brand_id: str, name: str, root: Path = ROOT) -> Ruleset:
    """The rule set of a brand ("qualoan", "bre"), compiled once for each content of its files.

    Raises RulesError with every problem when the files are not sound; its `last_good` is the rule
    set loaded from them before, which stays in use for whoever holds it.
    """
    path = ruleset_path(brand_id, name, root)
    known = _loaded.get(path)
    if known is not None and _unchanged(known, root):
        return known
    try:
        ruleset = compile_ruleset(merge(path, root), root)
    except RulesError as error:
        raise RulesError(error.problems, known) from error
    _loaded[path] = ruleset
    return ruleset


def _unchanged(ruleset: Ruleset, root: Path) -> bool:
    return all(_text_or_none(root, name) == text for name, text in ruleset.files.items())


def _text_or_none(root: Path, name: str) -> str | None:
    folders = (root, ROOT)  # a dictionary may be the shared one
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    return path.read_text(encoding="utf-8") if path else None


def check(*paths: Path, root: Path = ROOT) -> list[Problem]:
    """Every problem of the given rule files; of all brand and base files when none is given."""
    chosen = paths or tuple(sorted([*root.glob("brands/*/*.yaml"), *root.glob("base/*.yaml")]))
    problems: dict[Problem, None] = {}
    for path in chosen:
        try:
            merged = merge(Path(path).resolve(), root.resolve())
            compile_ruleset(merged, root)
        except RulesError as error:
            problems.update(dict.fromkeys(error.problems))
    return sorted(problems, key=lambda problem: problem.place)


def decide(ruleset: Ruleset, features: Mapping[str, Any]) -> Decision:
    """The decision on one application: the same rule set and inputs always give the same bytes.

    `features` are values by name; None and a missing name both mean "not known". An input that
    cannot be read leaves the rules that need it unevaluated, and each says what follows then.
    Raises EngineDisagreement or EngineFault when the outcome cannot be trusted.
    """
    facts, ignored = worked_out(ruleset, features)
    results = ruleset.conditions(facts)
    pairs = zip(ruleset.rules, results, strict=True)
    spoken = tuple([Verdict(rule, result, facts) for rule, result in pairs if result is not False])
    _compare_engines(ruleset, facts, spoken)
    return Decision(_outcome(spoken), ruleset, tuple(sorted(ignored)), spoken, facts, results)


def compute(ruleset: Ruleset, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The derived values alone, for rule sets that calculate (CAM). None: could not be worked out."""
    facts, _ = worked_out(ruleset, inputs)
    return MappingProxyType(
        {name: None if type(facts[name]) is Unknown else facts[name] for name in ruleset.derived}
    )


def worked_out(ruleset: Ruleset, features: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The facts (inputs in exact form, then derived values; what is not known is an Unknown), and the
    names that the dictionary does not know."""
    facts, ignored, readers = ruleset.nothing_known.copy(), [], ruleset.readers
    for name, raw in features.items():
        read = readers.get(name)
        if read is None:
            ignored.append(ascii(name)[1:-1])
        elif raw is not None:
            facts[name] = read(raw)
    for derive in ruleset.derivations:
        derive(facts)
    return facts, ignored


def _outcome(spoken: tuple[Verdict, ...]) -> str:
    """Any reject rejects; else any referral refers; else approved."""
    effects = {rule.effect_of(result) for rule, result, _ in spoken}
    if "reject" in effects:
        return REJECT
    return REFER if "refer" in effects else APPROVE


def _compare_engines(ruleset: Ruleset, facts: Facts, spoken: tuple[Verdict, ...]) -> None:
    hits = {rule.id for rule, result, _ in spoken if result is True}
    unknown = {rule.id for rule, result, _ in spoken if result is not True}
    answer = durable_engine.match(ruleset, facts)
    if answer.hits != hits or answer.unknown != unknown:
        differing = sorted((answer.hits ^ hits) | (answer.unknown ^ unknown))
        raise EngineDisagreement(f"{ruleset.label}: the engines differ on {', '.join(differing)}")
