"""Closing a loan: the ledger is at zero, the certificate is made, the customer has it."""

from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.errors import Conflict
from app.core.outbox import enqueue
from app.documents import papers
from app.ledger import service as ledger
from app.loans import service as loans
from app.messaging import service as messaging


def close(loan_id: UUID | str) -> None:
    """Close a loan that is paid in full: its certificates, COMPLETED, the no-objection by mail, no more mandate.

    Does nothing when it is closed already. Raises Conflict if the ledger still shows a debt.
    """
    loan = loans.get(loan_id).locked()
    if loan.status == "COMPLETED":
        return
    on = clock.today()
    owed = ledger.outstanding_as_of(loan.id, on).total
    if owed:
        raise Conflict(f"{owed} is still outstanding.", code="STILL_OUTSTANDING")
    noc, _ = papers.make(loan, "NOC"), papers.make(loan, "NDC")
    loans.move(loan.id, "COMPLETED", closed_at=clock.now())
    if brands.is_on("auto_noc"):
        messaging.notify(
            loan.customer_id, "closure_noc", loan_id=loan.id, documents=[noc.id], loan_no=loan.loan_no
        )
    enqueue("mandates.end_for_loan", loan_id=loan.id)
    messaging.notify(loan.customer_id, "repeat_offer")
