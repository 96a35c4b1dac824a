"""What this domain holds of people: figures, which name nobody once the customer's identity is gone."""

from app.core.holding import Holding
from app.end_of_day.models import LoanDay

HOLDINGS = (Holding("loan file", LoanDay, customer=LoanDay.customer_id, kept=True),)
