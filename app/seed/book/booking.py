"""Entries of the journal, as rows."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.seed.book.applying import Application
from app.seed.book.lives import Written


def book(loan: Application, entries: Iterable[Written], reference: str, at: datetime) -> None:
    """Write what an event moved. A third of all rows: what they share is put into words once."""
    rows, new_id, at_text = loan.desk.rows, loan.desk.id, str(at)
    for entry in entries:
        entry_id = new_id(at)
        day = loan.credited_on + timedelta(days=entry.day)
        rows.add("journal_entry", entry_id, loan.id, entry.kind, day, reference, entry.facts, at_text)
        for account, debit, credit in entry.lines:
            rows.add_said("journal_line", new_id(at), entry_id, account, debit, credit, at_text)
