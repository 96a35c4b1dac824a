"""The lives of what belongs to payments: from, to, and who may take the step."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, PROCESSING, SUCCESS, FAILED, EXPIRED = "PENDING", "PROCESSING", "SUCCESS", "FAILED", "EXPIRED"
# Of money that came in: it waits, as somebody had told of it by hand.
HELD = "HELD"

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

APPROVED, REJECTED, BOUNCED = "APPROVED", "REJECTED", "BOUNCED"
_CHECKERS = (R.SUPER_ADMIN, R.ADMIN)
MANUAL = StateMachine(
    "manual_payment",
    [
        step(PENDING, APPROVED, *_CHECKERS),
        step(PENDING, REJECTED, *_CHECKERS),
        # a cheque that the bank did not pay
        step(PENDING, BOUNCED, *_CHECKERS),
    ],
    initial=PENDING,
)

PROPOSED, REVERSED = "PROPOSED", "REVERSED"
OPEN, PLACED, REFUNDING, REFUNDED = "OPEN", "PLACED", "REFUNDING", "REFUNDED"
SUSPENSE = StateMachine(
    "suspense_item",
    [
        # by itself where a later event names the request that it was paid on
        step(OPEN, PLACED, R.SYSTEM, *_CHECKERS),
        step(OPEN, REFUNDING, *_CHECKERS),
        # another person says yes or no, where the brand asks for one
        step(OPEN, PROPOSED, *_CHECKERS),
        step(PROPOSED, PLACED, *_CHECKERS),
        step(PROPOSED, REFUNDING, *_CHECKERS),
        step(PROPOSED, OPEN, *_CHECKERS),
        # the payment that it was a part of was taken back
        step(OPEN, REVERSED, R.SYSTEM),
        step(PROPOSED, REVERSED, R.SYSTEM),
        step(PLACED, OPEN, R.SYSTEM),
        # all of it waits now, as it was not meant for the loan
        step(REVERSED, OPEN, R.SYSTEM),
        step(REFUNDING, REFUNDED, R.SYSTEM, *_CHECKERS),
        step(REFUNDING, OPEN, R.SYSTEM),
    ],
    initial=OPEN,
)

# By itself where a dispute was lost: the gateway has taken the money.
DONE = "DONE"
REVERSAL = StateMachine(
    "payment_reversal",
    [step(PROPOSED, DONE, R.SYSTEM, *_CHECKERS), step(PROPOSED, REJECTED, *_CHECKERS)],
    initial=PROPOSED,
)

UNDER_REVIEW, WON, LOST, CLOSED = "UNDER_REVIEW", "WON", "LOST", "CLOSED"
# What is told late or twice is not in the table, and changes nothing. A won one may be raised again.
DISPUTE = StateMachine(
    "payment_dispute",
    [
        *(
            step(source, target, R.SYSTEM)
            for source in (OPEN, UNDER_REVIEW)
            for target in (WON, LOST, CLOSED)
        ),
        step(OPEN, UNDER_REVIEW, R.SYSTEM),
        step(WON, LOST, R.SYSTEM),
        step(CLOSED, LOST, R.SYSTEM),
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

MADE, REPLACED, SENT = "MADE", "REPLACED", "SENT"
PRESENTATION_FILE = StateMachine(
    "presentation_file",
    [
        # its debits changed: a newer version is there
        step(MADE, REPLACED, R.SYSTEM),
        # somebody gave it to the bank
        step(MADE, SENT, R.SUPER_ADMIN, R.ADMIN, R.COLLECTION_MANAGER, R.COLLECTION_HEAD),
    ],
    initial=MADE,
)

PRESENTED, RETURNED = "PRESENTED", "RETURNED"
PRESENTATION = StateMachine(
    "mandate_presentation",
    [
        step(PENDING, PRESENTED, R.SYSTEM),
        # nothing is owed any more, or there is nothing to debit
        step(PENDING, FAILED, R.SYSTEM),
        step(PRESENTED, SUCCESS, R.SYSTEM),
        step(PRESENTED, RETURNED, R.SYSTEM),
        # the gateway says of it what cannot be booked
        step(PRESENTED, FAILED, R.SYSTEM),
        # the bank paid after it had said that it would not, or what we had given up
        step(RETURNED, SUCCESS, R.SYSTEM),
        step(FAILED, SUCCESS, R.SYSTEM),
    ],
    initial=PENDING,
)
