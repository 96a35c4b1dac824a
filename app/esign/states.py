"""The life of a request to sign."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

SENT, SIGNED, REJECTED, EXPIRED, CANCELLED = "SENT", "SIGNED", "REJECTED", "EXPIRED", "CANCELLED"

ESIGN = StateMachine(
    "esign",
    [
        step(SENT, SIGNED, R.SYSTEM),
        step(SENT, REJECTED, R.SYSTEM),
        step(SENT, EXPIRED, R.SYSTEM),
        # another one takes its place, or the loan ended
        step(SENT, CANCELLED, R.SYSTEM, R.SUPER_ADMIN, R.ADMIN),
    ],
    initial=SENT,
)
