"""The lives of promises, visits, concessions, legal notices, suits and complaints."""

from typing import Any

from app.core.database import TenantModel
from app.core.identity import Role as R
from app.core.states import StateMachine, step

_ADMINS = (R.SUPER_ADMIN, R.ADMIN)
COLLECTORS = (*_ADMINS, R.COLLECTION_EXECUTIVE, R.COLLECTION_MANAGER, R.COLLECTION_HEAD)
LEADS = (*_ADMINS, R.COLLECTION_MANAGER, R.COLLECTION_HEAD)
HEADS = (*_ADMINS, R.COLLECTION_HEAD)

OPEN, KEPT, PARTIAL, BROKEN, CANCELLED = "OPEN", "KEPT", "PARTIAL", "BROKEN", "CANCELLED"
PROMISE = StateMachine(
    "promise_to_pay",
    [
        step(OPEN, CANCELLED, *COLLECTORS),
        # each by what came in; a payment that is told late may change what was found
        *(
            step(source, target, R.SYSTEM)
            for source in (OPEN, KEPT, PARTIAL, BROKEN)
            for target in (KEPT, PARTIAL, BROKEN)
            if source != target
        ),
    ],
    initial=OPEN,
)

VISIT = StateMachine(
    "field_visit",
    [
        step("REQUESTED", "ALLOCATED", *LEADS),
        step("ALLOCATED", "ALLOCATED", *LEADS),
        step("ALLOCATED", "STARTED", *COLLECTORS),
        step("STARTED", "REACHED", *COLLECTORS),
        step("STARTED", "ENDED", *COLLECTORS),
        step("REACHED", "ENDED", *COLLECTORS),
        step("ENDED", "APPROVED", *LEADS),
        step("ENDED", "ALLOCATED", *LEADS),
        step("REQUESTED", "CANCELLED", *LEADS),
        step("ALLOCATED", "CANCELLED", *LEADS),
    ],
    initial="REQUESTED",
)

PROPOSED, OFFERED, DONE, REJECTED, LAPSED = "PROPOSED", "OFFERED", "DONE", "REJECTED", "LAPSED"
WITHDRAWN = "WITHDRAWN"
CONCESSION = StateMachine(
    "concession",
    [
        step(PROPOSED, REJECTED, *LEADS),
        step(PROPOSED, DONE, *LEADS),
        # by whose word it stands, or a head: app/collections/concessions/withdrawing.py
        step(PROPOSED, WITHDRAWN, *COLLECTORS),
        step(OFFERED, WITHDRAWN, *LEADS),
        # a settlement is done once its amount was paid in time
        step(PROPOSED, OFFERED, *LEADS),
        step(OFFERED, DONE, R.SYSTEM),
        step(OFFERED, LAPSED, R.SYSTEM),
        # what was paid in time may be told late
        step(LAPSED, OFFERED, R.SYSTEM),
        # what was paid for it was taken back
        step(DONE, LAPSED, R.SYSTEM),
    ],
    initial=PROPOSED,
)

DISPATCHED = "DISPATCHED"
NOTICE = StateMachine(
    "legal_notice",
    [
        step("MADE", DISPATCHED, *LEADS),
        step("MADE", WITHDRAWN, *LEADS),
        step(DISPATCHED, "DELIVERED", *LEADS),
        step(DISPATCHED, "RETURNED", *LEADS),
    ],
    initial="MADE",
)

ENDED, VOID = "ENDED", "VOID"
SUIT = StateMachine(
    "suit",
    [step("FILED", ENDED, *LEADS), step("FILED", VOID, *LEADS), step(ENDED, VOID, *LEADS)],
    initial="FILED",
)

ESCALATED, RESOLVED = "ESCALATED", "RESOLVED"
COMPLAINT = StateMachine(
    "collection_complaint",
    [
        step(OPEN, RESOLVED, *LEADS),
        # nobody answered in the days of the policy, or it is too much for who leads a team
        step(OPEN, ESCALATED, R.SYSTEM, *LEADS),
        step(ESCALATED, RESOLVED, *HEADS),
    ],
    initial=OPEN,
)


def move_remarked(
    machine: StateMachine, record: TenantModel, target: str, remark: str | None, **changes: Any
) -> TenantModel:
    """Take a record to `target` with a remark, which stands in its history and on the record."""
    moved = machine.move(record, target, remark=remark, **changes)
    moved.change(remark=remark)
    return moved
