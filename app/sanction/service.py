"""Sanction: the credit executive recommends, a sanction manager or head decides, never the same person.

Who may decide is policy (the brand's `sanction` rule file): amount, referral and deviations.
"""

from typing import Any
from uuid import UUID

import rules
from app.cam import service as cams
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden
from app.core.identity import Role
from app.core.outbox import enqueue
from app.credit import service as credit
from app.loans import service as loans
from app.messaging import service as messaging
from app.policies import service as policies

_HEADS = {Role.SANCTION_HEAD, Role.ADMIN, Role.SUPER_ADMIN}


def recommend(loan_id: UUID, remark: str) -> loans.Loan:
    """Send the loan up with its CAM and decision. Raises Conflict when either is missing."""
    cams.required(loans.get(loan_id).id)
    if credit.latest(loan_id) is None:
        raise Conflict("Run the rules first: there is no decision.", code="DECISION_MISSING")
    return loans.move(loan_id, "CREDIT_EXECUTIVE_APPROVED", remark=remark)


def approve(loan_id: UUID, remark: str) -> loans.Loan:
    """Sanction the loan on the terms of its CAM; the agreement goes out once this is committed.

    Raises Forbidden if the amount, a referral or a deviation asks for a sanction head, or if the actor
    recommended the loan.
    """
    _other_than_maker(loan_id)
    cam = cams.required(loan_id)
    _within_authority(loan_id, cam)
    loans.move(loan_id, "SANCTION_MANAGER_APPROVED", remark=remark)
    loan = loans.move(loan_id, "APPROVED", remark=remark, **cams.terms(cam))
    enqueue("esign.send_agreement", loan_id=loan.id)
    messaging.notify(
        loan.customer_id, "sanctioned", loan_id=loan.id, loan_no=loan.loan_no, amount=loan.sanctioned_amount
    )
    return loan


def reject(loan_id: UUID, reason_code: str, remark: str) -> loans.Loan:
    """End the application for a reason."""
    loan = loans.move(loan_id, "REJECTED", reason_code=reason_code, remark=remark)
    messaging.notify(
        loan.customer_id,
        "application_rejected",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        reasons="Your application does not meet our criteria at this time.",
    )
    return loan


def send_back(loan_id: UUID, remark: str) -> loans.Loan:
    """Return the loan to the credit executive, who can change the CAM again."""
    return loans.move(loan_id, "APPLIED", remark=remark)


def _other_than_maker(loan_id: UUID) -> None:
    steps = loans.trail(loans.get(loan_id).id)
    makers = {step.actor_id for step in steps if step.to_state == "CREDIT_EXECUTIVE_APPROVED"}
    if identity.actor().id in makers:
        raise Forbidden("Whoever recommended a loan cannot sanction it.", code="MAKER_IS_CHECKER")


def authority(loan_id: UUID, cam: Any) -> str:
    """The role that may sanction this loan: SANCTION_MANAGER or SANCTION_HEAD. Raises Conflict after a reject."""
    decision = credit.latest(loan_id)
    policy = rules.decide(
        policies.ruleset_for("sanction"),
        {
            "decision_date": clock.today(),
            "loan_amount": cams.terms(cam)["sanctioned_amount"],
            "decision_outcome": decision.outcome if decision else None,
            "deviation_count": len(cam.computed["deviations"]),
            "risk_tier": credit.risk_tier(decision) if decision else None,
            "loan_share_percent": cam.computed.get("loan_share_percent"),
            "tenure_days": cam.inputs["tenure"],
        },
    )
    if policy.outcome != rules.APPROVE:
        raise Conflict("; ".join(reason.reason for reason in policy.reasons), code="NOT_SANCTIONABLE")
    return policy.derived["authority"]


def _within_authority(loan_id: UUID, cam: Any) -> None:
    needed = authority(loan_id, cam)
    if needed == Role.SANCTION_HEAD and not identity.actor().roles & _HEADS:
        raise Forbidden("This loan needs a sanction head.", code="NEEDS_SANCTION_HEAD")
