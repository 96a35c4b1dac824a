"""What a loan costs from the day on which its money is credited."""

from datetime import date, timedelta
from typing import Any

from app.ledger import service as ledger
from app.loans.service import Loan


def terms_from(loan: Loan, credited_on: date) -> dict[str, Any]:
    """The loan's dates and repayment, from the day on which the money was credited.

    The due date stays as agreed, so a late credit costs the customer less. An early one does not make the
    loan longer than agreed.
    """
    due_date = min(loan.due_date, credited_on + timedelta(days=loan.tenure_days))
    days = (due_date - credited_on).days
    owed = ledger.repayment(loan.sanctioned_amount, loan.roi_percent_per_day, days)
    return {"due_date": due_date, "tenure_days": days, "repayment_amount": owed}
