"""Who works on what, as lists ask for it."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core.identity import Role
from app.staff import service as staff


def loans_with(user_id: UUID) -> ModelSelect:
    """The ids of loans that somebody works on now."""
    return _active(Allotment.partner_user_id == user_id)


def loans_among(roles: Collection[Role]) -> ModelSelect:
    """The ids of loans that anybody works on now in one of these roles."""
    return _active(Allotment.role.in_([role.value for role in roles]))


def _active(whose: Any) -> ModelSelect:
    return Allotment.select(Allotment.loan_id).where(
        whose, Allotment.is_active, Allotment.loan_id.is_null(False)
    )


def executives_of(loan_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Who works on each of these loans now: role, id and name."""
    mine = Allotment.loan_id.in_(list(loan_ids)), Allotment.is_active
    rows = list(Allotment.select().where(*mine).order_by(Allotment.role, Allotment.id))
    names = staff.names({row.partner_user_id for row in rows})
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        person = {"partner_user_id": row.partner_user_id, "name": names[row.partner_user_id]}
        found[row.loan_id].append({"role": row.role} | person)
    return found
