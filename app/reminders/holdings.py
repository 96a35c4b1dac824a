"""What this domain holds of people."""

from app.core.holding import Holding
from app.reminders.models import UserReminder
from app.reminders.states import CANCELLED, PENDING

HOLDINGS = (
    Holding(
        "messages",
        UserReminder,
        customer=UserReminder.customer_id,
        since=UserReminder.scheduled_at,
        blank={
            "payload": {},
            "status": lambda reminder: CANCELLED if reminder.status == PENDING else reminder.status,
        },
    ),
)
