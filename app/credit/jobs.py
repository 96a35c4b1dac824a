"""What runs after a decision."""

import json
from typing import Any

import rules
from app.core.errors import DomainError
from app.core.masking import mask
from app.core.outbox import job
from app.credit.models import CreditDecision, ShadowDecision
from app.policies import experiments
from app.policies import service as policies


@job()
def decide_in_shadow(decision_id: str) -> None:
    """Let the other side of the experiment decide on the same inputs. Nobody hears of it, whatever it says."""
    decision = CreditDecision.find(decision_id)
    asked = {"experiment_id": decision.experiment_id, "decision_id": decision.id}
    if ShadowDecision.get_or_none(**asked):
        return
    side = policies.OTHER_SIDE[decision.side]
    ShadowDecision.create(**asked, side=side, **_said(decision, side))


def _said(decision: CreditDecision, side: str) -> dict[str, Any]:
    ruleset_hash = decision.ruleset_hash
    try:
        ruleset = policies.ruleset_of_side(experiments.get(decision.experiment_id), side)
        ruleset_hash = policies.keep(ruleset)
        said = rules.decide(ruleset, json.loads(decision.record)["inputs"])
    except (DomainError, rules.DecisionRefused, rules.RulesError) as error:
        # kept, not raised: trying again would fail again, and the comparison shows it
        return {"ruleset_hash": ruleset_hash, "failure": mask(str(error))[:500]}
    return {"ruleset_hash": ruleset_hash, "outcome": said.outcome, "record": said.as_bytes().decode()}
