"""The life of a consent to read bank accounts. It changes at the aggregator; we take over what it says."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, APPROVED, REJECTED = "PENDING", "APPROVED", "REJECTED"
PAUSED, REVOKED, EXPIRED = "PAUSED", "REVOKED", "EXPIRED"

AA_CONSENT = StateMachine(
    "aa_consent",
    [
        step(PENDING, APPROVED, R.SYSTEM),
        step(PENDING, REJECTED, R.SYSTEM),
        # a consent can be given and taken back before we look
        step(PENDING, PAUSED, R.SYSTEM),
        step(PENDING, REVOKED, R.SYSTEM),
        step(PENDING, EXPIRED, R.SYSTEM),
        step(APPROVED, PAUSED, R.SYSTEM),
        step(APPROVED, REVOKED, R.SYSTEM),
        step(APPROVED, EXPIRED, R.SYSTEM),
        step(PAUSED, APPROVED, R.SYSTEM),
        step(PAUSED, REVOKED, R.SYSTEM),
        step(PAUSED, EXPIRED, R.SYSTEM),
    ],
    initial=PENDING,
)

# What the aggregator calls them: of a consent, and of a request that has no consent (yet).
OF_CONSENT = {"ACTIVE": APPROVED, "PAUSED": PAUSED, "REVOKED": REVOKED, "EXPIRED": EXPIRED}
OF_HANDLE = {
    "PENDING": PENDING,
    "READY": PENDING,
    "APPROVED": PENDING,
    "REJECTED": REJECTED,
    "FAILED": REJECTED,
    "EXPIRED": EXPIRED,
}
