"""What runs for calls in the background. Those that ask the provider hold no transaction while they do."""

from uuid import UUID

from app.calls import hearing, placing, recordings
from app.core import clock, webhooks
from app.core.database import current_brand
from app.core.outbox import enqueue, job
from app.providers.acefone import read_call_event


@job(atomic=False, attempts_max=3)
def dial(brand_id: str, call_id: str) -> None:
    """Ring a member of staff, and then the customer; once, also where this runs twice."""
    placing.dial(brand_id, UUID(call_id))


@job(attempts_max=5)
def hear(event_id: str) -> None:
    """The provider told something of a call. Raises FieldError for what cannot be read."""
    event = webhooks.take(event_id)
    if event is not None:
        hearing.hear(read_call_event(event.body.encode()), hearing.WEBHOOK)
        webhooks.processed(event)


@job()
def follow_up() -> None:
    """Every other minute: where calls go on that nothing was heard of, have it found out."""
    if hearing.going_on(clock.now() - hearing.QUIET_FOR):
        enqueue("calls.find_out", brand_id=current_brand())


@job(atomic=False, attempts_max=1, lease_s=300)
def find_out(brand_id: str) -> None:
    """Ask the provider about the calls that go on; the next time asks again."""
    hearing.follow_up(brand_id)


@job(atomic=False, attempts_max=5, lease_s=180)
def fetch_recording(brand_id: str, recording_id: str) -> None:
    """Bring a recording into the store."""
    recordings.fetch(brand_id, UUID(recording_id))
