"""Auto-allocation: of the executives who are present, the loan goes to the fittest by the brand's policy.

Of a score the load and the ratings are known; how near they are is the same for all. Whoever may no longer do the
work they have loses it to somebody who may.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import fn

import rules
from app.allocation.models import LoanAllottedPartnerUser
from app.core import audit, clock
from app.core.database import current_brand, db
from app.core.identity import Role
from app.policies import service as policies
from app.staff import service as staff


def allot_loan(loan_id: UUID, role: Role) -> UUID | None:
    """Give the loan to an executive with `role`; None when nobody is present (it waits in the queue).

    One allocation of a brand and role at a time: two at once would both count the same workload.
    """
    _one_at_a_time(role)
    already = executive_of(loan_id, role)
    if already is not None:
        return already
    chosen = _fittest(role)
    if chosen is not None:
        LoanAllottedPartnerUser.create(loan_id=loan_id, partner_user_id=chosen, role=role.value)
        audit.record("loan.allotted", "loan", loan_id, after=_told(role, chosen))
    return chosen


def _one_at_a_time(role: Role) -> None:
    name = f"allot|{current_brand()}|{role}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def _told(role: Role, user_id: UUID) -> dict[str, str]:
    return {"partnerUserId": str(user_id), "role": role.value}


def _fittest(role: Role) -> UUID | None:
    """Who of those present should have the next loan; None when nobody is."""
    present = staff.available(role)
    if not present:
        return None
    policy, load, rated = policies.ruleset_for("allocation"), _workload(role), staff.ratings_of(present)

    def rank(user_id: UUID) -> tuple:
        return *_rank(policy, load.get(user_id, 0), rated.get(user_id)), user_id

    return min(present, key=rank)


def left_behind() -> list[LoanAllottedPartnerUser]:
    """Active allotments of people who no longer work here in that role, oldest first."""
    active = LoanAllottedPartnerUser.select().where(LoanAllottedPartnerUser.is_active)
    rows = list(active.order_by(LoanAllottedPartnerUser.id))
    working = {role: set(staff.working(Role(role))) for role in {row.role for row in rows}}
    return [row for row in rows if row.partner_user_id not in working[row.role]]


def hand_over(left: LoanAllottedPartnerUser, reason: str) -> UUID | None:
    """Give the loan of `left` to somebody who is present; None, and it stays as it is, when nobody is.

    The allotment before stays for the history, with when and why it ended.
    """
    role = Role(left.role)
    _one_at_a_time(role)
    before, chosen = left.locked(), _fittest(role)
    if not before.is_active or chosen is None:
        return None
    before.change(is_active=False, ended_at=clock.now(), end_reason=reason)
    LoanAllottedPartnerUser.create(loan_id=left.loan_id, partner_user_id=chosen, role=role.value)
    told = {"before": _told(role, left.partner_user_id), "after": _told(role, chosen)}
    audit.record("loan.reallotted", "loan", left.loan_id, **told, reason=reason)
    return chosen


def history(loan_id: UUID) -> list[dict[str, Any]]:
    """Everybody who worked on the loan, oldest first: role, from when, until when and why it ended."""
    mine = LoanAllottedPartnerUser.loan_id == loan_id
    rows = list(LoanAllottedPartnerUser.select().where(mine).order_by(LoanAllottedPartnerUser.id))
    names = staff.names({row.partner_user_id for row in rows})
    return [
        {
            "role": row.role,
            "partner_user_id": row.partner_user_id,
            "name": names[row.partner_user_id],
            "is_active": row.is_active,
            "created_at": row.created_at,
            "ended_at": row.ended_at,
            "end_reason": row.end_reason,
        }
        for row in rows
    ]


def _rank(policy: rules.Ruleset, loans_in_hand: int, rating: Decimal | None) -> tuple[bool, Decimal, int]:
    """Sorts the fittest first: whoever is not full, then by the score of the brand's policy, then by fewest loans."""
    rated = {} if rating is None else {"rating": rating}
    known = rules.compute(policy, {"loans_in_hand": loans_in_hand} | rated)
    return not known["free_share"], -(known["score"] or 0), loans_in_hand


def executive_of(loan_id: UUID, role: Role) -> UUID | None:
    """Who has the loan in this role now."""
    row = LoanAllottedPartnerUser.get_or_none(
        LoanAllottedPartnerUser.loan_id == loan_id,
        LoanAllottedPartnerUser.role == role.value,
        LoanAllottedPartnerUser.is_active,
    )
    return row.partner_user_id if row else None


def executives(loan_id: UUID) -> list[dict[str, Any]]:
    """Who works on the loan now: role, id and name."""
    mine = LoanAllottedPartnerUser.loan_id == loan_id, LoanAllottedPartnerUser.is_active
    rows = list(LoanAllottedPartnerUser.select().where(*mine).order_by(LoanAllottedPartnerUser.role))
    names = staff.names({row.partner_user_id for row in rows})
    return [
        {"role": row.role, "partner_user_id": row.partner_user_id, "name": names[row.partner_user_id]}
        for row in rows
    ]


def _workload(role: Role) -> dict[UUID, int]:
    """How many loans each executive was given and still has."""
    rows = (
        LoanAllottedPartnerUser.select(
            LoanAllottedPartnerUser.partner_user_id, fn.COUNT(LoanAllottedPartnerUser.id).alias("loans")
        )
        .where(LoanAllottedPartnerUser.role == role.value, LoanAllottedPartnerUser.is_active)
        .group_by(LoanAllottedPartnerUser.partner_user_id)
    )
    return {row.partner_user_id: row.loans for row in rows}
