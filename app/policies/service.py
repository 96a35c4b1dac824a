"""Which rules decide: the brand's version in force, compiled once for each hash, else the files that ship.

Every call asks the database which hash is in force, so a version that was approved decides from the next
decision on, in every process. A version that cannot be loaded refuses to decide; it never falls back.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from uuid import UUID

import structlog

import rules
from app.config import settings
from app.core import clock
from app.core.database import current_brand
from app.core.errors import Conflict, NotFound, Unavailable
from app.policies.models import PolicyExperiment, PolicyVersion, RulesetText
from app.policies.states import LIVE
from rules.language.files import ROOT, Library, fingerprint, folders

log = structlog.get_logger()
COMPILED_MAX = 64
CHAMPION, CHALLENGER = "CHAMPION", "CHALLENGER"
OTHER_SIDE = {CHAMPION: CHALLENGER, CHALLENGER: CHAMPION}


@dataclass(frozen=True)
class Choice:
    """The rules for one customer. `experiment_id` and `side` are None where no challenger is under way."""

    ruleset: rules.Ruleset
    experiment_id: UUID | None = None
    side: str | None = None


def ruleset_for(name: str, subject_id: UUID | str | None = None) -> rules.Ruleset:
    """The rule set ("bre", "cam", ...) that decides now, for a customer if a challenger has a share of them.

    Raises Unavailable if it cannot be loaded, NotFound if the brand has none of that name.
    """
    return choose(name, subject_id).ruleset


def choose(name: str, subject_id: UUID | str | None = None) -> Choice:
    """The same, telling on which side of an experiment it is."""
    experiment = running_experiment(name) if subject_id else None
    if experiment is None:
        return Choice(champion(name))
    side = side_of(experiment, subject_id)
    return Choice(ruleset_of_side(experiment, side), experiment.id, side)


def running_experiment(name: str) -> PolicyExperiment | None:
    """The experiment that is under way for a rule set."""
    live = PolicyExperiment.status.in_(LIVE)
    return PolicyExperiment.get_or_none(PolicyExperiment.ruleset == name, live)


def side_of(experiment: PolicyExperiment, subject_id: UUID | str) -> str:
    """Who decides on a customer: always the same side, whatever else happens. A shadow has a share of 0."""
    told = f"{experiment.brand_id}|{experiment.id}|{subject_id}"
    drawn = int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]) % 10_000
    return CHALLENGER if drawn < experiment.share_percent * 100 else CHAMPION


def ruleset_of_side(experiment: PolicyExperiment, side: str) -> rules.Ruleset:
    """The rules of one side of an experiment, as they are now."""
    if side == CHAMPION:
        return champion(experiment.ruleset)
    version = PolicyVersion.find(experiment.version_id)
    return compiled(version.ruleset, version.ruleset_hash)


def champion(name: str) -> rules.Ruleset:
    """The rule set in force now."""
    version = in_force(name)
    return compiled(name, version.ruleset_hash) if version else shipped(name)


def ruleset_on(name: str, day: date) -> rules.Ruleset:
    """The rule set that was in force at the end of a day, which may be today."""
    version = in_force(name, clock.start_of(day + timedelta(days=1)))
    return compiled(name, version.ruleset_hash) if version else shipped(name)


def ruleset_of(name: str, ruleset_hash: str | None) -> rules.Ruleset:
    """The rule set of a hash that was kept; that of the shipped files where none was."""
    return compiled(name, ruleset_hash) if ruleset_hash else shipped(name)


def beside(version: PolicyVersion) -> rules.Ruleset:
    """What a version is compared with: the rule set in force, or itself where the brand has none yet."""
    try:
        return champion(version.ruleset)
    except NotFound:
        return compiled(version.ruleset, version.ruleset_hash)


def in_force(name: str, at: datetime | None = None) -> PolicyVersion | None:
    """The version in force at an instant (now); None where the shipped files are."""
    at = at or clock.now()
    standing = PolicyVersion.rolled_back_at.is_null() | (PolicyVersion.rolled_back_at > at)
    return (
        PolicyVersion.select()
        .where(PolicyVersion.ruleset == name, PolicyVersion.effective_from <= at, standing)
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.number.desc())
        .first()
    )


def published_names() -> list[str]:
    """The rule sets of which a version was approved."""
    query = PolicyVersion.select(PolicyVersion.ruleset.distinct())
    return [row.ruleset for row in query.where(PolicyVersion.effective_from.is_null(False))]


def roots() -> tuple[Path, ...]:
    """The folders of rule files: what ships, then LOS_RULES_DIRECTORY, which adds and never replaces."""
    more = settings().rules_directory
    return (ROOT, Path(more)) if more else (ROOT,)


def library() -> Library:
    """Every rule file that no version has taken the place of."""
    return folders(*roots())


def shipped(name: str) -> rules.Ruleset:
    """The rule set of the files on disk. Raises NotFound, or Unavailable if not sound."""
    try:
        return rules.load(current_brand(), name, *roots())
    except rules.RulesError as error:
        if any(problem.message == "there is no such rule set" for problem in error.problems):
            raise NotFound("rule set") from None
        raise _unusable(f"{current_brand()}/{name}", str(error)) from error


@cache
def base(name: str) -> rules.Ruleset:
    """The rule set that those of the brands extend, as it ships with the service."""
    return rules.compile_ruleset(f"base/{name}.yaml", folders(ROOT))


def compiled(name: str, ruleset_hash: str) -> rules.Ruleset:
    """The stored rule set of a hash. Raises Unavailable if it is not there, was tampered with or does not compile."""
    return _compiled(f"brands/{current_brand()}/{name}.yaml", ruleset_hash)


@lru_cache(COMPILED_MAX)  # a raise is not remembered: a repaired row works at the next call
def _compiled(file: str, ruleset_hash: str) -> rules.Ruleset:
    files = files_of(ruleset_hash)
    if files is None or fingerprint(files) != ruleset_hash:
        raise _unusable(f"{file}@{ruleset_hash[:12]}", "its stored files are not those of its hash")
    try:
        ruleset = rules.compile_ruleset(file, files)
    except rules.RulesError as error:
        raise _unusable(f"{file}@{ruleset_hash[:12]}", str(error)) from error
    if ruleset.hash != ruleset_hash:
        raise _unusable(f"{file}@{ruleset_hash[:12]}", "it compiles to another hash")
    return ruleset


def _unusable(label: str, why: str) -> Unavailable:
    log.error("a rule set in force cannot be loaded", ruleset=label, reason=why)
    return Unavailable(
        f"The rules in force ({label}) cannot be loaded. Nothing is decided until they can.",
        code="POLICY_UNUSABLE",
    )


def files_of(ruleset_hash: str) -> dict[str, str] | None:
    """The stored files of a hash."""
    row = RulesetText.get_or_none(RulesetText.hash == ruleset_hash)
    return row.files if row else None


def keep(ruleset: rules.Ruleset) -> str:
    """Store the files of a rule set, once; returns their hash. What was decided with can be replayed."""
    if not RulesetText.select().where(RulesetText.hash == ruleset.hash).exists():
        row = {"hash": ruleset.hash, "files": dict(ruleset.files)}
        RulesetText.insert(row).on_conflict_ignore().execute()
    return ruleset.hash


def full_hash(name: str, prefix: str) -> str:
    """The hash of the stored rule set of this name that starts so. Raises NotFound, or Conflict for several."""
    file = f"brands/{current_brand()}/{name}.yaml"
    rows = RulesetText.select().where(RulesetText.hash.startswith(prefix))
    found = [row.hash for row in rows if file in row.files]
    if not found:
        raise NotFound("rule set")
    if len(found) > 1:
        raise Conflict(f"{len(found)} rule sets start with {prefix}; give more digits.")
    return found[0]
