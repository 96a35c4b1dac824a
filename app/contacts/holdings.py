"""What this domain holds of people: instants and reasons, which name nobody once the customer's identity is gone."""

from app.contacts.models import ContactAttempt, NoContact
from app.core.holding import Holding

HOLDINGS = (
    Holding("loan file", ContactAttempt, customer=ContactAttempt.customer_id, kept=True),
    Holding("identity", NoContact, customer=NoContact.customer_id, blank={"remark": "erased"}),
)
