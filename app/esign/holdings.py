"""What this domain holds of people: proof of what they agreed to, as long as the loan file is kept."""

from app.core.holding import Holding
from app.esign.models import KfsAcceptance

HOLDINGS = (Holding("loan file", KfsAcceptance, customer=KfsAcceptance.customer_id, kept=True),)
