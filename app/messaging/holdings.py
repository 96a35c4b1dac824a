"""What this domain holds of people."""

from app.core.holding import Holding
from app.messaging.models import IncomingMessage, MessagePreference, UserNotification

HOLDINGS = (
    Holding(
        "messages",
        UserNotification,
        customer=UserNotification.customer_id,
        blank={
            "body": {},
            "status": lambda message: "SUPPRESSED" if message.status == "PENDING" else message.status,
        },
    ),
    Holding(
        "messages",
        IncomingMessage,
        customer=IncomingMessage.customer_id,
        blank={"sender": None, "text": None},
    ),
    Holding(
        "identity",
        MessagePreference,
        customer=MessagePreference.customer_id,
        blank={"preferred_channel": None, "stopped": []},
    ),
)
