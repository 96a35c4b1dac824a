"""The life of an assessment: it runs, waits for somebody, stops where a person has to look, ends with a decision."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

RUNNING, WAITING, STOPPED, DONE, ENDED = "RUNNING", "WAITING", "STOPPED", "DONE", "ENDED"
OPEN = (RUNNING, WAITING, STOPPED)

ASSESSMENT = StateMachine(
    "assessment",
    [
        *(step(source, target, R.SYSTEM) for source in OPEN for target in OPEN if source != target),
        *(step(source, DONE, R.SYSTEM) for source in OPEN),
        # the application was closed, or goes on without it
        *(step(source, ENDED, R.SYSTEM) for source in OPEN),
    ],
    initial=RUNNING,
)
