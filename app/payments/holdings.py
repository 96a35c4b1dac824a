"""What this domain holds of people: what names nobody once the customer's identity is gone."""

from uuid import UUID

from peewee import Expression

from app.core.holding import Holding
from app.loans import service as loans
from app.payments.models import PaymentCollectionTransaction


def _of_loans(customer_id: UUID) -> Expression:
    return PaymentCollectionTransaction.loan_id.in_([loan.id for loan in loans.of_customer(customer_id)])


HOLDINGS = (Holding("loan file", PaymentCollectionTransaction, whose=_of_loans, kept=True),)
