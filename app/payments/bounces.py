"""What it costs that a bank did not pay: a debit that was returned, or a cheque."""

from dataclasses import dataclass
from decimal import Decimal

from app.core import clock
from app.core.money import ZERO, rupees
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans import costs
from app.loans import service as loans
from app.loans.service import Loan
from rules import compute


@dataclass(frozen=True)
class Reason:
    """Why a cheque came back; `is_charged`: whoever wrote it is at fault, and pays for it."""

    meaning: str
    is_charged: bool


# Source: the objections of the clearing house's uniform rules, put together by whose fault they are.
CHEQUE_REASONS: dict[str, Reason] = {
    "FUNDS_INSUFFICIENT": Reason("Funds insufficient, or more than was arranged for", is_charged=True),
    "STOPPED_BY_DRAWER": Reason("Payment stopped by the drawer", is_charged=True),
    "SIGNATURE_DIFFERS": Reason("The signature differs or is missing", is_charged=True),
    "ACCOUNT_CLOSED": Reason("Account closed or blocked", is_charged=True),
    "OUT_OF_DATE": Reason("Out of date, post-dated or without a date", is_charged=True),
    "DRAWER_DECEASED": Reason("Drawer deceased or insolvent", is_charged=False),
    "TECHNICAL": Reason("Image, clearing or bank at fault: present it again", is_charged=False),
}


def charge(loan: Loan, reference: str) -> Decimal:
    """Charge one return by the loan's rules, under a reference of its own; how much, with its tax. Nothing on a loan
    that is paid or has ended."""
    loan = loan.locked()
    if loan.status in ("PAID", *loans.ENDED):
        return ZERO
    fee, gst = _cost(loan)
    if fee:
        ledger.charge(loan, Kind.BOUNCE_CHARGE, fee, clock.today(), reference, gst=gst)
    return fee + gst


def _cost(loan: Loan) -> tuple[Decimal, Decimal]:
    """What one return costs by the loan's rules, and the tax on it."""
    owed = ledger.outstanding_as_of(loan.id, clock.today())
    inputs = {
        "principal": loan.sanctioned_amount,
        "overdue_amount": owed.total - owed.penal,
        "days_past_due": owed.days_past_due,
        "returned_mandate_count": 1,
    }
    said = compute(costs.of(loan).charges, inputs)
    return rupees(said["returned_mandate_charges"]), rupees(said["returned_mandate_gst"])
