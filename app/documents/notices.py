"""Documents that staff send."""

from app.documents import papers
from app.documents.models import Document
from app.loans.service import Loan
from app.messaging import service as messaging


def send_demand(loan: Loan, language: str | None) -> Document:
    """Make the demand notice of an overdue loan and tell the customer, with it attached. Raises Conflict otherwise."""
    notice = papers.make(loan, "DEMAND_NOTICE", language, anew=True)
    messaging.notify(
        loan.customer_id,
        "demand_notice",
        loan_id=loan.id,
        documents=[notice.id],
        loan_no=loan.loan_no,
        number=notice.number,
    )
    return notice
