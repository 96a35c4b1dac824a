"""Giving out work after the answer, each morning, and whenever somebody comes or goes."""

from uuid import UUID

from app.allocation import collecting, desk, matters, moving, service
from app.allocation.kinds import TABLE, Kind
from app.core.outbox import enqueue, job
from app.loans import service as loans
from app.messaging.staff import mails as to_staff


@job()
def allot_customer(customer_id: str) -> None:
    """Give a customer who registered to a loan executive, unless they applied meanwhile."""
    matter = matters.of(Kind.CUSTOMER, customer_id)
    if matter is not None:
        desk.allot(matter)


@job()
def allot_application(loan_id: str) -> None:
    """Give an application that came back to whoever it was with, or to somebody if nobody had it."""
    loan = loans.get(loan_id)
    if loan.status == "APPLIED":
        service.allot_application(loan.id, loan.customer_id, loan.applied_amount)


@job()
def allot_collection(loan_id: str) -> None:
    """Give a loan that is due soon or overdue to somebody to collect, as `collecting.allot_collection` says."""
    collecting.allot_collection(loan_id)


@job()
def allot_due() -> None:
    """Once a day: every loan that came near its due date or into another bucket, one job each."""
    for loan_id in collecting.due():
        enqueue("allocation.allot_collection", loan_id=loan_id)


@job()
def allot_waiting() -> None:
    """Give out what waits, now that somebody may be back: each kind by itself."""
    for kind in moving.kinds_waiting():
        enqueue("allocation.allot_some", kind=kind.value)


@job()
def allot_some(kind: str, after: str | None = None) -> None:
    """Give out some of a kind, and have the next go on after them, so that nobody waits for long to give out other
    work."""
    _, last = moving.allot_some(Kind(kind), UUID(after) if after else None)
    if last:
        enqueue("allocation.allot_some", kind=kind, after=last)


@job()
def reallocate() -> None:
    """Give the open work of people who were deactivated, or lost the role, to others. A repeat finds what is left."""
    moving.from_who_is_gone()


@job()
def cover_leave() -> None:
    """Move what cannot wait for those who are on leave today, and back for those who returned."""
    moving.for_leave()


@job()
def tell(user_id: str) -> None:
    """One mail to somebody for all that they were given since the last."""
    given = desk.take_untold(UUID(user_id))
    if given:
        what = [f"{count} {TABLE[kind].nouns[count > 1]}" for kind, count in given.items()]
        to_staff.tell(UUID(user_id), "work_given", what=", ".join(what))
