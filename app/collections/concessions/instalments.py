"""Settlements that are paid in parts, as functions of their arguments: nothing is read or written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.core.money import ZERO

PAID, PART_PAID, OPEN = "PAID", "PART_PAID", "OPEN"


@dataclass(frozen=True)
class Instalment:
    """So much is to come in by a day."""

    due_on: date
    amount: Decimal


Plan = tuple[Instalment, ...]


def read(stored: Sequence[Mapping[str, str]]) -> Plan:
    """A plan as a concession keeps it."""
    return tuple(Instalment(date.fromisoformat(row["due_on"]), Decimal(row["amount"])) for row in stored)


def stored(plan: Plan) -> list[dict[str, str]]:
    """What a concession keeps of a plan."""
    return [{"due_on": part.due_on.isoformat(), "amount": str(part.amount)} for part in plan]


def check(plan: Plan, amount: Decimal, today: date, *, parts_max: int, days_max: int) -> None:
    """Raises Invalid for a plan that does not come to `amount`, is not in order of its days, or is not within the
    policy's parts and days."""
    days, last = [part.due_on for part in plan], today + timedelta(days=days_max)
    if len(plan) > parts_max:
        raise Invalid(f"At most {parts_max} instalments.", field="instalments")
    if days != sorted(set(days)) or not today <= days[0] <= days[-1] <= last:
        raise Invalid(f"Each on a later day than the one before, from today to {last}.", field="instalments")
    total = sum((part.amount for part in plan), ZERO)
    if total != amount:
        raise Invalid(f"They come to {total}, the settlement to {amount}.", field="instalments")


def missed(plan: Plan, paid: Sequence[tuple[date, Decimal]], on: date, grace_days: int) -> Instalment | None:
    """The first instalment that had not come in, with all before it, by the end of its grace; None before that day."""
    wanted = ZERO
    for part in plan:
        wanted += part.amount
        last = part.due_on + timedelta(days=grace_days)
        if on > last and sum((amount for day, amount in paid if day <= last), ZERO) < wanted:
            return part
    return None


def missing(plan: Plan, received: Decimal, due_on: date) -> Decimal:
    """What is to come in on a day, and has not: what came in before is for the first that is open."""
    amount = sum((part.amount for part in plan if part.due_on == due_on), ZERO)
    wanted = sum((part.amount for part in plan if part.due_on <= due_on), ZERO)
    return max(ZERO, min(amount, wanted - received))


def shown(plan: Plan, received: Decimal) -> list[dict[str, Any]]:
    """Each instalment and how far it is paid; what comes in is for the first that is open."""
    rows, left = [], received
    for part in plan:
        status = PAID if left >= part.amount else PART_PAID if left > 0 else OPEN
        rows.append({"due_on": part.due_on, "amount": part.amount, "status": status})
        left = max(left - part.amount, ZERO)
    return rows
