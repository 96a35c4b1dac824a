"""What waits at each step of the way, since when, and whether that is longer than the brand's policy lets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect, Value, fn

import rules
from app.allocation import lists as allotments
from app.core import clock, identity
from app.core.http import paginate
from app.core.identity import Role
from app.loans.models import Loan
from app.policies import service as policies


@dataclass(frozen=True)
class Queue:
    """The loans of a status. `hours` is the name that the sanction policy gives to how long one may wait there."""

    status: str
    hours: str | None


QUEUES: Mapping[str, Queue] = {
    "CREDIT": Queue("APPLIED", "credit_hours"),
    "MANAGER": Queue("CREDIT_EXECUTIVE_APPROVED", "manager_hours"),
    "HEAD": Queue("SANCTION_MANAGER_APPROVED", "head_hours"),
    "HELD": Queue("HOLD", None),
}
# whose queue is whose where nobody asks for another one; the first role that somebody has counts
_OWN = {Role.SANCTION_HEAD: "HEAD", Role.SANCTION_MANAGER: "MANAGER"}
SORTABLE = {
    "statusSince": Loan.status_since,
    "createdAt": Loan.created_at,
    "appliedAmount": Loan.applied_amount,
    "creditApprovedAmount": Loan.credit_approved_amount,
    "sendBackCount": Loan.send_back_count,
    "heldUntil": Loan.held_until,
}


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a queue, longest waiting first, each loan with `due_at`, `breached` and `waiting_hours`."""
    name = args["queue"] or own()
    hours = hours_of(QUEUES[name])
    query = _narrowed(Loan.select().where(Loan.status == QUEUES[name].status), args, hours)
    found = paginate(query, {**args, "sort": args["sort"] or "statusSince"}, SORTABLE)
    for loan in found["items"]:
        _aged(loan, hours)
    return found


def own() -> str:
    """The queue of the actor's role."""
    roles = identity.actor().roles
    return next((queue for role, queue in _OWN.items() if role in roles), "CREDIT")


def hours_of(queue: Queue) -> int | None:
    """How long a loan may wait there by the policy; None where it may rest."""
    if queue.hours is None:
        return None
    return int(rules.compute(policies.ruleset_for("sanction"), {})[queue.hours])


def _narrowed(query: ModelSelect, args: Mapping[str, Any], hours: int | None) -> ModelSelect:
    text = (args["search"] or "").upper()
    wanted = [
        (args["min_amount"], lambda amount: Loan.applied_amount >= amount),
        (args["max_amount"], lambda amount: Loan.applied_amount <= amount),
        (text, lambda part: Loan.loan_no.contains(part)),
    ]
    for value, condition in wanted:
        query = query.where(condition(value)) if value else query
    if args["mine"]:
        query = query.where(Loan.id.in_(allotments.given_to(UUID(identity.actor().id)).loans))
    if args["sent_back"] is not None:
        query = query.where((Loan.send_back_count > 0) == args["sent_back"])
    if args["breached"] is not None:
        query = query.where(_breach(hours) == args["breached"])
    return query


def _breach(hours: int | None) -> Any:
    """Nothing that may rest is late."""
    if hours is None:
        return Value(value=False)
    return Loan.status_since < clock.now() - timedelta(hours=hours)


def _aged(loan: Loan, hours: int | None) -> None:
    loan.waiting_hours = int((clock.now() - loan.status_since).total_seconds() // 3600)
    loan.due_at = loan.status_since + timedelta(hours=hours) if hours is not None else None
    loan.breached = loan.due_at is not None and loan.due_at < clock.now()


def late(name: str, ids: tuple[ModelSelect, ...] = ()) -> ModelSelect:
    """One row with `count` and `amount`: the loans of a queue, among `ids`, that wait longer than the policy lets."""
    queue = QUEUES[name]
    mine = [Loan.status == queue.status, _breach(hours_of(queue)), *(Loan.id.in_(some) for some in ids)]
    amount = fn.COALESCE(fn.SUM(Loan.applied_amount), Decimal(0)).alias("amount")
    return Loan.select(fn.COUNT(Loan.id).alias("count"), amount).where(*mine)


def counts() -> list[dict[str, Any]]:
    """Of each queue: how many wait, how many too long, and since when the oldest does."""
    return [{"queue": name, **_count(queue)} for name, queue in QUEUES.items()]


def _count(queue: Queue) -> dict[str, Any]:
    hours = hours_of(queue)
    late = fn.COUNT(Loan.id).filter(_breach(hours))
    query = Loan.select(fn.COUNT(Loan.id), late, fn.MIN(Loan.status_since)).where(Loan.status == queue.status)
    waiting, breached, oldest_since = query.tuples().get()
    return {"waiting": waiting, "breached": breached, "oldest_since": oldest_since, "hours": hours}
