"""Work whose owner is gone."""

from collections import Counter
from uuid import UUID

from app.allocation import service
from app.core.outbox import job
from app.loans import service as loans
from app.messaging import to_staff

REASON = "STAFF_GONE"


@job()
def reallocate() -> None:
    """Give the open loans of people who were deactivated, or lost the role, to others; each of them gets one mail.

    A loan for which nobody is present stays where it is until the next run. A repeat finds what is left.
    """
    left = service.left_behind()
    live = loans.open_among({row.loan_id for row in left})
    given: Counter[UUID] = Counter()
    for row in left:
        chosen = service.hand_over(row, REASON) if row.loan_id in live else None
        if chosen is not None:
            given[chosen] += 1
    for user_id, count in given.items():
        to_staff.tell(user_id, "work_given", count=count)
