"""What this domain holds of people: that they were called, and what they said."""

from uuid import UUID

from peewee import Expression

from app.calls.models import UserCall, UserCallEvent, UserCallRecording
from app.calls.recordings import ERASED
from app.core.holding import Holding


def _of_calls(model: type[UserCallEvent | UserCallRecording]):
    def whose(customer_id: UUID) -> Expression:
        theirs = UserCall.select(UserCall.id).where(UserCall.customer_id == customer_id)
        return model.user_call_id.in_(theirs)

    return whose


HOLDINGS = (
    Holding(
        "call recordings",
        UserCallRecording,
        whose=_of_calls(UserCallRecording),
        objects=lambda recording: [recording.s3_key] if recording.s3_key else [],
        blank={"status": ERASED, "url": None, "s3_key": None},
        untold=frozenset({"s3_key", "url"}),
    ),
    Holding("loan file", UserCallEvent, whose=_of_calls(UserCallEvent), kept=True),
    Holding("loan file", UserCall, customer=UserCall.customer_id, kept=True),
)
