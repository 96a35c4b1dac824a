"""Closing a loan: the ledger is at zero, the certificate is made, the customer has it."""

from datetime import date
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.clock import business_day
from app.core.errors import Conflict
from app.customers import service as customers
from app.documents import service as documents
from app.documents.render import inr, letterhead, long_date, postal_address, render
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from storage.content import PDF


def close(loan_id: UUID | str) -> None:
    """Close a loan that is paid in full: no-objection certificate, COMPLETED, the certificate by mail.

    Does nothing when it is closed already. Raises Conflict if the ledger still shows a debt.
    """
    loan = loans.get(loan_id).locked()
    if loan.status == "COMPLETED":
        return
    on = clock.today()
    owed = ledger.outstanding_as_of(loan.id, on).total
    if owed:
        raise Conflict(f"{owed} is still outstanding.", code="STILL_OUTSTANDING")
    noc = documents.store(
        loan.customer_id, "NOC", render("noc", _noc(loan, on)), PDF, loan_id=loan.id, status="VERIFIED"
    )
    loans.move(loan.id, "COMPLETED", closed_at=clock.now())
    if brands.is_on("auto_noc"):
        messaging.notify(
            loan.customer_id, "closure_noc", loan_id=loan.id, documents=[noc.id], loan_no=loan.loan_no
        )
    messaging.notify(loan.customer_id, "repeat_offer")


def _noc(loan: Loan, on: date) -> dict[str, Any]:
    customer = customers.get(loan.customer_id)
    return letterhead(brands.describe(), on) | {
        "borrower": {"name": customer.name, "address": postal_address(customer.address)},
        "loan": {
            "number": loan.loan_no,
            "sanctioned_amount": inr(loan.sanctioned_amount),
            "disbursed_on": long_date(business_day(loan.disbursed_at)),
            "due_date": long_date(loan.due_date),
            "received": inr(ledger.received(loan.id)),
            "outstanding": inr(ledger.outstanding_as_of(loan.id, on).total),
            "closed_on": long_date(on),
        },
    }
