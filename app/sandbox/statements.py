"""What the sandbox's analysers of bank statements make of a file that they are sent: months, salaries, instalments.

The file is opened by the readers of `pipelines.statements`; what it means is worked out here, by rules of the
sandbox's own, so that its figures can differ from ours as a provider's do.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from pipelines.statements import Statement, StatementProblem, read_statement

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


def opened(data: bytes, password: str) -> Statement:
    """The statement in a file. Raises StatementProblem, whose status the twins translate."""
    return read_statement(data, [password] if password else [], given=bool(password))


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
