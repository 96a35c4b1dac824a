"""The life of a payout, and which of the provider's states is which of ours."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, PROCESSING, SUCCESS, FAILED, REVERSED = "PENDING", "PROCESSING", "SUCCESS", "FAILED", "REVERSED"

# A step that is not in the table came late or twice, and changes nothing.
PAYOUT = StateMachine(
    "payout",
    [
        step(PENDING, PROCESSING, R.SYSTEM),
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
