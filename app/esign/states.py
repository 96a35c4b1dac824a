"""The life of a request to sign."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

SENT, SIGNED, REJECTED, EXPIRED = "SENT", "SIGNED", "REJECTED", "EXPIRED"

ESIGN = StateMachine(
    "esign",
    [
        step(SENT, SIGNED, R.SYSTEM),
        step(SENT, REJECTED, R.SYSTEM),
        step(SENT, EXPIRED, R.SYSTEM),
    ],
    initial=SENT,
)
