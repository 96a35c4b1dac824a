"""What the loan agreement and its Key Fact Statement say, from the loan, the customer and the brand."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.customers.service import Customer
from app.documents.render import inr, letterhead, long_date, postal_address
from app.loans.service import Loan
from pipelines.loans import bullet_apr_percent


def agreement(
    loan: Loan, customer: Customer, account: str, brand: dict[str, Any], on: date
) -> dict[str, Any]:
    """The data of the template `loan_agreement`. `account` is the one to be credited, as text."""
    cooling_off_days = brand["settings"]["loan_rules"]["cooling_off_days"]
    return letterhead(brand, on) | {
        "borrower": {
            "name": customer.name,
            "pan": customer.pan,
            "address": postal_address(customer.address),
            "contact": ", ".join(part for part in (customer.phone, customer.email) if part),
            "account": account,
        },
        "loan": {
            "number": loan.loan_no,
            "purpose": loan.purpose.lower(),
            "tenure_days": loan.tenure_days,
            "rate_percent_per_day": f"{loan.roi_percent_per_day.normalize():f}",
            "due_date": long_date(loan.due_date),
            "apr_percent": bullet_apr_percent(loan.net_disbursal, loan.repayment_amount, loan.tenure_days),
            "cooling_off": f"{cooling_off_days} day{'s' * (cooling_off_days > 1)}",
            **{name: inr(amount) for name, amount in _amounts(loan).items()},
        },
    }


def _amounts(loan: Loan) -> dict[str, Decimal]:
    return {
        "sanctioned_amount": loan.sanctioned_amount,
        "processing_fee": loan.processing_fee,
        "gst_amount": loan.gst_amount,
        "deducted": loan.sanctioned_amount - loan.net_disbursal,
        "net_disbursal": loan.net_disbursal,
        "interest": loan.repayment_amount - loan.sanctioned_amount,
        "repayment_amount": loan.repayment_amount,
    }
