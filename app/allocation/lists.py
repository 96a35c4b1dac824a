"""Who works on what, as lists ask for it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core.identity import Role
from app.staff import service as staff


@dataclass(frozen=True)
class Given:
    """What somebody works on now: queries of the ids of loans, and of customers whom they look after."""

    loans: ModelSelect
    customers: ModelSelect


def given_to(user_id: UUID) -> Given:
    """What somebody works on."""
    return _given(Allotment.partner_user_id == user_id)


def given_in(roles: Collection[Role]) -> Given:
    """What anybody works on in one of these roles."""
    return _given(Allotment.role.in_([role.value for role in roles]))


def _given(whose: Any) -> Given:
    active = whose, Allotment.is_active
    return Given(
        Allotment.select(Allotment.loan_id).where(*active, Allotment.loan_id.is_null(False)),
        Allotment.select(Allotment.customer_id).where(*active),
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
