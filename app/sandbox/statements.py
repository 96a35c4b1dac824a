"""What the sandbox's analysers of bank statements make of a file that they are sent: months, salaries, instalments.

The file is opened by the readers of `pipelines.statements`; what it means is worked out here, by rules of the
sandbox's own, so that its figures can differ from ours as a provider's do.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.sandbox.fi_data import masked_account_number
from app.sandbox.ledger import INDIA, Transaction, transactions
from app.sandbox.person import Person
from app.sandbox.personas import DIRECTORY
from pipelines.statements import Account, Facts, Statement, StatementProblem, read_statement
from pipelines.statements.banks import bank_of_ifsc
from pipelines.statements.ledger import Entry

PICTURED_DAYS = 180
SALARY_WORDS, EMI_WORDS, RETURN_WORDS = ("SALARY", "SAL "), ("ACH D", "EMI", "NACH"), ("RTN", "RETURN")


@dataclass
class Month:
    """One calendar month of an account, "2026-01"."""

    credits: Decimal = Decimal(0)
    salary: list = field(default_factory=list)
    emis: list = field(default_factory=list)
    bounces: list = field(default_factory=list)
    balances: dict[int, Decimal] = field(default_factory=dict)

    @property
    def closing(self) -> Decimal | None:
        return self.balances[max(self.balances)] if self.balances else None


def opened(data: bytes, password: str, names: Sequence[str] = ()) -> Statement:
    """The statement in a file. Raises StatementProblem, whose status the twins translate.

    A picture cannot be read here: it shows the account of the first of `names` that the sandbox knows.
    """
    try:
        return read_statement(data, [password] if password else [], given=bool(password))
    except StatementProblem as problem:
        people = filter(None, map(DIRECTORY.person_named, names))
        person = next(people, None) if problem.status == "SCANNED" else None
        if person is None:
            raise
        return _account_of(person, datetime.now(UTC))


def _account_of(person: Person, now: datetime) -> Statement:
    lines = transactions(person, now.date() - timedelta(days=PICTURED_DAYS), now.date(), now)
    entries = [_entry(number, line) for number, line in enumerate(lines, 1)]
    number = masked_account_number(person)
    facts = Facts(bank_of_ifsc(person.ifsc), number, person.ifsc, holders=(person.kyc_name,))
    return Statement([Account(facts, entries)], 1, "picture")


def _entry(number: int, line: Transaction) -> Entry:
    side = "CR" if line.side == "CREDIT" else "DR"
    on = line.at.astimezone(INDIA).date()
    return Entry(on, None, side, line.amount, line.balance, line.narration, line.reference, 1, number)


def months_of(account) -> dict[str, Month]:
    """The months of an account, in order."""
    months: dict[str, Month] = defaultdict(Month)
    for entry in account.entries:
        month, text = months[entry.on.strftime("%Y-%m")], entry.narration.upper()
        if entry.side == "CR":
            month.credits += entry.amount
        if entry.side == "CR" and any(word in text for word in SALARY_WORDS):
            month.salary.append(entry)
        if entry.side == "DR" and any(word in text for word in EMI_WORDS):
            month.emis.append(entry)
        if any(word in text for word in RETURN_WORDS):
            month.bounces.append(entry)
        if entry.balance is not None:
            month.balances[entry.on.day] = entry.balance
    return dict(months)


__all__ = ["Month", "StatementProblem", "months_of", "opened"]
