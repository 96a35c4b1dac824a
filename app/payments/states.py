"""The life of a request to pay."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, SUCCESS, EXPIRED = "PENDING", "SUCCESS", "EXPIRED"

PAYMENT = StateMachine(
    "payment_request",
    [
        step(PENDING, SUCCESS, R.SYSTEM),
        step(PENDING, EXPIRED, R.SYSTEM),
        # paid in the last moment: the news of the end overtook the news of the money
        step(EXPIRED, SUCCESS, R.SYSTEM),
    ],
    initial=PENDING,
)
