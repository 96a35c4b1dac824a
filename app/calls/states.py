"""The life of a call."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

INITIATED, DIALLING, RINGING, CONNECTED = "INITIATED", "DIALLING", "RINGING", "CONNECTED"
UNKNOWN, ANSWERED, MISSED, BUSY, FAILED = "UNKNOWN", "ANSWERED", "MISSED", "BUSY", "FAILED"
ENDS = (ANSWERED, MISSED, BUSY)
# at the provider, or perhaps there
DIALLED = (DIALLING, RINGING, CONNECTED, UNKNOWN)

# DIALLING is committed before the provider is asked, so that nothing asks it twice; UNKNOWN is a click whose answer
# was lost. A call that came in rings when we hear of it. What comes late or twice is no step, but what really became of
# a call is believed over our giving it up.
CALL = StateMachine(
    "user_call",
    [
        step(INITIATED, DIALLING, R.SYSTEM),
        step(INITIATED, FAILED, R.SYSTEM),
        step(INITIATED, RINGING, R.SYSTEM),
        step(DIALLING, RINGING, R.SYSTEM),
        step(DIALLING, UNKNOWN, R.SYSTEM),
        *(step(source, CONNECTED, R.SYSTEM) for source in (DIALLING, RINGING, UNKNOWN)),
        *(step(source, end, R.SYSTEM) for source in (*DIALLED, FAILED) for end in ENDS),
        *(step(source, FAILED, R.SYSTEM) for source in DIALLED),
    ],
    initial=INITIATED,
)
