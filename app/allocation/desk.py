"""The one door by which work is given out, changes hands or waits.

In a brand one allocation happens at a time: two at once would both count the same load. The lock is taken before any
row is, and lasts until the transaction ends. Under it every choice sees all that were made before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import Expression, fn

import rules
from app.allocation import choosing
from app.allocation.choosing import AWAY, FULL, Candidate, Matter, Scored
from app.allocation.kinds import TABLE, Kind, together_with
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.brands import service as brands
from app.core import audit, clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, Invalid
from app.core.identity import Role
from app.core.money import ZERO
from app.core.outbox import enqueue
from app.policies import service as policies
from app.staff import service as staff

AUTO, MANUAL, REALLOCATED = "AUTO", "MANUAL", "REALLOCATED"
# whoever is given several things within this time gets one mail
TELL_AFTER_S = 60
NOBODY_AT_ALL = ("NOBODY_PRESENT", "ALL_FULL")
_REFUSALS = {AWAY: "They are on leave today.", FULL: "They have as much in hand as they can take."}


@dataclass(frozen=True)
class Why:
    """How something comes to somebody. `covers_id`: the allotment it stands in for."""

    type: str = AUTO
    reason: str | None = None
    covers_id: UUID | None = None


def one_at_a_time() -> None:
    """Wait for whoever else gives out work of this brand now."""
    name = f"allot|{current_brand()}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def rules_for(kind: Kind) -> rules.Ruleset:
    """The brand's rules of who gets a kind; those that every brand's extend, where its were published before there was
    such a kind."""
    policy = policies.ruleset_for("allocation")
    return policy if choosing.knows(policy, kind) else policies.base("allocation")


def holder(matter: Matter) -> Allotment | None:
    """The allotment in force; None where nobody has it."""
    return Allotment.get_or_none(*_of(Allotment, matter), Allotment.is_active)


def allot(matter: Matter) -> Allotment | None:
    """Give it to whoever should have it; None, and it waits, when nobody may. Who has it already keeps it."""
    one_at_a_time()
    already = holder(matter)
    if already is not None:
        return already
    if not brands.is_on("auto_allocation"):
        return _wait(matter, "SWITCHED_OFF")
    policy = rules_for(matter.kind)
    ranked = _ranked(policy, matter)
    best = choosing.chosen(ranked)
    return _give(matter, best, ranked, policy, Why()) if best else _wait(matter, _why_nobody(ranked))


def allot_by_hand(matter: Matter, to: UUID | None, why: Why) -> Allotment | None:
    """Give what nobody has to `to`, or to whoever should have it; None when nobody may.

    Raises Conflict if they are away or full, Invalid if it is not their work.
    """
    one_at_a_time()
    policy = rules_for(matter.kind)
    ranked = _ranked(policy, matter)
    best = _named(ranked, to) if to else choosing.chosen(ranked)
    return _give(matter, best, ranked, policy, why) if best else None


def hand_over(
    held: Allotment, matter: Matter, why: Why, *, to: UUID | None = None, keeps: bool = False
) -> Allotment | None:
    """Take it from who has it and give it to `to`, or to whoever should have it; None, and it stays, when nobody may.

    `keeps`: they may have it again. The allotment before stays for the history. Raises as `allot_by_hand` does.
    """
    one_at_a_time()
    held = held.locked()
    if not held.is_active:
        return None
    policy = rules_for(matter.kind)
    ranked = _ranked(policy, matter, held)
    others = [one for one in ranked if keeps or one.user_id != held.partner_user_id]
    best = _named(others, to) if to else choosing.chosen(others)
    if best is None:
        return None
    end(held, why.reason)
    return _give(matter, best, ranked, policy, why, held)


def return_to(held: Allotment, matter: Matter, owner: UUID, reason: str) -> Allotment | None:
    """Give it back to who had it before; None, and it stays, when they are full or away."""
    try:
        return hand_over(held, matter, Why(REALLOCATED, reason), to=owner)
    except (Conflict, Invalid):
        return None


def end(held: Allotment, reason: str | None) -> None:
    """Take it from who has it."""
    held.change(
        is_active=False, in_hand=False, ended_at=clock.now(), ended_by=identity.actor().id, end_reason=reason
    )


def put_back(held: Allotment, matter: Matter, reason: str) -> None:
    """Take it from who has it, and let it wait for somebody to give it out by hand."""
    one_at_a_time()
    held = held.locked()
    if held.is_active:
        end(held, reason)
        _audit(matter, "deallotted", held, None, reason)
        _wait(matter, "SWITCHED_OFF")


def _named(ranked: Sequence[Scored], user_id: UUID) -> Scored:
    found = next((one for one in ranked if one.user_id == user_id), None)
    if found is None:
        raise Invalid("This is not the work of that person.", field="to", code="NOT_THEIR_WORK")
    if found.standing in _REFUSALS:
        raise Conflict(_REFUSALS[found.standing], field="to", code=found.standing)
    return found


def _why_nobody(ranked: Sequence[Scored]) -> str:
    standings = {one.standing for one in ranked} - {AWAY}
    if not standings:
        return "NOBODY_PRESENT"
    return "ALL_FULL" if standings == {FULL} else "NOBODY_FITS"


def _give(
    matter: Matter,
    to: Scored,
    ranked: Sequence[Scored],
    policy: rules.Ruleset,
    why: Why,
    before: Allotment | None = None,
) -> Allotment:
    same = before is not None and before.partner_user_id == to.user_id
    _end_earlier(matter)
    row = Allotment.create(
        kind=matter.kind.value,
        customer_id=matter.customer_id,
        loan_id=matter.loan_id,
        partner_user_id=to.user_id,
        role=matter.role.value,
        allocation_type=why.type,
        amount=matter.amount,
        bucket=matter.bucket,
        ticket_class=choosing.ticket_class(policy, matter.amount),
        score=to.score,
        geo_score=to.nearness,
        ruleset_hash=policies.keep(policy),
        candidates=[one.told() for one in ranked],
        reason=why.reason,
        allotted_by=identity.actor().id,
        covers_id=why.covers_id,
        told_at=clock.now() if same else None,
    )
    _audit(matter, "reallotted" if before else "allotted", before, row, why.reason)
    _ended_waiting(matter, "ALLOTTED")
    if not same:
        _tell_soon(to.user_id, row.id)
    return row


def _end_earlier(matter: Matter) -> None:
    """What is over with it: one person at a time works on a loan in a role."""
    ends = TABLE[matter.kind].ends
    held = holder(replace(matter, kind=ends)) if ends else None
    if held is not None:
        end(held, f"{matter.kind.value}_BEGAN")
        _audit(matter, "deallotted", held, None, held.end_reason)


def _audit(
    matter: Matter, what: str, before: Allotment | None, after: Allotment | None, reason: str | None
) -> None:
    entity = "loan" if matter.loan_id else "customer"
    told = {
        name: {"kind": row.kind, "partnerUserId": str(row.partner_user_id), "role": row.role}
        for name, row in (("before", before), ("after", after))
        if row
    }
    audit.record(
        f"{entity}.{what}", entity, matter.subject_id, subject_id=matter.customer_id, reason=reason, **told
    )


def _tell_soon(user_id: UUID, allotment_id: UUID) -> None:
    untold = Allotment.partner_user_id == user_id, Allotment.told_at.is_null(), Allotment.id != allotment_id
    # the mail that is on its way tells of this one too
    if not Allotment.select().where(*untold).exists():
        enqueue("allocation.tell", delay_s=TELL_AFTER_S, user_id=user_id)


def take_untold(user_id: UUID) -> dict[Kind, int]:
    """How much somebody was given that they were not told of; told of from now on."""
    one_at_a_time()
    untold = Allotment.partner_user_id == user_id, Allotment.told_at.is_null()
    rows = list(Allotment.select(Allotment.kind, Allotment.is_active).where(*untold))
    Allotment.update(told_at=clock.now()).where(*untold).execute()
    return {kind: count for kind in Kind if (count := sum(r.is_active and r.kind == kind for r in rows))}


def _wait(matter: Matter, why: str) -> None:
    row = AllocationWaiting.get_or_none(*_of(AllocationWaiting, matter), AllocationWaiting.ended_at.is_null())
    if row is None:
        AllocationWaiting.create(
            kind=matter.kind.value,
            customer_id=matter.customer_id,
            loan_id=matter.loan_id,
            amount=matter.amount,
            why=why,
        )
    elif row.why != why:
        row.change(why=why)


def _ended_waiting(matter: Matter, reason: str) -> None:
    waits = *_of(AllocationWaiting, matter), AllocationWaiting.ended_at.is_null()
    AllocationWaiting.update(ended_at=clock.now(), end_reason=reason).where(*waits).execute()


def nothing_to_do(row: AllocationWaiting) -> None:
    """It need not wait any longer."""
    row.change(ended_at=clock.now(), end_reason="NOTHING_TO_DO")


def _of(model: type[Allotment | AllocationWaiting], matter: Matter) -> tuple[Expression, ...]:
    if matter.loan_id is None:
        return model.kind == matter.kind.value, model.customer_id == matter.customer_id
    return model.kind == matter.kind.value, model.loan_id == matter.loan_id


def _ranked(policy: rules.Ruleset, matter: Matter, without: Allotment | None = None) -> list[Scored]:
    return choosing.rank(policy, matter, candidates(policy, matter, without))


def candidates(policy: rules.Ruleset, matter: Matter, without: Allotment | None = None) -> list[Candidate]:
    """Everybody who works in the role, with what they have in hand (but for `without`)."""
    colleagues = staff.colleagues(matter.role)
    ids = [who.id for who in colleagues]
    held, last = loads(policy, matter.kind, without), _last_allotted(matter.role, ids)
    rated = staff.ratings_of(ids, matter.bucket, choosing.ticket_class(policy, matter.amount))
    return [
        Candidate(who, *held.get(who.id, (0, ZERO)), last.get(who.id), rated.get(who.id))
        for who in colleagues
    ]


def loads(policy: rules.Ruleset, kind: Kind, without: Allotment | None = None) -> dict[UUID, tuple[int, Any]]:
    """How much each has in hand that takes the room of a kind, and what it comes to in rupees."""
    in_hand = Allotment.role == TABLE[kind].role.value, Allotment.is_active, Allotment.in_hand
    query = Allotment.select(
        Allotment.partner_user_id, fn.COUNT(Allotment.id), fn.SUM(Allotment.amount)
    ).where(*in_hand, _counted(policy, kind))
    if without is not None:
        query = query.where(Allotment.id != without.id)
    return {
        user_id: (count, amount)
        for user_id, count, amount in query.group_by(Allotment.partner_user_id).tuples()
    }


def _counted(policy: rules.Ruleset, kind: Kind) -> Expression:
    """What takes room: a kind with `counted_days` only for so long."""
    days = {each: choosing.terms(policy, each)["counted_days"] for each in together_with(kind)}
    counted = Allotment.kind.in_([kind.value for kind in days])
    for each, limit in days.items():
        if limit is not None:
            since = clock.now() - timedelta(days=int(limit))
            counted &= (Allotment.kind != each.value) | (Allotment.created_at > since)
    return counted


def _last_allotted(role: Role, user_ids: Sequence[UUID]) -> dict[UUID, Any]:
    # one look at the end of an index for each person, however long their history is
    statement = """
        SELECT u, (SELECT max(a.created_at) FROM loan_allotted_partner_user a
                   WHERE a.partner_user_id = u AND a.role = %s AND a.brand_id = %s)
        FROM unnest(%s::uuid[]) u"""
    values = (role.value, current_brand(), [str(user_id) for user_id in user_ids])
    return {UUID(str(user_id)): at for user_id, at in db.execute_sql(statement, values).fetchall()}
