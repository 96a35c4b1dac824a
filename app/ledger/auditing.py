"""The journal for auditors: every entry with its lines, found and exported."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from peewee import ModelSelect

from app.core import audit
from app.core.database import db
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.spreadsheet import csv_file
from app.ledger import journal
from app.ledger.models import JournalEntry, JournalLine
from app.ledger.postings import Account
from app.loans import service as loans

EXPORT_LINES_MAX = 50_000
COLUMNS = (
    "date",
    "valueDate",
    "kind",
    "reference",
    "loanNo",
    "account",
    "debit",
    "credit",
    "bookedAt",
    "entryId",
)
SORTABLE = {"date": JournalEntry.business_date, "bookedAt": JournalEntry.created_at}


def search(filters: dict[str, Any]) -> ModelSelect:
    """Entries of this brand that fit every filter that is given. Raises Invalid for days in the wrong order."""
    since, until = filters["from_date"], filters["to_date"]
    if since and until and since > until:
        raise Invalid("Is before the first day.", field="to_date", code="RANGE_REVERSED")
    query = JournalEntry.select()
    if since:
        query = query.where(JournalEntry.business_date >= since)
    if until:
        query = query.where(JournalEntry.business_date <= until)
    if filters["loan_id"]:
        query = query.where(JournalEntry.loan_id == loans.get(filters["loan_id"]).id)
    if filters["kind"]:
        query = query.where(JournalEntry.kind == filters["kind"])
    if filters["reference"]:
        query = query.where(JournalEntry.reference == filters["reference"])
    if filters["account"]:
        touching = JournalLine.select(JournalLine.entry_id).where(JournalLine.account == filters["account"])
        query = query.where(JournalEntry.id.in_(touching))
    return query


def with_lines(page: dict[str, Any]) -> dict[str, Any]:
    """A page of entries, each with its lines and the number of its loan."""
    told = [entry.id for entry in page["items"]]
    numbers = loans.by_ids({entry.loan_id for entry in page["items"] if entry.loan_id})
    lines = journal.lines_of(told)
    for entry in page["items"]:
        entry.loan_no = numbers[entry.loan_id].loan_no if entry.loan_id else None
        entry.lines = lines[entry.id]
    return page


def export(filters: dict[str, Any]) -> bytes:
    """The lines as CSV for a spreadsheet, by business day. Raises Invalid if there are too many. Audited."""
    entries = search(filters)
    count = JournalLine.select().where(JournalLine.entry_id.in_(entries.select(JournalEntry.id))).count()
    if count > EXPORT_LINES_MAX:
        raise Invalid(f"{count} lines are more than {EXPORT_LINES_MAX}: narrow the days.", field="from_date")
    asked = {name: str(value) for name, value in filters.items() if value}
    audit.record("journal.exported", "journal", new_id(), after={"lines": count, "filters": asked})
    entries = entries.order_by(JournalEntry.business_date, JournalEntry.id)
    page = with_lines({"items": list(entries)})
    return csv_file(COLUMNS, _cells(page["items"]))


def _cells(entries: list[JournalEntry]) -> Iterator[tuple[Any, ...]]:
    for entry in entries:
        told = entry.business_date, entry.value_date, entry.kind, entry.reference, entry.loan_no
        for line in entry.lines:
            yield *told, line.account, line.debit, line.credit, entry.created_at.isoformat(), entry.id


_BALANCES = """
    SELECT j.account, sum(j.debit - j.credit) FROM journal_entry e
    JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
    WHERE e.business_date <= %s GROUP BY j.account"""


def balances_on(as_of: date) -> dict[Account, Decimal]:
    """The balance of every account at the end of a day, debit positive, by what is booked of it till now."""
    known = dict(db.execute_sql(_BALANCES, (as_of,)).fetchall())
    return {account: known.get(account.value, Decimal(0)) for account in Account}
