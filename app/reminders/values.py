"""What a template's variables say: what was given, and what a loan says of itself on the day."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from app.core import clock
from app.ledger import service as ledger
from app.loans.service import Loan

# variable -> what a loan puts there
OF_LOAN: Mapping[str, Callable[[Loan], Any]] = {
    "loan_no": lambda loan: loan.loan_no,
    "due_date": lambda loan: loan.due_date,
    "outstanding": lambda loan: ledger.outstanding_as_of(loan.id, clock.today()).total,
}


# what every loan knows
ALWAYS = ("loan_no", "outstanding")


def lacks(payload: Mapping[str, Any], loan: Loan | None, variables: Collection[str]) -> bool:
    """Whether a variable would be left without a value."""
    missing = [name for name in variables if name not in payload]
    if loan is None or any(name not in OF_LOAN for name in missing):
        return bool(missing)
    return any(OF_LOAN[name](loan) is None for name in missing if name not in ALWAYS)


def filled(payload: Mapping[str, Any], loan: Loan | None, variables: Collection[str]) -> dict[str, str]:
    """The payload, and what the loan says for variables that nobody gave; what it does not know is left out."""
    own = {name: say(loan) for name, say in OF_LOAN.items() if name in variables} if loan else {}
    known = {name: str(value) for name, value in own.items() if value is not None}
    return known | {name: str(value) for name, value in payload.items()}
