"""What people look at: their own queue, the load of a team, what waits, and why something went to whom."""

from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from app.allocation import choosing, desk, service
from app.allocation.choosing import Matter
from app.allocation.kinds import TABLE, Kind, led_by, together_with
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core import clock, identity
from app.core.errors import NotFound
from app.core.http import paginate
from app.core.money import ZERO
from app.customers import service as customers
from app.loans import service as loans
from app.staff import service as staff

SORTABLE = {"createdAt": Allotment.created_at, "amount": Allotment.amount}
WAITING_SORTABLE = {"createdAt": AllocationWaiting.created_at, "amount": AllocationWaiting.amount}


def mine(args: dict[str, Any]) -> dict[str, Any]:
    """What the acting person has to work on, oldest first unless sorted otherwise."""
    own = Allotment.partner_user_id == identity.actor().id, Allotment.in_hand
    return _page(_allotments(args, list(Kind)).where(*own, Allotment.is_active), args)


def page(args: dict[str, Any]) -> dict[str, Any]:
    """What was given out of the kinds that the actor leads, by who has it and whether they have it still."""
    query = _allotments(args, led_by(identity.actor().roles))
    if args["executive_id"]:
        query = query.where(Allotment.partner_user_id == args["executive_id"])
    if args["active"] is not None:
        query = query.where(Allotment.is_active == args["active"])
    return _page(query, args)


def _allotments(args: dict[str, Any], kinds: list[Kind]) -> ModelSelect:
    query = Allotment.select().where(Allotment.kind.in_([kind.value for kind in kinds]))
    return query.where(Allotment.kind == args["kind"]) if args["kind"] else query


def _page(query: ModelSelect, args: dict[str, Any]) -> dict[str, Any]:
    found = paginate(query, args | {"sort": args["sort"] or "createdAt"}, SORTABLE)
    service.named(found["items"])
    number(found["items"])
    return found


def names_of(rows: list[Allotment]) -> dict[UUID, str]:
    """The names of those who have these."""
    return staff.names({row.partner_user_id for row in rows})


def number(rows: list[Allotment] | list[AllocationWaiting]) -> None:
    """Gives each row the numbers that people call it by, and how long it has been there."""
    loan_nos = loans.numbers({row.loan_id for row in rows if row.loan_id})
    customer_nos, now = customers.numbers({row.customer_id for row in rows}), clock.now()
    for row in rows:
        row.loan_no = loan_nos.get(row.loan_id)
        row.customer_no = customer_nos[row.customer_id]
        row.ageing_hours = int((now - row.created_at).total_seconds() // 3600)


def waiting(args: dict[str, Any]) -> dict[str, Any]:
    """What nobody could be given yet of the kinds that the actor leads, oldest first unless sorted otherwise."""
    kinds = [kind.value for kind in led_by(identity.actor().roles)]
    query = AllocationWaiting.select().where(
        AllocationWaiting.ended_at.is_null(), AllocationWaiting.kind.in_(kinds)
    )
    if args["kind"]:
        query = query.where(AllocationWaiting.kind == args["kind"])
    found = paginate(query, args | {"sort": args["sort"] or "createdAt"}, WAITING_SORTABLE)
    number(found["items"])
    return found


def load(kind: str | None = None) -> list[dict[str, Any]]:
    """Everybody to whom the actor may give work, by what takes the same room: what they have in hand, their capacity,
    whether they are there; after them those who are gone and have something in hand still."""
    kinds = [one for one in led_by(identity.actor().roles) if kind in (None, one)]
    rooms = {tuple(together_with(one)): one for one in kinds}
    return [row for one in rooms.values() for row in _load_of(one)]


def _load_of(kind: Kind) -> list[dict[str, Any]]:
    role, policy = TABLE[kind].role, desk.rules_for(kind)
    nothing = Matter(kind, customer_id=UUID(int=0))
    ranked = choosing.rank(policy, nothing, desk.candidates(policy, nothing))
    held, oldest = desk.loads(policy, kind), _oldest(kind)
    gone = sorted(held.keys() - {one.user_id for one in ranked})
    names = staff.names({*(one.user_id for one in ranked), *gone})
    same = {"role": role.value, "kinds": together_with(kind)}
    there = [
        same
        | {
            "partner_user_id": one.user_id,
            "name": names[one.user_id],
            "present": one.candidate.who.present,
            "standing": one.standing,
            "in_hand": one.candidate.in_hand,
            "amount": one.candidate.amount_in_hand or ZERO,
            "capacity": one.capacity,
            "last_allotted_at": one.candidate.last_allotted_at,
            "oldest_at": oldest.get(one.user_id),
        }
        for one in ranked
    ]
    return there + [
        same
        | {
            "partner_user_id": user_id,
            "name": names[user_id],
            "present": False,
            "standing": "GONE",
            "in_hand": held[user_id][0],
            "amount": held[user_id][1],
            "capacity": None,
            "last_allotted_at": None,
            "oldest_at": oldest.get(user_id),
        }
        for user_id in gone
    ]


def _oldest(kind: Kind) -> dict[UUID, Any]:
    kinds = [each.value for each in together_with(kind)]
    held = Allotment.kind.in_(kinds), Allotment.is_active, Allotment.in_hand
    query = Allotment.select(Allotment.partner_user_id, fn.MIN(Allotment.created_at)).where(*held)
    return dict(query.group_by(Allotment.partner_user_id).tuples())


def get(allotment_id: UUID) -> Allotment:
    """One allotment with its candidates. Raises NotFound, also for a kind that the actor does not lead."""
    row = Allotment.find(allotment_id)
    if row.kind not in led_by(identity.actor().roles):
        raise NotFound("allocation")
    service.named([row])
    number([row])
    names = staff.names({UUID(one["partnerUserId"]) for one in row.candidates})
    row.considered = [one | {"name": names.get(UUID(one["partnerUserId"]))} for one in row.candidates]
    return row


def of_loan(loan_id: UUID) -> list[Allotment]:
    """Everybody who worked on the loan, oldest first. Raises NotFound."""
    return service.history(loans.get(loan_id).id)


def of_customer(customer_id: UUID) -> list[Allotment]:
    """Everybody who worked on the customer or on a loan of theirs, oldest first. Raises NotFound."""
    return service.history_of_customer(customers.get(customer_id).id)
