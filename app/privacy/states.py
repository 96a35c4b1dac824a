"""The life of a request by right, and how long an answer may take."""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

RECEIVED, DONE, PARTLY_DONE, RESTRICTED, REFUSED = "RECEIVED", "DONE", "PARTLY_DONE", "RESTRICTED", "REFUSED"
ENDS = (DONE, PARTLY_DONE, RESTRICTED, REFUSED)

REQUEST = StateMachine(
    "privacy_request",
    [step(RECEIVED, end, R.SYSTEM, R.SUPER_ADMIN, R.ADMIN) for end in ENDS],
    initial=RECEIVED,
)

_BY = (R.SUPER_ADMIN, R.ADMIN)
RECORDED, CONTAINED, CLOSED = "RECORDED", "CONTAINED", "CLOSED"
BREACH = StateMachine(
    "data_breach",
    [
        step(RECORDED, CONTAINED, *_BY),
        step(RECORDED, CLOSED, *_BY),
        step(CONTAINED, RECORDED, *_BY),
        step(CONTAINED, CLOSED, *_BY),
    ],
    initial=RECORDED,
)

# Days until an answer is due. DPDP Rules 2025, rule 14(3): at most ninety; a complaint may go to the RBI Ombudsman
# after thirty.
ANSWER_DAYS: dict[str, int] = {
    "ACCESS": 30,
    "CORRECTION": 30,
    "ERASURE": 30,
    "NOMINATION": 30,
    "GRIEVANCE": 30,
}
KINDS = tuple(ANSWER_DAYS)
