"""What is given out, read from the domains that know it: the customer, the loan, how it stands with its payments."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import rules
from app.allocation.choosing import Matter, Place
from app.allocation.kinds import COLLECTED, TABLE, Kind
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.consents import service as consents
from app.core import clock
from app.core.money import ZERO
from app.customers import service as customers
from app.ledger import service as ledger
from app.loans import service as loans
from app.policies import service as policies

# nobody chose it: it is what the app starts in
_DEFAULT_LANGUAGE = "en"
_REPAID = ("PAID", "COMPLETED")
# the bucket of what was written off
WRITTEN_OFF = "WRITTEN_OFF"


def of(kind: Kind, subject_id: UUID | str) -> Matter | None:
    """The matter of a customer or, for the other kinds, of a loan; None where there is nothing to do on it.

    Raises NotFound.
    """
    if kind is Kind.CUSTOMER:
        customer = customers.get(subject_id)
        over = not customer.is_active or loans.of_customer(customer.id)
        return None if over else Matter(kind, customer.id)
    loan = loans.get(subject_id)
    if loan.status not in TABLE[kind].states:
        return None
    amount = _lost(loan) if kind is Kind.RECOVERY else _amount(loan)
    if kind is Kind.RECOVERY and not amount:
        return None
    told = _of_collection(loan) if kind in COLLECTED else {}
    return Matter(kind, loan.customer_id, loan.id, amount, **told)


def of_row(row: Allotment | AllocationWaiting) -> Matter | None:
    """The matter of something that was given out or waits."""
    return of(Kind(row.kind), row.loan_id or row.customer_id)


def _amount(loan: loans.Loan) -> Decimal:
    known = loan.outstanding_amount, loan.sanctioned_amount
    return next((amount for amount in known if amount is not None), loan.applied_amount)


def _lost(loan: loans.Loan) -> Decimal:
    """What was written off and did not come back."""
    return max(ZERO, ledger.outstanding_as_of(loan.id, clock.today()).lost)


def _of_collection(loan: loans.Loan) -> dict[str, Any]:
    customer = customers.get(loan.customer_id)
    # where they say they live now, else what the Aadhaar says
    address = customer.current_address or customer.address or {}
    return {
        "place": Place(address.get("pincode"), address.get("town"), address.get("state")),
        "language": _language(loan.customer_id),
        "bucket": _bucket(loan),
        "last_collector": _last_collector(loan),
    }


def _bucket(loan: loans.Loan) -> str | None:
    if loan.status == "WRITE_OFF":
        return WRITTEN_OFF
    return standing(loan.due_date)["bucket"] if loan.due_date else None


def standing(due_date: date, policy: rules.Ruleset | None = None) -> dict[str, Any]:
    """Where an unpaid loan that falls due then stands today by the delinquency policy: `stage` and `bucket`."""
    policy = policy or policies.ruleset_for("delinquency")
    return dict(rules.compute(policy, {"days_past_due": (clock.today() - due_date).days}))


def _language(customer_id: UUID) -> str | None:
    spoken = {consent.language for consent in consents.of_customer(customer_id)} - {_DEFAULT_LANGUAGE}
    return spoken.pop() if len(spoken) == 1 else None


def _last_collector(loan: loans.Loan) -> UUID | None:
    """Who collected the last of the customer's other loans that was repaid."""
    repaid = [
        other.id
        for other in loans.of_customer(loan.customer_id)
        if other.status in _REPAID and other.id != loan.id
    ]
    mine = Allotment.loan_id.in_(repaid), Allotment.kind == Kind.COLLECTION.value, Allotment.is_active
    last = Allotment.select().where(*mine).order_by(Allotment.id.desc()).first()
    return last.partner_user_id if last else None
