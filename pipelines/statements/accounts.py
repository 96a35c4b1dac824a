"""What was read of a statement: its accounts, each with its facts and entries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipelines.statements.facts import Facts, decimal_of
from pipelines.statements.ledger import Entry, Ledger
from pipelines.statements.problems import (
    NOT_A_STATEMENT,
    ROW_PROBLEMS_MAX,
    UNREADABLE_ROWS,
    RowProblem,
    StatementProblem,
)


@dataclass(frozen=True)
class Account:
    """One account of a statement. `entries` are oldest first; `warnings` say what was assumed."""

    facts: Facts
    entries: list[Entry]
    unreadable: list[RowProblem] = field(default_factory=list)
    broken: list[RowProblem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def opening(self) -> Decimal | None:
        """The balance before the first transaction: by its own balance, else as stated."""
        first = self.entries[0]
        return decimal_of(self.facts.opening) if first.balance is None else first.balance - first.signed

    @property
    def closing(self) -> Decimal | None:
        """The balance after the last transaction: as it says, else as stated."""
        return next(
            (entry.balance for entry in reversed(self.entries) if entry.balance is not None),
            decimal_of(self.facts.closing),
        )

    @property
    def period(self) -> tuple[date, date]:
        """The days that it covers: as stated, and at least those of its transactions."""
        days = [entry.on for entry in self.entries]
        stated = self.facts.period or (days[0], days[-1])
        return min(stated[0], *days, days[0]), max(stated[1], *days, days[0])


@dataclass(frozen=True)
class Statement:
    """What was read. Loan accounts are left out of `accounts`: they are no money of the customer's.
    `opened_with` is the password that fitted, as an index of those given."""

    accounts: list[Account]
    pages: int
    kind: str
    opened_with: int | None = None


def account_of(facts: Facts, ledger: Ledger) -> Account:
    """An account out of what its rows came to, with what had to be assumed."""
    warnings = []
    if all(entry.balance is None for entry in ledger.entries):
        warnings.append("The statement states no balances: amounts cannot be checked against them.")
    elif any(entry.balance is None for entry in ledger.entries):
        warnings.append("Some rows state no balance.")
    if ledger.guessed_sides:
        warnings.append(
            f"{ledger.guessed_sides} amounts say neither debit nor credit: taken by their narration."
        )
    if not (facts.holders or facts.names):
        warnings.append("No holder's name was found: whose statement it is cannot be checked.")
    account = Account(facts, ledger.entries, ledger.unreadable, ledger.broken, warnings)
    warnings += _stated_otherwise(account)
    return account


def _stated_otherwise(account: Account) -> Iterator[str]:
    """Balances that the page states outside of its table and the rows do not bear out. They refuse nothing: a page may
    state the balance of another day or account."""
    if not account.entries:
        return
    facts = account.facts
    for name, row, stated, found in (
        ("an opening", "first", decimal_of(facts.opening), account.opening),
        ("a closing", "last", decimal_of(facts.closing), account.closing),
    ):
        if None not in (stated, found) and stated != found:
            yield f"The statement states {name} balance of {stated}; its {row} row says {found}."


def with_entries(accounts: list[Account]) -> list[Account]:
    """The accounts of which something was read. Raises StatementProblem, UNREADABLE_ROWS or NOT_A_STATEMENT, where
    that is none."""
    read = [account for account in accounts if account.entries]
    unreadable = [problem for account in accounts for problem in account.unreadable]
    if unreadable and not read:
        reason = f"None of {len(unreadable)} transactions can be read; the first is {unreadable[0].reason}."
        raise StatementProblem(UNREADABLE_ROWS, reason, tuple(unreadable[:ROW_PROBLEMS_MAX]))
    if not read:
        raise StatementProblem(NOT_A_STATEMENT, "It lists no transactions.")
    return read
