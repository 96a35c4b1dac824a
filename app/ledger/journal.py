"""The journal in the database: entries in, entries out."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from peewee import fn

from app.core.database import insert_rows
from app.core.money import ZERO
from app.ledger.events import Kind
from app.ledger.models import JournalEntry, JournalLine
from app.ledger.postings import Account, Entry, Position


def write(loan_id: UUID | None, entries: Iterable[Entry]) -> None:
    """Add entries to a loan's journal, or without one to the brand's. The database refuses one that does not
    balance."""
    for entry in entries:
        row = JournalEntry.create(
            loan_id=loan_id,
            kind=entry.kind,
            business_date=entry.on,
            value_date=entry.value_date,
            reference=entry.reference,
            facts=dict(entry.facts),
        )
        lines = [
            {"entry_id": row.id, "account": account, "debit": max(amount, ZERO), "credit": max(-amount, ZERO)}
            for account, amount in entry.amounts.items()
        ]
        insert_rows(JournalLine, lines)


def has(loan_id: UUID, kind: Kind, reference: str) -> bool:
    """Whether the loan's journal has this entry."""
    same = JournalEntry.kind == kind, JournalEntry.reference == reference
    return JournalEntry.select().where(JournalEntry.loan_id == loan_id, *same).exists()


def of_loan(loan_id: UUID) -> list[Entry]:
    """A loan's entries in the order of their business days."""
    rows = (
        JournalEntry.select()
        .where(JournalEntry.loan_id == loan_id)
        .order_by(JournalEntry.business_date, JournalEntry.id)
    )
    rows = list(rows)
    amounts = _amounts([row.id for row in rows])
    return [
        Entry(Kind(row.kind), row.business_date, row.reference, amounts[row.id], row.facts, row.value_date)
        for row in rows
    ]


def _amounts(entry_ids: list[UUID]) -> dict[UUID, Position]:
    return defaultdict(dict) | {
        entry_id: {Account(line.account): line.debit - line.credit for line in lines}
        for entry_id, lines in lines_of(entry_ids).items()
    }


def lines_of(entry_ids: Collection[UUID]) -> dict[UUID, list[JournalLine]]:
    """The lines of each of these entries; none of one that moved nothing."""
    found: dict[UUID, list[JournalLine]] = defaultdict(list)
    for line in JournalLine.select().where(JournalLine.entry_id.in_(list(entry_ids))):
        found[line.entry_id].append(line)
    return found


def loans_since(instant: datetime) -> list[UUID]:
    """The loans on which something was booked since `instant`."""
    lately = JournalEntry.created_at >= instant, JournalEntry.loan_id.is_null(False)
    rows = JournalEntry.select(JournalEntry.loan_id).where(*lately).distinct()
    return [row.loan_id for row in rows]


def balances() -> dict[Account, Decimal]:
    """The balance of every account of this brand, debit positive. They sum to zero."""
    balance = fn.SUM(JournalLine.debit - JournalLine.credit)
    rows = JournalLine.select(JournalLine.account, balance).group_by(JournalLine.account).tuples()
    known = dict(rows)
    return {account: known.get(account.value, ZERO) for account in Account}
