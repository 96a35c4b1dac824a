"""Closing a loan: the ledger is at zero, the certificate is made, the customer has it."""

from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.errors import Conflict
from app.core.outbox import enqueue
from app.documents import papers
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
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
    noc, ndc = papers.make(loan, "NOC"), papers.make(loan, "NDC")
    loans.move(loan.id, "COMPLETED", closed_at=clock.now())
    if brands.is_on("auto_noc"):
        messaging.notify(
            loan.customer_id, "closure_noc", loan_id=loan.id, documents=[noc.id, ndc.id], loan_no=loan.loan_no
        )
    enqueue("mandates.end_for_loan", loan_id=loan.id)
    messaging.notify(loan.customer_id, "repeat_offer")


# how a loan ends without being paid in full -> what its customer is told
_TELLS = {"SETTLED": "loan_settled", "WRITE_OFF": None}


def end_in(loan: Loan, status: str) -> None:
    """End a loan as SETTLED or WRITE_OFF, once the ledger says that nothing is owed: no certificate, no more mandate.
    The bureaus are told with the next file. What still comes in on a loan that was written off is a recovery."""
    owed = ledger.outstanding_as_of(loan.id, clock.today()).total
    if owed:
        raise Conflict(f"{owed} is still outstanding.", code="STILL_OUTSTANDING")
    loans.move(loan.id, status, closed_at=clock.now())
    enqueue("mandates.end_for_loan", loan_id=loan.id)
    event = _TELLS[status]
    if event:
        messaging.notify(loan.customer_id, event, loan_id=loan.id, loan_no=loan.loan_no)
