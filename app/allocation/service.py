"""Who works on a customer or a loan, as other domains ask and tell."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.allocation import desk
from app.allocation.choosing import Matter
from app.allocation.kinds import APPLICATION, Kind, working_in
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core import clock
from app.core.database import db
from app.core.identity import Role
from app.core.outbox import enqueue
from app.staff import service as staff

# a loan that comes into one of these states is given to somebody by a job: an application that came back, and what was
# written off
_ALLOTS = {"APPLIED": "allocation.allot_application", "WRITE_OFF": "allocation.allot_collection"}


def allot_application(loan_id: UUID, customer_id: UUID, amount: Decimal) -> None:
    """Give a new application to a loan executive and to a credit executive; it waits where nobody may have it."""
    customer = Allotment.customer_id == customer_id, Allotment.kind == Kind.CUSTOMER.value
    Allotment.update(in_hand=False).where(*customer, Allotment.in_hand).execute()
    waits = AllocationWaiting.customer_id == customer_id, AllocationWaiting.kind == Kind.CUSTOMER.value
    _nothing_to_do(*waits)
    for kind in APPLICATION:
        desk.allot(Matter(kind, customer_id, loan_id, amount))


def loan_moved(loan_id: UUID, state: str) -> None:
    """The loan is in another state: it takes room only of those for whom there is work on it now."""
    kinds = [kind.value for kind in working_in(state)]
    db.execute_sql(
        "UPDATE loan_allotted_partner_user SET in_hand = kind = ANY(%s) "
        "WHERE loan_id = %s AND is_active AND in_hand <> (kind = ANY(%s))",
        (kinds, loan_id, kinds),
    )
    _nothing_to_do(AllocationWaiting.loan_id == loan_id, AllocationWaiting.kind.not_in(kinds))
    if state in _ALLOTS:
        enqueue(_ALLOTS[state], loan_id=loan_id)


def _nothing_to_do(*which: Any) -> None:
    over = {"ended_at": clock.now(), "end_reason": "NOTHING_TO_DO"}
    AllocationWaiting.update(over).where(*which, AllocationWaiting.ended_at.is_null()).execute()


def amount_changed(loan_id: UUID, owed: Decimal, lost: Decimal) -> None:
    """What the loan comes to now, for those who have it; what came back wholly of `lost` takes no room any more."""
    db.execute_sql(
        """UPDATE loan_allotted_partner_user SET
            amount = CASE kind WHEN 'RECOVERY' THEN greatest(%(lost)s, 0) ELSE %(owed)s END,
            in_hand = CASE kind WHEN 'RECOVERY' THEN %(lost)s > 0 ELSE in_hand END
        WHERE loan_id = %(loan)s AND is_active""",
        {"lost": lost, "owed": owed, "loan": loan_id},
    )


def executive_of(loan_id: UUID, role: Role) -> UUID | None:
    """Who has the loan in this role now."""
    row = Allotment.get_or_none(
        Allotment.loan_id == loan_id, Allotment.role == role.value, Allotment.is_active
    )
    return row.partner_user_id if row else None


def at_work_on(customer_id: UUID) -> Allotment | None:
    """Who has the customer in hand now: the newest of what there is work on, else whoever has them at all."""
    mine = Allotment.customer_id == customer_id, Allotment.is_active
    order = Allotment.in_hand.desc(), Allotment.loan_id.is_null(), Allotment.id.desc()
    return Allotment.select().where(*mine).order_by(*order).first()


def executives(loan_id: UUID) -> list[dict[str, Any]]:
    """Who works on the loan now: role, id and name."""
    mine = Allotment.loan_id == loan_id, Allotment.is_active
    rows = list(Allotment.select().where(*mine).order_by(Allotment.role))
    return [
        {"role": row.role, "partner_user_id": row.partner_user_id, "name": row.name} for row in named(rows)
    ]


def history(loan_id: UUID) -> list[Allotment]:
    """Everybody who worked on the loan, oldest first, with `name`."""
    return named(Allotment.select().where(Allotment.loan_id == loan_id).order_by(Allotment.id))


def history_of_customer(customer_id: UUID) -> list[Allotment]:
    """Everybody who worked on the customer or on a loan of theirs, oldest first, with `name`."""
    return named(Allotment.select().where(Allotment.customer_id == customer_id).order_by(Allotment.id))


def named(rows: Iterable[Allotment]) -> list[Allotment]:
    """The same rows, each with the `name` of who has it and the `days_held`."""
    rows = list(rows)
    names, now = staff.names({row.partner_user_id for row in rows}), clock.now()
    for row in rows:
        row.name = names[row.partner_user_id]
        row.days_held = ((row.ended_at or now) - row.created_at).days
    return rows
