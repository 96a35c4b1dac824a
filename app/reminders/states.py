"""The life of a reminder. While its message is on the way, or waits for an hour that is allowed, it is PENDING."""

from app.core.identity import STAFF_ROLES
from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, SENT, FAILED, CANCELLED = "PENDING", "SENT", "FAILED", "CANCELLED"

REMINDER = StateMachine(
    "user_reminder",
    [
        step(PENDING, SENT, R.SYSTEM),
        step(PENDING, FAILED, R.SYSTEM),
        step(PENDING, CANCELLED, R.SYSTEM, *STAFF_ROLES),
    ],
    initial=PENDING,
)
