"""How Equifax and CRIF write what the personas hold in CIBIL's codes. On purpose not the tables of the readers."""

from datetime import date, timedelta
from decimal import Decimal

from app.sandbox.person import Account, months_before

TYPES = {
    "05": "Personal Loan",
    "06": "Consumer Loan",
    "10": "Credit Card",
    "13": "Two-Wheeler Loan",
    "69": "Short Term Personal Loan",
}
SECURED = {"13"}


def account_type(code: str) -> str:
    return TYPES.get(code, "Other")


def reported_on(account: Account, today: date) -> date:
    """The last day of the month before the newest one in the history, or of the month of closing."""
    return months_before(today, (account.closed_months_ago or 1) - 1) - timedelta(days=1)


def opened_on(account: Account, today: date) -> date:
    return months_before(today, account.opened_months_ago).replace(day=12)


def months(account: Account, today: date) -> list[date]:
    """The first days of the months that the history tells of, newest first."""
    newest = account.closed_months_ago or 1
    return [months_before(today, newest + back) for back in range(len(account.dpd))]


def rupees(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.0f}"


def grouped(amount: Decimal | None) -> str:
    """With thousands commas."""
    return "" if amount is None else f"{amount:,.0f}"
