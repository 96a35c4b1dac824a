"""Loans that are about to fall due, are overdue or were written off: who collects or recovers them, the first anew with
every bucket."""

from typing import Any
from uuid import UUID

from app.allocation import desk, matters
from app.allocation.desk import REALLOCATED, Why
from app.allocation.kinds import COLLECTED, TABLE, Kind
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.brands import service as brands
from app.loans import service as loans
from app.policies import service as policies

NOT_DUE = "NOT_DUE"


def allot_collection(loan_id: UUID | str) -> None:
    """Give a loan that is due soon or overdue to a collection executive and to who supervises them, one that was
    written off to whoever recovers it.

    With another bucket it is chosen anew, and the present executive may have it again; with the same one, and for a
    loan on which nothing is to be collected, nothing changes.
    """
    for kind in COLLECTED:
        matter = matters.of(kind, loan_id)
        if matter is None:
            continue
        held = desk.holder(matter)
        if held is None:
            desk.allot(matter)
        elif TABLE[kind].by_bucket and held.bucket != matter.bucket and brands.is_on("auto_allocation"):
            desk.hand_over(held, matter, Why(REALLOCATED, "BUCKET_CHANGED"), keeps=True)


def due() -> list[UUID]:
    """The loans that nobody collects in the bucket in which they are today, oldest first; then those that were written
    off and nobody recovers."""
    policy = policies.ruleset_for("delinquency")
    stands: dict = {None: {"stage": NOT_DUE, "bucket": None}}
    collected = _buckets()
    found = []
    for loan in loans.in_states(TABLE[Kind.COLLECTION].states):
        if loan.due_date not in stands:
            stands[loan.due_date] = matters.standing(loan.due_date, policy)
        stand = stands[loan.due_date]
        if stand["stage"] != NOT_DUE and collected.get(loan.id, "") != stand["bucket"]:
            found.append(loan.id)
    return found + _lost()


def _buckets() -> dict[UUID, str | None]:
    mine = *_given(Kind.COLLECTION), Allotment.in_hand
    return {
        row.loan_id: row.bucket for row in Allotment.select(Allotment.loan_id, Allotment.bucket).where(*mine)
    }


def _lost() -> list[UUID]:
    # one that came back wholly stays with who recovered it, without taking room
    recovered = {row.loan_id for row in Allotment.select(Allotment.loan_id).where(*_given(Kind.RECOVERY))}
    lost = loans.in_states(TABLE[Kind.RECOVERY].states)
    return [loan.id for loan in lost if loan.id not in recovered]


def _given(kind: Kind) -> tuple[Any, ...]:
    return Allotment.kind == kind.value, Allotment.is_active
