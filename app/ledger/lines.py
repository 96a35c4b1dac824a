"""The ledger of a loan line by line, for people: what came to be owed, what is owed no more, what is left."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.core.money import ZERO
from app.ledger import journal
from app.ledger.events import CLASSES, kind_of_what
from app.ledger.postings import OWED, event_of
from app.loans import service as loans


@dataclass(frozen=True)
class LoanLedgerEntry:
    """A line for people: `debit` came to be owed, `credit` is owed no more, `balance` is left. `value_date`: the
    earlier day from which it settles, if there is one."""

    date: date
    kind: str
    reference: str
    debit: Decimal
    credit: Decimal
    balance: Decimal
    value_date: date | None


def of_loan(loan_id: UUID | str) -> list[LoanLedgerEntry]:
    """The loan's ledger for people, oldest business day first."""
    balance, found = ZERO, []
    for entry in journal.of_loan(loans.get(loan_id).id):
        if kind_of_what(event_of(entry)) in {each.kind for each in CLASSES}:
            continue
        change = sum((entry.amounts.get(account, ZERO) for account in OWED.values()), ZERO)
        balance += change
        debit, credit = max(change, ZERO), max(-change, ZERO)
        told = entry.on, entry.kind, entry.reference, debit, credit, balance, entry.value_date
        found.append(LoanLedgerEntry(*told))
    return found
