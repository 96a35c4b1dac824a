"""The rows of an application itself: the loan, the evidence, who worked on it, its steps, the decision."""

import json
from datetime import datetime, timedelta

from app.core.clock import business_day
from app.core.identity import Role
from app.seed.book.applying import Application
from app.seed.book.people import CONTENT
from pipelines.loans.apr import bullet_apr_percent


def file(loan: Application, consent_id: str) -> None:
    """Write them."""
    _loan(loan)
    _evidence(loan, consent_id)
    _people(loan)
    _steps(loan)
    _decision(loan)


def _loan(loan: Application) -> None:
    lived, credited_on = loan.life, loan.credited_on
    recommended = loan.when("CREDIT_EXECUTIVE_APPROVED")
    terms = (None,) * 7
    if recommended:
        terms = (
            lived.amount, lived.rate, lived.tenure_days, lived.fee, lived.gst, lived.net, lived.repayment,
        )  # fmt: skip
    planned_on = business_day(recommended) if recommended else None
    starts_on = credited_on or planned_on
    loan.desk.rows.add(
        "loan",
        loan.id,
        loan.loan_no,
        loan.person.id,
        loan.status.to,
        loan.status.at,
        next((move.to for move in reversed(loan.moves) if move.of == "agreement"), "NOT_SENT"),
        loan.desk.draw.choice(CONTENT["purposes"]),
        loan.asked,
        loan.asked_days,
        lived.amount if recommended else None,
        *terms,
        planned_on,
        starts_on + timedelta(days=lived.tenure_days) if starts_on else None,
        loan.credited_at,
        loan.closed_at,
        loan.owed(),
        loan.applied_at,
    )


def _evidence(loan: Application, consent_id: str) -> None:
    one, at = loan.person, loan.applied_at + timedelta(minutes=4)
    if at > loan.desk.now:
        return
    report_id = loan.desk.id(at)
    loan.desk.rows.add(
        "bureau_report",
        report_id,
        one.id,
        loan.id,
        loan.desk.brand.bureau,
        "READ",
        "SCORED" if one.score else "THIN_FILE",
        f"{loan.desk.brand.id}/bureau/{report_id}.enc",
        one.score,
        business_day(at),
        f'{{"bureau_score": {one.score}}}' if one.score else "{}",
        "{}",
        "{}",
        consent_id,
        at,
    )
    recommended = loan.when("CREDIT_EXECUTIVE_APPROVED")
    if recommended and loan.officer != "system":
        _memo(loan, recommended)


def _memo(loan: Application, at: datetime) -> None:
    one, lived = loan.person, loan.life
    obligations = one.evidence["emi_obligations_monthly"]
    paid_on = [(at - timedelta(days=30 * n)).replace(day=min(one.salary_day, 28)).date() for n in (1, 2, 3)]
    inputs = {f"salary_credit_date_{n}": day.isoformat() for n, day in enumerate(paid_on, 1)}
    inputs |= {f"salary_amount_{n}": f"{one.salary}.00" for n in (1, 2, 3)}
    inputs |= {"obligations": f"{obligations:.2f}", "tenure": str(lived.tenure_days)}
    computed = {
        "avg_salary": f"{one.salary}.00",
        "loan_recommended": str(lived.amount),
        "eligible_loan": str(loan.said.offer.limit),
        "processing_fee": str(lived.fee),
        "gst": str(lived.gst),
        "net_disbursal": str(lived.net),
        "repayment_amount": str(lived.repayment),
        "apr_percent": str(bullet_apr_percent(lived.net, lived.repayment, lived.tenure_days)),
    }
    loan.desk.rows.add(
        "cam_calculator", loan.desk.id(at), loan.id, one.id, loan.officer, 1, json.dumps(inputs),
        json.dumps(computed), "seeded", "Salary and obligations as on the statement.", at,
    )  # fmt: skip


def _people(loan: Application) -> None:
    is_new = loan.status.to == "APPLIED"
    _allot(loan, loan.officer, Role.CREDIT_EXECUTIVE, "CREDIT", loan.applied_at, in_hand=is_new)
    if loan.overdue_at:
        in_hand = loan.closed_at is None
        _allot(
            loan, loan.collector, Role.COLLECTION_EXECUTIVE, "COLLECTION", loan.overdue_at, in_hand=in_hand
        )
    for state, level in (
        ("CREDIT_EXECUTIVE_APPROVED", "CREDIT_EXECUTIVE"),
        ("SANCTION_MANAGER_APPROVED", "SANCTION_MANAGER"),
    ):
        said = next((move for move in loan.moves if move.to == state), None)
        if said and said.actor != "system":
            loan.desk.rows.add(
                "sanction_approval", loan.desk.id(said.at), loan.id, level, said.actor, loan.amount,
                said.remark, said.at,
            )  # fmt: skip


def _allot(loan: Application, to: str, role: Role, kind: str, at: datetime, *, in_hand: bool) -> None:
    if to == "system":
        return
    loan.desk.rows.add(
        "loan_allotted_partner_user", loan.desk.id(at), loan.id, loan.person.id, to, role.value,
        kind, "true", str(in_hand).lower(), loan.amount, at, at,
    )  # fmt: skip


def _steps(loan: Application) -> None:
    before: dict[str, str | None] = {"loan": None, "agreement": "NOT_SENT"}
    for move in loan.moves:
        loan.desk.rows.add(
            "state_change", loan.desk.id(move.at), move.of, loan.id, before[move.of], move.to, move.actor,
            move.role.value, move.reason, move.remark, move.at,
        )  # fmt: skip
        before[move.of] = move.to


def _decision(loan: Application) -> None:
    """The decision, and what was said to its referrals."""
    desk, said, at = loan.desk, loan.said, loan.decided_at
    if at > desk.now:
        return
    if said.record_hash not in desk.kept:
        desk.kept.add(said.record_hash)
        desk.rows.add("decision_text", desk.id(at), said.record_hash, said.record.replace("\\", "\\\\"), at)
    ruleset, decision_id = desk.judge.ruleset, desk.id(at)
    desk.rows.add(
        "decision", decision_id, loan.id, ruleset.name, ruleset.hash, said.outcome, said.record_hash, at
    )
    accepted_at = loan.when("CREDIT_EXECUTIVE_APPROVED")
    if accepted_at:
        for rule_id in said.refers:
            desk.rows.add(
                "referral_decision", desk.id(accepted_at), loan.id, decision_id, rule_id, "true",
                "Seen on the statement; within the policy.", loan.officer, accepted_at,
            )  # fmt: skip
