"""What the brand's own rules say of each application. What is told alike is decided once."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import rules
from app.core.clock import business_day
from app.seed.book.evidence import ALWAYS
from app.seed.book.lives import Band

if TYPE_CHECKING:
    from app.seed.book.applying import Application


@dataclass(frozen=True)
class Offer:
    """What a decision offers at most, and its prices."""

    amount: Decimal
    limit: Decimal
    tenure_days: int
    band: Band


@dataclass(frozen=True)
class Said:
    """A decision: the rules that reject and those that refer, what is offered, and its record."""

    outcome: str
    rejects: tuple[str, ...]
    refers: tuple[str, ...]
    offer: Offer | None
    record: str
    record_hash: str


class Judge:
    """A rule set, and what it said so far."""

    def __init__(self, ruleset: rules.Ruleset) -> None:
        self.ruleset = ruleset
        self._said: dict[tuple, Said] = {}

    def decide(self, told: Mapping[str, Any]) -> Said:
        """The decision on what is told of an application."""
        key = tuple(told.items())
        if key not in self._said:
            self._said[key] = _said(rules.decide(self.ruleset, told))
        return self._said[key]


def _said(decision: rules.Decision) -> Said:
    record = decision.as_bytes()
    by_effect: dict[str, list[str]] = {"reject": [], "refer": []}
    for reason in decision.reasons:
        by_effect[reason.effect].append(reason.rule_id)
    return Said(
        decision.outcome,
        tuple(by_effect["reject"]),
        tuple(by_effect["refer"]),
        _offer(decision.offer) if decision.offer else None,
        record.decode(),
        hashlib.sha256(record).hexdigest(),
    )


def _offer(terms: Mapping[str, Any]) -> Offer:
    return Offer(
        terms["offered_amount"],
        terms["offer_limit"],
        terms["offered_tenure_days"],
        Band(
            terms["tier"],
            Decimal(terms["roi_percent_per_day"]),
            Decimal(terms["processing_fee_percent"]),
        ),
    )


def told(loan: "Application") -> dict[str, Any]:
    """What is known of an application when it is decided on."""
    one, at = loan.person, loan.decided_at
    on = business_day(at)
    return {
        **ALWAYS,
        **one.evidence,
        "decision_date": on,
        "age_years": on.year - one.dob.year - ((on.month, on.day) < (one.dob.month, one.dob.day)),
        "declared_monthly_salary": one.salary,
        "pincode": int(one.address["pincode"]),
        "city_tier": loan.desk.brand.city_tiers.get(one.address["pincode"][:3], "C"),
        "employment_tenure_months": (on.year - one.joined_on.year) * 12
        + on.month
        - one.joined_on.month
        - (on.day < one.joined_on.day),
        "requested_amount": loan.asked,
        "requested_tenure_days": loan.asked_days,
        **_history(loan.before, at),
    }


def _history(before: Iterable["Application"], at: datetime) -> dict[str, Any]:
    """How earlier applications and loans went, the newest last."""
    before = list(before)
    rejected = [loan for loan in before if loan.status.to == "REJECTED"]
    known = {
        "application_count_30d": 1 + _of_days(before, at, 30),
        "rejection_count_90d": _of_days(rejected, at, 90),
        **_repeats([loan for loan in reversed(before) if loan.status.to == "COMPLETED"], at),
    }
    if rejected:
        days = (business_day(at) - business_day(rejected[-1].status.at)).days
        known["days_since_last_rejection"] = days
    return known


def _of_days(loans: Iterable["Application"], at: datetime, days: int) -> int:
    return sum((at - loan.applied_at).days < days for loan in loans)


def _repeats(completed: list["Application"], at: datetime) -> dict[str, Any]:
    """Of the loans that were repaid, the newest first."""
    if not completed:
        return {"completed_loan_count": 0}
    newest = completed[0]
    return {
        "completed_loan_count": len(completed),
        "last_loan_days_past_due": newest.days_late,
        "last_loan_amount": newest.life.amount,
        "days_since_last_closure": (at - newest.closed_at).days,
        "on_time_loan_streak": sum(1 for _ in takewhile(lambda loan: not loan.days_late, completed)),
    }


def decide(loan: "Application") -> None:
    """The rows of the decision on an application, and of what was said to its referrals."""
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
