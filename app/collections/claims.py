"""What may be asked of a customer: what is owed, and what was written off and is lost still."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.money import ZERO
from app.ledger import service as ledger
from app.ledger.events import Part
from app.loans.service import Loan

WRITTEN_OFF = "WRITE_OFF"


@dataclass(frozen=True)
class Claim:
    """How much of each part, in rupees, and for how many days it is past due."""

    parts: Mapping[Part, Decimal]
    days_past_due: int

    @property
    def total(self) -> Decimal:
        return sum(self.parts.values(), ZERO)


def of(loan: Loan, on: date) -> Claim:
    """The claim on a loan at the end of a day."""
    parts = ledger.claimed_as_of(loan.id, on)
    days = (on - loan.due_date).days if loan.due_date and any(parts.values()) else 0
    return Claim(parts, max(0, days))
