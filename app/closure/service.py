"""Closing a loan: the ledger is at zero, the certificate is made, the customer has it. And opening it again."""

from datetime import date
from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.errors import Conflict
from app.core.outbox import enqueue
from app.documents import papers
from app.ledger import service as ledger
from app.ledger.events import Kind, Paid
from app.ledger.replay import in_order
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging


def close(loan_id: UUID | str) -> None:
    """Close a loan that is paid in full: its certificates, COMPLETED, the no-objection by mail, no more mandate.

    Does nothing when it is closed already, or owed again. Raises Conflict if the ledger still shows a debt.
    """
    loan = loans.get(loan_id).locked()
    if (loan.status, "COMPLETED") not in loans.LOAN.steps:
        return
    on = clock.today()
    owed = ledger.outstanding_as_of(loan.id, on).total
    if owed:
        raise Conflict(f"{owed} is still outstanding.", code="STILL_OUTSTANDING")
    noc, ndc = papers.make(loan, "NOC"), papers.make(loan, "NDC")
    loans.move(loan.id, "COMPLETED", closed_at=clock.now(), repaid_on=ledger.repaid_on(loan.id, on))
    if brands.is_on("auto_noc"):
        messaging.notify(
            loan.customer_id, "closure_noc", loan_id=loan.id, documents=[noc.id, ndc.id], loan_no=loan.loan_no
        )
    enqueue("mandates.end_for_loan", loan_id=loan.id)
    messaging.notify(loan.customer_id, "repeat_offer")


def end_in(loan: Loan, status: str) -> None:
    """End a loan as SETTLED or WRITE_OFF, once the ledger says that nothing is owed: no certificate, no more mandate.
    The bureaus are told with the next file. What still comes in on a loan that was written off is a recovery."""
    owed = ledger.outstanding_as_of(loan.id, clock.today()).total
    if owed:
        raise Conflict(f"{owed} is still outstanding.", code="STILL_OUTSTANDING")
    loans.move(loan.id, status, closed_at=clock.now())
    enqueue("mandates.end_for_loan", loan_id=loan.id)
    if status == "SETTLED":
        tell_settled(loan)


def tell_settled(loan: Loan) -> None:
    """The customer is told that nothing more is asked for, also of a loan that was written off, which stays so."""
    messaging.notify(loan.customer_id, "loan_settled", loan_id=loan.id, loan_no=loan.loan_no)


# What was booked because the payment came, and counts no more when it is taken back.
_FOLLOWED = (Kind.SETTLEMENT, Kind.COOLING_OFF)
# What says that nothing is owed.
_CERTIFICATES = ("NOC", "NDC")


def undo(loan: Loan, on: date, reference: str) -> None:
    """Take back what ended a loan with less than was owed, as its payment does not count any more."""
    followed = [event for event in in_order(ledger.events_of(loan.id), date.max) if event.kind in _FOLLOWED]
    for event in followed:
        ledger.reverse(loan, event.kind, event.reference, on, f"{reference}:{event.kind}")
    # what was written off stays so when it is asked for again: nothing else tells of it
    if followed and loan.status == "WRITE_OFF":
        enqueue("collections.undo_settlement", loan_id=loan.id)


def reopen(loan: Loan, left: Outstanding, reason: str) -> Loan:
    """Take a loan that is owed again to where it stands now; one that ended loses its certificates, and its customer is
    told. A loan that was written off stays so, and one that is overdue."""
    target = _stands(loan, left)
    if (loan.status, target) not in loans.LOAN.steps or not left.total:
        return loan
    if loan.status in _TOLD_TO:
        enqueue(_TOLD_TO[loan.status], loan_id=loan.id)
    if loan.status not in loans.ENDED:
        return loans.move(loan.id, target, remark=reason)
    papers.withdraw(loan, _CERTIFICATES, reason)
    messaging.notify(
        loan.customer_id, "loan_reopened", loan_id=loan.id, loan_no=loan.loan_no, outstanding=left.total
    )
    return loans.open_again(loan.id, target, reason)


# which job has to know that a loan is owed again, by the state that it was in
_TOLD_TO = {
    "COMPLETED": "disbursement.undo_cooling_off",
    "DISBURSED_WAIVED": "disbursement.undo_cooling_off",
    "SETTLED": "collections.undo_settlement",
}


def _stands(loan: Loan, left: Outstanding) -> str:
    if clock.today() > loan.due_date:
        return "OVERDUE"
    paid = any(isinstance(event, Paid) for event in in_order(ledger.events_of(loan.id), date.max))
    return "PARTIALLY_PAID" if paid else "ACTIVE"
