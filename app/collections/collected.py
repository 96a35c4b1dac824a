"""On which loans anything is collected."""

from app.core import clock
from app.core.errors import Conflict
from app.ledger import service as ledger
from app.loans.service import Loan

COLLECTED_IN = ("ACTIVE", "PARTIALLY_PAID", "OVERDUE")
# what comes in on a loan that was written off is a recovery
RECOVERED_IN = (*COLLECTED_IN, "WRITE_OFF")


def refuse_others(loan: Loan, states: tuple[str, ...] = COLLECTED_IN) -> None:
    """Raises Conflict for a loan on which nothing is collected, or is any more: also where all that was written off
    came back or was given up."""
    over = loan.status == "WRITE_OFF" and not ledger.outstanding_as_of(loan.id, clock.today()).lost
    if loan.status not in states or over:
        raise Conflict("Nothing is collected on this loan.", code="NOTHING_TO_COLLECT")
