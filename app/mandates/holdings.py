"""What this domain holds of people."""

from app.core.holding import Holding
from app.mandates.models import Mandate

HOLDINGS = (
    Holding(
        "identity",
        Mandate,
        customer=Mandate.customer_id,
        blank={"umrn": None, "umrn_hash": None, "url": None, "checkout_key": None},
        untold=frozenset({"checkout_key", "umrn_hash", "provider_customer_id", "provider_order_id"}),
    ),
)
