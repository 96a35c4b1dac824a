"""The life of a mandate, and which of the gateway's states is which of ours."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

CREATED, AUTHENTICATED, ACTIVE, PAUSED = "CREATED", "AUTHENTICATED", "ACTIVE", "PAUSED"
REJECTED, CANCELLED, EXPIRED = "REJECTED", "CANCELLED", "EXPIRED"
PENDING = (CREATED, AUTHENTICATED)
LIVE = (*PENDING, ACTIVE, PAUSED)

_CANCELLERS = (R.SYSTEM, R.SUPER_ADMIN, R.ADMIN)

# A step that is not in the table came late or twice, and changes nothing. What has ended does not come back.
MANDATE = StateMachine(
    "mandate",
    [
        # the customer gave it, and the bank has still to say so
        step(CREATED, AUTHENTICATED, R.SYSTEM),
        step(CREATED, ACTIVE, R.SYSTEM),
        step(CREATED, REJECTED, R.SYSTEM),
        step(CREATED, CANCELLED, *_CANCELLERS),
        step(CREATED, EXPIRED, R.SYSTEM),
        step(AUTHENTICATED, ACTIVE, R.SYSTEM),
        step(AUTHENTICATED, REJECTED, R.SYSTEM),
        step(AUTHENTICATED, CANCELLED, *_CANCELLERS),
        step(AUTHENTICATED, EXPIRED, R.SYSTEM),
        step(ACTIVE, PAUSED, R.SYSTEM),
        step(ACTIVE, CANCELLED, *_CANCELLERS),
        step(ACTIVE, EXPIRED, R.SYSTEM),
        step(PAUSED, ACTIVE, R.SYSTEM),
        step(PAUSED, CANCELLED, *_CANCELLERS),
        step(PAUSED, EXPIRED, R.SYSTEM),
    ],
    initial=CREATED,
)

# `app.providers.money.MANDATE_STATUSES`
STATE_OF = {
    "initiated": AUTHENTICATED,
    "confirmed": ACTIVE,
    "rejected": REJECTED,
    "paused": PAUSED,
    "cancelled": CANCELLED,
    "expired": EXPIRED,
}
