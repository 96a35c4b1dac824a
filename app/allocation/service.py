"""Auto-allocation: of the executives who are present, the loan goes to the fittest by the brand's policy.

Of a score the load is known today; how near they are and how well they did is the same for all.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import fn

import rules
from app.allocation.models import LoanAllottedPartnerUser
from app.core import audit
from app.core.database import current_brand, db
from app.core.identity import Role
from app.policies import service as policies
from app.staff import service as staff


def allot_loan(loan_id: UUID, role: Role) -> UUID | None:
    """Give the loan to an executive with `role`; None when nobody is present (it waits in the queue).

    One allocation of a brand and role at a time: two at once would both count the same workload.
    """
    db.execute_sql(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"allot|{current_brand()}|{role}",)
    )
    already = executive_of(loan_id, role)
    if already is not None:
        return already
    present = staff.available(role)
    if not present:
        return None
    policy, load = policies.ruleset_for("allocation"), _workload(role)
    chosen = min(present, key=lambda user_id: (*_rank(policy, load.get(user_id, 0)), user_id))
    LoanAllottedPartnerUser.create(loan_id=loan_id, partner_user_id=chosen, role=role.value)
    audit.record("loan.allotted", "loan", loan_id, after={"partnerUserId": str(chosen), "role": role.value})
    return chosen


def _rank(policy: rules.Ruleset, loans_in_hand: int) -> tuple[bool, Decimal, int]:
    """Sorts the fittest first: whoever is not full, then by the score of the brand's policy, then by fewest loans."""
    known = rules.compute(policy, {"loans_in_hand": loans_in_hand})
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
