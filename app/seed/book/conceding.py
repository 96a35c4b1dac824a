"""What is given up of a debt: waivers, settlements and write-offs, proposed by one and agreed to by another."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.core.clock import business_day
from app.core.identity import Role
from app.core.money import ZERO
from app.ledger.events import Kind
from app.seed.book.applying import Application
from app.seed.book.booking import book
from app.seed.book.lives import Step

_REASONS = {
    Kind.WAIVER: "Pays all of the rest tomorrow.",
    Kind.SETTLEMENT: "Lost the job; the family pays once.",
    Kind.WRITE_OFF: "Nothing came for months, and nobody is found.",
}
_OFFERED_DAYS, _VALID_DAYS = 3, 7


def concede(loan: Application, step: Step, at: datetime, number: int) -> None:
    """The rows of a waiver, a settlement or a write-off, and its entries in the journal."""
    desk, kind = loan.desk, step.event.kind
    paid = loan.lived[number - 1][0].amount if kind is Kind.SETTLEMENT else None
    decided_at = at - timedelta(days=_OFFERED_DAYS) if paid else at
    proposed_at = decided_at - timedelta(hours=desk.draw.randint(1, 40))
    concession_id, decided_by = desk.id(proposed_at), desk.one_of(Role.COLLECTION_HEAD)
    if decided_by != loan.collector:
        signed = {"by": decided_by, "level": "COLLECTION_HEAD", "at": decided_at.isoformat()}
        offered_on = business_day(decided_at) if paid else None
        desk.rows.add(
            "concession", concession_id, loan.id, loan.person.id, kind.value, "DONE", paid, json.dumps(step.given_up),
            sum(map(Decimal, step.given_up.values()), paid or ZERO), max(0, step.day - loan.life.tenure_days),
            "COLLECTION_HEAD", "0" * 64, _REASONS[kind], loan.collector, json.dumps([signed]), decided_by, decided_at,
            offered_on, offered_on + timedelta(days=_VALID_DAYS) if offered_on else None, proposed_at,
        )  # fmt: skip
    reference = str(UUID(concession_id))
    book(loan, step.entries, f"{reference}:PENAL" if kind is Kind.WAIVER else reference, at)
