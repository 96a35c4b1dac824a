"""Champion and challenger: a version beside the one in force, started and stopped by two people each."""

from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.core import clock, identity
from app.core.database import db
from app.core.errors import Conflict, Forbidden, Invalid
from app.policies import service
from app.policies.models import PolicyExperiment, PolicyVersion
from app.policies.states import EXPERIMENT, LIVE

# the rule sets whose decisions are kept, so that two of them can be compared
RULESETS = ("bre",)
CHALLENGERS = ("TRIAL", "APPROVED")


def propose(version_id: UUID, mode: str, share_percent: int, remark: str) -> PolicyExperiment:
    """Ask for a version to run as a challenger: `SHADOW`, or `SHARE` of `share_percent` of the customers.

    Raises Conflict for a version that is not approved, Invalid if mode and share do not fit.
    """
    version = PolicyVersion.find(version_id)
    _refuse_unfit(version)
    if (mode == "SHARE") != (share_percent > 0):
        raise Invalid("A share has 1 to 99 percent, a shadow has none.", field="share_percent")
    experiment = PolicyExperiment.create(
        ruleset=version.ruleset,
        version_id=version.id,
        mode=mode,
        share_percent=share_percent,
        status=EXPERIMENT.initial,
        remark=remark,
        maker=identity.actor().id,
    )
    EXPERIMENT.start(experiment)
    return experiment


def _refuse_unfit(version: PolicyVersion) -> None:
    if version.ruleset not in RULESETS:
        raise Conflict(f"Only {', '.join(RULESETS)} can have a challenger: its decisions are kept.")
    if version.status not in CHALLENGERS:
        raise Conflict(
            f"The version is {version.status}; a challenger is approved first.", state=version.status
        )
    present = service.in_force(version.ruleset)
    if present and present.id == version.id:
        raise Conflict("The version is in force: it is the champion.", code="CHAMPION")


def get(experiment_id: UUID | str) -> PolicyExperiment:
    """One experiment, or NotFound."""
    return PolicyExperiment.find(experiment_id)


def search(status: str | None) -> ModelSelect:
    """The experiments of the brand, of one status if it is given."""
    return PolicyExperiment.asked(status=status)


def of_version(version_id: UUID) -> PolicyExperiment | None:
    """The experiment in which a version is the challenger now."""
    live = PolicyExperiment.status.in_(LIVE)
    return PolicyExperiment.get_or_none(PolicyExperiment.version_id == version_id, live)


def start(experiment_id: UUID, remark: str) -> PolicyExperiment:
    """Agree to a start. Raises Forbidden for who asked for it, Conflict while another challenger runs."""
    experiment = _second_person(experiment_id)
    if experiment.status != EXPERIMENT.initial:
        raise Conflict(f"The experiment is {experiment.status}.", code="ILLEGAL_TRANSITION")
    version = PolicyVersion.find(experiment.version_id).locked()
    _refuse_unfit(version)
    service.compiled(version.ruleset, version.ruleset_hash)
    try:
        with db.atomic():
            return EXPERIMENT.move(experiment, "RUNNING", remark=remark, started_at=clock.now())
    except IntegrityError:
        raise Conflict("Another challenger runs already: stop it first.", code="EXPERIMENT_LIVE") from None


def reject(experiment_id: UUID, remark: str) -> PolicyExperiment:
    """Refuse what was asked for: a start ends the proposal, a stop lets the challenger go on."""
    experiment = _second_person(experiment_id)
    target = "RUNNING" if experiment.status == "STOPPING" else "REJECTED"
    return EXPERIMENT.move(experiment, target, remark=remark)


def withdraw(experiment_id: UUID, remark: str) -> PolicyExperiment:
    """Take a proposal back."""
    return EXPERIMENT.move(get(experiment_id), "WITHDRAWN", remark=remark)


def ask_stop(experiment_id: UUID, remark: str) -> PolicyExperiment:
    """Ask for the challenger to stop. It decides until a second person agrees."""
    return EXPERIMENT.move(get(experiment_id), "STOPPING", remark=remark, maker=identity.actor().id)


def stop(experiment_id: UUID, remark: str) -> PolicyExperiment:
    """Agree to a stop. Raises Forbidden for who asked for it."""
    experiment = _second_person(experiment_id)
    return EXPERIMENT.move(experiment, "STOPPED", remark=remark, stopped_at=clock.now())


def _second_person(experiment_id: UUID) -> PolicyExperiment:
    experiment = get(experiment_id).locked()
    if identity.actor().id == experiment.maker:
        raise Forbidden("Whoever asked for this cannot agree to it.", code="MAKER_IS_CHECKER")
    return experiment
