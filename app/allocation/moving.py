"""Work that changes hands by itself: its owner is gone, away, or back again; or somebody came for what waits."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from app.allocation import choosing, desk, matters
from app.allocation.choosing import Matter
from app.allocation.desk import REALLOCATED, Why
from app.allocation.kinds import TABLE, Kind
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.brands import service as brands
from app.core.identity import Role
from app.staff import service as staff

GONE, ON_LEAVE, BACK = "STAFF_GONE", "ON_LEAVE", "OWNER_BACK"
WAITING_MAX = 200  # at a time: it holds up whoever else gives out work of the brand


class Outcome(NamedTuple):
    """What became of something that waited. `allotment` is None where it still does: `waiting.why`."""

    waiting: AllocationWaiting
    matter: Matter
    allotment: Allotment | None


def allot_waiting() -> Iterator[Outcome]:
    """Give out what waits, of each kind the oldest first. Where nobody is there or all are full, the rest is left."""
    for kind in Kind:
        outcomes, after = allot_some(kind)
        yield from outcomes
        while after:
            outcomes, after = allot_some(kind, after)
            yield from outcomes


def kinds_waiting() -> list[Kind]:
    """The kinds of which something waits."""
    rows = AllocationWaiting.select(AllocationWaiting.kind).where(AllocationWaiting.ended_at.is_null())
    waiting = {row.kind for row in rows.distinct()}
    return [kind for kind in Kind if kind in waiting]


def allot_some(kind: Kind, after: UUID | None = None) -> tuple[list[Outcome], UUID | None]:
    """Give out the oldest of a kind that wait, or those that began to wait after `after`: what fits nobody holds up
    nothing behind it. Tells what became of each, and after which to go on; None where there are no more or nobody is
    left to have them."""
    if not brands.is_on("auto_allocation"):
        return [], None
    desk.one_at_a_time()
    rows = _waiting(kind, after)
    outcomes = []
    for row in rows:
        matter = matters.of_row(row)
        if matter is None:
            desk.nothing_to_do(row)
            continue
        allotment = desk.allot(matter)
        row = AllocationWaiting.find(row.id)
        outcomes.append(Outcome(row, matter, allotment))
        if allotment is None and row.why in desk.NOBODY_AT_ALL:
            return outcomes, None
    return outcomes, rows[-1].id if len(rows) == WAITING_MAX else None


def _waiting(kind: Kind, after: UUID | None) -> list[AllocationWaiting]:
    query = AllocationWaiting.select().where(
        AllocationWaiting.kind == kind.value, AllocationWaiting.ended_at.is_null()
    )
    query = query.where(AllocationWaiting.id > after) if after else query
    # the ids are in the order in which they came
    return list(query.order_by(AllocationWaiting.id).limit(WAITING_MAX))


def from_who_is_gone() -> None:
    """Give the open work of people who were deactivated, or lost the role, to others.

    What nobody may have stays where it is until the next run; where nothing is given out by itself, it waits.
    """
    automatic = brands.is_on("auto_allocation")
    for held, matter in _in_hand_of_others_than(_working()):
        if automatic:
            desk.hand_over(held, matter, Why(REALLOCATED, GONE))
        else:
            desk.put_back(held, matter, GONE)


def _working() -> dict[Role, set[UUID]]:
    return {role: set(staff.working(role)) for role in {terms.role for terms in TABLE.values()}}


def _in_hand_of_others_than(people: dict[Role, set[UUID]]) -> Iterator[tuple[Allotment, Matter]]:
    for held in _in_hand():
        if held.partner_user_id not in people[Role(held.role)]:
            matter = matters.of_row(held)
            if matter is not None:
                yield held, matter


def _in_hand() -> list[Allotment]:
    mine = Allotment.is_active, Allotment.in_hand
    return list(Allotment.select().where(*mine).order_by(Allotment.id))


def for_leave() -> None:
    """Once a morning: what its owner gets back goes back, then what cannot wait goes to others while they are away.

    The brand's policy says which kinds move and which return.
    """
    if not brands.is_on("auto_allocation"):
        return
    desk.one_at_a_time()
    terms = {kind: choosing.terms(desk.rules_for(kind), kind) for kind in Kind}
    present = {
        role: {who.id for who in staff.colleagues(role) if who.present}
        for role in {terms.role for terms in TABLE.values()}
    }
    _give_back({kind for kind in Kind if terms[kind]["when_back"] == "RETURNS"}, present)
    _cover({kind for kind in Kind if terms[kind]["when_away"] == "MOVES"}, present)


def _give_back(kinds: set[Kind], present: dict[Role, set[UUID]]) -> None:
    covering = [held for held in _in_hand() if held.covers_id and held.kind in kinds]
    for held in covering:
        owner = Allotment.find(held.covers_id).partner_user_id
        matter = matters.of_row(held)
        if matter is not None and owner in present[Role(held.role)] and owner != held.partner_user_id:
            desk.return_to(held, matter, owner, BACK)


def _cover(kinds: set[Kind], present: dict[Role, set[UUID]]) -> None:
    for held, matter in _in_hand_of_others_than(present):
        if held.kind in kinds:
            # however often it moves on, it comes back to who had it first
            desk.hand_over(held, matter, Why(REALLOCATED, ON_LEAVE, held.covers_id or held.id))
