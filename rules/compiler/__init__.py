"""From merged rule files to a rule set that can be decided with, or the list of all that is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from rules.compiler.draft import Draft
from rules.compiler.speakers import choices, rules, speakers
from rules.compiler.steps import steps
from rules.compiler.trees import folded
from rules.engines import evaluator
from rules.engines.intake import Intake
from rules.engines.sweep import Sweep
from rules.language.errors import RulesError, did_you_mean
from rules.language.files import Library, fingerprint, merge
from rules.language.ruleset import Rule, Ruleset, Step
from rules.language.source import Cell


def compile_ruleset(name: str, library: Library) -> Ruleset:
    """The rule set of the file of this name; RulesError with every problem found."""
    draft = Draft(merge(name, library), library)
    spoken = speakers(draft)
    made = steps(draft, choices(draft, spoken))
    told = tuple(rules(draft, spoken))
    offer = _offer(draft)
    _check_unused(draft)
    if draft.problems:
        raise RulesError(draft.problems)
    folded_rules = tuple(replace(rule, when=folded(rule.when, draft.parameters)) for rule in told)
    return _finished(draft, made, folded_rules, offer)


def _finished(
    draft: Draft, made: tuple[Step, ...], told: tuple[Rule, ...], offer: tuple[str, ...]
) -> Ruleset:
    merged, parameters, dictionary = draft.merged, draft.parameters, draft.dictionary
    return Ruleset(
        name=merged.name,
        brand=merged.brand,
        hash=fingerprint(merged.files),
        dictionary=dictionary,
        parameters=MappingProxyType(parameters),
        steps=made,
        rules=told,
        offer=offer,
        kinds=MappingProxyType(draft.check.kinds),
        files=MappingProxyType(dict(merged.files)),
        intake=Intake(dictionary),
        conditions=Sweep([rule.when for rule in told], parameters, dictionary),
        derivations=tuple(evaluator.derivation(step, parameters) for step in made),
    )


def _offer(draft: Draft) -> tuple[str, ...]:
    """The derived values that make the offer."""
    derived = draft.check.kinds.keys() - draft.dictionary.keys() - draft.parameters.keys()
    names: dict[str, None] = {}
    for cell in draft.merged.offer:
        name = cell.shown
        if name not in derived:
            draft.problem(cell.place, "an offer is made of derived values", name, did_you_mean(name, derived))
        elif draft.check.kinds[name].startswith("list of"):
            draft.problem(cell.place, "a list is no term of an offer", name)
        elif name in names:
            draft.problem(cell.place, "the offer has this already", name)
        names[name] = None
    draft.used |= names.keys()
    return tuple(names)


def _check_unused(draft: Draft) -> None:
    """A parameter that nothing uses is a slip, unless its rule was replaced or switched off."""
    left_over = {word for cell in draft.merged.superseded for word in _words(cell)}
    for name in draft.parameters.keys() - draft.used - left_over:
        suggestion = did_you_mean(name, draft.used & draft.check.kinds.keys())
        draft.problem(draft.merged.parameters[name].place, "nothing uses this parameter", name, suggestion)


def _words(cell: Cell) -> set[str]:
    if isinstance(cell.value, dict | list):
        inner = cell.value.values() if isinstance(cell.value, dict) else cell.value
        return {word for item in inner for word in _words(item)}
    return set(re.findall(r"\w+", str(cell.value)))
