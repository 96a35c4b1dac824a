"""The lives of a consent to read bank accounts, of one collection of data under it, and of a statement sent as a file.

A consent changes at the aggregator, and we take over what it says; it ends here when its time has passed, and when
staff withdraw the request (no FIU can revoke a consent at the aggregator: only the customer can).
"""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

PENDING, APPROVED, REJECTED = "PENDING", "APPROVED", "REJECTED"
PAUSED, REVOKED, EXPIRED = "PAUSED", "REVOKED", "EXPIRED"
ENDED = (REJECTED, REVOKED, EXPIRED)

_STAFF = (R.SYSTEM, R.SUPER_ADMIN, R.ADMIN, R.CREDIT_EXECUTIVE)

AA_CONSENT = StateMachine(
    "aa_consent",
    [
        step(PENDING, APPROVED, *_STAFF),
        step(PENDING, REJECTED, *_STAFF),
        # a consent can be given and taken back before we look
        step(PENDING, PAUSED, *_STAFF),
        step(PENDING, REVOKED, *_STAFF),
        step(PENDING, EXPIRED, *_STAFF),
        step(APPROVED, PAUSED, *_STAFF),
        step(APPROVED, REVOKED, *_STAFF),
        step(APPROVED, EXPIRED, *_STAFF),
        step(PAUSED, APPROVED, *_STAFF),
        step(PAUSED, REVOKED, *_STAFF),
        step(PAUSED, EXPIRED, *_STAFF),
    ],
    initial=PENDING,
)

# What the aggregators call them: of a consent, and of a request that has no consent (yet).
OF_CONSENT = {"ACTIVE": APPROVED, "PAUSED": PAUSED, "REVOKED": REVOKED, "EXPIRED": EXPIRED}
OF_HANDLE = {
    "PENDING": PENDING,
    "READY": PENDING,
    "APPROVED": PENDING,
    "REJECTED": REJECTED,
    "FAILED": REJECTED,
    "EXPIRED": EXPIRED,
}

REQUESTED, DELIVERED, PARTIAL, FAILED = "REQUESTED", "DELIVERED", "PARTIAL", "FAILED"

AA_SESSION = StateMachine(
    "aa_session",
    [
        step(REQUESTED, DELIVERED, R.SYSTEM),
        # some accounts came, some did not
        step(REQUESTED, PARTIAL, R.SYSTEM),
        step(REQUESTED, FAILED, R.SYSTEM),
    ],
    initial=REQUESTED,
)

QUEUED, READING, READY = "QUEUED", "READING", "READY"
DUPLICATE, OTHER_PERSON, WRONG_ACCOUNT = "DUPLICATE", "OTHER_PERSON", "WRONG_ACCOUNT"
PERIOD_TOO_SHORT = "PERIOD_TOO_SHORT"
SCANNED, UNSUPPORTED = "SCANNED", "UNSUPPORTED"
NOT_A_STATEMENT, UNREADABLE_ROWS = "NOT_A_STATEMENT", "UNREADABLE_ROWS"
DELETED = "DELETED"
# What reading the file can come to, when it comes to nothing (pipelines.statements.problems).
UNREAD = (
    "PASSWORD_NEEDED", "WRONG_PASSWORD", SCANNED, "CORRUPT", "TOO_LARGE", UNSUPPORTED, NOT_A_STATEMENT,
    UNREADABLE_ROWS, "BALANCE_BROKEN",
)  # fmt: skip
# The same file may be read once more after these.
AGAIN = ("PASSWORD_NEEDED", "WRONG_PASSWORD", FAILED)
_READ_TO = (READY, *UNREAD, DUPLICATE, OTHER_PERSON, WRONG_ACCOUNT, PERIOD_TOO_SHORT, FAILED)
_SENDERS = (R.CUSTOMER, R.CREDIT_EXECUTIVE, R.ADMIN, R.SUPER_ADMIN, R.SYSTEM)

STATEMENT = StateMachine(
    "statement",
    [
        step(QUEUED, READING, R.SYSTEM),
        *(step(READING, status, R.SYSTEM) for status in _READ_TO),
        # its time has passed, whatever became of it
        *(step(status, DELETED, R.SYSTEM) for status in (QUEUED, READING, *_READ_TO)),
        *(step(status, QUEUED, *_SENDERS) for status in AGAIN),
    ],
    initial=QUEUED,
)
