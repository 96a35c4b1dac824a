"""The life of a lead."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

LEAD = StateMachine(
    "lead_form",
    [
        step("PENDING", "PROCESSED", R.SYSTEM),
        step("PENDING", "FAILED", R.SYSTEM),
        step("FAILED", "PROCESSED", R.SYSTEM),
    ],
    initial="PENDING",
)
# as the portal counts them; DUPLICATE is what a lead is from its first moment, and stays
STATUSES = ("PENDING", "PROCESSED", "FAILED", "DUPLICATE")
