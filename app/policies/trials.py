"""Trying policies without anything coming of it: what is in force, one set of files, two beside each other."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import rules
from app.core.errors import Invalid, NotFound, Unavailable
from app.policies import drafts, service, versions
from rules.describing import describe
from rules.diff import Change, diff


def policies() -> list[dict[str, Any]]:
    """What is in force, and what is coming, for every rule set of the brand."""
    return [policy(name) for name in names()]


def names() -> list[str]:
    """The rule sets of the brand: those that ship, and those that were published."""
    return sorted({*drafts.shipped_names(), *service.published_names()})


def policy(name: str) -> dict[str, Any]:
    """What is in force for a rule set. Raises NotFound if the brand has none of that name."""
    ruleset = service.champion(name)
    return {
        "ruleset": name,
        "hash": ruleset.hash,
        "rule_count": len(ruleset.rules),
        "version": service.in_force(name),
        "scheduled": versions.scheduled(name),
        "experiment": service.running_experiment(name),
        "unknown_to_it": unknown_to(ruleset),
    }


def unknown_to(ruleset: rules.Ruleset) -> list[str]:
    """What the service asks by today and a rule set was published too early to know: an input, or a value of one."""
    try:
        today = service.shipped(ruleset.name).dictionary
    except NotFound:
        return []
    known = ruleset.dictionary
    inputs = [name for name in today if name not in known]
    values = [
        f"{name} {value}"
        for name in today.keys() & known.keys()
        for value in today[name].values
        if value not in known[name].values
    ]
    return sorted([*inputs, *values])


def show(name: str) -> dict[str, Any]:
    """The rule set in force, as people read it."""
    return describe(service.champion(name))


def show_version(version_id: UUID) -> dict[str, Any]:
    """The rule set of a version, as people read it."""
    version = versions.get(version_id)
    return describe(service.compiled(version.ruleset, version.ruleset_hash))


def check(name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Every problem of the rule set `name` with `files` in place of those in force."""
    found = drafts.problems(name, files)
    return {"sound": not found, "problems": [drafts.as_dict(problem) for problem in found]}


def test(name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """How the cases of a rule set come out, and what none of them touches. Raises UnsoundRules."""
    return drafts.propose(name, files).report().as_dict()


def decide(name: str, files: Mapping[str, str], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the rule set says of inputs. Raises UnsoundRules, Unavailable if the engines disagree."""
    ruleset = drafts.propose(name, files).ruleset if files else service.champion(name)
    try:
        return rules.decide(ruleset, inputs).as_dict() | {"ruleset_hash": ruleset.hash}
    except rules.DecisionRefused as error:
        raise Unavailable(f"No decision was made: {error}", code="DECISION_REFUSED") from error


def differences(name: str, left: str, right: str) -> tuple[rules.Ruleset, rules.Ruleset, list[Change]]:
    """What differs between two of: the id of a version, `in-force`, `shipped`."""
    sides = [_named(name, told, field) for told, field in ((left, "left"), (right, "right"))]
    return *sides, diff(*sides)


def _named(name: str, told: str, field: str) -> rules.Ruleset:
    known = {"in-force": service.champion, "shipped": service.shipped}.get(told)
    if known:
        return known(name)
    try:
        version = versions.get(UUID(told))
    except ValueError:
        raise Invalid("A version id, in-force or shipped.", field=field) from None
    if version.ruleset != name:
        raise NotFound("version of this rule set")
    return service.compiled(name, version.ruleset_hash)
