"""The life of a version of a template. One that was in force before can be again."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

_BY = (R.ADMIN, R.SUPER_ADMIN)
DRAFT, ACTIVE, RETIRED = "DRAFT", "ACTIVE", "RETIRED"

TEMPLATE = StateMachine(
    "message_template",
    [
        step(DRAFT, ACTIVE, *_BY),
        step(DRAFT, RETIRED, *_BY),
        step(ACTIVE, RETIRED, *_BY),
        step(RETIRED, ACTIVE, *_BY),
    ],
    initial=DRAFT,
)
