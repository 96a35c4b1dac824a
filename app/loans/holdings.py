"""What this domain holds of people: what names nobody once the customer's identity is gone."""

from app.core.holding import Holding
from app.loans.models import Loan

HOLDINGS = (Holding("loan file", Loan, customer=Loan.customer_id, kept=True),)
