"""The life of an offer."""

from app.core.identity import STAFF_ROLES
from app.core.identity import Role as R
from app.core.states import StateMachine, step

OFFER = StateMachine(
    "offer",
    [
        step("PROPOSED", "ACCEPTED", R.CUSTOMER),
        step("PROPOSED", "DECLINED", R.CUSTOMER),
        step("PROPOSED", "EXPIRED", R.SYSTEM),
        step("PROPOSED", "WITHDRAWN", R.CUSTOMER, *STAFF_ROLES),
    ],
    initial="PROPOSED",
)
