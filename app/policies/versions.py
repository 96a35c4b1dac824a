"""The life of a version: drafted, submitted with its evidence, approved by a second person, rolled back.

Which version is in force is worked out from what was approved (`service.in_force`), and stored nowhere else.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from peewee import ModelSelect, fn

from app.core import audit, clock, identity, states
from app.core.database import current_brand, db
from app.core.errors import Conflict, Forbidden, Invalid
from app.policies import drafts, experiments, service
from app.policies.drafts import Proposal
from app.policies.models import PolicyBacktest, PolicyVersion
from app.policies.states import VERSION


def draft(name: str, files: Mapping[str, str], remark: str) -> PolicyVersion:
    """A new draft of a rule set: `files` in place of those in force. Raises UnsoundRules."""
    proposal = drafts.propose(name, files)
    _alone(name)
    version = PolicyVersion.create(
        ruleset=name,
        number=_last_number(name) + 1,
        status=VERSION.initial,
        makers=[identity.actor().id],
        **_content(proposal, remark),
    )
    VERSION.start(version)
    return version


def _content(proposal: Proposal, remark: str) -> dict[str, object]:
    return {
        "ruleset_hash": service.keep(proposal.ruleset),
        "cases": proposal.case_files,
        "remark": remark,
    }


def _last_number(name: str) -> int:
    mine = PolicyVersion.ruleset == name
    return PolicyVersion.select(fn.MAX(PolicyVersion.number)).where(mine).scalar() or 0


def _alone(name: str) -> None:
    """Wait for whoever else numbers or approves versions of this rule set now."""
    lock = f"policy|{current_brand()}|{name}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (lock,))


def get(version_id: UUID | str) -> PolicyVersion:
    """One version, or NotFound."""
    return PolicyVersion.find(version_id)


def locked(version_id: UUID | str) -> PolicyVersion:
    """One version that nobody else changes until this transaction ends."""
    return get(version_id).locked()


def search(name: str, status: str | None) -> ModelSelect:
    """The versions of a rule set, of one status if it is given."""
    return PolicyVersion.asked(ruleset=name, status=status)


def history(version_id: UUID) -> list[states.StateChange]:
    """Every step of a version: who took it, when and why."""
    return states.history(get(version_id).id)


def redraft(version: PolicyVersion, files: Mapping[str, str], remark: str) -> PolicyVersion:
    """Other content for a draft; whoever changes it is one of its makers from then on."""
    if version.status != "DRAFT":
        raise Conflict(f"The version is {version.status}; only a draft can be changed.", state=version.status)
    before = version.ruleset_hash
    proposal = drafts.propose(version.ruleset, files)
    version.change(**_content(proposal, remark), makers=_hands(version))
    told = {"before": {"rulesetHash": before}, "after": {"rulesetHash": version.ruleset_hash}}
    audit.record("policy_version.redrafted", "policy_version", version.id, **told, reason=remark)
    return version


def _hands(version: PolicyVersion) -> list[str]:
    return sorted({*version.makers, identity.actor().id})


def submit(version_id: UUID, remark: str) -> PolicyVersion:
    """Ask for approval.

    Raises UnsoundRules if checking finds a fault, Invalid if a case fails, Conflict without a backtest of the
    version as it is against the rules in force.
    """
    version = locked(version_id)
    champion = service.keep(service.beside(version))
    if version.status == VERSION.initial:
        proposal = drafts.propose(version.ruleset, drafts.all_files(version))
        proposal.refuse_faults()
        _refuse_failing_cases(proposal)
        _refuse_without_backtest(version, champion)
        version.change(makers=_hands(version))
    VERSION.move(version, "SUBMITTED", remark=remark, champion_hash=champion)
    return version


def _refuse_failing_cases(proposal: Proposal) -> None:
    report = proposal.report()
    if not report.results:
        raise Invalid(
            f"cases.yaml has no case for {proposal.ruleset.name}: say what must come of whom.",
            field="files",
            code="NO_CASES",
        )
    if report.failures:
        raise Invalid(
            f"{len(report.failures)} of {len(report.results)} cases do not come out as expected.",
            code="CASES_FAIL",
            field="files",
            faults=map(str, report.failures),
            failures=[failure.as_dict() for failure in report.failures],
        )


def _refuse_without_backtest(version: PolicyVersion, champion_hash: str) -> None:
    run = PolicyBacktest.find(version.backtest_id) if version.backtest_id else None
    if run is None or run.challenger_hash != version.ruleset_hash:
        raise Conflict("Run a backtest of the draft as it is now.", code="BACKTEST_MISSING")
    if run.status != "READY":
        raise Conflict(f"The backtest is {run.status}.", code="BACKTEST_NOT_READY", reason=run.reason)
    if run.champion_hash != champion_hash:
        raise Conflict("The rules in force changed since the backtest: run it again.", code="BACKTEST_STALE")


def approve(
    version_id: UUID, remark: str, effective_from: datetime | None = None, trial: bool = False
) -> PolicyVersion:
    """Let a version decide from `effective_from` on (now); or, on `trial`, only as a challenger.

    Raises Forbidden for its makers, Invalid for an instant that has passed, Conflict if the rules in force are
    not those that it was compared with, or if another version is about to come into force.
    """
    version = get(version_id)
    _alone(version.ruleset)
    version = version.locked()
    _refuse_makers(version)
    service.compiled(version.ruleset, version.ruleset_hash)
    if trial:
        return VERSION.move(version, "TRIAL", remark=remark, approved_by=identity.actor().id)
    if (version.status, "APPROVED") in VERSION.steps:
        _refuse_overtaken(version)
    return VERSION.move(
        version,
        "APPROVED",
        remark=remark,
        approved_by=identity.actor().id,
        effective_from=_instant(effective_from),
    )


def _refuse_makers(version: PolicyVersion) -> None:
    if identity.actor().id in version.makers:
        raise Forbidden("Whoever made a version cannot approve it.", code="MAKER_IS_CHECKER")


def _instant(effective_from: datetime | None) -> datetime:
    now = clock.now()
    if effective_from is not None and effective_from <= now:
        raise Invalid("This instant has passed; leave it out for now.", field="effective_from")
    return effective_from or now


def _refuse_overtaken(version: PolicyVersion) -> None:
    waiting = scheduled(version.ruleset)
    if waiting:
        raise Conflict(
            f"Version {waiting.number} comes into force at {waiting.effective_from.isoformat()}; "
            "roll it back first.",
            code="VERSION_SCHEDULED",
        )
    if experiments.of_version(version.id):
        raise Conflict("The version runs as a challenger: stop that first.", code="EXPERIMENT_LIVE")
    # a trial has been compared with whatever was in force meanwhile
    if version.status == "SUBMITTED" and service.beside(version).hash != version.champion_hash:
        raise Conflict(
            "The rules in force changed since this was submitted. Draft it again, and backtest it against them.",
            code="CHAMPION_CHANGED",
        )


def scheduled(name: str) -> PolicyVersion | None:
    """The approved version that is not in force yet."""
    coming = PolicyVersion.status == "APPROVED", PolicyVersion.effective_from > clock.now()
    return PolicyVersion.get_or_none(PolicyVersion.ruleset == name, *coming)


def reject(version_id: UUID, remark: str) -> PolicyVersion:
    """Refuse a submitted version."""
    return VERSION.move(get(version_id), "REJECTED", remark=remark)


def withdraw(version_id: UUID, remark: str) -> PolicyVersion:
    """Take a version back that is not approved; nothing of it is deleted."""
    version = locked(version_id)
    if experiments.of_version(version.id):
        raise Conflict("The version runs as a challenger: stop that first.", code="EXPERIMENT_LIVE")
    return VERSION.move(version, "WITHDRAWN", remark=remark)


def roll_back(version_id: UUID, remark: str) -> PolicyVersion:
    """Put the version before this one in force again, at once; also undoes one that is yet to come into force.

    Raises Conflict if the version is neither.
    """
    version = get(version_id)
    _alone(version.ruleset)
    version = version.locked()
    now = clock.now()
    if version.status == "APPROVED" and not _stands(version, now):
        raise Conflict("Another version has taken its place; only what is in force can be rolled back.")
    return VERSION.move(version, "ROLLED_BACK", remark=remark, rolled_back_at=now)


def _stands(version: PolicyVersion, now: datetime) -> bool:
    present = service.in_force(version.ruleset, now)
    return version.effective_from > now or (present is not None and present.id == version.id)
