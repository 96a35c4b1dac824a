"""What this domain holds of people: evidence that somebody agreed, who is nobody once their identity is gone."""

from app.consents.models import Consent, ConsentWithdrawal
from app.core.holding import Holding

HOLDINGS = (
    Holding("loan file", Consent, customer=Consent.customer_id, kept=True, untold=frozenset({"device"})),
    Holding(
        "loan file",
        ConsentWithdrawal,
        customer=ConsentWithdrawal.customer_id,
        kept=True,
        untold=frozenset({"device"}),
    ),
)
