"""What this domain holds of people."""

from app.core.holding import Holding
from app.messaging.models import UserNotification

HOLDINGS = (
    Holding(
        "messages",
        UserNotification,
        customer=UserNotification.customer_id,
        blank={
            "body": {},
            "status": lambda message: "FAILED" if message.status == "PENDING" else message.status,
        },
    ),
)
