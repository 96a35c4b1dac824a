"""What runs for collections in the background."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from app.collections import promises
from app.collections.complaints import service as complaints
from app.collections.concessions import reminders as settlement_reminders
from app.collections.concessions import settling
from app.core import clock
from app.core.outbox import enqueue, job

# a booking commits some time after the instant that is written on it
LATELY = timedelta(minutes=30)


@job()
def conclude_settlements() -> None:
    """Every ten minutes: settlements on whose loans something was booked lately."""
    _look_at(settling.standing(booked_since=clock.now() - LATELY))


@job()
def follow_settlements() -> None:
    """Once a day: all of them, for a day that has passed ends some."""
    _look_at(settling.standing())


def _look_at(concession_ids: Iterable[UUID]) -> None:
    for concession_id in concession_ids:
        enqueue("collections.conclude_settlement", concession_id=concession_id)


@job()
def conclude_settlement(concession_id: str) -> None:
    """A settlement that was paid is done; one whose time has passed lapses. What fails holds up no other."""
    settling.conclude(concession_id, clock.today())


@job()
def escalate_complaints() -> None:
    """Once a day: what nobody answered for too long goes to the heads, each in a job of its own."""
    for complaint_id in complaints.unanswered(clock.today()):
        enqueue("collections.escalate_complaint", complaint_id=complaint_id)


@job()
def escalate_complaint(complaint_id: str) -> None:
    """A head has to answer this one, unless somebody did or it was escalated meanwhile."""
    complaints.escalate_open(complaint_id)


@job()
def undo_settlement(loan_id: str) -> None:
    """A payment of a settled loan was taken back."""
    settling.undo(loan_id)


@job(lease_s=600)
def remind_promises() -> None:
    """Who promised to pay today is reminded."""
    promises.remind(clock.today())


@job(lease_s=600)
def remind_settlements() -> None:
    """Who has to pay an instalment of a settlement soon is reminded, as the brand's policy says."""
    settlement_reminders.remind(clock.today())
