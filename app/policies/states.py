"""The lives of a version and of an experiment."""

from app.core.states import StateMachine, step
from app.staff.permissions import GRANTS, Permission

_MAKERS = GRANTS[Permission.POLICY_DRAFT]
_CHECKERS = GRANTS[Permission.POLICY_APPROVE]

# TRIAL: approved to run as a challenger, and not in force.
VERSION = StateMachine(
    "policy_version",
    [
        step("DRAFT", "SUBMITTED", *_MAKERS),
        step("DRAFT", "WITHDRAWN", *_MAKERS),
        step("SUBMITTED", "APPROVED", *_CHECKERS),
        step("SUBMITTED", "TRIAL", *_CHECKERS),
        step("SUBMITTED", "REJECTED", *_CHECKERS),
        step("SUBMITTED", "WITHDRAWN", *_MAKERS),
        step("TRIAL", "APPROVED", *_CHECKERS),
        step("TRIAL", "WITHDRAWN", *_MAKERS),
        step("APPROVED", "ROLLED_BACK", *_CHECKERS),
    ],
    initial="DRAFT",
)

# Starting and stopping both take a second person: a challenger under way has customers of its own.
EXPERIMENT = StateMachine(
    "policy_experiment",
    [
        step("PROPOSED", "RUNNING", *_CHECKERS),
        step("PROPOSED", "REJECTED", *_CHECKERS),
        step("PROPOSED", "WITHDRAWN", *_MAKERS),
        step("RUNNING", "STOPPING", *_MAKERS),
        step("STOPPING", "STOPPED", *_CHECKERS),
        step("STOPPING", "RUNNING", *_CHECKERS),
    ],
    initial="PROPOSED",
)

# under way: it has a challenger that decides
LIVE = ("RUNNING", "STOPPING")
