"""What a person says to each reason for which the rules referred a file."""

import json
from typing import Any
from uuid import UUID

from app.core import audit, identity
from app.core.errors import Conflict, NotFound
from app.credit import service as credit
from app.loans import service as loans
from app.sanction.models import ReferralDecision

DECIDED_IN = ("APPLIED", "CREDIT_EXECUTIVE_APPROVED")


def of_loan(loan_id: UUID) -> list[dict[str, Any]]:
    """Each reason of the latest decision that refers, with what was said to it. Raises NotFound without the loan."""
    decision = credit.latest(loans.get(loan_id).id)
    if decision is None:
        return []
    said = _said(decision.id)
    return [
        {"decision_id": decision.id, **verdict, **said.get(verdict["rule_id"], _OPEN)}
        for verdict in _reasons(decision)
    ]


_OPEN: dict[str, Any] = {"accepted": None, "remark": None, "decided_by": None, "decided_at": None}


def _reasons(decision: credit.CreditDecision) -> list[dict[str, Any]]:
    record = json.loads(decision.record)
    return [verdict for verdict in record["verdicts"] if verdict["effect"] == "refer"]


def _said(decision_id: UUID) -> dict[str, dict[str, Any]]:
    """What was said last, by rule."""
    rows = ReferralDecision.select().where(ReferralDecision.decision_id == decision_id)
    return {
        row.rule_id: {
            "accepted": row.accepted,
            "remark": row.remark,
            "decided_by": row.decided_by,
            "decided_at": row.created_at,
        }
        for row in rows.order_by(ReferralDecision.id)
    }


def decide(loan_id: UUID, rule_id: str, accepted: bool, remark: str) -> list[dict[str, Any]]:
    """Accept one reason as a deviation, or let it stand. Raises NotFound where the rules do not refer for it,
    Conflict once the file is beyond the first check."""
    loan = loans.get(loan_id).locked()
    if loan.status not in DECIDED_IN:
        raise Conflict(f"The loan is {loan.status}.", state=loan.status)
    decision = credit.latest(loan.id)
    if decision is None or rule_id not in {verdict["rule_id"] for verdict in _reasons(decision)}:
        raise NotFound("referral")
    ReferralDecision.create(
        loan_id=loan.id,
        decision_id=decision.id,
        rule_id=rule_id,
        accepted=accepted,
        remark=remark,
        decided_by=identity.actor().id,
    )
    after = {"ruleId": rule_id, "accepted": accepted, "decisionId": str(decision.id)}
    audit.record("referral.decided", "loan", loan.id, after=after, reason=remark)
    return of_loan(loan.id)


def deciders(loan_id: UUID) -> set[str]:
    """Who spoke to the referrals of the latest decision."""
    return {referral["decided_by"] for referral in of_loan(loan_id) if referral["decided_by"]}
