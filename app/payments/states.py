"""The lives of what belongs to payments: from, to, and who may take the step."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, PROCESSING, SUCCESS, FAILED, EXPIRED = "PENDING", "PROCESSING", "SUCCESS", "FAILED", "EXPIRED"

# A step that is not in the table came late or twice, and changes nothing.
PAYMENT = StateMachine(
    "payment_request",
    [
        # somebody is paying: authorised and not captured yet, or a debit that the bank has to answer
        step(PENDING, PROCESSING, R.SYSTEM),
        step(PENDING, SUCCESS, R.SYSTEM),
        step(PENDING, FAILED, R.SYSTEM),
        step(PENDING, EXPIRED, R.SYSTEM),
        step(PROCESSING, SUCCESS, R.SYSTEM),
        step(PROCESSING, FAILED, R.SYSTEM),
        step(PROCESSING, EXPIRED, R.SYSTEM),
        # tried again while the page was open
        step(FAILED, PROCESSING, R.SYSTEM),
        step(FAILED, SUCCESS, R.SYSTEM),
        step(FAILED, EXPIRED, R.SYSTEM),
        # paid in the last moment: the news of the end overtook the news of the money
        step(EXPIRED, SUCCESS, R.SYSTEM),
    ],
    initial=PENDING,
)

APPROVED, REJECTED = "APPROVED", "REJECTED"
_CHECKERS = (R.SUPER_ADMIN, R.ADMIN)
MANUAL = StateMachine(
    "manual_payment",
    [step(PENDING, APPROVED, *_CHECKERS), step(PENDING, REJECTED, *_CHECKERS)],
    initial=PENDING,
)

OPEN, PLACED, REFUNDING, REFUNDED = "OPEN", "PLACED", "REFUNDING", "REFUNDED"
SUSPENSE = StateMachine(
    "suspense_item",
    [
        # by itself where a later event names the request that it was paid on
        step(OPEN, PLACED, R.SYSTEM, *_CHECKERS),
        step(OPEN, REFUNDING, *_CHECKERS),
        step(REFUNDING, REFUNDED, R.SYSTEM, *_CHECKERS),
        step(REFUNDING, OPEN, R.SYSTEM),
    ],
    initial=OPEN,
)

PROCESSED = "PROCESSED"
REFUND = StateMachine(
    "payment_refund",
    [
        step(PENDING, PROCESSING, R.SYSTEM),
        step(PENDING, PROCESSED, R.SYSTEM),
        step(PENDING, FAILED, R.SYSTEM),
        step(PROCESSING, PROCESSED, R.SYSTEM),
        step(PROCESSING, FAILED, R.SYSTEM),
    ],
    initial=PENDING,
)
# `app.providers.money.REFUND_STATUSES`
REFUND_STATE_OF = {"pending": PROCESSING, "processed": PROCESSED, "failed": FAILED}

PRESENTED, RETURNED = "PRESENTED", "RETURNED"
PRESENTATION = StateMachine(
    "mandate_presentation",
    [
        step(PENDING, PRESENTED, R.SYSTEM),
        # nothing is owed any more, or there is nothing to debit
        step(PENDING, FAILED, R.SYSTEM),
        step(PRESENTED, SUCCESS, R.SYSTEM),
        step(PRESENTED, RETURNED, R.SYSTEM),
        # the bank paid after it had said that it would not
        step(RETURNED, SUCCESS, R.SYSTEM),
    ],
    initial=PENDING,
)
