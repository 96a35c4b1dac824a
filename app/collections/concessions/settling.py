"""A settlement from its letter to its end: paid as agreed and the rest is given up, or lapsed and all is owed again."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.closure import service as closure
from app.collections.claims import WRITTEN_OFF
from app.collections.collected import COLLECTED_IN, RECOVERED_IN
from app.collections.concessions import instalments
from app.collections.concessions.instalments import Instalment, Plan
from app.collections.models import Concession
from app.collections.promises import LOOKS_BACK, policy
from app.collections.states import CONCESSION, DONE, LAPSED, OFFERED, PROPOSED
from app.core import clock
from app.core.database import current_brand, db
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.money import ZERO
from app.documents import papers
from app.documents.facts import Settlement
from app.ledger import service as ledger
from app.ledger.events import Paid
from app.ledger.replay import in_order
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging


def offer(concession: Concession, loan: Loan, decided: dict[str, Any]) -> Concession:
    """The last yes was said: make the letter, and mail it. Raises Conflict where the first day to pay has passed."""
    today, plan = clock.today(), instalments.read(concession.instalments)
    if plan and plan[0].due_on < today:
        raise Conflict(f"It was to be paid from {plan[0].due_on} on.", code="INSTALMENT_PASSED")
    until = plan[-1].due_on if plan else today + timedelta(days=policy()["settlement_days"])
    last = until + timedelta(days=_grace_days(concession))
    letter = papers.make(loan, "SETTLEMENT_LETTER", anew=True, agreed=_agreed(concession, until))
    messaging.notify(
        loan.customer_id,
        "settlement_offer",
        loan_id=loan.id,
        documents=[letter.id],
        loan_no=loan.loan_no,
        amount=concession.amount,
        valid_until=until,
    )
    return CONCESSION.move(
        concession, OFFERED, offered_on=today, valid_until=last, letter_id=letter.id, received=ZERO, **decided
    )


def _agreed(concession: Concession, until: date) -> Settlement:
    plan = instalments.read(concession.instalments) or (Instalment(until, concession.amount),)
    days = tuple((part.due_on, part.amount) for part in plan)
    return Settlement(concession.amount, concession.total_due, days, _grace_days(concession))


def _grace_days(concession: Concession) -> int:
    """A settlement that is paid at once has its days already."""
    return policy()["settlement_grace_days"] if concession.instalments else 0


_STANDING = """
    SELECT c.id FROM concession c
    WHERE c.brand_id = %(brand)s AND (c.status = 'OFFERED' OR (c.status = 'LAPSED' AND c.lapsed_on >= %(lately)s))
      AND (%(since)s::timestamptz IS NULL OR EXISTS (SELECT FROM journal_entry e
        WHERE e.brand_id = c.brand_id AND e.loan_id = c.loan_id AND e.created_at >= %(since)s))
    ORDER BY c.id"""


def standing(booked_since: datetime | None = None) -> list[UUID]:
    """The settlements that may be done or lapse: those that were offered, and those that money told late may bring
    back. With `booked_since` those on whose loans something was booked from that instant on."""
    values = {"brand": current_brand(), "lately": clock.today() - LOOKS_BACK, "since": booked_since}
    return [row[0] for row in db.execute_sql(_STANDING, values).fetchall()]


def conclude(concession_id: UUID | str, on: date) -> bool:
    """A settlement that was paid as agreed is done; one of which a part is missing lapses, and all is owed again, until
    what was paid in time is told. Whether that changed it."""
    found = Concession.find(concession_id)
    # the loan before the concession, as everywhere
    loan = loans.get(found.loan_id).locked()
    concession = found.locked()
    if concession.status not in (OFFERED, LAPSED):
        return False
    paid = payments_for(concession, on)
    received = sum((amount for _, amount in paid), ZERO)
    if received != concession.received:
        concession.change(received=received)
    missing = instalments.missed(plan_of(concession), paid, on, _grace_days(concession))
    verdict = DONE if received >= concession.amount else LAPSED if missing else OFFERED
    if verdict == concession.status or (concession.status == LAPSED and _has_another(loan, concession)):
        return False
    if concession.status == LAPSED:
        CONCESSION.move(concession, OFFERED, lapsed_on=None)
    if verdict == DONE:
        _settle(concession, loan, on)
    elif missing:
        _lapse(concession, loan, missing, on)
    return True


def undo(loan_id: UUID | str) -> None:
    """A payment of a settled loan was taken back, so its settlement has lapsed. Doing it twice changes nothing."""
    done = Concession.amount.is_null(False), Concession.status == DONE
    for concession in list(Concession.select().where(Concession.loan_id == loan_id, *done)):
        CONCESSION.move(concession, LAPSED, lapsed_on=clock.today())


def plan_of(concession: Concession) -> Plan:
    """When how much of it is to be paid; all of it on its last day, if it has no instalments."""
    at_once = (Instalment(concession.valid_until, concession.amount),)
    return instalments.read(concession.instalments) or at_once


def payments_for(concession: Concession, on: date) -> list[tuple[date, Decimal]]:
    """What came in from the day of the offer to its last, by day, but for what was taken back by `on`."""
    return [
        (event.on, event.amount)
        for event in in_order(ledger.events_of(concession.loan_id), on)
        if isinstance(event, Paid) and concession.offered_on <= event.on <= concession.valid_until
    ]


def _has_another(loan: Loan, concession: Concession) -> bool:
    """Whether something else was proposed or all of it written off since, or nothing is collected any more."""
    standing = Concession.status.in_((PROPOSED, OFFERED))
    lost = (Concession.kind == WRITTEN_OFF) & (Concession.status == DONE) & (Concession.id > concession.id)
    others = Concession.select().where(Concession.loan_id == loan.id, standing | lost)
    return loan.status not in RECOVERED_IN or others.exists()


def _settle(concession: Concession, loan: Loan, on: date) -> None:
    # it may have been undone before
    reference = f"{concession.id}:{new_id()}"
    if loan.status in COLLECTED_IN:
        ledger.settle(loan, on, reference)
        closure.end_in(loan, "SETTLED")
    elif loan.status == WRITTEN_OFF:
        ledger.settle(loan, on, reference)
        closure.tell_settled(loan)
    CONCESSION.move(concession, DONE)


def _lapse(concession: Concession, loan: Loan, missing: Instalment, on: date) -> None:
    CONCESSION.move(concession, LAPSED, lapsed_on=on)
    messaging.notify(
        loan.customer_id,
        "settlement_lapsed",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=missing.amount,
        due_date=missing.due_on,
    )
