"""The life of a campaign."""

from app.core.identity import STAFF_ROLES
from app.core.identity import Role as R
from app.core.states import StateMachine, step

DRAFT, GATHERING, RUNNING, PAUSED = "DRAFT", "GATHERING", "RUNNING", "PAUSED"
STOPPED, COMPLETED = "STOPPED", "COMPLETED"

CAMPAIGN = StateMachine(
    "campaign",
    [
        step(DRAFT, GATHERING, *STAFF_ROLES),
        step(GATHERING, RUNNING, R.SYSTEM),
        step(RUNNING, PAUSED, *STAFF_ROLES),
        step(PAUSED, RUNNING, *STAFF_ROLES),
        step(RUNNING, COMPLETED, R.SYSTEM),
        *(step(source, STOPPED, *STAFF_ROLES) for source in (DRAFT, GATHERING, RUNNING, PAUSED)),
    ],
    initial=DRAFT,
)
