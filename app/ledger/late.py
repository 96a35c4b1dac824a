"""What is told late: from which day on a loan's days are to be closed again."""

from collections.abc import Collection
from uuid import UUID

from app.core import clock
from app.core.database import current_brand, db
from app.core.ids import new_id
from app.ledger.events import CLASSES, Event, PenalCharged, kind_of_what
from app.ledger.models import LateBooking

_TELL = """
    INSERT INTO late_booking (brand_id, id, loan_id, from_day) VALUES (%s, %s, %s, %s)
    ON CONFLICT (brand_id, loan_id) DO UPDATE
      SET id = excluded.id, from_day = least(late_booking.from_day, excluded.from_day)"""


def notice(loan_id: UUID, event: Event) -> None:
    """Remember an event that changes days that are over, but for what the end of a day itself finds, and corrects."""
    if event.known_on < clock.today() and not _is_of_the_close(event):
        db.execute_sql(_TELL, (current_brand(), str(new_id()), str(loan_id), event.known_on))


def _is_of_the_close(event: Event) -> bool:
    return kind_of_what(event) in {each.kind for each in (PenalCharged, *CLASSES)}


def told() -> list[LateBooking]:
    """What waits."""
    return list(LateBooking.select())


def done(bookings: Collection[LateBooking]) -> None:
    """Forget these, unless something more was told of their loans since."""
    LateBooking.delete().where(LateBooking.id.in_([booking.id for booking in bookings])).execute()
