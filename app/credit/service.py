"""The credit decision: gather the features, run the brand's rules, keep a record that can be replayed."""

import json
from typing import Any
from uuid import UUID

import rules
from app.core import audit
from app.core.errors import Conflict, Unavailable
from app.core.identity import SYSTEM, acting
from app.core.outbox import enqueue
from app.credit import evidence
from app.credit.models import CreditDecision, keep
from app.loans import service as loans
from app.messaging import service as messaging
from app.policies import service as policies

RULESET = "bre"


def evaluate(loan_id: UUID) -> CreditDecision:
    """Decide on an application. A reject ends it; a referral waits for a person.

    Raises Conflict once the loan is past its application, Unavailable if the engines disagree.
    """
    loan = loans.get(loan_id).locked()
    if not loans.is_decidable(loan):
        raise Conflict(
            f"The loan is {loan.status}; only an application can be decided on, or a file that was sent back.",
            state=loan.status,
        )
    chosen, known = policies.choose(RULESET, loan.customer_id), evidence.gather(loan)
    decision = _decide(chosen.ruleset, known.values)
    record = CreditDecision.create(
        loan_id=loan.id,
        ruleset_name=decision.ruleset.name,
        ruleset_hash=policies.keep(decision.ruleset),
        outcome=decision.outcome,
        record_hash=keep(decision.as_bytes().decode()),
        lineage=known.lineage,
        experiment_id=chosen.experiment_id,
        side=chosen.side,
    )
    audit.record(
        "loan.decided", "loan", loan.id, after={"outcome": decision.outcome, "decisionId": str(record.id)}
    )
    if chosen.experiment_id:
        enqueue("credit.decide_in_shadow", decision_id=record.id)
    if decision.outcome == rules.REJECT:
        _reject(loan, decision)
    enqueue("assessment.go_on", customer_id=loan.customer_id)
    return record


def _decide(ruleset: rules.Ruleset, values: dict[str, Any]) -> rules.Decision:
    try:
        return rules.decide(ruleset, values)
    except rules.DecisionRefused as error:
        raise Unavailable(f"No decision was made: {error}", code="DECISION_REFUSED") from error


def _reject(loan: loans.Loan, decision: rules.Decision) -> None:
    codes = ",".join(reason.rule_id for reason in decision.reasons if reason.effect == "reject")
    with acting(SYSTEM):
        loans.move(loan.id, "REJECTED", reason_code=codes, remark="Rejected by the BRE")
    messaging.notify(
        loan.customer_id,
        "application_rejected",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        reasons="\n".join(decision.customer_reasons),
    )


def latest(loan_id: UUID) -> CreditDecision | None:
    """The newest decision on a loan."""
    return (
        CreditDecision.select()
        .where(CreditDecision.loan_id == loan_id)
        .order_by(CreditDecision.id.desc())
        .first()
    )


def risk_tier(decision: CreditDecision) -> str | None:
    """The tier that a decision found; None where its rules know no tiers or it could not be worked out."""
    return json.loads(decision.record)["derived"].get("tier")


def decisions(loan_id: UUID) -> list[CreditDecision]:
    """Every decision on a loan, newest first. Raises NotFound without the loan."""
    of_loan = CreditDecision.loan_id == loans.get(loan_id).id
    return list(CreditDecision.select().where(of_loan).order_by(CreditDecision.id.desc()))


def get(decision_id: UUID) -> CreditDecision:
    """One decision, or NotFound."""
    return CreditDecision.find(decision_id)
