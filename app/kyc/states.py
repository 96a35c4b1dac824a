"""The life of a document that staff review."""

from app.core.identity import STAFF_ROLES
from app.core.states import StateMachine, step

DOCUMENT = StateMachine(
    "document",
    [
        step("PENDING", "VERIFIED", *STAFF_ROLES),
        step("PENDING", "REJECTED", *STAFF_ROLES),
        step("VERIFIED", "REJECTED", *STAFF_ROLES),
    ],
    initial="PENDING",
)
