"""The life of an order and of a payout, and which of a gateway's states is which of ours."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PROPOSED, RELEASED, REJECTED = "PROPOSED", "RELEASED", "REJECTED"
PENDING, PROCESSING, SUCCESS, FAILED, REVERSED = "PENDING", "PROCESSING", "SUCCESS", "FAILED", "REVERSED"
OPEN = (PENDING, PROCESSING)

_ADMINS = (R.SUPER_ADMIN, R.ADMIN)

# Who proposed does not release: `orders.release` and the database hold that.
ORDER = StateMachine(
    "disbursal_order",
    [step(PROPOSED, RELEASED, *_ADMINS), step(PROPOSED, REJECTED, *_ADMINS)],
    initial=PROPOSED,
)

# A step that is not in the table came late or twice, and changes nothing.
PAYOUT = StateMachine(
    "payout",
    [
        # by a person: put into a file for the bank
        step(PENDING, PROCESSING, R.SYSTEM, *_ADMINS),
        step(PENDING, SUCCESS, R.SYSTEM),
        step(PENDING, FAILED, R.SYSTEM),
        step(PENDING, REVERSED, R.SYSTEM),
        step(PROCESSING, SUCCESS, R.SYSTEM),
        step(PROCESSING, FAILED, R.SYSTEM),
        step(PROCESSING, REVERSED, R.SYSTEM),
        step(SUCCESS, REVERSED, R.SYSTEM),
    ],
    initial=PENDING,
)

# Source: RazorpayX, payout states.
STATE_OF = {
    "pending": PROCESSING,
    "queued": PROCESSING,
    "scheduled": PROCESSING,
    "processing": PROCESSING,
    "processed": SUCCESS,
    "reversed": REVERSED,
    "failed": FAILED,
    "rejected": FAILED,
    "cancelled": FAILED,
}
